/** The document behind `readPullRequest`, and those for further pages of files and checks. */
import { nameOf, ownerOf, type RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { BRANCH_RULE_PARTS, CHANGED_FILES, CHECK_PARTS, CONTEXT_PARTS, FILE_PARTS } from './fragments.ts'

/** Where the team's configuration lies in every repository. */
export const CONFIG_PATH = '.github/lockkeeper.yml'

const READ_PULL_REQUEST = `query ReadPullRequest($owner: String!, $name: String!, $number: Int!, $config: String!) {
  repository(owner: $owner, name: $name) {
    id
    nameWithOwner
    defaultBranchRef { name ...BranchRuleParts target { ... on Commit { file(path: $config) { ...FileParts } } } }
    pullRequest(number: $number) {
      id
      number
      title
      url
      state
      isDraft
      isCrossRepository
      author { __typename login }
      baseRefName
      baseRefOid
      baseRef { ...BranchRuleParts }
      headRefName
      headRefOid
      mergeCommit { oid }
      potentialMergeCommit { oid }
      files(first: 100) { ${CHANGED_FILES} }
      commits(last: 1) { nodes { commit { ...CheckParts file(path: $config) { ...FileParts } } } }
    }
  }
}
${FILE_PARTS}
${BRANCH_RULE_PARTS}
${CHECK_PARTS}
${CONTEXT_PARTS}`

const READ_MORE_FILES = `query ReadMoreFiles($owner: String!, $name: String!, $number: Int!, $cursor: String!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { files(first: 100, after: $cursor) { ${CHANGED_FILES} } }
  }
}`

const READ_CHECKS = `query ReadChecks($owner: String!, $name: String!, $oid: GitObjectID!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      ... on Commit {
        statusCheckRollup {
          contexts(first: 100, after: $cursor) { pageInfo { hasNextPage endCursor } nodes { ...ContextParts } }
        }
      }
    }
  }
}
${CONTEXT_PARTS}`

/** `owner` and `name` as GraphQL variables. */
export const repositoryVariables = (repository: RepoName) => ({ owner: ownerOf(repository), name: nameOf(repository) })

export const pullRequestRequest = (repository: RepoName, number: number): GraphqlRequest => ({
  name: 'ReadPullRequest',
  document: READ_PULL_REQUEST,
  variables: { ...repositoryVariables(repository), number, config: CONFIG_PATH },
})

export const moreFilesRequest = (repository: RepoName, number: number, cursor: string): GraphqlRequest => ({
  name: 'ReadMoreFiles',
  document: READ_MORE_FILES,
  variables: { ...repositoryVariables(repository), number, cursor },
})

/** Results on a commit: the first hundred, or those after `cursor`. */
export const checksRequest = (repository: RepoName, oid: string, cursor?: string): GraphqlRequest => ({
  name: 'ReadChecks',
  document: READ_CHECKS,
  variables: { ...repositoryVariables(repository), oid, cursor },
})

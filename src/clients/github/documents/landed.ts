/** The document behind `readLanded`: commits of the default branch with the pull requests that brought them. */
import type { CommitSha, RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { CHANGED_FILES, FILE_PARTS } from './fragments.ts'
import { CONFIG_PATH, repositoryVariables } from './pull-request.ts'

const READ_LANDED = `query ReadLanded($owner: String!, $name: String!, $oid: GitObjectID!, $first: Int!, $config: String!) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    defaultBranchRef { name target { oid ... on Commit { file(path: $config) { ...FileParts } } } }
    object(oid: $oid) {
      ... on Commit {
        history(first: $first) {
          totalCount
          nodes {
            oid
            author { user { login } name }
            parents(first: 1) { nodes { oid } }
            associatedPullRequests(first: 5) {
              nodes {
                id
                number
                merged
                author { __typename login }
                baseRefName
                baseRepository { nameWithOwner }
                headRefName
                headRefOid
                mergeCommit { oid }
                potentialMergeCommit { oid }
                files(first: 100) { ${CHANGED_FILES} }
              }
            }
          }
        }
      }
    }
  }
}
${FILE_PARTS}`

/** `first` commits of the history of `oid`, side branches included. */
export const landedRequest = (repository: RepoName, oid: string, first: number): GraphqlRequest => ({
  name: 'ReadLanded',
  document: READ_LANDED,
  variables: { ...repositoryVariables(repository), oid, first, config: CONFIG_PATH },
})

/** How many commits each of these has behind it, itself included: strictly growing along any line of history. */
export function depthsRequest(repository: RepoName, oids: readonly CommitSha[]): GraphqlRequest {
  const fields = oids.map(
    (oid, index) => `c${index}: object(oid: "${oid}") { ... on Commit { history(first: 1) { totalCount } } }`,
  )
  return {
    name: 'ReadDepths',
    document: `query ReadDepths($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    ${fields.join('\n    ')}
  }
}`,
    variables: repositoryVariables(repository),
  }
}

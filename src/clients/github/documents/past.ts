/** The documents behind `GitHubPast`: pages of the pull requests and deployments of a repository, and who edited comments. */
import type { RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { repositoryVariables } from './pull-request.ts'

const ACTOR = '{ __typename login }'

const READ_PAST_PULL_REQUESTS = `query ReadPastPullRequests($owner: String!, $name: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: 50, after: $cursor, orderBy: { field: CREATED_AT, direction: ASC }) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id number url state headRefName createdAt closedAt mergedAt
        author ${ACTOR}
        mergedBy ${ACTOR}
        mergeCommit { oid }
        commits(first: 1) { nodes { commit { oid message author { name } signature { isValid wasSignedByGitHub } } } }
      }
    }
  }
}`

const READ_PAST_DEPLOYMENTS = `query ReadPastDeployments($owner: String!, $name: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    deployments(first: 50, after: $cursor, orderBy: { field: CREATED_AT, direction: ASC }) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id payload
        creator ${ACTOR}
        statuses(first: 50) { nodes { state description createdAt creator ${ACTOR} } }
      }
    }
  }
}`

const READ_EDITORS = `query ReadEditors($ids: [ID!]!) {
  nodes(ids: $ids) { __typename ... on IssueComment { id editor ${ACTOR} } }
}`

type Page = { readonly repository: RepoName; readonly cursor: string | undefined }

const variablesOf = ({ repository, cursor }: Page) => ({
  ...repositoryVariables(repository),
  ...(cursor === undefined ? {} : { cursor }),
})

/** Oldest first; `cursor` undefined = the first page. */
export const pastPullRequestsRequest = (page: Page): GraphqlRequest => ({
  name: 'ReadPastPullRequests',
  document: READ_PAST_PULL_REQUESTS,
  variables: variablesOf(page),
})

/** The same. */
export const pastDeploymentsRequest = (page: Page): GraphqlRequest => ({
  name: 'ReadPastDeployments',
  document: READ_PAST_DEPLOYMENTS,
  variables: variablesOf(page),
})

/** At most a hundred node ids. */
export const editorsRequest = (ids: readonly string[]): GraphqlRequest => ({
  name: 'ReadEditors',
  document: READ_EDITORS,
  variables: { ids },
})

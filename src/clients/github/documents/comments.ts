/** The documents behind `findComment` and `findIssue`: pages of the comments of a pull request or an issue, and of the issues of a repository. */
import type { RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { repositoryVariables } from './pull-request.ts'

const COMMENTS = `comments(first: 100, after: $cursor) {
        pageInfo { hasNextPage endCursor }
        nodes { id body author { __typename login } }
      }`

const READ_COMMENTS = `query ReadComments($owner: String!, $name: String!, $number: Int!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    issueOrPullRequest(number: $number) {
      ... on PullRequest { ${COMMENTS} }
      ... on Issue { ${COMMENTS} }
    }
  }
}`

/** One page, oldest first; `cursor` undefined = the first. */
export const commentsRequest = (repository: RepoName, number: number, cursor: string | undefined): GraphqlRequest => ({
  name: 'ReadComments',
  document: READ_COMMENTS,
  variables: { ...repositoryVariables(repository), number, ...(cursor === undefined ? {} : { cursor }) },
})

const READ_ISSUES = `query ReadIssues($owner: String!, $name: String!, $since: DateTime!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    issues(first: 50, after: $cursor, filterBy: { since: $since }, orderBy: { field: CREATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes { id number url state body author { __typename login } }
    }
  }
}`

/** One page of the issues that were changed since then, the newest first; `cursor` undefined = the first. */
export const issuesRequest = (repository: RepoName, since: Date, cursor: string | undefined): GraphqlRequest => ({
  name: 'ReadIssues',
  document: READ_ISSUES,
  variables: {
    ...repositoryVariables(repository),
    since: since.toISOString(),
    ...(cursor === undefined ? {} : { cursor }),
  },
})

/** The document behind `findComment`: pages of the comments of a pull request or an issue. */
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

/** The document behind `findComment`: pages of a pull request's comments. */
import type { RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { repositoryVariables } from './pull-request.ts'

const READ_COMMENTS = `query ReadComments($owner: String!, $name: String!, $number: Int!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $cursor) {
        pageInfo { hasNextPage endCursor }
        nodes { id body author { __typename login } }
      }
    }
  }
}`

/** One page, oldest first; `cursor` undefined = the first. */
export const commentsRequest = (repository: RepoName, number: number, cursor: string | undefined): GraphqlRequest => ({
  name: 'ReadComments',
  document: READ_COMMENTS,
  variables: { ...repositoryVariables(repository), number, ...(cursor === undefined ? {} : { cursor }) },
})

/** One GraphQL request and its answer, holes included. Which problems leave an answer usable is decided here; call.ts sends it. */
import { SystemUnavailable } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { Clock } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import { retryAfter, speaksOfLimit } from './failures.ts'
import type { GitHubOctokit } from './octokit.ts'

/** One problem inside a GraphQL answer that still has data. `path` is GitHub's, joined by dots. */
type GraphqlProblem = { readonly type: string; readonly path: string; readonly message: string }

/** A GraphQL answer: `data` may have holes, `problems` says why. */
export type GraphqlAnswer = { readonly data: Answer; readonly problems: readonly GraphqlProblem[] }

/** A GraphQL request. Operations start with `query` or `mutation`; only queries are repeated on a broken connection. */
export type GraphqlRequest = {
  readonly name: string
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** GitHub gave up on one query as more than it does for one; a part of it may go through. How much that is, GitHub does not tell. */
export class QueryTooLarge extends SystemUnavailable {}

/** Throws what Octokit throws for HTTP trouble, SystemUnavailable for limits and breakdowns, Error when GitHub refuses the document itself. */
export async function askGraphql(
  octokit: GitHubOctokit,
  request: GraphqlRequest,
  clock: Clock,
): Promise<GraphqlAnswer> {
  try {
    const data: unknown = await octokit.graphql(request.document, { ...request.variables })
    return { data: answerOf('GitHub', data, request.name), problems: [] }
  } catch (error) {
    const thrown = fieldsOf(error)
    if (!Array.isArray(thrown?.['errors'])) throw error
    return partialAnswer(request, thrown, clock)
  }
}

/** GraphQL problems that concern single fields, and leave the rest of the answer usable. */
const FIELD_PROBLEMS = new Set(['NOT_FOUND', 'FORBIDDEN', 'UNPROCESSABLE', 'STALE_DATA', 'INSUFFICIENT_SCOPES'])

function partialAnswer(
  request: GraphqlRequest,
  thrown: Readonly<Record<string, unknown>>,
  clock: Clock,
): GraphqlAnswer {
  const problems = problemsOf(thrown['errors'])
  const isMutation = /^\s*mutation\b/.test(request.document)
  const limited = problems.find((each) => each.type === 'RATE_LIMITED' || (!isMutation && speaksOfLimit(each.message)))
  if (limited !== undefined)
    throw new SystemUnavailable('GitHub', `rate limit at ${request.name}: ${limited.message}`, {
      retryAfterSeconds: retryAfter(fieldsOf(thrown['headers']) ?? {}, clock.now()) ?? 60,
    })
  const excessive = problems.find(({ type }) => !isMutation && type === 'RESOURCE_LIMITS_EXCEEDED')
  if (excessive !== undefined) throw new QueryTooLarge('GitHub', `${excessive.message} at ${request.name}`)
  const data = fieldsOf(thrown['data'])
  if (data === undefined) throw withoutData(request, problems)
  const serious = problems.find((each) => !isMutation && !FIELD_PROBLEMS.has(each.type))
  if (serious !== undefined) throw new SystemUnavailable('GitHub', `${serious.message} at ${request.name}`)
  return { data: answerOf('GitHub', data, request.name), problems }
}

/** No data at all: GitHub broke down (no type), or the document is wrong, which is a bug of ours. */
function withoutData(request: GraphqlRequest, problems: readonly GraphqlProblem[]): Error {
  const first = problems[0]
  const message = `${first?.message ?? 'an empty answer'} at ${request.name}`
  return first === undefined || first.type === '' || FIELD_PROBLEMS.has(first.type)
    ? new SystemUnavailable('GitHub', message)
    : new Error(`GitHub refused the document: ${message}`)
}

const problemsOf = (errors: unknown): readonly GraphqlProblem[] =>
  (Array.isArray(errors) ? errors : []).map((each) => {
    const error = fieldsOf(each)
    return {
      type: typeof error?.['type'] === 'string' ? error['type'] : '',
      path: Array.isArray(error?.['path']) ? error['path'].join('.') : '',
      message: typeof error?.['message'] === 'string' ? error['message'] : 'no message',
    }
  })

/** One call to GitHub: REST or GraphQL, by the installation of an owner or as the App. failures.ts says what a failure means. */
import { SystemUnavailable, UserError } from '../../domain/failure.ts'
import { nameOf, ownerOf, type RepoName } from '../../domain/ids.ts'
import type { Clock, Log } from '../../services/ports.ts'
import { type Answer, answerOf, asRecord } from '../answer.ts'
import { sendTwiceIfBroken } from '../network-failure.ts'
import { GitHubRefused, retryAfter, speaksOfLimit, translateFailure } from './failures.ts'
import type { GitHubOctokit } from './octokit.ts'

/** What the composition root gives. `installationOf` is the store's knowledge; undefined makes the client ask GitHub. */
export type GitHubConnection = {
  readonly octokitFor: (installationId: number) => Promise<GitHubOctokit>
  readonly appOctokit: GitHubOctokit
  readonly installationOf: (owner: string) => Promise<number | undefined>
  readonly log: Log
  readonly clock: Clock
}

/** One problem inside a GraphQL answer that still has data. `path` is GitHub's, joined by dots. */
export type GraphqlProblem = { readonly type: string; readonly path: string; readonly message: string }

/** A GraphQL answer: `data` may have holes, `problems` says why. */
export type GraphqlAnswer = { readonly data: Answer; readonly problems: readonly GraphqlProblem[] }

/** A REST answer. `headers` are lower-cased. */
export type RestAnswer = { readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> }

/** A GraphQL request. Operations start with `query` or `mutation`; only queries are repeated on a broken connection. */
export type GraphqlRequest = {
  readonly name: string
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
}

export type Caller = {
  graphql(repository: RepoName, request: GraphqlRequest): Promise<GraphqlAnswer>
  /** As the installation of `owner`, where no repository is at hand. */
  graphqlForOwner(owner: string, request: GraphqlRequest): Promise<GraphqlAnswer>
  /** `route` is Octokit's (`GET /repos/{owner}/{repo}/…`); owner and repo are filled in. Throws GitHubRefused for other 4xx. */
  rest(repository: RepoName, route: string, parameters?: Readonly<Record<string, unknown>>): Promise<RestAnswer>
  restForOwner(owner: string, route: string, parameters: Readonly<Record<string, unknown>>): Promise<RestAnswer>
  /** With the App's JWT. */
  restAsApp(route: string, parameters: Readonly<Record<string, unknown>>): Promise<RestAnswer>
  readonly log: Log
}

/** The caller over Probot's Octokit instances. One installation per owner; found ids are kept until GitHub says 404. */
export function createCaller(connection: GitHubConnection): Caller {
  const { appOctokit, clock, log } = connection
  const octokits = new Map<number, Promise<GitHubOctokit>>()
  const found = new Map<string, number>()

  const rest = async (octokit: GitHubOctokit, route: string, parameters: Readonly<Record<string, unknown>>) => {
    const send = async (): Promise<RestAnswer> => {
      const { data, headers } = await octokit.request(route, { ...parameters })
      return { data, headers }
    }
    return attempt(send, { what: route, repeat: /^(GET|HEAD) /.test(route), clock })
  }

  const installationOf = async (owner: string, repository: RepoName | undefined): Promise<number> => {
    const known = found.get(owner) ?? (await connection.installationOf(owner))
    if (known !== undefined) return known
    const answer = await findInstallation(rest, appOctokit, { owner, repository })
    const id = answerOf('GitHub', answer.data).integer('id')
    found.set(owner, id)
    return id
  }

  const octokitOf = async (owner: string, repository: RepoName | undefined): Promise<GitHubOctokit> => {
    const id = await installationOf(owner, repository)
    const known = octokits.get(id) ?? connection.octokitFor(id)
    octokits.set(id, known)
    try {
      return await known
    } catch (error) {
      octokits.delete(id)
      throw translateFailure(error, 'an installation token', clock.now())
    }
  }

  const graphql = async (octokit: GitHubOctokit, request: GraphqlRequest) => {
    const send = () => askGraphql(octokit, request, clock)
    return attempt(send, { what: request.name, repeat: /^\s*query\b/.test(request.document), clock })
  }

  return {
    log,
    graphql: async (repository, request) => graphql(await octokitOf(ownerOf(repository), repository), request),
    graphqlForOwner: async (owner, request) => graphql(await octokitOf(owner, undefined), request),
    rest: async (repository, route, parameters) =>
      rest(await octokitOf(ownerOf(repository), repository), route, {
        owner: ownerOf(repository),
        repo: nameOf(repository),
        ...parameters,
      }),
    restForOwner: async (owner, route, parameters) => rest(await octokitOf(owner, undefined), route, parameters),
    restAsApp: (route, parameters) => rest(appOctokit, route, parameters),
  }
}

type Rest = (
  octokit: GitHubOctokit,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
) => Promise<RestAnswer>

async function findInstallation(
  rest: Rest,
  appOctokit: GitHubOctokit,
  of: { readonly owner: string; readonly repository: RepoName | undefined },
): Promise<RestAnswer> {
  try {
    if (of.repository === undefined)
      return await rest(appOctokit, 'GET /users/{username}/installation', { username: of.owner })
    const parameters = { owner: of.owner, repo: nameOf(of.repository) }
    return await rest(appOctokit, 'GET /repos/{owner}/{repo}/installation', parameters)
  } catch (error) {
    if (error instanceof GitHubRefused && error.status === 404) throw notVisible(of.repository ?? of.owner)
    throw error
  }
}

/** What a person is told when the App is not installed where it is needed. */
export function notVisible(what: string): UserError {
  return new UserError(
    'accepts_missing',
    `Lockkeeper cannot see ${what}.`,
    `Install the Lockkeeper GitHub App there, or check the name.`,
  )
}

async function attempt<T>(
  send: () => Promise<T>,
  how: { readonly what: string; readonly repeat: boolean; readonly clock: Clock },
): Promise<T> {
  try {
    return await (how.repeat ? sendTwiceIfBroken(send) : send())
  } catch (error) {
    throw translateFailure(error, how.what, how.clock.now())
  }
}

async function askGraphql(octokit: GitHubOctokit, request: GraphqlRequest, clock: Clock): Promise<GraphqlAnswer> {
  try {
    const data: unknown = await octokit.graphql(request.document, { ...request.variables })
    return { data: answerOf('GitHub', data, request.name), problems: [] }
  } catch (error) {
    const thrown = asRecord(error)
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
      retryAfterSeconds: retryAfter(asRecord(thrown['headers']) ?? {}, clock.now()) ?? 60,
    })
  const data = asRecord(thrown['data'])
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
    const error = asRecord(each)
    return {
      type: typeof error?.['type'] === 'string' ? error['type'] : '',
      path: Array.isArray(error?.['path']) ? error['path'].join('.') : '',
      message: typeof error?.['message'] === 'string' ? error['message'] : 'no message',
    }
  })

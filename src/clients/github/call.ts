/** One call to GitHub: REST or GraphQL, by the installation of an owner or as the App. failures.ts says what a failure means. */
import { SystemUnavailable } from '../../domain/failure.ts'
import { nameOf, ownerOf, type RepoName } from '../../domain/ids.ts'
import type { Clock, Log } from '../../services/ports.ts'
import { sendTwiceIfBroken } from '../network-failure.ts'
import { type Brake, createBrake } from './brake.ts'
import { speaksOfLimit, translateFailure } from './failures.ts'
import { askGraphql, type GraphqlAnswer, type GraphqlRequest } from './graphql.ts'
import { createInstallations } from './installations.ts'
import type { GitHubOctokit } from './octokit.ts'

/** What the composition root gives. `installationOf` is the store's knowledge; undefined makes the client ask GitHub. */
export type GitHubConnection = {
  readonly octokitFor: (installationId: number) => Promise<GitHubOctokit>
  readonly appOctokit: GitHubOctokit
  readonly installationOf: (owner: string) => Promise<number | undefined>
  /** An Enterprise Server goes on listing people whom it suspended: whoever has a right there is asked about once more. Default: false. */
  readonly listsSuspended?: boolean
  readonly log: Log
  readonly clock: Clock
}

/** A REST answer. `headers` are lower-cased. */
export type RestAnswer = { readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> }

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
  readonly listsSuspended: boolean
}

/** The caller over Probot's Octokit instances. One that met a limit sends nothing more, for any job, until the limit is over. */
export function createCaller(connection: GitHubConnection): Caller {
  const { clock, log } = connection
  const brakes = new WeakMap<GitHubOctokit, Brake>()
  const brakeOf = (octokit: GitHubOctokit): Brake => {
    const brake = brakes.get(octokit) ?? createBrake(clock)
    brakes.set(octokit, brake)
    return brake
  }
  const rest = (octokit: GitHubOctokit, route: string, parameters: Readonly<Record<string, unknown>>) => {
    const send = async (): Promise<RestAnswer> => {
      const { data, headers } = await octokit.request(route, { ...parameters })
      // Octokit gives the text of a body that is no JSON (a proxy's page, a cut answer): taken for a list it would be an empty one.
      if (typeof data === 'string' && data !== '')
        throw new SystemUnavailable('GitHub', `an answer that is not JSON at ${route}`)
      return { data, headers }
    }
    return attempt(send, { what: route, repeat: /^(GET|HEAD) /.test(route), clock, brake: brakeOf(octokit) })
  }
  const graphql = async (octokit: GitHubOctokit, request: GraphqlRequest) => {
    const brake = brakeOf(octokit)
    const send = () => askGraphql(octokit, request, clock)
    const answer = await attempt(send, {
      what: request.name,
      repeat: /^\s*query\b/.test(request.document),
      clock,
      brake,
    })
    // Some writes of a mutation may have met the limit while others stand.
    if (answer.problems.some(({ message }) => speaksOfLimit(message))) brake.hold(UNNAMED_LIMIT_SECONDS)
    return answer
  }
  return callerFor(connection, { rest, graphql, log })
}

/** Where GitHub names no time, its documentation says to wait for at least a minute. */
const UNNAMED_LIMIT_SECONDS = 60

type Senders = {
  readonly rest: (
    octokit: GitHubOctokit,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
  ) => Promise<RestAnswer>
  readonly graphql: (octokit: GitHubOctokit, request: GraphqlRequest) => Promise<GraphqlAnswer>
  readonly log: Log
}

function callerFor(connection: GitHubConnection, { rest, graphql, log }: Senders): Caller {
  const { appOctokit, listsSuspended = false } = connection
  const installations = createInstallations(connection, (route, parameters) => rest(appOctokit, route, parameters))
  const of = (repository: RepoName) => ({ owner: ownerOf(repository), repository })
  return {
    log,
    listsSuspended,
    graphql: (repository, request) => installations.use(of(repository), (octokit) => graphql(octokit, request)),
    graphqlForOwner: (owner, request) =>
      installations.use({ owner, repository: undefined }, (octokit) => graphql(octokit, request)),
    rest: (repository, route, parameters) => {
      const all = { owner: ownerOf(repository), repo: nameOf(repository), ...parameters }
      return installations.use(of(repository), (octokit) => rest(octokit, route, all))
    },
    restForOwner: (owner, route, parameters) =>
      installations.use({ owner, repository: undefined }, (octokit) => rest(octokit, route, parameters)),
    restAsApp: (route, parameters) => rest(appOctokit, route, parameters),
  }
}

type Attempt = { readonly what: string; readonly repeat: boolean; readonly clock: Clock; readonly brake: Brake }

async function attempt<T>(send: () => Promise<T>, { what, repeat, clock, brake }: Attempt): Promise<T> {
  brake.check(what)
  try {
    return await (repeat ? sendTwiceIfBroken(send) : send())
  } catch (error) {
    const failure = translateFailure(error, what, clock.now())
    if (failure instanceof SystemUnavailable && failure.retryAfterSeconds !== undefined)
      brake.hold(failure.retryAfterSeconds)
    throw failure
  }
}

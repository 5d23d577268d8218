/** One call to GitHub: REST or GraphQL, by the installation of an owner or as the App. failures.ts says what a failure means. */
import { Deferred, SystemUnavailable } from '../../domain/failure.ts'
import { nameOf, ownerOf, type RepoName } from '../../domain/ids.ts'
import type { Clock, Log } from '../../services/ports.ts'
import { sendTwiceIfBroken } from '../network-failure.ts'
import { isTokenAddress, speaksOfLimit, translateFailure, wasAnswered } from './failures.ts'
import { askGraphql, type GraphqlAnswer, type GraphqlRequest } from './graphql.ts'
import { createInstallations } from './installations.ts'
import type { KnownLimits } from './known-limits.ts'
import type { GitHubOctokit } from './octokit.ts'
import { currentWork } from './on-behalf.ts'
import type { Cost, RateFacts } from './rate-budget.ts'
import { graphqlCost, rateFacts, restCost } from './request-cost.ts'
import { createTurns, type Turns } from './turns.ts'
import { createUnchanged } from './unchanged.ts'

/** What the composition root gives. `installationOf` is the store's knowledge; undefined makes the client ask GitHub. */
export type GitHubConnection = {
  readonly octokitFor: (installationId: number) => Promise<GitHubOctokit>
  readonly appOctokit: GitHubOctokit
  readonly installationOf: (owner: string) => Promise<number | undefined>
  /** An Enterprise Server goes on listing people whom it suspended: whoever has a right there is asked about once more. Default: false. */
  readonly listsSuspended?: boolean
  /** Is told what answers say of the hourly limits. */
  readonly limits?: KnownLimits
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

/** The caller over Probot's Octokit instances. What one of them may still ask, all jobs share: by urgency, and repositories in turn. */
export function createCaller(given: GitHubConnection): Caller {
  const { clock, log, limits, appOctokit } = given
  const installationOf = new WeakMap<GitHubOctokit, number | 'app'>([[appOctokit, 'app']])
  const connection: GitHubConnection = {
    ...given,
    octokitFor: async (id) => {
      const octokit = await given.octokitFor(id)
      installationOf.set(octokit, id)
      return octokit
    },
  }
  const unchanged = createUnchanged()
  const turnsOf = createTurnsByOctokit(clock, (octokit, facts) => {
    const installation = installationOf.get(octokit)
    if (installation !== undefined) limits?.heard(installation, facts)
  })
  const rest = (octokit: GitHubOctokit, route: string, parameters: Readonly<Record<string, unknown>>) => {
    const request = async (all: Readonly<Record<string, unknown>>): Promise<RestAnswer> => {
      const { data, headers } = await octokit.request(route, { ...all })
      // Octokit gives the text of a body that is no JSON (a proxy's page, a cut answer): taken for a list it would be an empty one.
      if (typeof data === 'string' && data !== '')
        throw new SystemUnavailable('GitHub', `an answer that is not JSON at ${route}`)
      return { data, headers }
    }
    const who = installationOf.get(octokit)
    const send = () =>
      who === undefined ? request(parameters) : unchanged.ask({ who: String(who), route, parameters }, request)
    return attempt(send, { what: route, cost: restCost(route), clock, turns: turnsOf(octokit) })
  }
  const graphql = async (octokit: GitHubOctokit, request: GraphqlRequest) => {
    const turns = turnsOf(octokit)
    const send = () => askGraphql(octokit, request, clock)
    const answer = await attempt(send, { what: request.name, cost: graphqlCost(request.document), clock, turns })
    // Some writes of a mutation may have met the limit while others stand.
    if (answer.problems.some(({ message }) => speaksOfLimit(message))) turns.hold(UNNAMED_LIMIT_SECONDS)
    return answer
  }
  return callerFor(connection, { rest, graphql, log })
}

/** Each Octokit's own, which hear of every answer that it gets; but not of those to its token, whose limit is the App's. */
function createTurnsByOctokit(
  clock: Clock,
  heard: (octokit: GitHubOctokit, facts: RateFacts) => void,
): (octokit: GitHubOctokit) => Turns {
  const known = new WeakMap<GitHubOctokit, Turns>()
  return (octokit) => {
    const found = known.get(octokit)
    if (found !== undefined) return found
    const turns = createTurns(clock)
    known.set(octokit, turns)
    const hear = (headers: Readonly<Record<string, unknown>> | undefined, url: string) => {
      const facts = headers === undefined || isTokenAddress(url) ? undefined : rateFacts(headers, clock.now())
      if (facts === undefined) return
      turns.heard(facts)
      heard(octokit, facts)
    }
    octokit.hook.after('request', ({ headers }, { url }) => hear(headers, url))
    octokit.hook.error('request', (error, { url }) => {
      if ('response' in error) hear(error.response?.headers, url)
      throw error
    })
    return turns
  }
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

type Attempt = { readonly what: string; readonly cost: Cost; readonly clock: Clock; readonly turns: Turns }

async function attempt<T>(send: () => Promise<T>, { what, cost, clock, turns }: Attempt): Promise<T> {
  const inTurn = async (): Promise<T> => {
    const turn = await turns.take({ what, cost, work: currentWork() })
    let answered = false
    try {
      const answer = await send()
      answered = true
      return answer
    } catch (error) {
      answered = wasAnswered(error)
      throw error
    } finally {
      turn.end({ answered })
    }
  }
  try {
    return await (cost.isWrite ? inTurn() : sendTwiceIfBroken(inTurn))
  } catch (error) {
    if (error instanceof Deferred) throw error
    const failure = translateFailure(error, what, clock.now())
    if (failure instanceof SystemUnavailable && failure.retryAfterSeconds !== undefined)
      turns.hold(failure.retryAfterSeconds)
    throw failure
  }
}

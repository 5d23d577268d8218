/** One call to GitHub: REST or GraphQL, by the installation of an owner or as the App. failures.ts says what a failure means. */
import { nameOf, ownerOf, type RepoName } from '../../domain/ids.ts'
import type { Clock, Log } from '../../services/ports.ts'
import { sendTwiceIfBroken } from '../network-failure.ts'
import { translateFailure } from './failures.ts'
import { askGraphql, type GraphqlAnswer, type GraphqlRequest } from './graphql.ts'
import { createInstallations } from './installations.ts'
import type { GitHubOctokit } from './octokit.ts'

/** What the composition root gives. `installationOf` is the store's knowledge; undefined makes the client ask GitHub. */
export type GitHubConnection = {
  readonly octokitFor: (installationId: number) => Promise<GitHubOctokit>
  readonly appOctokit: GitHubOctokit
  readonly installationOf: (owner: string) => Promise<number | undefined>
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
}

/** The caller over Probot's Octokit instances. */
export function createCaller(connection: GitHubConnection): Caller {
  const { appOctokit, clock, log } = connection
  const rest = (octokit: GitHubOctokit, route: string, parameters: Readonly<Record<string, unknown>>) => {
    const send = async (): Promise<RestAnswer> => {
      const { data, headers } = await octokit.request(route, { ...parameters })
      return { data, headers }
    }
    return attempt(send, { what: route, repeat: /^(GET|HEAD) /.test(route), clock })
  }
  const graphql = (octokit: GitHubOctokit, request: GraphqlRequest) => {
    const send = () => askGraphql(octokit, request, clock)
    return attempt(send, { what: request.name, repeat: /^\s*query\b/.test(request.document), clock })
  }
  const installations = createInstallations(connection, (route, parameters) => rest(appOctokit, route, parameters))
  const of = (repository: RepoName) => ({ owner: ownerOf(repository), repository })
  return {
    log,
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

/** How many GitHub calls an operation took, counted in the sandbox's log of requests. */
import type { GitHubSandbox } from '../github/index.ts'

export type Calls = {
  /** One name per call, in order: `ReadPromotionWorld`, `repos/create-deployment`. */
  readonly names: readonly string[]
  /** Installation tokens fetched meanwhile: the bot keeps them for an hour, so that they belong to no operation. */
  readonly tokens: number
}

/** The calls since the log had `from` entries. */
export function callsSince({ requests }: Pick<GitHubSandbox, 'requests'>, from: number): Calls {
  const made = requests.slice(from)
  return {
    names: made.filter(({ by }) => by !== 'app').map(nameOf),
    tokens: made.filter(({ operation }) => operation === 'apps/create-installation-access-token').length,
  }
}

/** Of those, the ones that opened a promotion pull request: from the read of what it depends on to the write that opened it. */
export function callsToOpen({ requests }: Pick<GitHubSandbox, 'requests'>, from: number): Calls {
  const made = requests.slice(from).filter(({ by }) => by !== 'app')
  const opened = made.findIndex(({ body }) => JSON.stringify(body ?? '').includes('createPullRequest'))
  const read = made.slice(0, opened + 1).findIndex(({ graphql }) => graphql === 'ReadPromotionWorld')
  return { names: read < 0 ? [] : made.slice(read, opened + 1).map(nameOf), tokens: 0 }
}

function nameOf({ graphql, operation, method, path }: GitHubSandbox['requests'][number]): string {
  return graphql ?? operation ?? `${method} ${path}`
}

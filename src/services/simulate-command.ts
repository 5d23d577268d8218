/** `lockkeeper simulate`: what a comment would bring about that nobody has written. The same decisions as answer-command.ts carries out, from what only reads. */
import { closest } from '../domain/closest.ts'
import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import { commandsIn, type DecidableCommand, type Decision, decideLine } from './decide-command.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { isNamedBot } from './named-bot.ts'
import type { AccountView, ThreadView } from './ports.ts'

export type SimulationQuestion = {
  readonly repository: RepoName
  /** Of a pull request, or of an issue for operations. */
  readonly number: number
  /** As it would be written. */
  readonly body: string
  /** Login. */
  readonly as: string
  /** When it would be written. */
  readonly at: Date
}

export type Simulation = {
  /** As GitHub writes it. */
  readonly author: string
  /** In order, up to the first that would not be run; each on the world as it is, without what the ones before would have changed. */
  readonly lines: readonly { readonly line: string; readonly decision: Decision }[]
  /** Those behind it, which would not be looked at. */
  readonly left: readonly string[]
}

/** Throws UserError where such a comment cannot be, or would not be heard; SystemUnavailable for outages. */
export async function simulateCommand(
  asked: SimulationQuestion,
  commands: readonly DecidableCommand[],
  deps: ReadDeps,
): Promise<Simulation> {
  const spoken = commandsIn(asked.body, commands)
  if (spoken.length === 0) throw noCommand(asked.body, commands)
  const thread = await threadOf(asked, deps)
  const author = await authorOf(asked, deps)
  const record = recordOf(asked, thread, author)
  const lines: { readonly line: string; readonly decision: Decision }[] = []
  for (const each of spoken) {
    const decision = await decideLine(record, each, { commands, deps })
    lines.push({ line: each.line, decision })
    if (decision.kind === 'refused' || decision.kind === 'mistaken') break
  }
  return { author: author.login, lines, left: spoken.slice(lines.length).map(({ line }) => line) }
}

function noCommand(body: string, commands: readonly DecidableCommand[]): UserError {
  const names = commands.map(({ name }) => name)
  const [first = ''] = body.trim().split(/\s/)
  const meant = closest(first.replace(/^\/+/, ''), names)
  const hint =
    meant === undefined
      ? `A command begins a line: ${names.map((name) => `/${name}`).join(', ')}.`
      : `Did you mean \`/${meant}\`? A command begins a line, and stands in no quote and no code.`
  return new UserError('usage', 'nothing in this text is a command', hint)
}

async function threadOf({ repository, number }: SimulationQuestion, { github }: ReadDeps): Promise<ThreadView> {
  const thread = await github.readThread(repository, number)
  if (thread !== undefined) return thread
  throw new UserError('usage', `${repository} has no pull request ${number}, and no issue`, 'Check the number.')
}

/** As the handler of comments hears: people, and bots that are named. */
async function authorOf({ repository, as }: SimulationQuestion, deps: ReadDeps): Promise<AccountView> {
  const account = await deps.github.readAccount(repository, as)
  if (account === undefined) throw new UserError('usage', `GitHub knows nobody called ${as}`, 'Check the name.')
  const isHeard =
    account.type === 'User' || (account.type === 'Bot' && (await isNamedBot(repository, account.login, deps)))
  if (isHeard) return account
  const kind = account.type === 'Bot' ? 'a bot that no list of people names' : `no person (${account.type})`
  throw new UserError(
    'not_allowed',
    `${account.login} is ${kind}: nobody listens to its comments`,
    'Name somebody else.',
  )
}

/** Whatever is derived from the comment's number is derived from one that no comment has, and that is written after all that there are. */
const NO_COMMENT = Number.MAX_SAFE_INTEGER

function recordOf(
  { repository, number, body, at }: SimulationQuestion,
  { nodeId, isPullRequest, labels }: ThreadView,
  { login }: AccountView,
): CommandRecord {
  // GitHub's times are whole seconds.
  const createdAt = new Date(Math.floor(at.getTime() / 1000) * 1000).toISOString()
  return {
    repository,
    commentId: NO_COMMENT,
    commentNodeId: '',
    pullRequestNumber: number,
    pullRequestNodeId: nodeId,
    ...(isPullRequest ? {} : { issue: { labels } }),
    author: login,
    createdAt,
    heardAt: createdAt,
    body,
    outcomes: [],
    state: 'received',
  }
}

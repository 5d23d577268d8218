/** reconcile() of one command comment: acknowledges it, runs its lines in order until one is refused, and keeps the reply current. */
import { misspelled, unreadable } from '../comments/reply.ts'
import { parseCommands, type Spoken, type SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import { isActive } from '../domain/promotion.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { writeAll } from './publish-comment.ts'
import { commandReply } from './publish-reply.ts'

/** What a command does; throws UserError to refuse. The list is src/handlers/commands/index.ts. */
export type RunCommand = (command: CommandRecord, spoken: SpokenCommand, deps: Deps) => Promise<CommandOutcome>

/** A command that is found later than this after it was written is not run: the world it meant is gone. */
const STALE_MS = 15 * 60_000

export async function answerCommand(
  subject: Extract<Subject, { kind: 'command' }>,
  commands: ReadonlyMap<string, RunCommand>,
  deps: Deps,
): Promise<void> {
  const command = await deps.ledger.command(subject.repository, subject.commentId)
  if (command === undefined || command.state === 'done') return
  const seen = command.state === 'received' ? await acknowledge(command, deps) : command
  const answered = seen.state === 'acknowledged' ? await run(seen, commands, deps) : seen
  // While a promotion is under way, its environment keeps the reply current.
  if (await isUnderWay(answered, deps)) return
  await writeAll(await commandReply(answered, undefined, deps), deps)
}

async function isUnderWay({ outcomes }: CommandRecord, { ledger }: Deps): Promise<boolean> {
  const ids = outcomes.flatMap((outcome) => (outcome.kind === 'promotion' ? [outcome.promotion] : []))
  const promotions = await Promise.all(ids.map((id) => ledger.promotion(id)))
  return promotions.some((promotion) => promotion !== undefined && isActive(promotion))
}

/** 👀 and the reply that will be edited, in one request. */
async function acknowledge(command: CommandRecord, deps: Deps): Promise<CommandRecord> {
  const next: CommandRecord = { ...command, state: 'acknowledged' }
  const eyes = {
    repository: command.repository,
    write: { kind: 'add-reaction', subjectId: command.commentNodeId, content: 'EYES' },
    record: async () => {},
    gone: async () => {},
  } as const
  await writeAll([eyes, ...(await commandReply(command, undefined, deps))], deps)
  await deps.ledger.saveCommand(next)
  return next
}

async function run(
  command: CommandRecord,
  commands: ReadonlyMap<string, RunCommand>,
  deps: Deps,
): Promise<CommandRecord> {
  const lines = parseCommands(command.body, [...commands.keys()])
  const outcomes: CommandOutcome[] = []
  for (const spoken of lines) {
    const outcome = await outcomeOf(command, spoken, { commands, deps })
    outcomes.push(outcome)
    if (outcome.kind === 'refused' || outcome.kind === 'mistaken') break
  }
  const next: CommandRecord = { ...command, outcomes, state: 'running' }
  await deps.ledger.saveCommand(next)
  for (const outcome of outcomes) {
    if (outcome.kind !== 'promotion') continue
    // Only now, so that its environment finds the reply that it has to keep current.
    const promotion = await deps.ledger.promotion(outcome.promotion)
    if (promotion !== undefined) {
      const { repository, model, environment } = promotion
      await deps.hints.hint({ kind: 'environment', repository, model, environment })
    }
  }
  return next
}

type Running = { readonly commands: ReadonlyMap<string, RunCommand>; readonly deps: Deps }

async function outcomeOf(command: CommandRecord, spoken: Spoken, { commands, deps }: Running): Promise<CommandOutcome> {
  if (spoken.kind === 'misspelled')
    return { kind: 'mistaken', line: spoken.line, ...misspelled(spoken.word, spoken.meant) }
  if (spoken.kind === 'unreadable')
    return { kind: 'mistaken', line: spoken.line, ...unreadable(spoken.name, spoken.character) }
  const { line } = spoken
  const age = Date.parse(command.heardAt) - Date.parse(command.createdAt)
  if (age > STALE_MS) {
    const message = `this command was written ${Math.round(age / 60_000)} minutes before Lockkeeper could read it`
    return {
      kind: 'refused',
      line,
      code: 'stale_command',
      message,
      hint: 'Write it again if it is still meant.',
      details: undefined,
    }
  }
  const runCommand = commands.get(spoken.name)
  if (runCommand === undefined) throw new Error(`no command ${spoken.name}`)
  try {
    return await runCommand(command, spoken, deps)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const { code, message, hint } = error
    if (code === 'usage' || code === 'ambiguous') return { kind: 'mistaken', line, message, hint }
    return { kind: 'refused', line, code, message, hint, details: undefined }
  }
}

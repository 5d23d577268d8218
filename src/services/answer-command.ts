/** reconcile() of one command comment: acknowledges it, runs its lines in order until one is refused, and keeps the reply current. */
import type { Spoken } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import { isActive, type Promotion } from '../domain/promotion.ts'
import type { Subject } from '../domain/subject.ts'
import { AheadOfEvents } from './ahead-of-events.ts'
import { commandsIn, type DecidableCommand, decideLine, outcomeOf, refusal } from './decide-command.ts'
import type { Deps } from './deps.ts'
import { givenUp } from './give-up.ts'
import type { CommandRecord } from './ledger.ts'
import { acknowledged, isForOperations } from './operations-issue.ts'
import { isBehind } from './overtaken.ts'
import { bodyOf } from './press-button.ts'
import { type PlannedWrite, writeAll } from './publish-comment.ts'
import { commandReply } from './publish-reply.ts'

export async function answerCommand(
  subject: Extract<Subject, { kind: 'command' }>,
  commands: readonly DecidableCommand[],
  deps: Deps,
): Promise<void> {
  const command = await deps.ledger.command(subject.repository, subject.commentId)
  if (command === undefined || command.state === 'done') return
  const seen = command.state === 'received' ? await acknowledge(command, deps) : command
  if (seen.state === 'done') return
  const answered = seen.state === 'acknowledged' ? await runOrWait(seen, { commands, deps }) : seen
  if (answered === undefined) return
  const underWay = await underWayOf(answered, deps)
  // Only now that the outcomes are kept, so that its environment finds the reply that it has to keep current. Again in a run after a crash.
  for (const { repository, model, environment } of underWay)
    await deps.hints.hint({ kind: 'environment', repository, model, environment })
  if (underWay.length > 0) return
  await writeAll(await commandReply(answered, undefined, deps), deps)
}

async function underWayOf({ outcomes }: CommandRecord, { ledger }: Deps): Promise<readonly Promotion[]> {
  const ids = outcomes.flatMap((outcome) => (outcome.kind === 'promotion' ? [outcome.promotion] : []))
  const promotions = await Promise.all(ids.map((id) => ledger.promotion(id)))
  return promotions.filter((promotion) => promotion !== undefined).filter(isActive)
}

/** 👀 and the reply that will be edited, in one request. Done at once where it stands on an issue that is not for commands, or cannot be answered. */
async function acknowledge(command: CommandRecord, deps: Deps): Promise<CommandRecord> {
  const isIssue = command.issue !== undefined
  const isHeard = !isIssue || (await isForOperations(command, deps))
  const eyes = {
    repository: command.repository,
    write: { kind: 'add-reaction', subjectId: command.commentNodeId, content: 'EYES' },
    record: async () => {},
    mayFail: 'for want of the right',
    gone: async () => true,
  } as const
  const writes = async (): Promise<readonly PlannedWrite[]> => [
    ...(command.button === undefined ? [eyes] : []),
    ...(await commandReply(command, undefined, deps)),
  ]
  if (!isIssue) await writeAll(await writes(), deps)
  const isTold = isHeard && (!isIssue || (await acknowledged(command, await writes(), deps)))
  const next: CommandRecord = { ...command, state: isTold ? 'acknowledged' : 'done' }
  await deps.ledger.saveCommand(next)
  return next
}

const AGAIN_MS = 1000

/** Undefined: it is run again in a moment, behind the events of what it means, or behind an earlier comment. */
async function runOrWait(command: CommandRecord, { commands, deps }: Running): Promise<CommandRecord | undefined> {
  const { repository, commentId } = command
  const again = () =>
    deps.hints.wakeAt({ kind: 'command', repository, commentId }, new Date(deps.clock.now().getTime() + AGAIN_MS))
  if (await isBehind(command, deps)) {
    await again()
    return undefined
  }
  try {
    const ran = await run(command, commands, deps)
    await wakeNext(ran, deps)
    return ran
  } catch (error) {
    if (!(error instanceof AheadOfEvents)) throw error
    if (error.wake !== undefined) await deps.hints.hint(error.wake)
    await again()
    return undefined
  }
}

/** Whoever wrote behind it waits for this run and no longer; after a crash its own timer is there. */
async function wakeNext({ repository, pullRequestNumber, commentId }: CommandRecord, deps: Deps): Promise<void> {
  const waiting = await deps.ledger.commandsToRun(repository, pullRequestNumber)
  const next = waiting.find((one) => one.commentId > commentId)
  if (next !== undefined) await deps.hints.hint({ kind: 'command', repository, commentId: next.commentId })
}

async function run(command: CommandRecord, commands: readonly DecidableCommand[], deps: Deps): Promise<CommandRecord> {
  const outcomes = await outcomesOf(command, { commands, deps })
  const next: CommandRecord = { ...command, outcomes, state: 'running' }
  await deps.ledger.saveCommand(next)
  return next
}

async function outcomesOf(command: CommandRecord, running: Running): Promise<readonly CommandOutcome[]> {
  const outcomes: CommandOutcome[] = []
  try {
    for (const spoken of commandsIn(await bodyOf(command, running.deps), running.commands)) {
      const outcome = await outcomeOfLine(command, spoken, running)
      outcomes.push(outcome)
      if (outcome.kind === 'refused' || outcome.kind === 'mistaken') break
    }
    return outcomes
  } catch (error) {
    const told = error instanceof UserError ? error : givenUp(error, command, running.deps)
    if (told === undefined) throw error
    if (told !== error) running.deps.log.error({ err: error, comment: command.commentId }, 'a command was given up')
    return [...outcomes, outcomeOf(refusal(told), '')]
  }
}

/** A dry run ends with the decision. */
async function outcomeOfLine(
  command: CommandRecord,
  spoken: Spoken,
  { commands, deps }: Running,
): Promise<CommandOutcome> {
  const { line } = spoken
  const decision = await decideLine(command, spoken, { commands, deps })
  const isDry = spoken.kind === 'command' && spoken.options.has('dry-run')
  if (decision.kind !== 'willing' || isDry) return outcomeOf(decision, line)
  try {
    return await decision.carryOut(deps)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return outcomeOf(refusal(error), line)
  }
}

type Running = { readonly commands: readonly DecidableCommand[]; readonly deps: Deps }

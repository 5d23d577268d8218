/**
 * Commands are meant in the order in which they were written, and their events come in any. One that would begin after a later one about the same was carried out is refused;
 * one that is heard while an earlier one of the same thread has not run yet waits for that. Used by decide-command.ts and answer-command.ts.
 */
import { parseCommands, type SpokenCommand } from '../domain/command.ts'
import type { CommandGrammar } from '../domain/command-grammar.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import type { EnvironmentName, ModelName } from '../domain/ids.ts'
import { type CommandPlace, placeOf, sortWords } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'

const MOVES = ['deploy', 'rollback', 'cancel', 'canary', 'promote'] as const

/** What undoes which, or is undone by it. `/lock` always stops what comes later, and holds are asked about by whatever moves. */
const OVERTAKEN_BY: Readonly<Record<string, readonly string[]>> = {
  lock: ['lock', 'unlock'],
  unlock: ['lock', 'rollback'],
  ...Object.fromEntries(MOVES.map((name) => [name, MOVES])),
}

/** Whoever asks for one of these, and has nothing to do, wants what is asked for before it no more. */
const UNDOING: readonly string[] = ['cancel', 'rollback', 'deploy']

/** Throws UserError `overtaken`. One query, where nothing was written later. */
export async function refuseOvertaken(
  command: CommandRecord,
  spoken: SpokenCommand,
  { commands, deps }: { readonly commands: readonly CommandGrammar[]; readonly deps: ReadDeps },
): Promise<void> {
  const names = OVERTAKEN_BY[spoken.name]
  // A click has no id that tells when it was.
  if (names === undefined || command.button !== undefined || spoken.options.has('dry-run')) return
  const place = await placeOf(command, deps)
  const written = [...place.settings.environments.values()].map(({ repository }) => repository)
  const repositories = [...new Set([command.repository, place.modelRepository, ...written])]
  for (const later of await deps.ledger.commandsAfter(repositories, command.commentId)) {
    const lines = parseCommands(later.body, commands).filter((one) => one.kind === 'command')
    const there = later.repository === command.repository ? place : await placeOf(later, deps)
    for (const line of lines.filter(({ name }) => names.includes(name))) {
      const outcome = later.outcomes.find((one) => one.line === line.line)
      if (outcome === undefined || !hasEffect(outcome, { line, isOwn: later.author === command.author })) continue
      const mine = { command, scope: scopeOf(spoken, place) }
      if (isSame(mine, { command: later, scope: scopeOf(line, there) })) throw overtaken(later, line)
    }
  }
}

type Effect = { readonly line: SpokenCommand; readonly isOwn: boolean }

/** What others were refused, or what only told them something, overtakes nothing. What its own author had meant to undo does. */
function hasEffect(outcome: CommandOutcome, { line, isOwn }: Effect): boolean {
  if (line.options.has('dry-run')) return false
  switch (outcome.kind) {
    case 'promotion':
      return true
    case 'answered':
      return isOwn || line.name === 'cancel' || (outcome.marks ?? []).length > 0
    case 'refused':
      return isOwn && outcome.code === 'nothing_to_do' && UNDOING.includes(line.name)
    case 'mistaken':
      return false
  }
}

type Scope = {
  readonly isAll: boolean
  readonly environment: EnvironmentName | undefined
  readonly model: ModelName | undefined
}

function scopeOf({ name, words, options }: SpokenCommand, place: CommandPlace): Scope {
  const { environments } = place.settings
  // What follows the names is a reason, and may be any words.
  const named = sortWords(name === 'lock' ? words.slice(0, 2) : words, place)
  const only = environments.size === 1 ? [...environments.keys()][0] : undefined
  return {
    isAll: options.has('all'),
    environment: named.environment ?? place.promotionOf?.environment ?? only,
    model: named.model ?? place.promotionOf?.model,
  }
}

type Sided = { readonly command: CommandRecord; readonly scope: Scope }

/** Without a model it is about that of its thread, which both then share. */
function isSame(one: Sided, other: Sided): boolean {
  if (one.scope.isAll !== other.scope.isAll || one.scope.environment !== other.scope.environment) return false
  if (one.scope.model !== undefined && other.scope.model !== undefined) return one.scope.model === other.scope.model
  const isOneThread = one.command.pullRequestNumber === other.command.pullRequestNumber
  return (one.scope.model === other.scope.model && one.scope.isAll) || (isOneThread && isOneRepository(one, other))
}

const isOneRepository = (one: Sided, other: Sided): boolean => one.command.repository === other.command.repository

function overtaken({ author }: CommandRecord, { line }: SpokenCommand): UserError {
  return new UserError(
    'overtaken',
    `${author} wrote \`${line}\` after this, and that was answered first`,
    'Look at what is there now; write it again if it is still meant.',
  )
}

/** An earlier one that takes longer is not waited for. */
const PATIENCE_MS = 60_000

/** Whether a command of the same thread, written before this one and heard of, has yet to run. */
export async function isBehind(command: CommandRecord, { ledger, clock }: ReadDeps): Promise<boolean> {
  if (command.button !== undefined) return false
  if (clock.now().getTime() - Date.parse(command.heardAt) > PATIENCE_MS) return false
  const waiting = await ledger.commandsToRun(command.repository, command.pullRequestNumber)
  return waiting.some(({ commentId }) => commentId < command.commentId)
}

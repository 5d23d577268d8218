/** What a slash command would do, decided without doing it. answer-command.ts carries it out; `--dry-run` and `lockkeeper simulate` only tell. */
import { misspelled, unreadable } from '../comments/reply.ts'
import { renderRules } from '../comments/rules.ts'
import { parseCommands, type Spoken, type SpokenCommand } from '../domain/command.ts'
import { type CommandDefinition, type CommandGrammar, optionMistake } from '../domain/command-grammar.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { type ErrorCode, UserError } from '../domain/failure.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { refuseOvertaken } from './overtaken.ts'

/** Where nothing would be done, `answered` says what was asked for. */
export type Decision =
  | { readonly kind: 'answered'; readonly markdown: string }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly message: string
      readonly hint: string
      /** Every rule with its verdict; empty where the refusal is not by a rule. */
      readonly rules: readonly RuleVerdict[]
    }
  | { readonly kind: 'mistaken'; readonly message: string; readonly hint: string }
  | {
      readonly kind: 'willing'
      readonly rules: readonly RuleVerdict[]
      /** It was begun by a run before a crash, and is ended, whatever was written since. */
      readonly isBegun?: boolean
      /** What it would do, for `--dry-run`; the rules are told behind it. Markdown. */
      readonly would: () => string
      /** Does it. What the decision stood on is asked again where it is written; throws UserError where that changed. */
      readonly carryOut: (deps: Deps) => Promise<CommandOutcome>
    }

/** What one command decides; throws UserError to refuse for one reason. The list is src/handlers/commands/index.ts. */
export type DecideCommand = (command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps) => Promise<Decision>

/** A command that can be run. */
export type DecidableCommand = CommandGrammar &
  Partial<Pick<CommandDefinition, 'spots'>> & { readonly decide: DecideCommand }

/** A command that is found later than this after it was written is not run: the world it meant is gone. */
const STALE_MS = 15 * 60_000

/** More than people write by hand: each may ask GitHub and the registry, and all are told in one reply. */
const MOST_COMMANDS = 20

/** The commands of a comment. Throws UserError `usage` for more than are run, of which none is. */
export function commandsIn(body: string, commands: readonly CommandGrammar[]): readonly Spoken[] {
  const spoken = parseCommands(body, commands)
  if (spoken.length <= MOST_COMMANDS) return spoken
  throw new UserError(
    'usage',
    `these are ${spoken.length} commands, and one comment may hold ${MOST_COMMANDS}: none of them was run`,
    'Write them in several comments.',
  )
}

export type Deciding = { readonly commands: readonly DecidableCommand[]; readonly deps: ReadDeps }

/** One line of a comment. Throws what is no refusal: outages and bugs. */
export async function decideLine(
  command: CommandRecord,
  spoken: Spoken,
  { commands, deps }: Deciding,
): Promise<Decision> {
  if (spoken.kind === 'misspelled') return { kind: 'mistaken', ...misspelled(spoken.word, spoken.meant) }
  if (spoken.kind === 'unreadable') return { kind: 'mistaken', ...unreadable(spoken.name, spoken.character) }
  const age = Date.parse(command.heardAt) - Date.parse(command.createdAt)
  if (age > STALE_MS) {
    const message = `this command was written ${Math.round(age / 60_000)} minutes before Lockkeeper could read it`
    return refusal(new UserError('stale_command', message, 'Write it again if it is still meant.'))
  }
  const meant = commands.find(({ name }) => name === spoken.name)
  if (meant === undefined) throw new Error(`no command ${spoken.name}`)
  const mistake = optionMistake(spoken.options, meant)
  if (mistake !== undefined) return { kind: 'mistaken', ...mistake }
  if (command.issue !== undefined && meant.spots?.includes('issue') === false) {
    const hint = 'Write it on the pull request of the model, or on a promotion pull request.'
    return { kind: 'mistaken', message: `\`/${meant.name}\` is not for issues, and was not run`, hint }
  }
  try {
    const decision = await meant.decide(command, spoken, deps)
    if (decision.kind === 'willing' && decision.isBegun !== true)
      await refuseOvertaken(command, spoken, { commands, deps })
    return decision
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return refusal(error)
  }
}

/** What somebody wrote wrongly is a mistake, and refuses nothing. */
export function refusal(error: UserError, rules: readonly RuleVerdict[] = []): Decision {
  const { code, message, hint } = error
  if (code === 'usage' || code === 'ambiguous') return { kind: 'mistaken', message, hint }
  return { kind: 'refused', code, message, hint, rules }
}

/** An earlier run of the same command proposed it, before a crash. */
export const proposedAlready = (promotion: string, { line }: SpokenCommand): Decision => ({
  kind: 'willing',
  rules: [],
  isBegun: true,
  would: () => 'It was proposed by this command already.',
  carryOut: async () => ({ kind: 'promotion', line, promotion }),
})

/** The decision as it is kept with the comment; of one that is willing, as a dry run tells it. */
export function outcomeOf(decision: Decision, line: string): CommandOutcome {
  switch (decision.kind) {
    case 'refused': {
      const { rules, ...refused } = decision
      return { ...refused, line, details: rules.length === 0 ? undefined : renderRules(rules) }
    }
    case 'willing':
      return { kind: 'answered', line, markdown: dryRun(decision) }
    default:
      return { ...decision, line }
  }
}

const dryRun = ({ would, rules }: Extract<Decision, { kind: 'willing' }>): string =>
  rules.length === 0 ? would() : `${would()}\n\n${renderRules(rules)}`

/**
 * How a slash command is declared: parser, usage line, refusal of unknown options, `/help`, docs/commands.md and shell completion all
 * come from it. The declarations are in src/handlers/commands/, the parser is command.ts.
 */
import { closest } from './closest.ts'

export type CommandArgument = {
  /** Completion offers the names of environments and models. */
  readonly kind: 'environment' | 'model' | 'release' | 'gate' | 'baseline' | 'duration' | 'text'
  /** As the usage line calls it; absent: its kind. */
  readonly name?: string
  readonly optional?: true
  /** The word before it: `to <version or release>`. */
  readonly after?: string
}

export type CommandOption = {
  /** Without its dashes. */
  readonly name: string
  /** What follows it (`reason`); absent: it stands alone. */
  readonly value?: string
  readonly summary: string
}

/** Where a command makes sense. */
export type CommandSpot = 'pull request' | 'promotion pull request' | 'issue'

export type CommandGrammar = {
  /** Without its slash. */
  readonly name: string
  readonly arguments: readonly CommandArgument[]
  /** Without `--dry-run`. Every other one is a mistake, since an option that is not obeyed may have been a safety. */
  readonly options: readonly CommandOption[]
  /** It changes something, and so has `--dry-run`. */
  readonly changes: boolean
}

/** What people are told of it; Markdown. */
export type CommandDefinition = CommandGrammar & {
  readonly spots: readonly CommandSpot[]
  readonly summary: string
  readonly who: string
  readonly examples: readonly string[]
}

const DRY_RUN: CommandOption = { name: 'dry-run', summary: 'Says what it would do, and does nothing.' }

/** All options, `--dry-run` among them where it changes something. */
export function optionsOf({ options, changes }: Pick<CommandGrammar, 'options' | 'changes'>): readonly CommandOption[] {
  return changes ? [DRY_RUN, ...options] : options
}

/** `/rollback [environment] [model] [to <version or release>] [--dry-run]` */
export function usageOf(command: CommandGrammar): string {
  return [`/${command.name}`, ...command.arguments.map(argumentUsage), ...optionsOf(command).map(optionUsage)].join(' ')
}

function argumentUsage({ kind, name = kind, optional, after }: CommandArgument): string {
  // Brackets alone say it where that is one word.
  const shown = optional && after === undefined && !name.includes(' ') ? name : `<${name}>`
  const whole = after === undefined ? shown : `${after} ${shown}`
  return optional ? `[${whole}]` : whole
}

const optionUsage = (option: CommandOption): string => `[${optionWords(option)}]`

/** `--force "<reason>"`. The value in quotes, since it may be several words. */
export function optionWords({ name, value }: Pick<CommandOption, 'name' | 'value'>): string {
  return value === undefined ? `--${name}` : `--${name} "<${value}>"`
}

/** What is wrong with the options as typed; undefined when nothing is. May quote in backticks. */
export function optionMistake(
  typed: ReadonlyMap<string, string | true>,
  command: CommandGrammar,
): { readonly message: string; readonly hint: string } | undefined {
  const known = optionsOf(command)
  const usage = `Usage: \`${usageOf(command)}\`.`
  for (const [name, value] of typed) {
    const option = known.find((each) => each.name === name)
    if (option === undefined) {
      const meant = closest(
        name,
        known.map((each) => each.name),
      )
      const hint = meant === undefined ? usage : `Did you mean \`--${meant}\`? Nothing was done.`
      return { message: `\`/${command.name}\` has no option \`--${name}\``, hint }
    }
    if (option.value === undefined && value !== true)
      return { message: `\`--${name}\` stands alone, without a value`, hint: usage }
    if (option.value !== undefined && (value === true || value.trim() === ''))
      return { message: `\`--${name}\` needs a ${option.value}`, hint: `Write \`${optionWords(option)}\`. ${usage}` }
  }
  return undefined
}

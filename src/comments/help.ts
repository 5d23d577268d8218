/** The answer to `/help`, and docs/commands.md: both rendered from the one list of commands in src/handlers/commands/index.ts. */
import {
  type CommandDefinition,
  type CommandOption,
  type CommandSpot,
  optionsOf,
  optionWords,
  usageOf,
} from '../domain/command-grammar.ts'
import { code, codeBlock, details, plain, table } from './markdown.ts'

/** What is configured in the model repository, for the names that a command may say. */
export type HelpEnvironment = {
  readonly name: string
  readonly models: readonly string[]
  /** Who may deploy there, in words. */
  readonly deployers: string
}

/** Markdown. The commands are those that make sense where it was asked; no environments: nothing is known of them yet. */
export function renderHelp(
  commands: readonly CommandDefinition[],
  environments: readonly HelpEnvironment[] = [],
): string {
  const rows = commands.map((command) => [code(usageOf(command), 300), command.summary, command.who])
  const here = environments.map(({ name, models, deployers }) => [
    code(name),
    plain(models.join(', ') || '–'),
    plain(deployers),
  ])
  return [
    'One command per line, at the start of a line. Commands in quotes or code do nothing, and neither do edits.',
    table(['Command', 'Does', 'Who may'], 'lll', rows),
    ...(here.length === 0 ? [] : [table(['Environment', 'Models', 'Who may deploy'], 'lll', here)]),
    details('Examples', codeBlock(commands.flatMap(({ examples }) => examples).join('\n'))),
  ].join('\n\n')
}

const INTRODUCTION = `# Commands

<!-- Written by \`npm run docs\` from src/handlers/commands/; change it there. -->

Written in a comment on a pull request of the model repository, or on a promotion pull request. One command per line, at the start of a line; several lines are run in order and stop at the first refusal. Quotes, code, HTML and edits never run anything.

In the usage lines, \`<…>\` is needed and \`[…]\` may be left out. A value of several words stands in quotes. Every command that changes something has \`--dry-run\`: it decides all the same, says every rule with its evidence, and does nothing. [\`lockkeeper simulate\`](guides/simulate.md) asks the same from a terminal, for anybody.
`

/** The documentation page. */
export function renderCommandsPage(commands: readonly CommandDefinition[]): string {
  return [INTRODUCTION, ...commands.map(section)].join('\n')
}

function section(command: CommandDefinition): string {
  const options = optionsOf(command).map(optionLine)
  const parts = [
    `## /${command.name}`,
    `\`${usageOf(command)}\``,
    command.summary,
    `Who may: ${command.who}.`,
    `Where: ${command.spots.map((spot) => SPOTS[spot]).join(', ')}.`,
    ...(options.length === 0 ? [] : [options.join('\n')]),
    codeBlock(command.examples.join('\n')),
  ]
  return `${parts.join('\n\n')}\n`
}

const optionLine = (option: CommandOption): string => `- \`${optionWords(option)}\`: ${option.summary}`

const SPOTS: { readonly [Spot in CommandSpot]: string } = {
  'pull request': 'pull requests of the model repository',
  'promotion pull request': 'promotion pull requests',
  issue: 'issues labelled for operations',
}

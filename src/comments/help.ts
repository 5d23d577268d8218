/** The answer to `/help`, and docs/commands.md: both rendered from the one list of commands in src/handlers/commands/index.ts. */
import { code, table } from './markdown.ts'

export type CommandHelp = {
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly who: string
  readonly examples: readonly string[]
}

export function renderHelp(commands: readonly CommandHelp[]): string {
  const rows = commands.map(({ usage, summary, who }) => [code(usage, 200), summary, who])
  return `One command per line, at the start of a line. Commands in quotes or code do nothing, and neither do edits.\n\n${table(['Command', 'Does', 'Who may'], 'lll', rows)}`
}

/** The documentation page. */
export function renderCommandsPage(commands: readonly CommandHelp[]): string {
  const sections = commands.map(
    ({ name, usage, summary, who, examples }) =>
      `## /${name}\n\n\`${usage}\`\n\n${summary} Who may: ${who}.\n\n${examples.map((example) => `- \`${example}\``).join('\n')}`,
  )
  return `# Commands\n\nWritten in a comment on a pull request of the model repository, or on a promotion pull request. One command per line, at the start of a line; several lines are run in order and stop at the first refusal. Quotes, code, HTML and edits never run anything.\n\n${sections.join('\n\n')}\n`
}

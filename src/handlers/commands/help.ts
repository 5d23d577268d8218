/** `/help`: the list of commands, from the list itself. What it says of this repository is services/describe-help.ts. */
import type { CommandDefinition } from '../../domain/command-grammar.ts'
import { describeHelp } from '../../services/describe-help.ts'
import { type Command, EVERYBODY } from './command.ts'

/** `others` is every command but this one. */
export function createHelp(others: readonly CommandDefinition[]): Command {
  const help: CommandDefinition = {
    name: 'help',
    arguments: [],
    options: [],
    changes: false,
    spots: ['pull request', 'promotion pull request', 'issue'],
    summary: 'Lists the commands that make sense where it is asked, and who may deploy what.',
    who: EVERYBODY,
    examples: ['/help'],
  }
  return { ...help, decide: (command, _, deps) => describeHelp(command, [...others, help], deps) }
}

/** `/help`: the list of commands, from the list itself. */
import { type CommandHelp, renderHelp } from '../../comments/help.ts'
import type { Command } from './command.ts'

/** `others` is every command but this one. */
export function createHelp(others: readonly CommandHelp[]): Command {
  const help: CommandHelp = {
    name: 'help',
    usage: '/help',
    summary: 'Lists the commands.',
    who: 'everybody who can comment',
    examples: ['/help'],
  }
  return {
    ...help,
    decide: async () => ({ kind: 'answered', markdown: renderHelp([...others, help]) }),
  }
}

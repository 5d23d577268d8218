/** What a slash command is. Each command is one file here; the list is index.ts. */

import type { CommandHelp } from '../../comments/help.ts'
import { closest } from '../../domain/closest.ts'
import { UserError } from '../../domain/failure.ts'
import type { DecideCommand } from '../../services/decide-command.ts'

/** Help is part of the definition, so that `/help` and docs/commands.md cannot differ from what runs. */
export type Command = CommandHelp & {
  /** The `--options` it understands; every other one is a mistake, since an option that is not obeyed may have been a safety. */
  readonly options?: readonly string[]
  readonly decide: DecideCommand
}

/** The command, refusing options that it does not understand. */
export function strictly(command: Command): Command {
  const known = command.options ?? []
  return {
    ...command,
    decide: async (record, spoken, deps) => {
      const strange = [...spoken.options.keys()].find((option) => !known.includes(option))
      if (strange === undefined) return command.decide(record, spoken, deps)
      const meant = closest(strange, known)
      const hint =
        meant === undefined ? `Usage: \`${command.usage}\`.` : `Did you mean \`--${meant}\`? Nothing was done.`
      throw new UserError('usage', `\`/${command.name}\` has no option \`--${strange}\``, hint)
    },
  }
}

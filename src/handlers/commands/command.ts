/** What a slash command is. Each command is one file here; the list is index.ts. */
import type { CommandDefinition } from '../../domain/command-grammar.ts'
import type { DecidableCommand } from '../../services/decide-command.ts'

/** What is told of it is part of the definition, so that `/help` and docs/commands.md cannot differ from what runs. */
export type Command = CommandDefinition & DecidableCommand

/** Who may, where nothing else is said. */
export const DEPLOYERS =
  "the environment's `deployers`; without that list, people with write access to both repositories"

export const EVERYBODY = 'everybody who can comment'

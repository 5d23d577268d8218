/** What a slash command is. Each command is one file here; the list is index.ts. */
import type { CommandHelp } from '../../comments/help.ts'
import type { RunCommand } from '../../services/answer-command.ts'

/** Help is part of the definition, so that `/help` and docs/commands.md cannot differ from what runs. */
export type Command = CommandHelp & { readonly run: RunCommand }

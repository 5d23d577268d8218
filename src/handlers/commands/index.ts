/** COMMANDS: the one list of slash commands. Parser, `/help` and docs/commands.md come from it. */
import { type Command, strictly } from './command.ts'
import { deploy } from './deploy.ts'
import { createHelp } from './help.ts'
import { lock } from './lock.ts'
import { rollback } from './rollback.ts'
import { status } from './status.ts'
import { unlock } from './unlock.ts'

const SPOKEN: readonly Command[] = [deploy, rollback, status, lock, unlock]

export const COMMANDS: readonly Command[] = [...SPOKEN, createHelp(SPOKEN)].map(strictly)

/** For parsers: the words that are commands. */
export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name)

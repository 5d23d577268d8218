/** COMMANDS: the one list of slash commands. Parser, `/help`, docs/commands.md and completion come from it. */
import { approve } from './approve.ts'
import { canary } from './canary.ts'
import { cancel } from './cancel.ts'
import type { Command } from './command.ts'
import { compare } from './compare.ts'
import { deploy } from './deploy.ts'
import { createHelp } from './help.ts'
import { lock } from './lock.ts'
import { override } from './override.ts'
import { promote } from './promote.ts'
import { rollback } from './rollback.ts'
import { status } from './status.ts'
import { unlock } from './unlock.ts'

const SPOKEN: readonly Command[] = [
  deploy,
  rollback,
  canary,
  promote,
  compare,
  status,
  lock,
  unlock,
  approve,
  cancel,
  override,
]

export const COMMANDS: readonly Command[] = [...SPOKEN, createHelp(SPOKEN)]

/** Commands that cannot be carried out for reasons that are nobody's refusal: tried again for a while by the queue, then answered. Used by answer-command.ts. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import type { Deps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'

/** As long as a command may be old when it is read: what it meant may be gone. */
const PATIENCE_MS = 15 * 60_000

const HINT =
  'Write it again if it is still meant, once that is settled. What it had begun is not undone; `/status` shows it.'

/** What the person is told instead of yet another attempt; undefined while there is still time for one. */
export function givenUp(
  error: unknown,
  { heardAt }: Pick<CommandRecord, 'heardAt'>,
  { clock }: Pick<Deps, 'clock'>,
): UserError | undefined {
  if (clock.now().getTime() - Date.parse(heardAt) < PATIENCE_MS) return undefined
  if (!(error instanceof SystemUnavailable))
    return new UserError('internal', 'this could not be carried out, for a mistake of Lockkeeper’s', HINT)
  const code = error.system.startsWith('MLflow') ? 'mlflow_unavailable' : 'system_unavailable'
  return new UserError(code, `tried for ${PATIENCE_MS / 60_000} minutes and given up: ${error.message}`, HINT)
}

/** GitHub's lists lag behind writes by seconds: what a lost answer may have made, and is not listed, may be there all the same. Used by whatever looks for its own work before making it. */
import { SystemUnavailable } from '../domain/failure.ts'
import type { Clock } from './ports.ts'

/** Two seconds until it is sent (turns.ts), ten that GitHub gives a request before it ends it, and what its lists lag. */
const LIST_LAG_MS = 20_000

/** Throws SystemUnavailable, so that the run is repeated, while what was intended at `intendedAt` and was not found may still show. */
export function requireListed(intendedAt: string, clock: Clock): void {
  const rest = Date.parse(intendedAt) + LIST_LAG_MS - clock.now().getTime()
  if (rest <= 0) return
  const retryAfterSeconds = Math.ceil(rest / 1000)
  throw new SystemUnavailable('GitHub', 'what was written last may not be listed yet', { retryAfterSeconds })
}

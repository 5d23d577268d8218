/** GitHub's lists lag behind writes by seconds: what a lost answer may have made, and is not listed, may be there all the same. Used by whatever looks for its own work before making it. */
import { SystemUnavailable } from '../domain/failure.ts'
import { GITHUB_CLOCK_MS } from '../domain/github-clock.ts'
import type { Clock } from './ports.ts'

/** Two seconds until it is sent (turns.ts), ten that GitHub gives a request before it ends it, and what its lists lag. */
const LIST_LAG_MS = 20_000

/** Another replica may have dated it, by a clock that is no further from ours than either is from GitHub's. */
const REPLICAS_APART_MS = GITHUB_CLOCK_MS

/** From when on each is waited for, by one clock: of one's own from the intention, of others' from the first look in vain. */
const waitedFrom = new WeakMap<Clock, Map<string, number>>()
const MOST_REMEMBERED = 1000

function remember(intendedAt: string, from: number, clock: Clock): void {
  const known = waitedFrom.get(clock) ?? new Map<string, number>()
  if (known.size >= MOST_REMEMBERED) known.clear()
  waitedFrom.set(clock, known.set(intendedAt, from))
}

/** When something is intended: now. To be kept before it is made. */
export function intendedNow(clock: Clock): string {
  const now = clock.now()
  remember(now.toISOString(), now.getTime(), clock)
  return now.toISOString()
}

/**
 * For how many milliseconds `enough` are waited for since `intendedAt`. What another process dated (this one before a crash, too) is waited for from the first look on,
 * unless it is old by any clock.
 */
function waitedFor(intendedAt: string, enough: number, clock: Clock): number {
  const now = clock.now().getTime()
  if (now - Date.parse(intendedAt) >= REPLICAS_APART_MS + enough) return enough
  const from = waitedFrom.get(clock)?.get(intendedAt)
  if (from === undefined) remember(intendedAt, now, clock)
  return now - (from ?? now)
}

/** When to look again for what was dated `intendedAt`, after the next of these times (milliseconds, rising); undefined when all have passed. */
export function lookAfter(intendedAt: string, times: readonly number[], clock: Clock): Date | undefined {
  const waited = waitedFor(intendedAt, Math.max(...times), clock)
  const next = times.find((time) => time > waited)
  return next === undefined ? undefined : new Date(clock.now().getTime() + next - waited)
}

/** For how many milliseconds what was intended at `intendedAt`, and was not found, may still show; 0 or less: it was not made. */
export const restUntilListed = (intendedAt: string, clock: Clock): number =>
  LIST_LAG_MS - waitedFor(intendedAt, LIST_LAG_MS, clock)

/** Throws SystemUnavailable, so that the run is repeated, while it may still show. */
export function requireListed(intendedAt: string, clock: Clock): void {
  const rest = restUntilListed(intendedAt, clock)
  if (rest <= 0) return
  const retryAfterSeconds = Math.ceil(rest / 1000)
  throw new SystemUnavailable('GitHub', 'what was written last may not be listed yet', { retryAfterSeconds })
}

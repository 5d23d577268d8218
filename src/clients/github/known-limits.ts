/** What GitHub's answers last said of the hourly limits, for operators (src/web/metrics.ts). call.ts hears them; the budget itself is rate-budget.ts's. */
import type { RateFacts } from './rate-budget.ts'

/** Of one installation, or of the App itself. `resetAt` is in milliseconds by our clock. */
export type KnownLimit = Pick<RateFacts, 'resource' | 'limit' | 'remaining' | 'resetAt'> & {
  readonly installation: number | 'app'
}

export type KnownLimits = {
  heard(installation: number | 'app', facts: RateFacts): void
  /** Those whose hour is not over at `now` as they were heard, the others as whole again: nobody has asked since. */
  all(now: number): readonly KnownLimit[]
}

export function createKnownLimits(): KnownLimits {
  const known = new Map<string, KnownLimit>()
  return {
    heard: (installation, { resource, limit, remaining, resetAt }) => {
      known.set(`${installation} ${resource}`, { installation, resource, limit, remaining, resetAt })
    },
    all: (now) => [...known.values()].map((each) => (each.resetAt > now ? each : { ...each, remaining: each.limit })),
  }
}

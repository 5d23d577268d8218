/** From single observations to "verified": every check must hold, without a break, for the whole of `for`, before `within` ends. */

import { formatDuration } from './duration.ts'
import type { Evidence } from './promotion.ts'
import type { Milliseconds } from './settings.ts'

export type VerificationState = {
  readonly syncedAt: Date
  /** Since when every check has held; undefined when one did not at the last look. */
  readonly holdingSince: Date | undefined
  /** When every check was looked at last; undefined before the first look. */
  readonly lookedAt: Date | undefined
  /** How long nobody looked since the sync, as of the last look. */
  readonly unwatched: Milliseconds
  readonly within: Milliseconds
  readonly for: Milliseconds
}

/** Between two looks lie seconds; more than this means that nobody was there to look. */
const GAP_MS = 3 * 60_000

/**
 * The state with the time in which nobody looked taken out: what was not seen proves nothing, so that holding begins
 * anew, and the deadline moves by as much, since the bot's own absence is no failure of the release.
 */
export function withoutGap(state: VerificationState, now: Date): VerificationState {
  const gap = now.getTime() - (state.lookedAt ?? state.syncedAt).getTime()
  if (gap <= GAP_MS) return state
  return { ...state, holdingSince: undefined, unwatched: state.unwatched + gap }
}

export type VerificationVerdict =
  | { readonly kind: 'verified' }
  | { readonly kind: 'holding'; readonly since: Date; readonly until: Date }
  | { readonly kind: 'not-holding'; readonly deadline: Date }
  | { readonly kind: 'failed'; readonly reason: string }

/** `fatal` is a failure that no waiting mends (a model that cannot be loaded). */
export function assessVerification(
  state: VerificationState,
  look: { readonly evidence: readonly Evidence[]; readonly fatal: string | undefined; readonly now: Date },
): VerificationVerdict {
  if (look.fatal !== undefined) return { kind: 'failed', reason: look.fatal }
  const deadline = new Date(state.syncedAt.getTime() + state.within + state.unwatched)
  const holds = look.evidence.every((one) => one.verdict === 'holds')
  const since = holds ? (state.holdingSince ?? look.now) : undefined
  if (since !== undefined) {
    const until = new Date(since.getTime() + state.for)
    if (until <= look.now) return { kind: 'verified' }
    if (until <= deadline) return { kind: 'holding', since, until }
    return {
      kind: 'failed',
      reason: `cannot hold for ${formatDuration(state.for)} before the deadline of ${formatDuration(state.within)}`,
    }
  }
  if (look.now.getTime() + state.for > deadline.getTime()) {
    const failing = look.evidence.filter((one) => one.verdict !== 'holds')
    const seen = failing.map((one) => `${one.seen}, wanted ${one.wanted}`).join('; ')
    return {
      kind: 'failed',
      reason: `not verified within ${formatDuration(state.within)}: ${failing.length} of ${look.evidence.length} checks did not hold (${seen})`,
    }
  }
  return { kind: 'not-holding', deadline }
}

/** n of m looks: are enough of the newest `of` looks good? Fewer looks than `of` decide only when the answer cannot change. */
export function enough(
  looks: readonly boolean[],
  rule: { readonly successes: number; readonly of: number },
): 'yes' | 'no' | 'unknown' {
  const newest = looks.slice(-rule.of)
  const good = newest.filter(Boolean).length
  if (good >= rule.successes) return 'yes'
  return newest.length - good > rule.of - rule.successes ? 'no' : 'unknown'
}

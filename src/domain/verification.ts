/**
 * From single looks to "verified": every check must hold, without a break, for the whole of `for`, before `within` ends.
 * Time counts as it was watched, so that neither the bot's absence nor a clock that jumps verifies or fails anything.
 * The looks themselves: src/services/run-checks.ts.
 */
import { formatDuration } from './duration.ts'
import type { Evidence } from './promotion.ts'
import type { Milliseconds } from './settings.ts'

/** Between two looks, where the configuration says nothing. */
export const EVERY: Milliseconds = 15_000

export type VerificationState = {
  readonly syncedAt: Date
  /** Since when no check has failed to hold; undefined when one did at the last look. */
  readonly holdingSince: Date | undefined
  /** When every check was looked at last; undefined before the first look. */
  readonly lookedAt: Date | undefined
  /** What of the time since the sync does not count; negative where the clock went back. */
  readonly unwatched: Milliseconds
  readonly within: Milliseconds
  readonly for: Milliseconds
  /** Between two looks, as configured. */
  readonly every: Milliseconds
}

/** More than this after the look that was due means that nobody was there to look. So far back goes what is another replica's clock: those are up to two minutes apart. */
const GAP_MS = 3 * 60_000

export type Resumed = {
  readonly state: VerificationState
  /** Nobody looked for so long that what was seen before it proves nothing about now. */
  readonly wasAway: boolean
  /** What counts as now, in the time of these instants: it stands still where another replica, whose clock is ahead, has looked. */
  readonly now: Date
}

/**
 * The state as this look finds it. After an absence holding begins anew, and the deadline moves so far that as much time is
 * left as before it began: what nobody saw is no failure of the release. A clock that went back takes all instants with it,
 * unless it may be another replica's: these look in turn, and each step forward again would count as watched.
 * What did not hold before an absence pays for it as for one look, so that there is an end also where every look comes late.
 */
export function resumed(state: VerificationState, at: Date): Resumed {
  const { holdingSince, every } = state
  const last = state.lookedAt ?? state.syncedAt
  const isReplica = at < last && last.getTime() - at.getTime() <= GAP_MS
  const now = isReplica ? last : at
  const elapsed = now.getTime() - last.getTime()
  if (elapsed >= 0 && elapsed <= Math.max(GAP_MS, 2 * every)) return { state, wasAway: false, now }
  if (holdingSince === undefined) {
    return { state: { ...state, unwatched: state.unwatched + elapsed - every }, wasAway: elapsed > 0, now }
  }
  if (elapsed < 0) {
    const since = new Date(holdingSince.getTime() + elapsed)
    return { state: { ...state, holdingSince: since, unwatched: state.unwatched + elapsed }, wasAway: false, now }
  }
  const lost = now.getTime() - holdingSince.getTime()
  return { state: { ...state, holdingSince: undefined, unwatched: state.unwatched + lost }, wasAway: true, now }
}

export type VerificationVerdict =
  | { readonly kind: 'verified' }
  | { readonly kind: 'holding'; readonly since: Date; readonly until: Date }
  | { readonly kind: 'not-holding'; readonly deadline: Date }
  | {
      readonly kind: 'failed'
      /** `seen`: a check saw what is wrong. `unknown`: none did, some had nothing to see. `fatal`: no waiting would mend it. */
      readonly because: 'seen' | 'unknown' | 'fatal'
      readonly reason: string
    }

/** `fatal` is a failure that no waiting mends (a model that cannot be loaded). */
export function assessVerification(
  state: VerificationState,
  look: { readonly evidence: readonly Evidence[]; readonly fatal: string | undefined; readonly now: Date },
): VerificationVerdict {
  const { evidence, fatal, now } = look
  if (fatal !== undefined) return { kind: 'failed', because: 'fatal', reason: fatal }
  const deadline = new Date(state.syncedAt.getTime() + state.within + state.unwatched)
  const isBroken = evidence.some(({ verdict }) => verdict === 'fails' || verdict === 'no_data')
  if (isBroken) {
    const isOver = now.getTime() + state.for >= deadline.getTime()
    return isOver ? notVerified(state, evidence) : { kind: 'not-holding', deadline }
  }
  const isOpen = evidence.some(({ verdict }) => verdict === 'pending')
  const since = state.holdingSince ?? now
  const until = new Date(since.getTime() + state.for)
  if (until <= now && !isOpen) return { kind: 'verified' }
  if (until > deadline || now >= deadline) return notVerified(state, evidence)
  return { kind: 'holding', since, until: until > now ? until : deadline }
}

function notVerified(state: VerificationState, evidence: readonly Evidence[]): VerificationVerdict {
  const within = formatDuration(state.within)
  const failing = evidence.filter(({ verdict }) => verdict === 'fails')
  const unknown = evidence.filter(({ verdict }) => verdict === 'no_data')
  const pending = evidence.filter(({ verdict }) => verdict === 'pending')
  const open = [...failing, ...unknown, ...pending]
  const list = open.map(({ seen, wanted }) => `${seen}, wanted ${wanted}`).join('; ')
  const of = evidence.length
  if (failing.length > 0) {
    const reason = `not verified within ${within}: ${open.length} of ${of} checks did not hold (${list})`
    return { kind: 'failed', because: 'seen', reason }
  }
  if (unknown.length > 0) {
    const reason = `not verified within ${within}: no data for ${unknown.length} of ${of} checks (${list})`
    return { kind: 'failed', because: 'unknown', reason }
  }
  if (pending.length > 0) {
    const reason = `not verified within ${within}: ${pending.length} of ${of} checks came to no end (${list})`
    return { kind: 'failed', because: 'unknown', reason }
  }
  const reason = `cannot hold for ${formatDuration(state.for)} before the deadline of ${within}`
  return { kind: 'failed', because: 'seen', reason }
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

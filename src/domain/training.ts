/** Has training finished? Decided from the checks on the head; services/refresh-comparison.ts asks. */

/** What the decision needs of a check run or commit status (services/ports.ts `CheckState` fits). */
export type TrainingCheck = {
  readonly name: string
  readonly appId: number | undefined
  readonly state: 'pending' | 'success' | 'failure' | 'neutral'
}

export type TrainingQuestion = {
  readonly checks: readonly TrainingCheck[]
  /** The configured check; undefined: every other app's checks on the head. */
  readonly name: string | undefined
  /** Our own checks never count: we would wait for ourselves. */
  readonly ownAppId: number
  /** How long a metric that is not there is pending, in milliseconds. */
  readonly within: number
  /** When the head was first seen. */
  readonly since: Date
  readonly now: Date
}

export type TrainingState =
  /** `for` names the checks that have not ended; empty: none has reported yet. */
  | { readonly kind: 'waiting'; readonly for: readonly string[]; readonly until: Date }
  /** `failed` names the checks that ended badly. Runs that are still at work are waited for until `until`, and no longer once `isLate`. */
  | { readonly kind: 'finished'; readonly failed: readonly string[]; readonly until: Date; readonly isLate: boolean }
  | { readonly kind: 'timed_out'; readonly for: readonly string[] }

/** Waits for the named check (or for every other app's checks), at most `within` after the head appeared. */
export function trainingState(question: TrainingQuestion): TrainingState {
  const others = question.checks.filter((check) => check.appId !== question.ownAppId)
  const { name } = question
  const meant = name === undefined ? others : others.filter((check) => isCheckNamed(check.name, name))
  const waiting = meant.filter((check) => check.state === 'pending').map((check) => check.name)
  const until = new Date(question.since.getTime() + question.within)
  const isLate = question.now >= until
  if (meant.length > 0 && waiting.length === 0) {
    const failed = meant.filter((check) => check.state === 'failure').map((check) => check.name)
    return { kind: 'finished', failed, until, isLate }
  }
  const missing = meant.length === 0 && name !== undefined ? [name] : waiting
  return isLate ? { kind: 'timed_out', for: missing } : { kind: 'waiting', for: missing, until }
}

/** Is this the configured check? GitHub Actions reports the jobs of a matrix as `train (1)`, those of a reusable workflow as `train / fit`. */
export function isCheckNamed(check: string, name: string): boolean {
  const found = check.toLowerCase()
  const wanted = name.toLowerCase()
  return found === wanted || found.startsWith(`${wanted} (`) || found.startsWith(`${wanted} / `)
}

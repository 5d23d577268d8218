/** What a comparison found, per model and per pull request, as comments/ renders it and a release keeps it. Made by services/compare-model.ts. */
import type { ChangedParameter } from './changed-parameters.ts'
import type { Comparison, ComparisonVerdict } from './comparison.ts'
import type { ErrorCode } from './failure.ts'
import { type GateSummary, NO_GATES } from './gate-summary.ts'
import type { CommitSha, ModelName } from './ids.ts'
import type { OutsideGate } from './outside-gate.ts'

/** A run that a person can look at; `url` is absent for files. */
export type RunReference = { readonly id: string; readonly url: string | undefined }

export type CandidateSide = {
  /** The commit whose runs or file these are. */
  readonly commit: CommitSha
  readonly file: string | undefined
  readonly runs: readonly RunReference[]
  /** Seeds of the group that broke off. */
  readonly failedRuns: number
  /** A newer group of runs of the same commit is still at work. */
  readonly newerRunning: boolean
}

export type BaselineSide = {
  /** How people call it: `champion v11`, `main`. */
  readonly label: string
  /** What it is exactly: `models:/churn/11`, `models/fraud/metrics.json`. */
  readonly reference: string
  readonly url: string | undefined
  readonly runs: readonly RunReference[]
  /** Registered version, where there is one. */
  readonly version: string | undefined
}

/** `refused`: a person has to change something (policy, credentials, file). `after_merge`: judged when the release is made. */
export type ModelVerdict = ComparisonVerdict | 'pending' | 'not_found' | 'unavailable' | 'refused' | 'after_merge'

export type Waiting = {
  readonly for:
    | { readonly kind: 'checks'; readonly names: readonly string[] }
    | { readonly kind: 'runs'; readonly count: number }
  readonly until: Date | undefined
}

/** One release that was the champion: when it was verified (ISO instant), its version or short commit, and its metrics. */
export type TrendPoint = {
  readonly at: string
  readonly label: string
  readonly metrics: Readonly<Record<string, number>>
}

export type ModelReport = {
  readonly model: ModelName
  readonly verdict: ModelVerdict
  /** undefined where there was nothing to judge: pending, unavailable, refused, after_merge. */
  readonly comparison: Comparison | undefined
  readonly gates: GateSummary
  readonly candidate: CandidateSide | undefined
  /** undefined: first model, or none configured. */
  readonly baseline: BaselineSide | undefined
  /** MLflow run ids, or `path@sha`: for the release. */
  readonly runs: readonly string[]
  /** The candidate's finite means by metric: for the release. */
  readonly metrics: Readonly<Record<string, number>>
  /** Digests of the candidate's data. */
  readonly dataDigests: readonly string[]
  readonly baselineDataDigests: readonly string[]
  /** Parameters that all seeds of a side share and that differ between the sides. */
  readonly parametersChanged: readonly ChangedParameter[]
  readonly waiting: Waiting | undefined
  /** Gates that are no metrics: other checks on the head, tests of other tools' reports. `gates` counts them, too. */
  readonly outside: readonly OutsideGate[]
  /** The gated metrics of releases that were live before, oldest first, at most 20; see `TrendPoint`. */
  readonly trend: readonly TrendPoint[]
  /** What a reader should know about the candidate's numbers, one sentence each. */
  readonly notes: readonly string[]
  /** Training checks that ended badly. */
  readonly failedChecks: readonly string[]
  /** The metrics could not be read until `training.within` was over: the check run ends without them, and they are still asked for. */
  readonly isOverdue?: true | undefined
  readonly problem: { readonly code: ErrorCode; readonly message: string; readonly hint: string } | undefined
}

/** A report in which nothing was read or judged yet. */
export function blankReport(model: ModelName): ModelReport {
  return {
    model,
    verdict: 'unjudged',
    comparison: undefined,
    gates: NO_GATES,
    candidate: undefined,
    baseline: undefined,
    runs: [],
    metrics: {},
    dataDigests: [],
    baselineDataDigests: [],
    parametersChanged: [],
    waiting: undefined,
    failedChecks: [],
    notes: [],
    outside: [],
    trend: [],
    problem: undefined,
  }
}

/** The whole pull request. */
export type ComparisonReport = {
  readonly headSha: CommitSha
  readonly isFork: boolean
  /** Empty: no model is touched any more. */
  readonly models: readonly ModelReport[]
  /** The last finished comparison, shown while the moved head is pending. */
  readonly earlier: { readonly headSha: CommitSha; readonly sections: string } | undefined
}

/** What the check run says: it fails when any model fails, and is not completed while any is open. */
export function conclusionOf(models: readonly ModelReport[]): 'success' | 'failure' | 'neutral' | 'in_progress' {
  if (models.some(isFailing)) return 'failure'
  if (models.some(isOpen)) return 'in_progress'
  return models.some((model) => model.gates.verdict === 'pass') ? 'success' : 'neutral'
}

export function isFailing(report: ModelReport): boolean {
  return report.gates.verdict === 'fail' || report.verdict === 'refused'
}

/** A system does not answer: what it holds is asked for until it does. */
export function isHidden({ verdict, outside }: ModelReport): boolean {
  return verdict === 'unavailable' || outside.some((gate) => gate.isHidden === true)
}

/** Fails for what was seen, whatever an outage hides. */
export function failsAllTheSame({ verdict, comparison, outside }: ModelReport): boolean {
  const seen = outside.filter((gate) => gate.required && gate.isHidden !== true)
  return (
    verdict === 'refused' ||
    (comparison?.gates.failing.length ?? 0) > 0 ||
    seen.some((gate) => gate.verdict === 'fail' || gate.verdict === 'missing')
  )
}

/** May still become something by itself. An outage is waited for like training: then the check run ends without the metrics. */
export function isOpen(report: ModelReport): boolean {
  const isAwaited = report.verdict === 'pending' || (report.verdict === 'unavailable' && report.isOverdue !== true)
  return isAwaited || report.gates.verdict === 'pending'
}

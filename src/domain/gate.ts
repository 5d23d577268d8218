/** Gates: one rule set over one metric, judged. Which metrics there are and how they changed: comparison.ts. */
import type { GateSpec, Tolerance } from './settings.ts'
import type { Summary } from './statistics.ts'

/** What one side has of one metric, over all its seeds. One seed that is not finite spoils the metric: a mean would hide it. */
export type Measured =
  | { readonly kind: 'measured'; readonly summary: Summary }
  | { readonly kind: 'not_finite'; readonly value: number; readonly n: number }
  | { readonly kind: 'absent' }

/** One gate waived for one head by a person. */
export type Waiver = { readonly gate: string; readonly by: string; readonly reason: string }

/** `missing`: absent, NaN or infinite on the candidate. `pending`: absent while training still runs. */
export type GateVerdict = 'pass' | 'fail' | 'missing' | 'waived' | 'pending'

export type RuleOutcome =
  | 'pass'
  | 'fail'
  /** Beyond the tolerance, but not distinguishable from chance: passes. */
  | 'within_noise'
  /** There is no baseline at all: passes. */
  | 'first_model'
  /** The baseline has no finite value of this metric: passes. */
  | 'not_in_baseline'

/** What told a regression from noise. */
export type RegressionTest =
  /**
   * Welch's test: both sides have several runs. `p` is the two-sided p of this metric alone. `adjusted` decides: of the metric
   * being worse, corrected by Holm over the `family`, all tested regression gates of the model; 1 where it is not worse.
   */
  | { readonly kind: 'welch'; readonly p: number; readonly adjusted: number; readonly family: number }
  /** One side has a single run, which has no spread: the tolerance alone decides. */
  | { readonly kind: 'tolerance_only' }

export type RuleResult = {
  readonly rule: 'min' | 'max' | 'max_regression'
  readonly outcome: RuleOutcome
  /** Of `max_regression` where both sides have the metric, whatever the outcome. */
  readonly test: RegressionTest | undefined
}

export type GateResult = {
  /** As configured. Of a pattern, `spec.metric` is the pattern; the slice is the name of the row. */
  readonly spec: GateSpec
  readonly verdict: GateVerdict
  /** Empty when the candidate has no finite value. */
  readonly rules: readonly RuleResult[]
  /** Set when the verdict is `waived`: by whom, why, and what it would be. */
  readonly waived: (Waiver & { readonly instead: 'fail' | 'missing' }) | undefined
}

/** The usual level of the test that tells a regression from noise. */
export const SIGNIFICANCE = 0.05

export type GateQuestion = {
  readonly spec: GateSpec
  readonly candidate: Measured
  readonly baseline: Measured
  /** There is no baseline at all. */
  readonly firstModel: boolean
  /** Absent where a side lacks the metric. */
  readonly test: RegressionTest | undefined
  /** The level that an adjusted p must be below to be no noise. */
  readonly significance: number
  readonly waiver: Waiver | undefined
  /** Training has not finished: an absent metric may still come. */
  readonly trainingWaits: boolean
}

/** Judges one gate. Absolute rules hold whatever the baseline; a candidate without a finite value fails closed. */
export function judgeGate(question: GateQuestion): GateResult {
  const { spec, candidate, waiver } = question
  if (candidate.kind === 'absent' && question.trainingWaits) {
    return { spec, verdict: 'pending', rules: [], waived: undefined }
  }
  const rules = candidate.kind === 'measured' ? judgeRules(candidate.summary, question) : []
  const verdict =
    candidate.kind !== 'measured' ? 'missing' : rules.some((rule) => rule.outcome === 'fail') ? 'fail' : 'pass'
  if (verdict === 'pass' || waiver === undefined) return { spec, verdict, rules, waived: undefined }
  return { spec, verdict: 'waived', rules, waived: { ...waiver, instead: verdict } }
}

function judgeRules(candidate: Summary, question: GateQuestion): readonly RuleResult[] {
  const { min, max, maxRegression } = question.spec
  const results: RuleResult[] = []
  if (min !== undefined) results.push(bound('min', exceeds(min, candidate.mean)))
  if (max !== undefined) results.push(bound('max', exceeds(candidate.mean, max)))
  if (maxRegression !== undefined) {
    const outcome = judgeRegression(maxRegression, candidate, question)
    results.push({ rule: 'max_regression', outcome, test: question.test })
  }
  return results
}

function bound(rule: 'min' | 'max', isBroken: boolean): RuleResult {
  return { rule, outcome: isBroken ? 'fail' : 'pass', test: undefined }
}

function judgeRegression(tolerance: Tolerance, candidate: Summary, question: GateQuestion): RuleOutcome {
  const { spec, baseline, test, significance } = question
  if (question.firstModel) return 'first_model'
  if (baseline.kind !== 'measured') return 'not_in_baseline'
  const before = baseline.summary.mean
  const drop = spec.goal === 'maximize' ? before - candidate.mean : candidate.mean - before
  const allowed = tolerance.kind === 'percent' ? tolerance.value * Math.abs(before) : tolerance.value
  if (drop <= allowed + rounding(before, candidate.mean)) return 'pass'
  return test?.kind === 'welch' && test.adjusted >= significance ? 'within_noise' : 'fail'
}

/** Whether a mean is beyond a limit by more than rounding. */
export function exceeds(value: number, limit: number): boolean {
  return value - limit > rounding(value, limit)
}

/** Means of decimal fractions are off in the last digits: 0.70 − 0.69 is more than 0.01 in binary. */
function rounding(a: number, b: number): number {
  return 1e-12 * Math.max(Math.abs(a), Math.abs(b))
}

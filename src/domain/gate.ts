/** Gates: one rule set over one metric, judged. Which metrics there are and how they changed: comparison.ts. */
import type { GateSpec } from './settings.ts'
import { type Summary, welchP } from './statistics.ts'

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

export type RuleResult = { readonly rule: 'min' | 'max' | 'max_regression'; readonly outcome: RuleOutcome }

export type GateResult = {
  readonly spec: GateSpec
  readonly verdict: GateVerdict
  /** Empty when the candidate has no finite value. */
  readonly rules: readonly RuleResult[]
  /** Set when the verdict is `waived`: by whom, why, and what it would be. */
  readonly waived: (Waiver & { readonly instead: 'fail' | 'missing' }) | undefined
}

/** The level of the test that tells a regression from noise. */
export const SIGNIFICANCE = 0.05

// Means of decimal fractions are off in the last digits: 0.70 − 0.69 is more than 0.01 in binary.
const ROUNDING = 1e-12

export type GateQuestion = {
  readonly spec: GateSpec
  readonly candidate: Measured
  readonly baseline: Measured
  /** There is no baseline at all. */
  readonly firstModel: boolean
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

function judgeRules(candidate: Summary, { spec, baseline, firstModel }: GateQuestion): readonly RuleResult[] {
  const results: RuleResult[] = []
  if (spec.min !== undefined) {
    results.push({ rule: 'min', outcome: exceeds(spec.min, candidate.mean) ? 'fail' : 'pass' })
  }
  if (spec.max !== undefined) {
    results.push({ rule: 'max', outcome: exceeds(candidate.mean, spec.max) ? 'fail' : 'pass' })
  }
  if (spec.maxRegression !== undefined) {
    results.push({ rule: 'max_regression', outcome: judgeRegression(spec, candidate, { baseline, firstModel }) })
  }
  return results
}

function judgeRegression(
  spec: GateSpec,
  candidate: Summary,
  { baseline, firstModel }: { readonly baseline: Measured; readonly firstModel: boolean },
): RuleOutcome {
  if (firstModel) return 'first_model'
  if (baseline.kind !== 'measured' || spec.maxRegression === undefined) return 'not_in_baseline'
  const before = baseline.summary
  const drop = regression(spec.goal, candidate, before)
  const { kind, value } = spec.maxRegression
  const allowed = kind === 'percent' ? value * Math.abs(before.mean) : value
  const slack = ROUNDING * Math.max(Math.abs(before.mean), Math.abs(candidate.mean))
  if (drop <= allowed + slack) return 'pass'
  const p = welchP(candidate, before)
  return p === undefined || p < SIGNIFICANCE ? 'fail' : 'within_noise'
}

/** How far the candidate is worse, in the metric's unit; negative when it is better. */
function regression(goal: GateSpec['goal'], candidate: Summary, baseline: Summary): number {
  return goal === 'maximize' ? baseline.mean - candidate.mean : candidate.mean - baseline.mean
}

function exceeds(value: number, limit: number): boolean {
  return value - limit > ROUNDING * Math.max(Math.abs(value), Math.abs(limit))
}

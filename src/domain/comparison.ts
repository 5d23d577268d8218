/** Candidate against baseline: every metric, every gate, one verdict. Pure; where the numbers come from: services/read-metrics.ts. */
import {
  exceeds,
  type GateResult,
  judgeGate,
  type Measured,
  type RegressionTest,
  SIGNIFICANCE,
  type Waiver,
} from './gate.ts'
import { expandGates, isGatePattern, type MetricGate } from './gate-pattern.ts'
import { type GateSummary, summariseGates } from './gate-summary.ts'
import { canonicalMetricName, type Metrics, parseMetricName } from './metric.ts'
import { type MetricSample, type Sides, sampleMetrics } from './metric-samples.ts'
import type { GateSpec } from './settings.ts'
import { holm, welchP } from './statistics.ts'

/**
 * `changed`: no gate says which direction is good. `same`: equal, or not distinguishable from chance; what tells is the test of
 * the row's regression gate, else `delta.p`, else, with a single run, the numbers themselves.
 */
export type Change = 'better' | 'worse' | 'same' | 'changed' | 'new' | 'gone' | 'unknown'

export type MetricRow = {
  /** As the gate spells it, else as the source does; of a gate over a pattern the slice's canonical name, `auc/segment=eu`. */
  readonly name: string
  readonly base: string
  readonly slice: string | undefined
  readonly goal: GateSpec['goal'] | undefined
  readonly candidate: Measured
  readonly baseline: Measured
  /** Candidate minus baseline; `percent` is of the baseline and absent when that is 0; `p` (two-sided, of this metric alone) where both sides have several seeds. */
  readonly delta:
    | { readonly absolute: number; readonly percent: number | undefined; readonly p: number | undefined }
    | undefined
  readonly change: Change
  readonly gate: GateResult | undefined
}

/**
 * How the candidate compares over its gated metrics. `unjudged`: no gated metric is on both sides.
 *
 * It never contradicts a gate: a regression gate that fails makes its row `worse`, and so the verdict `worse` or `mixed`; one
 * that passes as noise makes it `same`. It may say more than the gates do: `worse` with every gate passed is a drop that is
 * real, or of single runs, and within what the team tolerates. Slices that only a pattern gates count where their regression
 * gate fails, or where there is nothing else: of a hundred slices some are always better and some worse.
 */
export type ComparisonVerdict = 'better' | 'worse' | 'mixed' | 'same' | 'first' | 'unjudged'

export type Comparison = {
  readonly rows: readonly MetricRow[]
  readonly verdict: ComparisonVerdict
  readonly gates: GateSummary
}

export type ComparisonInput = {
  /** One entry per seed. */
  readonly candidate: readonly Metrics[]
  /** undefined: there is no baseline yet (first model). */
  readonly baseline: readonly Metrics[] | undefined
  readonly gates: readonly GateSpec[]
  /** Those of this head. A slice that a pattern gates is waived by its own name. */
  readonly waivers: readonly Waiver[]
  /** The level of the tests of a model, over all its regression gates together; default 0.05. */
  readonly significance?: number
  /** Training has not finished: an absent metric is pending. Default false. */
  readonly trainingWaits?: boolean
}

/** Compares; rows come gates first in the configuration's order, then the other metrics by name. */
export function compareMetrics(input: ComparisonInput): Comparison {
  const significance = input.significance ?? SIGNIFICANCE
  const samples = sampleMetrics({ candidate: input.candidate, baseline: input.baseline ?? [] })
  const gates = expandGates(input.gates, samples.keys())
  const gated = gates.map((gate) => ({
    gate,
    metric: found({ ...(samples.get(gate.key) ?? NOWHERE), name: gate.name }),
  }))
  const taken = new Set(gates.map((gate) => gate.key))
  const others = [...samples].filter(([key]) => !taken.has(key)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const rows = [
    ...judgeGates(gated, { ...input, significance }),
    ...others.map(([, sample]) => ungatedRow(found(sample), significance)),
  ]
  return {
    rows,
    verdict: verdictOf(rows, input.baseline === undefined),
    gates: summariseGates(rows.flatMap(({ name, gate }) => judged(name, gate))),
  }
}

type Found = Omit<MetricRow, 'goal' | 'change' | 'gate'>
type Gated = { readonly gate: MetricGate; readonly metric: Found }

const NOWHERE: Sides<Measured> = { candidate: { kind: 'absent' }, baseline: { kind: 'absent' } }

function found(sample: MetricSample): Found {
  return { ...sample, ...parseMetricName(sample.name), delta: deltaOf(sample) }
}

function deltaOf({ candidate, baseline }: Sides<Measured>): MetricRow['delta'] {
  if (candidate.kind !== 'measured' || baseline.kind !== 'measured') return undefined
  const before = baseline.summary.mean
  const after = candidate.summary.mean
  // What only rounding made is no difference: 0.1 + 0.2 against 0.3.
  const absolute = exceeds(after, before) || exceeds(before, after) ? after - before : 0
  const percent = before === 0 ? undefined : (absolute / Math.abs(before)) * 100
  return { absolute, percent, p: welchP(candidate.summary, baseline.summary) }
}

/** Judges all gates, the regressions among them by one family of tests. */
function judgeGates(
  gated: readonly Gated[],
  input: ComparisonInput & { readonly significance: number },
): readonly MetricRow[] {
  const waivers = new Map(input.waivers.map((waiver) => [canonicalMetricName(waiver.gate), waiver]))
  const family = gated.filter(
    ({ gate, metric }) => gate.spec.maxRegression !== undefined && metric.delta?.p !== undefined,
  )
  const worse = adjustedFor('worse', family)
  const better = adjustedFor('better', family)
  return gated.map((entry) => {
    const { gate, metric } = entry
    const { spec, key } = gate
    const { goal } = spec
    const direction = directionOf(metric, goal)
    const test = regressionTest(entry, { adjusted: worse.get(entry), family: family.length })
    const p = test?.kind === 'welch' ? (direction === 'worse' ? worse : better).get(entry) : metric.delta?.p
    const result = judgeGate({
      spec,
      ...metric,
      test,
      firstModel: input.baseline === undefined,
      significance: input.significance,
      waiver: waivers.get(key),
      trainingWaits: input.trainingWaits ?? false,
    })
    return { ...metric, goal, change: unlessNoise(direction, p, input.significance), gate: result }
  })
}

/**
 * The p-values of "this metric is worse" (or better), corrected over the family. Of a metric that went the other way it is 1,
 * not small: else an improvement of one metric could make another one fail.
 */
function adjustedFor(direction: Change, family: readonly Gated[]): ReadonlyMap<Gated, number> {
  const pValues = family.map(({ gate, metric }) =>
    directionOf(metric, gate.spec.goal) === direction ? (metric.delta?.p ?? 1) : 1,
  )
  const adjusted = holm(pValues)
  return new Map(family.map((entry, index) => [entry, adjusted[index] ?? 1]))
}

function regressionTest(
  { gate, metric: { delta } }: Gated,
  { adjusted, family }: { readonly adjusted: number | undefined; readonly family: number },
): RegressionTest | undefined {
  if (gate.spec.maxRegression === undefined || delta === undefined) return undefined
  return delta.p === undefined || adjusted === undefined
    ? { kind: 'tolerance_only' }
    : { kind: 'welch', p: delta.p, adjusted, family }
}

function ungatedRow(metric: Found, significance: number): MetricRow {
  const change = unlessNoise(directionOf(metric, undefined), metric.delta?.p, significance)
  return { ...metric, goal: undefined, change, gate: undefined }
}

/** Which way the numbers went, by more than rounding. */
function directionOf({ candidate, baseline }: Found, goal: MetricRow['goal']): Change {
  if (candidate.kind === 'absent') return baseline.kind === 'absent' ? 'unknown' : 'gone'
  if (candidate.kind !== 'measured') return 'unknown'
  if (baseline.kind !== 'measured') return baseline.kind === 'absent' ? 'new' : 'unknown'
  const isMore = exceeds(candidate.summary.mean, baseline.summary.mean)
  const isLess = exceeds(baseline.summary.mean, candidate.summary.mean)
  if (!isMore && !isLess) return 'same'
  if (goal === undefined) return 'changed'
  return isMore === (goal === 'maximize') ? 'better' : 'worse'
}

function unlessNoise(direction: Change, p: number | undefined, significance: number): Change {
  return p !== undefined && p >= significance ? 'same' : direction
}

function verdictOf(rows: readonly MetricRow[], firstModel: boolean): ComparisonVerdict {
  return firstModel ? 'first' : (verdictOver(decidingRows(rows)) ?? 'unjudged')
}

/** The rows that the verdict is over; see `ComparisonVerdict`. */
export function decidingRows(rows: readonly MetricRow[]): readonly MetricRow[] {
  const gated = rows.filter((row) => row.gate !== undefined)
  const deciding = gated.filter(decides)
  return verdictOver(deciding) === undefined ? gated : deciding
}

function decides({ gate }: MetricRow): boolean {
  if (gate === undefined || !isGatePattern(gate.spec.metric)) return true
  return gate.rules.some(({ rule, outcome }) => rule === 'max_regression' && outcome === 'fail')
}

function verdictOver(rows: readonly MetricRow[]): ComparisonVerdict | undefined {
  const changes = new Set(rows.map((row) => row.change))
  if (changes.has('better')) return changes.has('worse') ? 'mixed' : 'better'
  if (changes.has('worse')) return 'worse'
  return changes.has('same') ? 'same' : undefined
}

function judged(name: string, gate: GateResult | undefined): Parameters<typeof summariseGates>[0] {
  return gate === undefined ? [] : [{ name, verdict: gate.verdict, required: gate.spec.required }]
}

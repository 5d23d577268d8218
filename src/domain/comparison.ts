/** Candidate against baseline: every metric, every gate, one verdict. Pure; where the numbers come from: services/read-metrics.ts. */
import { type GateResult, judgeGate, type Measured, SIGNIFICANCE, type Waiver } from './gate.ts'
import { type GateSummary, summariseGates } from './gate-summary.ts'
import { canonicalMetricName, type Metrics, parseMetricName } from './metric.ts'
import type { GateSpec } from './settings.ts'
import { summarise, welchP } from './statistics.ts'

/** `changed`: no gate says which direction is good. `same`: equal, or not distinguishable from chance. */
export type Change = 'better' | 'worse' | 'same' | 'changed' | 'new' | 'gone' | 'unknown'

export type MetricRow = {
  /** As the gate spells it, else as the source does. */
  readonly name: string
  readonly base: string
  readonly slice: string | undefined
  readonly goal: GateSpec['goal'] | undefined
  readonly candidate: Measured
  readonly baseline: Measured
  /** Candidate minus baseline; `percent` is of the baseline and absent when that is 0; `p` where both sides have several seeds. */
  readonly delta:
    | { readonly absolute: number; readonly percent: number | undefined; readonly p: number | undefined }
    | undefined
  readonly change: Change
  readonly gate: GateResult | undefined
}

/** How the candidate compares over its gated metrics. `unjudged`: no gated metric is on both sides. */
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
  readonly waivers: readonly Waiver[]
  /** Training has not finished: an absent metric is pending. Default false. */
  readonly trainingWaits?: boolean
}

/** Compares; rows come gates first in the configuration's order, then the other metrics by name. */
export function compareMetrics(input: ComparisonInput): Comparison {
  const candidate = collect(input.candidate)
  const baseline = collect(input.baseline ?? [])
  const gated = new Set(input.gates.map((gate) => canonicalMetricName(gate.metric)))
  const others = new Map<string, string>()
  for (const [key, { name }] of [...baseline, ...candidate]) if (!gated.has(key)) others.set(key, name)
  const sides = (key: string) => ({ candidate: measure(candidate.get(key)), baseline: measure(baseline.get(key)) })
  const rows = [
    ...input.gates.map((gate) => gatedRow(gate, sides(canonicalMetricName(gate.metric)), input)),
    ...[...others]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, name]) => row(name, sides(key), { goal: undefined, gate: undefined })),
  ]
  return { rows, verdict: verdictOf(rows, input.baseline === undefined), gates: summariseGates(rows.flatMap(judged)) }
}

type Sides = { readonly candidate: Measured; readonly baseline: Measured }
type Collected = ReadonlyMap<string, { readonly name: string; readonly values: readonly number[] }>

function collect(runs: readonly Metrics[]): Collected {
  const found = new Map<string, { name: string; values: number[] }>()
  // Seeds use the same names over and over: each is taken apart once.
  const byName = new Map<string, number[]>()
  for (const run of runs) {
    for (const [name, value] of run) {
      const known = byName.get(name)
      if (known !== undefined) {
        known.push(value)
        continue
      }
      const key = canonicalMetricName(name)
      const entry = found.get(key) ?? { name, values: [] }
      entry.values.push(value)
      found.set(key, entry)
      byName.set(name, entry.values)
    }
  }
  return found
}

function measure(collected: { readonly values: readonly number[] } | undefined): Measured {
  if (collected === undefined) return { kind: 'absent' }
  const odd = collected.values.find((value) => !Number.isFinite(value))
  if (odd !== undefined) return { kind: 'not_finite', value: odd, n: collected.values.length }
  const summary = summarise(collected.values)
  return summary === undefined ? { kind: 'absent' } : { kind: 'measured', summary }
}

function gatedRow(spec: GateSpec, sides: Sides, input: ComparisonInput): MetricRow {
  const key = canonicalMetricName(spec.metric)
  const gate = judgeGate({
    spec,
    ...sides,
    firstModel: input.baseline === undefined,
    waiver: input.waivers.find((waiver) => canonicalMetricName(waiver.gate) === key),
    trainingWaits: input.trainingWaits ?? false,
  })
  return row(spec.metric, sides, { goal: spec.goal, gate })
}

function row(name: string, sides: Sides, judged: Pick<MetricRow, 'goal' | 'gate'>): MetricRow {
  const delta = deltaOf(sides)
  return { name, ...parseMetricName(name), ...sides, ...judged, delta, change: changeOf(sides, delta, judged.goal) }
}

function deltaOf({ candidate, baseline }: Sides): MetricRow['delta'] {
  if (candidate.kind !== 'measured' || baseline.kind !== 'measured') return undefined
  const before = baseline.summary.mean
  const absolute = candidate.summary.mean - before
  const percent = before === 0 ? undefined : (absolute / Math.abs(before)) * 100
  return { absolute, percent, p: welchP(candidate.summary, baseline.summary) }
}

function changeOf({ candidate, baseline }: Sides, delta: MetricRow['delta'], goal: MetricRow['goal']): Change {
  if (delta === undefined) {
    if (candidate.kind === 'absent') return baseline.kind === 'absent' ? 'unknown' : 'gone'
    return candidate.kind === 'measured' && baseline.kind === 'absent' ? 'new' : 'unknown'
  }
  if (delta.absolute === 0 || (delta.p !== undefined && delta.p >= SIGNIFICANCE)) return 'same'
  if (goal === undefined) return 'changed'
  return delta.absolute > 0 === (goal === 'maximize') ? 'better' : 'worse'
}

function verdictOf(rows: readonly MetricRow[], firstModel: boolean): ComparisonVerdict {
  if (firstModel) return 'first'
  const changes = new Set(rows.flatMap((entry) => (entry.gate === undefined ? [] : [entry.change])))
  if (changes.has('better')) return changes.has('worse') ? 'mixed' : 'better'
  if (changes.has('worse')) return 'worse'
  return changes.has('same') ? 'same' : 'unjudged'
}

function judged({ name, gate }: MetricRow): Parameters<typeof summariseGates>[0] {
  return gate === undefined ? [] : [{ name, verdict: gate.verdict, required: gate.spec.required }]
}

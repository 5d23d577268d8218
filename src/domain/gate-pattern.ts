/** Gates over every slice of a metric: `auc/segment=*`. Which gate holds for which metric; how it is judged: gate.ts. */
import { canonicalMetricName, parseMetricName } from './metric.ts'
import type { GateSpec } from './settings.ts'

/** A gate over one metric that is there, or that should be. */
export type MetricGate = {
  readonly spec: GateSpec
  /** What people call it: the metric as the gate spells it; of a pattern the slice, or the pattern itself where it has none. */
  readonly name: string
  /** The metric's canonical name. */
  readonly key: string
}

/** Whether a gate's metric stands for several. */
export function isGatePattern(metric: string): boolean {
  return metric.includes('*')
}

/** What a pattern's `*` may stand in: the slice, `auc/segment=*` or `auc/*` for all of them. */
export function isSlicePattern(metric: string): boolean {
  const { base, slice } = parsePattern(metric)
  return isGatePattern(slice) && !isGatePattern(base)
}

/**
 * One gate per metric, patterns spread over the slices among `keys` (canonical names). A gate for just this slice beats every
 * pattern, and the pattern with the most literal characters beats others. A pattern without any slice stays, by its own name,
 * so that it is missing instead of silently passed.
 */
export function expandGates(gates: readonly GateSpec[], keys: Iterable<string>): readonly MetricGate[] {
  const patterns = gates.filter((spec) => isGatePattern(spec.metric)).map(readPattern)
  const exact = new Set(gates.map((spec) => canonicalMetricName(spec.metric)))
  const slices = patterns.length === 0 ? new Map<GateSpec, string[]>() : assignSlices(patterns, exact, keys)
  return gates.flatMap((spec): readonly MetricGate[] => {
    const own = slices.get(spec)
    if (own === undefined) return [{ spec, name: spec.metric, key: canonicalMetricName(spec.metric) }]
    return own.toSorted().map((key) => ({ spec, name: key, key }))
  })
}

/** The slices of each pattern that matches any; none are left where gates that beat it have them all. */
function assignSlices(patterns: readonly Pattern[], exact: ReadonlySet<string>, keys: Iterable<string>) {
  const slices = new Map<GateSpec, string[]>()
  const strongest = patterns.toSorted((a, b) => b.literals - a.literals || (a.key < b.key ? -1 : 1))
  for (const key of keys) {
    const { base, slice } = parseMetricName(key)
    if (slice === undefined) continue
    const [best, ...beaten] = strongest.filter((pattern) => pattern.base === base && matches(slice, pattern.parts))
    if (best === undefined) continue
    for (const { spec } of [best, ...beaten]) if (!slices.has(spec)) slices.set(spec, [])
    if (!exact.has(key)) slices.get(best.spec)?.push(key)
  }
  return slices
}

type Pattern = {
  readonly spec: GateSpec
  readonly key: string
  readonly base: string
  /** The literal texts between the `*`. */
  readonly parts: readonly string[]
  readonly literals: number
}

function readPattern(spec: GateSpec): Pattern {
  const key = canonicalMetricName(spec.metric)
  const { base, slice } = parsePattern(key)
  const parts = slice.split('*')
  return { spec, key, base, parts, literals: parts.join('').length }
}

function parsePattern(metric: string): { readonly base: string; readonly slice: string } {
  const { base, slice } = parseMetricName(metric)
  if (slice !== undefined) return { base, slice }
  // `auc/*` has no `key=` that would make it a slice by itself.
  return metric.endsWith('/*') ? { base: metric.slice(0, -2), slice: '*' } : { base, slice: '' }
}

/** Each `*` is any text, none included. No regular expression: metric names come from outside, and this never backtracks. */
function matches(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop() ?? ''
  if (!text.startsWith(first)) return false
  let position = first.length
  for (const part of rest) {
    const found = text.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return text.length - last.length >= position && text.endsWith(last)
}

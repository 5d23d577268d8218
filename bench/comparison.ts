/**
 * How long 10,000 metrics of 20 runs a side take from numbers to comment and check run. The floor is one pass over the same
 * numbers that does nothing but sum them. `node bench/comparison.ts`
 */
import { cpus } from 'node:os'
import { renderComparison } from '../src/comments/comparison.ts'
import { renderComparisonCheck } from '../src/comments/comparison-check.ts'
import { compareMetrics } from '../src/domain/comparison.ts'
import type { ComparisonReport, ModelReport } from '../src/domain/comparison-report.ts'
import { parseCommitSha, parseModelName } from '../src/domain/ids.ts'
import type { Metrics } from '../src/domain/metric.ts'
import type { GateSpec } from '../src/domain/settings.ts'

const METRICS = 10_000
const RUNS = 20
const GATES = 50
const ROUNDS = 30

const model = parseModelName('churn')
const commit = parseCommitSha('3f9c2e1'.padEnd(40, '0'))
if (model === undefined || commit === undefined) throw new Error('no names')

// Every tenth is a metric, the rest are its slices; the same numbers each time.
const names = Array.from({ length: METRICS }, (_, index) =>
  index % 10 === 0 ? `metric_${index}` : `metric_${index - (index % 10)}/segment=${index % 10}`,
)
const runsOf = (shift: number): readonly Metrics[] =>
  Array.from({ length: RUNS }, (_, run) => new Map(names.map((name, index) => [name, value(index, run) + shift])))
const value = (index: number, run: number): number => 0.5 + ((index * 7919 + run * 104_729) % 1000) / 10_000
const gates: readonly GateSpec[] = names.slice(0, GATES).map((metric) => ({
  metric,
  goal: 'maximize',
  min: 0.5,
  max: undefined,
  maxRegression: { kind: 'percent', value: 0.005 },
  required: true,
}))
const candidate = runsOf(0.001)
const baseline = runsOf(0)

const compared = measure(() => compareMetrics({ candidate, baseline, gates, waivers: [] }))
const comparison = compareMetrics({ candidate, baseline, gates, waivers: [] })
const report: ComparisonReport = {
  headSha: commit,
  isFork: false,
  earlier: undefined,
  models: [reportOf({ model, comparison })],
}
const rendered = measure(() => [renderComparison(report), renderComparisonCheck(report)])
const whole = measure(() => {
  const fresh = compareMetrics({ candidate, baseline, gates, waivers: [] })
  const again = { ...report, models: [reportOf({ model, comparison: fresh })] }
  return [renderComparison(again), renderComparisonCheck(again)]
})
const floor = measure(() => {
  let sum = 0
  for (const side of [candidate, baseline]) for (const run of side) for (const [, number] of run) sum += number
  return sum
})

console.log(`${cpus().length} cores, node ${process.version}, ${METRICS} metrics x ${RUNS} runs a side, ${GATES} gates`)
console.log('                        p50 ms   best ms   best, times the floor')
for (const [what, { p50, best }] of [
  ['floor: summing them', floor],
  ['compare', compared],
  ['comment and check run', rendered],
  ['all', whole],
] as const) {
  const columns = [p50.toFixed(1).padStart(7), best.toFixed(1).padStart(9), (best / floor.best).toFixed(1).padStart(23)]
  console.log(`${what.padEnd(22)} ${columns.join(' ')}`)
}
console.log(`comment: ${renderComparison(report).length} characters`)
// A busy machine is no reason to fail; ten times the promise is.
if (whole.best > 1000) process.exitCode = 1

/** Milliseconds of some rounds after the first ones: the middle one, and the best, which a busy machine disturbs least. */
function measure(work: () => unknown): { readonly p50: number; readonly best: number } {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now()
    work()
    if (round >= ROUNDS / 3) times.push(performance.now() - begin)
  }
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, best: sorted[0] ?? 0 }
}

function reportOf(
  part: Pick<ModelReport, 'model'> & { readonly comparison: NonNullable<ModelReport['comparison']> },
): ModelReport {
  return {
    ...part,
    verdict: part.comparison.verdict,
    gates: part.comparison.gates,
    candidate: undefined,
    baseline: { label: 'champion v11', reference: 'models:/churn/11', url: undefined, runs: [], version: '11' },
    runs: [],
    metrics: {},
    dataDigests: [],
    baselineDataDigests: [],
    parametersChanged: [],
    waiting: undefined,
    outside: [],
    trend: [],
    notes: [],
    failedChecks: [],
    problem: undefined,
  }
}

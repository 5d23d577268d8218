/** How long 10,000 metrics of 20 runs a side take from numbers to comment and check run. */
import { renderComparison } from '../src/comments/comparison.ts'
import { renderComparisonCheck } from '../src/comments/comparison-check.ts'
import { compareMetrics } from '../src/domain/comparison.ts'
import type { ComparisonReport, ModelReport } from '../src/domain/comparison-report.ts'
import { parseCommitSha, parseModelName } from '../src/domain/ids.ts'
import type { Metrics } from '../src/domain/metric.ts'
import type { GateSpec } from '../src/domain/settings.ts'
import { timed } from './numbers.ts'
import type { Section } from './page.ts'

const METRICS = 10_000
const RUNS = 20
const GATES = 50
const ROUNDS = 20

const model = parseModelName('churn') ?? refuse()
const commit = parseCommitSha('3f9c2e1'.padEnd(40, '0')) ?? refuse()

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

/** Promised: all of it within 100 ms. */
export async function comparison(): Promise<Section> {
  const compared = compareMetrics({ candidate, baseline, gates, waivers: [] })
  const report: ComparisonReport = {
    headSha: commit,
    isFork: false,
    earlier: undefined,
    models: [reportOf({ model, comparison: compared })],
  }
  const measured = {
    'floor: summing them': await timed(ROUNDS, () => sumOf([candidate, baseline])),
    compare: await timed(ROUNDS, () => compareMetrics({ candidate, baseline, gates, waivers: [] })),
    'comment and check run': await timed(ROUNDS, () => [renderComparison(report), renderComparisonCheck(report)]),
    all: await timed(ROUNDS, () => {
      const fresh = compareMetrics({ candidate, baseline, gates, waivers: [] })
      const again = { ...report, models: [reportOf({ model, comparison: fresh })] }
      return [renderComparison(again), renderComparisonCheck(again)]
    }),
  }
  return {
    title: `${METRICS.toLocaleString('en-GB')} metrics compared and rendered`,
    about: `Promised: ≤ 100 ms in all. ${RUNS} runs a side, ${GATES} gates. The floor is one pass over the same numbers that does nothing but sum them.`,
    head: ['', 'p50 ms', 'least', 'most'],
    rows: Object.entries(measured).map(([what, { median, min, max }]) => [
      what,
      ...[median, min, max].map((each) => each.toFixed(1)),
    ]),
  }
}

function sumOf(sides: readonly (readonly Metrics[])[]): number {
  let sum = 0
  for (const side of sides) for (const run of side) for (const [, number] of run) sum += number
  return sum
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

function refuse(): never {
  throw new Error('no name')
}

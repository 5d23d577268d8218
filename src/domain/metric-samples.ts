/** All values of every metric of one side, over its runs, summed up. Judged by comparison.ts; the statistics are in statistics.ts. */
import type { Measured } from './gate.ts'
import { canonicalMetricName, type Metrics } from './metric.ts'
import { summarise } from './statistics.ts'

export type MetricSample = {
  /** As the first run that has it spells it. */
  readonly name: string
  readonly measured: Measured
}

type Column = { readonly name: string; readonly start: number; count: number; lastRun: number }

/**
 * Every metric by its canonical name. A run that has one metric in two spellings with different values has no value of it: NaN.
 * Values lie in one block, a column of as many numbers as there are runs for each metric: an array for each of ten thousand
 * metrics takes three times as long.
 */
export function sampleMetrics(runs: readonly Metrics[]): ReadonlyMap<string, MetricSample> {
  const columns = new Map<string, Column>()
  // Runs use the same spellings over and over: each is taken apart once.
  const bySpelling = new Map<string, Column>()
  let block = new Float64Array(runs.length * Math.max(0, ...runs.map((run) => run.size)))
  for (const [index, run] of runs.entries()) {
    for (const [name, value] of run) {
      let column = bySpelling.get(name)
      if (column === undefined) {
        column = columnFor(name, columns, runs.length)
        bySpelling.set(name, column)
        if (column.start + runs.length > block.length) block = enlarged(block, runs.length)
      }
      if (column.lastRun === index) {
        const last = column.start + column.count - 1
        if (block[last] !== value) block[last] = Number.NaN
      } else {
        block[column.start + column.count] = value
        column.count += 1
        column.lastRun = index
      }
    }
  }
  const samples = new Map<string, MetricSample>()
  for (const [key, { name, start, count }] of columns) {
    samples.set(key, { name, measured: measure(block.subarray(start, start + count)) })
  }
  return samples
}

function columnFor(name: string, columns: Map<string, Column>, width: number): Column {
  const key = canonicalMetricName(name)
  const known = columns.get(key)
  if (known !== undefined) return known
  const column: Column = { name, start: columns.size * width, count: 0, lastRun: -1 }
  columns.set(key, column)
  return column
}

function enlarged(block: Float64Array, width: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * block.length + width)
  larger.set(block)
  return larger
}

/** Sorts the values in place: the order in which runs are listed must not change the last digit of a sum. */
function measure(values: Float64Array): Measured {
  values.sort()
  const n = values.length
  // Sorted, what is not finite stands at an end: −∞ first, +∞ and then NaN last.
  const odd = [values.at(-1), values[0]].find((value) => !Number.isFinite(value))
  if (odd !== undefined) return { kind: 'not_finite', value: odd, n }
  const summary = summarise(values)
  if (summary === undefined) return { kind: 'absent' }
  // Numbers next to the largest double have no mean.
  return Number.isFinite(summary.mean) ? { kind: 'measured', summary } : { kind: 'not_finite', value: summary.mean, n }
}

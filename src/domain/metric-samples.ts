/** All values of every metric over the runs of both sides, summed up. Judged by comparison.ts; the statistics are in statistics.ts. */
import type { Measured } from './gate.ts'
import { canonicalMetricName, type Metrics } from './metric.ts'
import { summarise } from './statistics.ts'

/** The runs of both sides, or what they measured of one metric. */
export type Sides<T> = { readonly candidate: T; readonly baseline: T }

export type MetricSample = Sides<Measured> & {
  /** As the first run of the candidate that has it spells it, else as the first of the baseline does. */
  readonly name: string
}

/** Where the values of one metric are: candidate's from `start`, the baseline's from as far behind as the candidate has runs. */
type Column = { readonly name: string; readonly start: number; readonly counts: [number, number]; lastRun: number }

/**
 * Every metric by its canonical name. A run that has one metric in two spellings with different values has no value of it: NaN.
 * Values lie in one block, a column for each metric: an array for each side of ten thousand metrics takes three times as long.
 */
export function sampleMetrics({ candidate, baseline }: Sides<readonly Metrics[]>): ReadonlyMap<string, MetricSample> {
  const runs = [...candidate, ...baseline]
  const columns = new Map<string, Column>()
  // Runs use the same spellings over and over: each is taken apart once.
  const bySpelling = new Map<string, Column>()
  // Runs of one training list the same metrics in the same order: a third of the time would go into looking them up.
  const inOrder: Column[] = []
  let block = new Float64Array(runs.length * Math.max(0, ...runs.map((run) => run.size)))
  for (const [index, run] of runs.entries()) {
    const side = index < candidate.length ? 0 : 1
    const offset = side * candidate.length
    let position = 0
    for (const [name, value] of run) {
      let column = inOrder[position]
      if (column?.name !== name) column = bySpelling.get(name)
      if (column === undefined) {
        column = columnFor(name, columns, runs.length)
        bySpelling.set(name, column)
        if (column.start + runs.length > block.length) block = enlarged(block, runs.length)
      }
      inOrder[position] = column
      position += 1
      const place = column.start + offset + column.counts[side]
      if (column.lastRun === index) {
        if (block[place - 1] !== value) block[place - 1] = Number.NaN
        continue
      }
      block[place] = value
      column.counts[side] += 1
      column.lastRun = index
    }
  }
  const samples = new Map<string, MetricSample>()
  for (const [key, { name, start, counts }] of columns) {
    const measured = (from: number, count: number) => measure(block.subarray(from, from + count))
    samples.set(key, {
      name,
      candidate: measured(start, counts[0]),
      baseline: measured(start + candidate.length, counts[1]),
    })
  }
  return samples
}

function columnFor(name: string, columns: Map<string, Column>, width: number): Column {
  const key = canonicalMetricName(name)
  const known = columns.get(key)
  if (known !== undefined) return known
  const column: Column = { name, start: columns.size * width, counts: [0, 0], lastRun: -1 }
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

/** The comparison that a release was judged by, as it is kept with it and shown on its promotion pull requests: bounded, and safe to be stored as JSON. */
import type { Comparison, MetricRow } from './comparison.ts'
import {
  type BaselineSide,
  blankReport,
  type CandidateSide,
  type ModelReport,
  type ModelVerdict,
  type RunReference,
} from './comparison-report.ts'
import type { Measured } from './gate.ts'
import { type GateSummary, NO_GATES } from './gate-summary.ts'
import type { ModelName } from './ids.ts'
import type { OutsideGate } from './outside-gate.ts'

const ROWS = 50
const OUTSIDE = 20
const NOTES = 5
/** Runs that comments link; of the others the id is enough. */
const LINKED_RUNS = 5

/** JSON has neither NaN nor infinity: as text. */
type KeptSide =
  | Exclude<Measured, { readonly kind: 'not_finite' }>
  | { readonly kind: 'not_finite'; readonly value: 'NaN' | 'Infinity' | '-Infinity'; readonly n: number }

type KeptRow = Omit<MetricRow, 'candidate' | 'baseline'> & {
  readonly candidate: KeptSide
  readonly baseline: KeptSide
}

/** Evidence, not content: it does not change the release's id. */
export type KeptComparison = {
  /** The clause that decided, over all rows: `better than champion v11, all 3 gates pass`. Text, not Markdown. */
  readonly headline: string
  readonly verdict: ModelVerdict
  readonly gates: GateSummary['verdict']
  readonly candidate: CandidateSide | undefined
  readonly baseline: BaselineSide | undefined
  /** What needs attention first, then gated metrics, then the others: at most 50, in the comparison's own order. */
  readonly rows: readonly KeptRow[]
  /** Rows of the comparison that are not kept. */
  readonly rowsLeft: number
  /** Gates that are no metrics, at most 20, chosen in the same way. */
  readonly outside: readonly OutsideGate[]
  readonly outsideLeft: number
  readonly notes: readonly string[]
}

/** What is kept of a report; `headline` as its comment has it. */
export function keepComparison(report: ModelReport, headline: string): KeptComparison {
  const rows = report.comparison?.rows ?? []
  const kept = foremost(rows, ROWS, ({ gate }) => urgency(gate))
  const outside = foremost(report.outside, OUTSIDE, urgency)
  return {
    headline,
    verdict: report.verdict,
    gates: report.gates.verdict,
    candidate: report.candidate && { ...report.candidate, runs: report.candidate.runs.map(linkless) },
    baseline: report.baseline && { ...report.baseline, runs: report.baseline.runs.map(linkless) },
    rows: kept.map(keepRow),
    rowsLeft: rows.length - kept.length,
    outside,
    outsideLeft: report.outside.length - outside.length,
    notes: report.notes.slice(0, NOTES),
  }
}

/** The kept part as a report again, for the code that renders comparisons. Its headline is the kept one: counted over the kept rows it could differ. */
export function keptReport(model: ModelName, kept: KeptComparison): ModelReport {
  const gates = { ...NO_GATES, verdict: kept.gates }
  const comparison: Comparison = { rows: kept.rows.map(restoreRow), verdict: 'unjudged', gates }
  const { verdict, candidate, baseline, outside, notes } = kept
  return { ...blankReport(model), verdict, comparison, gates, candidate, baseline, outside, notes }
}

type Judged = { readonly verdict: string } | undefined

/** 0: fails, is missing or waived; 1: passes; 2: nothing judges it. */
const urgency = (gate: Judged): number => (gate === undefined ? 2 : gate.verdict === 'pass' ? 1 : 0)

/** The `limit` most urgent, in the order in which they came. */
function foremost<T>(all: readonly T[], limit: number, rank: (one: T) => number): readonly T[] {
  const chosen = new Set(all.toSorted((a, b) => rank(a) - rank(b)).slice(0, limit))
  return all.filter((one) => chosen.has(one))
}

const linkless = (run: RunReference, index: number): RunReference =>
  index < LINKED_RUNS ? run : { id: run.id, url: undefined }

function keepRow({ candidate, baseline, delta, ...row }: MetricRow): KeptRow {
  const isNumber = delta !== undefined && Number.isFinite(delta.absolute)
  return {
    ...row,
    candidate: keepSide(candidate),
    baseline: keepSide(baseline),
    delta: isNumber ? { ...delta, percent: finite(delta.percent) } : undefined,
  }
}

function keepSide(side: Measured): KeptSide {
  if (side.kind === 'absent') return side
  if (side.kind === 'measured') {
    const { halfWidth, ...summary } = side.summary
    // Of seeds so far apart that their variance is no number any more.
    return { ...side, summary: { ...summary, variance: undefined, halfWidth: finite(halfWidth) } }
  }
  const value = Number.isNaN(side.value) ? 'NaN' : side.value > 0 ? 'Infinity' : '-Infinity'
  return { ...side, value }
}

const finite = (value: number | undefined): number | undefined => (Number.isFinite(value) ? value : undefined)

const restoreRow = (row: KeptRow): MetricRow => ({
  ...row,
  candidate: restoreSide(row.candidate),
  baseline: restoreSide(row.baseline),
})

const restoreSide = (side: KeptSide): Measured =>
  side.kind === 'not_finite' ? { ...side, value: Number(side.value) } : side

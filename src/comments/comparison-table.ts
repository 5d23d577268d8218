/** The tables of a comparison: metrics with intervals, change and gate; slices under their metric; what fails comes first. */
import type { MetricRow } from '../domain/comparison.ts'
import type { GateResult, Measured, RuleResult } from '../domain/gate.ts'
import type { GateSpec } from '../domain/settings.ts'
import { decimalsFor, formatLimit, formatNumber, formatP, formatPercent, formatSigned } from './comparison-number.ts'
import { code, plain, table } from './markdown.ts'

/** Metrics without a gate that stand in the main table. */
const BASE_ROWS = 12

export type SplitRows = {
  readonly main: readonly MetricRow[]
  /** Slices whose gate passes, or that have none, under the rows of their metrics. */
  readonly slices: readonly MetricRow[]
  readonly others: readonly MetricRow[]
}

/** Which rows everybody should see, and which are folded: slices that need nobody's attention, and metrics without a gate beyond the first. */
export function splitRows(rows: readonly MetricRow[]): SplitRows {
  const ungated = rows.filter((row) => row.gate === undefined && row.slice === undefined)
  const shown = new Set(ungated.slice(0, BASE_ROWS))
  const isQuiet = (row: MetricRow): boolean => row.slice !== undefined && rank(row) >= RANK.pass
  const main = rows.filter((row) => !isQuiet(row) && (row.gate !== undefined || shown.has(row)))
  const slices = rows.filter(isQuiet)
  // A model that has slices and nothing else has nothing to fold them under.
  if (main.length === 0) return { main: sortRows(slices), slices: [], others: [] }
  const sliced = new Set(slices.map((row) => row.base))
  return {
    main: sortRows(main),
    slices: slices.length === 0 ? [] : sortRows(rows.filter((row) => isQuiet(row) || isBaseOf(row, sliced))),
    others: ungated.filter((row) => !shown.has(row)),
  }
}

/** Headings of the two sides, Markdown already; `baseline` undefined for a first model, which has neither baseline nor change. */
export type SideNames = { readonly candidate: string; readonly baseline: string | undefined }

export function metricTable(rows: readonly MetricRow[], { candidate, baseline }: SideNames): string {
  const bases = new Set(rows.filter((row) => row.slice === undefined).map((row) => row.base))
  const cells = rows.map((row) => ({ start: [icon(row), nameCell(row, bases.has(row.base))], ...metricCells(row) }))
  return baseline === undefined
    ? table(
        ['', 'Metric', candidate, 'Gate'],
        'clrl',
        cells.map((cell) => [...cell.start, cell.candidate, cell.gate]),
      )
    : table(
        ['', 'Metric', baseline, candidate, 'Δ', 'Gate'],
        'clrrrl',
        cells.map((cell) => [...cell.start, cell.baseline, cell.candidate, cell.delta, cell.gate]),
      )
}

/** What one metric's row says after its name, as Markdown: `code`, `**bold**`, and nothing else. */
export function metricCells(row: MetricRow): {
  readonly baseline: string
  readonly candidate: string
  readonly delta: string
  readonly gate: string
} {
  const decimals = decimalsOf(row)
  return {
    baseline: valueCell(row.baseline, decimals),
    candidate: valueCell(row.candidate, decimals),
    delta: deltaCell(row, decimals),
    gate: row.gate === undefined ? '–' : gateCell(row.gate, row),
  }
}

/** The sign of a gate's verdict; one that is not required warns instead of failing. */
export function gateIcon(verdict: GateResult['verdict'], required: boolean): string {
  if (verdict === 'fail' || verdict === 'missing') return required ? '❌' : '⚠️'
  return { pending: '⏳', waived: '⚠️', pass: '✅' }[verdict]
}

const RANK = { fail: 0, missing: 0, pending: 2, waived: 3, pass: 4 } as const

/** What needs attention first: failing gates, failing ones that are not required, open and waived ones, the rest. */
export function gateRank(verdict: GateResult['verdict'], required: boolean): number {
  return RANK[verdict] === 0 && !required ? 1 : RANK[verdict]
}

function rank({ gate }: MetricRow): number {
  return gate === undefined ? RANK.pass + 1 : gateRank(gate.verdict, gate.spec.required)
}

function isBaseOf(row: MetricRow, sliced: ReadonlySet<string>): boolean {
  return row.slice === undefined && sliced.has(row.base)
}

/** Metrics in the order of their worst row; slices stay under their metric. */
export function sortRows(rows: readonly MetricRow[]): readonly MetricRow[] {
  const groups = [...Map.groupBy(rows, (row) => row.base).values()]
  return groups
    .map((group) => ({
      group,
      rank: group.reduce((worst, row) => Math.min(worst, rank(row)), Number.POSITIVE_INFINITY),
    }))
    .toSorted((a, b) => a.rank - b.rank)
    .flatMap(({ group }) => (group.length === 1 ? group : group.toSorted(withinMetric)))
}

function withinMetric(a: MetricRow, b: MetricRow): number {
  return Number(a.slice !== undefined) - Number(b.slice !== undefined) || rank(a) - rank(b)
}

/** The sign of a row: its gate's, or that nothing judges it. */
export function icon({ gate }: MetricRow): string {
  return gate === undefined ? '➖' : gateIcon(gate.verdict, gate.spec.required)
}

/** ` ↑` where more is better, ` ↓` where less is; nothing where nobody said. */
export function arrowOf({ goal }: MetricRow): string {
  return goal === undefined ? '' : goal === 'maximize' ? ' ↑' : ' ↓'
}

function nameCell(row: MetricRow, underBase: boolean): string {
  const arrow = arrowOf(row)
  return row.slice !== undefined && underBase ? `↳ ${code(row.slice)}${arrow}` : `${code(row.name)}${arrow}`
}

/** Of the values and the change of one metric. */
export function decimalsOf(row: MetricRow): number {
  return decimalsFor(meansOf(row), row.delta?.absolute, excess(row).values)
}

/** ` (−0.50%)`: the change as a share of the baseline, where there is one. */
export function shareOf(row: MetricRow): string {
  const percent = row.delta?.percent
  return percent === undefined || percent === 0 ? '' : ` (${formatPercent(percent, excess(row).percent)})`
}

/** How far the candidate is beyond the limits that it does not keep. */
function excess({ gate, candidate, delta }: MetricRow): {
  readonly values: readonly number[]
  readonly percent?: number
} {
  if (gate === undefined || candidate.kind !== 'measured') return { values: [] }
  const broken = new Set(gate.rules.flatMap(({ rule, outcome }) => (BROKEN.has(outcome) ? [rule] : [])))
  const { min, max, maxRegression } = gate.spec
  const bounds = [broken.has('min') ? min : undefined, broken.has('max') ? max : undefined]
  const values = bounds.flatMap((bound) => (bound === undefined ? [] : [candidate.summary.mean - bound]))
  if (delta === undefined || maxRegression === undefined || !broken.has('max_regression')) return { values }
  const { kind, value } = maxRegression
  if (kind === 'absolute') return { values: [...values, Math.abs(delta.absolute) - value] }
  return delta.percent === undefined ? { values } : { values, percent: Math.abs(delta.percent) - value * 100 }
}

const BROKEN: ReadonlySet<RuleResult['outcome']> = new Set(['fail', 'within_noise'])

function meansOf({ candidate, baseline }: MetricRow): readonly number[] {
  return [candidate, baseline].flatMap((side) => (side.kind === 'measured' ? [side.summary.mean] : []))
}

function valueCell(side: Measured, decimals: number): string {
  if (side.kind === 'absent') return '–'
  if (side.kind === 'not_finite') return `**${formatNumber(side.value, 0)}**`
  const { mean, halfWidth, n } = side.summary
  const value = formatNumber(mean, decimals)
  return halfWidth === undefined ? value : `${value} ±${spreadText(halfWidth, decimals)} (${n})`
}

/** `0.0012`, `<0.0001` where the value's digits do not reach so far, `0` only where all seeds agree. */
function spreadText(halfWidth: number, decimals: number): string {
  if (halfWidth === 0) return '0'
  const unit = 10 ** -decimals
  return halfWidth < unit / 2 ? `<${formatNumber(unit, decimals)}` : formatNumber(halfWidth, decimals)
}

function deltaCell(row: MetricRow, decimals: number): string {
  if (row.delta === undefined) return row.change === 'new' || row.change === 'gone' ? row.change : '–'
  return `${formatSigned(row.delta.absolute, decimals)}${shareOf(row)}`
}

function gateCell(gate: GateResult, row: MetricRow): string {
  const rules = ruleTexts(gate.spec).map(([rule, text]) => {
    const failed = gate.rules.some((result) => result.rule === rule && result.outcome === 'fail')
    return failed ? `**${text}**` : text
  })
  const notes = [gateNote(gate, row), gate.spec.required ? '' : 'optional'].filter((note) => note !== '')
  return [rules.join(', '), ...(notes.length === 0 ? [] : [notes.join(', ')])].join(' — ')
}

/** A gate's rules in words: `≥ 0.8`, `drop ≤ 0.5%`. */
export function ruleTexts(spec: GateSpec): readonly (readonly [RuleResult['rule'], string])[] {
  const texts: (readonly [RuleResult['rule'], string])[] = []
  if (spec.min !== undefined) texts.push(['min', `≥ ${formatLimit(spec.min)}`])
  if (spec.max !== undefined) texts.push(['max', `≤ ${formatLimit(spec.max)}`])
  if (spec.maxRegression !== undefined) {
    const { kind, value } = spec.maxRegression
    const amount = kind === 'percent' ? `${formatLimit(Number((value * 100).toPrecision(12)))}%` : formatLimit(value)
    texts.push(['max_regression', `${spec.goal === 'maximize' ? 'drop' : 'rise'} ≤ ${amount}`])
  }
  return texts
}

function gateNote(gate: GateResult, row: MetricRow): string {
  if (gate.waived !== undefined) return `waived by ${code(gate.waived.by)}: ${plain(gate.waived.reason)}`
  if (gate.verdict === 'pending') return 'not there yet'
  if (gate.verdict === 'missing') {
    const fails = gate.spec.required ? ', fails' : ''
    return row.candidate.kind === 'not_finite' ? `**not a finite number**${fails}` : `**missing**${fails}`
  }
  const outcomes = new Set(gate.rules.map((result) => result.outcome))
  const p = testWords(gate)
  if (outcomes.has('within_noise')) return p === '' ? 'within noise' : `within noise (${p})`
  if (outcomes.has('fail')) return p
  if (outcomes.has('first_model')) return 'first model'
  return outcomes.has('not_in_baseline') ? 'nothing to compare with' : ''
}

/** `p = 0.03 over 4 gates`: the p that decided on a drop beyond its tolerance, corrected where several gates were tested together. */
function testWords({ rules }: GateResult): string {
  const decided = rules.find(
    ({ outcome, test }) => test !== undefined && (outcome === 'fail' || outcome === 'within_noise'),
  )
  if (decided?.test?.kind !== 'welch') return ''
  const { adjusted, family } = decided.test
  return `${formatP(adjusted)}${family > 1 ? ` over ${family} gates` : ''}`
}

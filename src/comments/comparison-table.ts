/** The tables of a comparison: metrics with intervals, change and gate; slices under their metric; what fails comes first. */
import type { MetricRow } from '../domain/comparison.ts'
import type { GateResult, Measured, RuleResult } from '../domain/gate.ts'
import type { GateSpec } from '../domain/settings.ts'
import { decimalsFor, formatLimit, formatNumber, formatP, formatPercent, formatSigned } from './comparison-number.ts'
import { code, plain, table } from './markdown.ts'

/** Which rows a table shows. `gated`: rows with a gate; `decisive`: gates that are not simply passed. */
export type RowSelection = 'all' | 'gated' | 'decisive'

const BASE_ROWS = 12

export type SplitRows = { readonly main: readonly MetricRow[]; readonly folded: readonly MetricRow[] }

/** Gated rows and a few more metrics for the main table; the rest (slices first of all) to be folded. */
export function splitRows(rows: readonly MetricRow[], selection: RowSelection): SplitRows {
  if (selection === 'decisive') return { main: sortRows(rows.filter(isDecisive)), folded: [] }
  const gated = rows.filter((row) => row.gate !== undefined)
  if (selection === 'gated') return { main: sortRows(gated), folded: [] }
  const ungated = rows.filter((row) => row.gate === undefined)
  const shown = new Set(ungated.filter((row) => row.slice === undefined).slice(0, BASE_ROWS))
  return {
    main: sortRows(rows.filter((row) => row.gate !== undefined || shown.has(row))),
    folded: sortRows(ungated.filter((row) => !shown.has(row))),
  }
}

/** `baseline` is the heading of its column, Markdown already; undefined for a first model, which has neither baseline nor change. */
export function metricTable(rows: readonly MetricRow[], baseline: string | undefined): string {
  const bases = new Set(rows.filter((row) => row.slice === undefined).map((row) => row.base))
  const cells = rows.map((row) => {
    const decimals = decimalsFor(meansOf(row), row.delta?.absolute)
    return {
      start: [icon(row), nameCell(row, bases.has(row.base))],
      baseline: valueCell(row.baseline, decimals),
      candidate: valueCell(row.candidate, decimals),
      delta: deltaCell(row, decimals),
      gate: row.gate === undefined ? '–' : gateCell(row.gate, row),
    }
  })
  return baseline === undefined
    ? table(
        ['', 'Metric', 'this PR', 'Gate'],
        'clrl',
        cells.map((cell) => [...cell.start, cell.candidate, cell.gate]),
      )
    : table(
        ['', 'Metric', baseline, 'this PR', 'Δ', 'Gate'],
        'clrrrl',
        cells.map((cell) => [...cell.start, cell.baseline, cell.candidate, cell.delta, cell.gate]),
      )
}

function isDecisive(row: MetricRow): boolean {
  return row.gate !== undefined && row.gate.verdict !== 'pass'
}

/** Metrics in the order of their worst row; slices stay under their metric. */
function sortRows(rows: readonly MetricRow[]): readonly MetricRow[] {
  const groups = new Map<string, MetricRow[]>()
  for (const row of rows) {
    const group = groups.get(row.base)
    if (group === undefined) groups.set(row.base, [row])
    else group.push(row)
  }
  const worst = (group: readonly MetricRow[]): number => Math.min(...group.map(rank))
  return [...groups.values()]
    .map((group) => ({ group, rank: worst(group) }))
    .toSorted((a, b) => a.rank - b.rank)
    .flatMap(({ group }) => group.toSorted((a, b) => Number(a.slice !== undefined) - Number(b.slice !== undefined)))
}

const RANK = { fail: 0, missing: 0, pending: 1, waived: 2, pass: 3 } as const

function rank(row: MetricRow): number {
  return row.gate === undefined ? 4 : RANK[row.gate.verdict]
}

const ICON = { fail: '❌', missing: '❌', pending: '⏳', waived: '⚠️', pass: '✅' } as const

function icon(row: MetricRow): string {
  return row.gate === undefined ? '➖' : ICON[row.gate.verdict]
}

function nameCell(row: MetricRow, underBase: boolean): string {
  const arrow = row.goal === undefined ? '' : row.goal === 'maximize' ? ' ↑' : ' ↓'
  return row.slice !== undefined && underBase ? `↳ ${code(row.slice)}${arrow}` : `${code(row.name)}${arrow}`
}

function meansOf(row: MetricRow): readonly number[] {
  return [row.candidate, row.baseline].flatMap((side) => (side.kind === 'measured' ? [side.summary.mean] : []))
}

function valueCell(side: Measured, decimals: number): string {
  if (side.kind === 'absent') return '–'
  if (side.kind === 'not_finite') return `**${formatNumber(side.value, 0)}**`
  const { mean, halfWidth, n } = side.summary
  const value = formatNumber(mean, decimals)
  return halfWidth === undefined ? value : `${value} ±${formatNumber(halfWidth, decimals)} (${n})`
}

function deltaCell(row: MetricRow, decimals: number): string {
  if (row.delta === undefined) return row.change === 'new' || row.change === 'gone' ? row.change : '–'
  const { absolute, percent } = row.delta
  const share = percent === undefined || percent === 0 ? '' : ` (${formatPercent(percent)})`
  return `${formatSigned(absolute, decimals)}${share}`
}

function gateCell(gate: GateResult, row: MetricRow): string {
  const rules = ruleTexts(gate.spec).map(([rule, text]) => {
    const failed = gate.rules.some((result) => result.rule === rule && result.outcome === 'fail')
    return failed ? `**${text}**` : text
  })
  return [rules.join(', '), gateNote(gate, row)].filter((part) => part !== '').join(' — ')
}

function ruleTexts(spec: GateSpec): readonly (readonly [RuleResult['rule'], string])[] {
  const texts: (readonly [RuleResult['rule'], string])[] = []
  if (spec.min !== undefined) texts.push(['min', `≥ ${formatLimit(spec.min)}`])
  if (spec.max !== undefined) texts.push(['max', `≤ ${formatLimit(spec.max)}`])
  if (spec.maxRegression !== undefined) {
    const { kind, value } = spec.maxRegression
    const amount = kind === 'percent' ? `${formatLimit(Number((value * 100).toPrecision(12)))} %` : formatLimit(value)
    texts.push(['max_regression', `${spec.goal === 'maximize' ? 'drop' : 'rise'} ≤ ${amount}`])
  }
  return texts
}

function gateNote(gate: GateResult, row: MetricRow): string {
  if (gate.waived !== undefined) return `waived by ${code(gate.waived.by)}: ${plain(gate.waived.reason)}`
  if (gate.verdict === 'pending') return 'not there yet'
  if (gate.verdict === 'missing') {
    return row.candidate.kind === 'not_finite' ? '**not a finite number**, fails' : '**missing**, fails'
  }
  const outcomes = new Set(gate.rules.map((result) => result.outcome))
  if (outcomes.has('within_noise'))
    return `within noise${row.delta?.p === undefined ? '' : ` (${formatP(row.delta.p)})`}`
  if (outcomes.has('first_model')) return 'first model'
  return outcomes.has('not_in_baseline') ? 'not in the baseline' : ''
}

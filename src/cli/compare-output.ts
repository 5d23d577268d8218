/** How `lockkeeper compare` tells what it found: a table for people, JSON for programs, Markdown for job summaries. Numbers and words are those of the comment (src/comments/). */
import { renderModel } from '../comments/comparison.ts'
import { arrowOf, icon, metricCells, sortRows } from '../comments/comparison-table.ts'
import { verdictIcon, verdictWords } from '../comments/comparison-words.ts'
import type { MetricRow } from '../domain/comparison.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import type { Measured } from '../domain/gate.ts'
import { paint, printable } from './verb.ts'

type Style = { readonly colours: boolean }

/** The headline, then a line per metric in columns, failing gates first. */
export function asTable(report: ModelReport, { colours }: Style): string {
  const rows = sortRows(report.comparison?.rows ?? [])
  const lines = [HEADINGS(report), ...rows.map(cellsOf)]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ''))))
  const table = lines.map((cells, index) => {
    const line = cells
      .map((cell, column) => pad(cell, widths?.[column] ?? 0, RIGHT.has(column)))
      .join('  ')
      .trimEnd()
    return paint(colourOf(rows[index - 1]), line, colours)
  })
  const notes = report.notes.map((note) => `note: ${printable(note)}`)
  return `${[headline(report), '', ...table, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`
}

/** As in the comment of a pull request, without what only a pull request has. */
export function asMarkdown(report: ModelReport): string {
  return `${renderModel(report)}\n`
}

/** The verdict, the gates by name, and every metric with both sides; numbers that JSON cannot write are the texts `NaN`, `Infinity`, `-Infinity`. */
export function asJson(report: ModelReport): string {
  const { verdict, gates, baseline, runs, parametersChanged, notes } = report
  const metrics = (report.comparison?.rows ?? []).map((row) => ({
    name: row.name,
    goal: row.goal,
    candidate: side(row.candidate),
    baseline: side(row.baseline),
    change: row.change,
    ...(row.delta !== undefined && { delta: row.delta }),
    ...(row.gate !== undefined && {
      gate: { verdict: row.gate.verdict, required: row.gate.spec.required, rules: row.gate.rules },
    }),
  }))
  const document = {
    verdict,
    gates,
    candidate: runs,
    baseline: baseline?.reference,
    metrics,
    parameters_changed: parametersChanged,
    notes,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function side(measured: Measured): unknown {
  if (measured.kind === 'absent') return undefined
  if (measured.kind === 'not_finite') return { n: measured.n, mean: String(measured.value) }
  const { n, mean, halfWidth } = measured.summary
  return { n, mean, ...(halfWidth !== undefined && { half_width: halfWidth }) }
}

const RIGHT = new Set([2, 3, 4])

const HEADINGS = ({ baseline, verdict }: ModelReport): readonly string[] => [
  '',
  'metric',
  printable(verdict === 'first' ? 'baseline' : (baseline?.label ?? 'baseline')),
  'candidate',
  'change',
  'gate',
]

function cellsOf(row: MetricRow): readonly string[] {
  const { baseline, candidate, delta, gate } = metricCells(row)
  return [icon(row), `${printable(row.name)}${arrowOf(row)}`, ...[baseline, candidate, delta, gate].map(unmarked)]
}

const headline = (report: ModelReport): string =>
  `${verdictIcon(report)} ${printable(`${report.model}: ${verdictWords(report)}`)}`

/** Cells hold bold and code, whose marks a terminal would show. */
const unmarked = (markdown: string): string => printable(markdown.replaceAll(/\*\*|`/g, ''))

/** Columns on a screen: the signs of gates are two wide. */
function width(text: string): number {
  return [...text].reduce((sum, character) => sum + (character === '\uFE0F' ? 0 : WIDE.test(character) ? 2 : 1), 0)
}

const WIDE = /\p{Emoji_Presentation}|⚠/u

const pad = (text: string, columns: number, right: boolean): string => {
  const space = ' '.repeat(Math.max(0, columns - width(text)))
  return right ? `${space}${text}` : `${text}${space}`
}

const COLOUR = { fail: '31', missing: '31', pending: '33', waived: '33', pass: '32' } as const

function colourOf(row: MetricRow | undefined): string {
  return row === undefined ? '1' : row.gate === undefined ? '2' : COLOUR[row.gate.verdict]
}

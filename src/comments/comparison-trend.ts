/** The gated metrics of the last champions and of this pull request: a Mermaid chart per metric, or a table of what a chart cannot say. */
import type { ModelReport, TrendPoint } from '../domain/comparison-report.ts'
import { decimalsFor, formatNumber } from './comparison-number.ts'
import { code, details, plain, table } from './markdown.ts'
import { when } from './when.ts'

const CHARTS = 3
const POINTS = 20
const LABEL_LENGTH = 16
/** Of a chart and of a letter of its labels, in pixels. */
const WIDTH = 700
const LETTER_WIDTH = 8
/** Low, and with a line that is seen on light and dark: the colour of Mermaid's own theme is hardly one. */
const INIT = `%%{init: {"xyChart": {"width": ${WIDTH}, "height": 240}, "themeVariables": {"xyChart": {"plotColorPalette": "#2fa36b"}}}}%%`
/** What a chart can place: Mermaid reads no exponents, and more decimals nobody reads. */
const LARGEST = 1e12
const SMALLEST = 1e-6

type Series = {
  readonly name: string
  readonly goal: 'maximize' | 'minimize'
  /** Of the champions in order, then of this pull request; undefined where a release has no such metric. */
  readonly values: readonly (number | undefined)[]
}

/** One folded block, or none where no earlier champion has any gated metric. */
export function trendBlock(report: ModelReport): string | undefined {
  const points = report.trend.slice(-POINTS)
  const series = seriesOf(report, points)
  if (points.length === 0 || series.length === 0) return undefined
  const labels = axisLabels(points)
  const drawn = series.filter(isDrawable)
  const tabled = series.filter((one) => !isDrawable(one))
  return details(
    `Trend: the last ${points.length === 1 ? 'champion' : `${points.length} champions`} and this PR`,
    [
      ...drawn.map((one) => `${sentence(one, points)}\n\n${chart(one, labels)}`),
      ...(tabled.length === 0 ? [] : [trendTable(tabled, points)]),
    ].join('\n\n'),
  )
}

/** The first gated metrics, slices left out: failing ones first, then as configured. */
function seriesOf({ comparison }: ModelReport, points: readonly TrendPoint[]): readonly Series[] {
  const gated = (comparison?.rows ?? []).flatMap(({ name, slice, gate, candidate }) =>
    gate === undefined || slice !== undefined ? [] : [{ name, gate, candidate }],
  )
  const known = gated.filter(({ name }) => points.some(({ metrics }) => Object.hasOwn(metrics, name)))
  const fails = (verdict: string): number => (verdict === 'fail' || verdict === 'missing' ? 0 : 1)
  return known
    .toSorted((a, b) => fails(a.gate.verdict) - fails(b.gate.verdict))
    .slice(0, CHARTS)
    .map(({ name, gate, candidate }) => ({
      name,
      goal: gate.spec.goal,
      values: [
        ...points.map(({ metrics }) => (Object.hasOwn(metrics, name) ? metrics[name] : undefined)),
        candidate.kind === 'measured' ? candidate.summary.mean : undefined,
      ],
    }))
}

function isDrawable({ values }: Series): boolean {
  return values.every((value) => {
    if (value === undefined || !Number.isFinite(value)) return false
    const size = Math.abs(value)
    return size === 0 || (size >= SMALLEST && size < LARGEST)
  })
}

/** What the chart shows, for whoever cannot see it. */
function sentence({ name, goal, values }: Series, points: readonly TrendPoint[]): string {
  const numbers = finite(values)
  const decimals = decimalsOf(numbers)
  const text = (value: number | undefined): string => (value === undefined ? '–' : formatNumber(value, decimals))
  const [oldest] = points
  const newest = points.at(-1)
  const before =
    points.length === 1
      ? `${text(numbers[0])} (${plain(oldest?.label ?? '', 40)})`
      : `from ${text(numbers[0])} (${plain(oldest?.label ?? '', 40)}) to ${text(numbers.at(-2))} (${plain(newest?.label ?? '', 40)})`
  return `${code(name)} ${goal === 'maximize' ? '↑' : '↓'}: ${before}, this PR ${text(numbers.at(-1))}.`
}

function chart({ values }: Series, labels: readonly string[]): string {
  const numbers = finite(values)
  const decimals = Math.min(10, decimalsOf(numbers))
  const low = Math.min(...numbers)
  const high = Math.max(...numbers)
  // A flat line stands in the middle, and no axis has length 0.
  const margin = Math.max(high === low ? Math.abs(high) * 0.1 : (high - low) * 0.1, 10 ** -decimals)
  const fixed = (value: number): string => value.toFixed(decimals + 1)
  return [
    '```mermaid',
    INIT,
    'xychart-beta',
    `    x-axis [${labels.map((label) => `"${label}"`).join(', ')}]`,
    `    y-axis ${fixed(low - margin)} --> ${fixed(high + margin)}`,
    `    line [${numbers.map((value) => value.toFixed(decimals)).join(', ')}]`,
    '```',
  ].join('\n')
}

function trendTable(series: readonly Series[], points: readonly TrendPoint[]): string {
  const decimals = series.map(({ values }) => decimalsOf(finite(values)))
  const cells = (index: number): readonly string[] =>
    series.map(({ values }, column) => {
      const value = values[index]
      return value === undefined ? '–' : formatNumber(value, decimals[column] ?? 0)
    })
  return table(
    ['Release', 'Live since', ...series.map(({ name }) => code(name, 60))],
    `ll${'r'.repeat(series.length)}`,
    [
      ...points.map(({ label, at }, index) => [code(label, 40), plain(when(at)), ...cells(index)]),
      ['this PR', '–', ...cells(points.length)],
    ],
  )
}

const finite = (values: readonly (number | undefined)[]): readonly number[] =>
  values.filter((value) => value !== undefined)

function decimalsOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : decimalsFor(values, Math.max(...values) - Math.min(...values))
}

/** The champions' labels; where those would run into each other, how many champions ago. */
function axisLabels(points: readonly TrendPoint[]): readonly string[] {
  const labels = uniqueLabels(points.map(({ label }) => label))
  const longest = Math.max(...labels.map((label) => label.length))
  const fits = labels.length * (longest * LETTER_WIDTH + LETTER_WIDTH) <= WIDTH
  return [...(fits ? labels : points.map((_, index) => `${index - points.length}`)), 'PR']
}

/** Mermaid places points by their labels: two of one name would be one point. */
function uniqueLabels(labels: readonly string[]): readonly string[] {
  const seen = new Set<string>(['PR'])
  return labels.map((label) => {
    const text = chartText(label, LABEL_LENGTH)
    let unique = text
    for (let copy = 2; seen.has(unique); copy += 1) unique = `${text} (${copy})`
    seen.add(unique)
    return unique
  })
}

/** Letters, digits and marks that mean nothing to Mermaid, not even in quotes. The metric's name stands above the chart. */
function chartText(text: string, maxLength: number): string {
  const kept = text
    .replaceAll(/[^\p{L}\p{N} ._/=:,()+@-]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  if (kept === '') return '?'
  return kept.length <= maxLength ? kept : `${[...kept].slice(0, maxLength - 1).join('')}…`
}

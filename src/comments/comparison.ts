/** The one comparison comment of a pull request. Rendered shorter in steps when it is too long, never cut. The check run: comparison-check.ts. */
import type { MetricRow } from '../domain/comparison.ts'
import { type ComparisonReport, conclusionOf, isFailing, type ModelReport } from '../domain/comparison-report.ts'
import { shortSha } from '../domain/ids.ts'
import { renderMarker } from '../domain/marker.ts'
import { dataBlock, evidence, parameterBlock } from './comparison-evidence.ts'
import { outsideBlocks } from './comparison-outside.ts'
import { metricTable, type SplitRows, splitRows } from './comparison-table.ts'
import { trendBlock } from './comparison-trend.ts'
import { nextWords, verdictIcon, verdictWords } from './comparison-words.ts'
import { COMMENT_LIMIT, code, details, plain, prose, table } from './markdown.ts'

/** How much is shown of each model: rows of the tables that stand open, rows of those that are folded, and the other folded blocks. */
type Length = { readonly open: number; readonly folded: number; readonly extras: boolean }

const ALL = Number.POSITIVE_INFINITY
const EVERYTHING: Length = { open: ALL, folded: ALL, extras: true }
const LENGTHS: readonly Length[] = [
  EVERYTHING,
  { open: ALL, folded: 100, extras: true },
  { open: ALL, folded: 20, extras: false },
  { open: ALL, folded: 0, extras: false },
  { open: 100, folded: 0, extras: false },
  { open: 20, folded: 0, extras: false },
  { open: 5, folded: 0, extras: false },
  { open: 0, folded: 0, extras: false },
]
/** Models of an overview that stands in place of their sections. */
const OVERVIEW_ROWS = [200, 50] as const

/** No row of a table is shorter than this: what cannot fit is not rendered to find out. */
const SHORTEST_ROW = 30

/** The comment's whole body, marker first, at most 65,536 characters. */
export function renderComparison(report: ComparisonReport): string {
  const marker = renderMarker('comparison')
  return `${marker}\n${renderComparisonSections(report, COMMENT_LIMIT - marker.length - 1)}`
}

/** The same without the marker, at most `limit` characters: for the check run's summary, and to be shown again while a moved head is pending. */
export function renderComparisonSections(report: ComparisonReport, limit: number): string {
  const sections = report.models
    .toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a)))
    .map((model) => ({ model, rows: splitRows(model.comparison?.rows ?? []) }))
  const earlier = report.earlier === undefined ? '' : earlierBlock(report, report.earlier)
  for (const length of LENGTHS) {
    if (leastLength(sections, length) > limit) continue
    const text = render(report, sections, length)
    // The older comparison is left out before anything of the new one.
    if (text.length + earlier.length <= limit) return text + earlier
    if (text.length <= limit) return text
  }
  return overview(report.models, limit)
}

/** One model on its own, where there is no pull request and nobody to command: for job summaries. */
export function renderModel(model: ModelReport): string {
  const rows = splitRows(model.comparison?.rows ?? [])
  return [
    heading(model),
    ...metricBlocks(model, rows, { length: EVERYTHING, candidate: 'candidate' }),
    quotedEvidence(model),
    parameterBlock(model),
    dataBlock(model),
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')
}

/** The tables and what they rest on, without a headline: for promotion pull requests. At most `limit` rows in each table; `candidate` heads its column, Markdown already. */
export function renderComparisonTables(
  model: ModelReport,
  { candidate, limit }: { readonly candidate: string; readonly limit: number },
): readonly string[] {
  const rows = splitRows(model.comparison?.rows ?? [])
  const length = { open: limit, folded: limit, extras: false }
  return [
    ...metricBlocks(model, rows, { length, candidate }),
    ...outsideBlocks(model.outside, limit),
    quotedEvidence(model),
  ].filter((part) => part !== '')
}

const quotedEvidence = (model: ModelReport): string =>
  evidence(model)
    .map((line) => `> ${line}`)
    .join('\n>\n')

type Section = { readonly model: ModelReport; readonly rows: SplitRows }

/** Cheap to know, and more than enough for 10,000 metrics to be refused by. */
function leastLength(sections: readonly Section[], { open, folded }: Length): number {
  const shown = sections.map(
    ({ rows: { main, slices, others } }) =>
      Math.min(main.length, open) + Math.min(slices.length, folded) + Math.min(others.length, folded),
  )
  return shown.reduce((sum, rows) => sum + rows, 0) * SHORTEST_ROW
}

function earlierBlock(report: ComparisonReport, earlier: NonNullable<ComparisonReport['earlier']>): string {
  return `\n\n---\n\n> ⚠️ The head has moved to ${code(shortSha(report.headSha))}; below are the metrics of ${code(shortSha(earlier.headSha))}.\n\n${earlier.sections}`
}

const UNTOUCHED =
  '### 🔒 No model is touched by this pull request any more\n**Next:** nothing to do; the last push took the model changes out. · `/help`'
const FORK = '> From a fork: metrics are looked up by the head commit only, and say what the fork measured.'

function render({ models, isFork }: ComparisonReport, sections: readonly Section[], length: Length): string {
  if (models.length === 0) return UNTOUCHED
  return [
    ...(models.length > 1 ? [summaryLine(models)] : []),
    ...sections.map((one) => section(one, length, models.length > 1)),
    ...(isFork ? [FORK] : []),
  ].join('\n\n')
}

/** For several models: the one line that decides over all. */
function summaryLine(models: readonly ModelReport[]): string {
  const icon = { failure: '❌', success: '✅', neutral: '➖', in_progress: '⏳' }[conclusionOf(models)]
  return `## 🔒 ${icon} ${plain(summaryWords(models), 1000)}`
}

/** `8 models: churn, fraud fail`. Text, not Markdown. */
export function summaryWords(models: readonly ModelReport[]): string {
  const failing = models.filter(isFailing)
  const listed = failing.slice(0, 5).map(({ model }) => model)
  const more = failing.length > 5 ? ` and ${failing.length - 5} more` : ''
  const required = models.some(({ gates }) => gates.advisory.length > 0) ? 'required gate' : 'gate'
  const waived = models.some(({ gates }) => gates.waived.length > 0) ? ' or is waived' : ''
  const decided = {
    failure: `${listed.join(', ')}${more} ${failing.length === 1 ? 'fails' : 'fail'}`,
    success: `every ${required} passes${waived}`,
    neutral: 'nothing to judge',
    in_progress: 'not everything is there yet',
  }[conclusionOf(models)]
  return `${models.length === 1 ? '1 model' : `${models.length} models`}: ${decided}`
}

/** In place of sections that would be too long even without their tables: a line per model, as many as fit. */
function overview(models: readonly ModelReport[], limit: number): string {
  const failingFirst = models.toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a)))
  for (const count of OVERVIEW_ROWS) {
    const rows = failingFirst
      .slice(0, count)
      .map((one) => [verdictIcon(one), code(one.model), prose(verdictWords(one))])
    const more = models.length > count ? `\n\n${models.length - count} more models are not shown.` : ''
    const text = `${summaryLine(models)}\n\n${table(['', 'Model', 'Verdict'], 'cll', rows)}${more}`
    if (text.length <= limit) return text
  }
  return summaryLine(models)
}

function section({ model, rows }: Section, length: Length, isOneOfSeveral: boolean): string {
  // What is to be added to a file stands below the sentence.
  const [sentence, ...block] = nextWords(model, isOneOfSeveral).split('\n')
  const extras = length.extras ? [trendBlock(model), parameterBlock(model), dataBlock(model)] : []
  return [
    `${heading(model)}\n**Next:** ${sentence} · \`/help\``,
    block.join('\n'),
    ...metricBlocks(model, rows, { length, candidate: 'this PR' }),
    ...outsideBlocks(model.outside, length.open),
    quotedEvidence(model),
    ...extras,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')
}

function heading(model: ModelReport): string {
  return `### 🔒 ${plain(model.model)} — ${verdictIcon(model)} ${prose(verdictWords(model))}`
}

function metricBlocks(
  model: ModelReport,
  { main, slices, others }: SplitRows,
  { length, candidate }: { readonly length: Length; readonly candidate: string },
): readonly string[] {
  const sides = { candidate, baseline: model.baseline && prose(model.baseline.label, 60) }
  const folded = [
    { rows: slices, summary: sliceWords(slices) },
    { rows: others, summary: `${counted(others.length, 'more metric')} without a gate` },
  ].filter(({ rows }) => rows.length > 0 && length.folded > 0)
  const shown = new Set([...main.slice(0, length.open), ...folded.flatMap(({ rows }) => rows.slice(0, length.folded))])
  const hidden = (model.comparison?.rows ?? []).filter((row) => !shown.has(row))
  return [
    ...(main.length > 0 && length.open > 0 ? [metricTable(main.slice(0, length.open), sides)] : []),
    ...folded.map(({ rows, summary }) => details(summary, metricTable(rows.slice(0, length.folded), sides))),
    ...(hidden.length > 0 ? [hiddenWords(hidden)] : []),
  ]
}

function sliceWords(rows: readonly MetricRow[]): string {
  const slices = rows.filter((row) => row.slice !== undefined)
  const gated = slices.filter((row) => row.gate !== undefined).length
  const gates = gated === 0 ? '' : gated === 1 ? ', 1 with a gate that passes' : `, ${gated} with gates that pass`
  return `${counted(slices.length, 'slice')}${gates}`
}

function hiddenWords(hidden: readonly MetricRow[]): string {
  const failing = hidden.filter(({ gate }) => gate?.verdict === 'fail' || gate?.verdict === 'missing').length
  const noun = failing === hidden.length ? 'more failing metric' : 'more metric'
  const among = failing === 0 || failing === hidden.length ? '' : ` (${failing} failing)`
  return `${counted(hidden.length, noun)}${among} ${hidden.length === 1 ? 'is' : 'are'} not shown: the comment would be too long.`
}

const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

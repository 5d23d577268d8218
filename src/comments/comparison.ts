/** The one comparison comment of a pull request. Rendered shorter in steps when it is too long, never cut. The check run: comparison-check.ts. */
import { type ComparisonReport, conclusionOf, isFailing, type ModelReport } from '../domain/comparison-report.ts'
import { shortSha } from '../domain/ids.ts'
import { renderMarker } from '../domain/marker.ts'
import { metricTable, type RowSelection, splitRows } from './comparison-table.ts'
import { evidence, nextWords, verdictIcon, verdictWords } from './comparison-words.ts'
import { COMMENT_LIMIT, code, details, plain, table } from './markdown.ts'

/** How much is shown, from everything to a count. */
type Length = { readonly rows: RowSelection | 'none'; readonly extras: boolean; readonly sections: boolean }

const LENGTHS: readonly Length[] = [
  { rows: 'all', extras: true, sections: true },
  { rows: 'all', extras: false, sections: true },
  { rows: 'gated', extras: false, sections: true },
  { rows: 'decisive', extras: false, sections: true },
  { rows: 'none', extras: false, sections: true },
  { rows: 'none', extras: false, sections: false },
]

/** No row of a table is shorter than this: what cannot fit is not rendered to find out. */
const SHORTEST_ROW = 30

/** The comment's whole body, marker first, at most 65,536 characters. */
export function renderComparison(report: ComparisonReport): string {
  const marker = renderMarker('comparison')
  return `${marker}\n${renderComparisonSections(report, COMMENT_LIMIT - marker.length - 1)}`
}

/** The same without the marker, at most `limit` characters: for the check run's summary, and to be shown again while a moved head is pending. */
export function renderComparisonSections(report: ComparisonReport, limit: number): string {
  const { earlier } = report
  const rows = report.models.reduce((sum, { comparison }) => sum + (comparison?.rows.length ?? 0), 0)
  for (const length of LENGTHS) {
    if (length.rows === 'all' && rows * SHORTEST_ROW > limit) continue
    const body = sections(report, length)
    const whole = earlier === undefined ? body : `${body}\n\n---\n\n${earlierBlock(report, earlier)}`
    if (whole.length <= limit) return whole
    if (body.length <= limit && length.rows === 'none') return body
  }
  // Only thousands of models get here.
  return summaryLine(report.models)
}

function earlierBlock(report: ComparisonReport, earlier: NonNullable<ComparisonReport['earlier']>): string {
  return `> ⚠️ The head has moved to ${code(shortSha(report.headSha))}; below are the metrics of ${code(shortSha(earlier.headSha))}.\n\n${earlier.sections}`
}

function sections(report: ComparisonReport, length: Length): string {
  const { models } = report
  if (models.length === 0) {
    return '### 🔒 No model is touched by this pull request any more\n**Next:** nothing to do; the last push took the model changes out. · `/help`'
  }
  const [only, ...more] = models
  const fork = report.isFork
    ? ['> From a fork: metrics are looked up by the head commit only, and say what the fork measured.']
    : []
  if (more.length === 0 && only !== undefined) {
    return [section(only, length), ...fork].join('\n\n')
  }
  if (!length.sections) return [summaryLine(models), ...fork].join('\n\n')
  const failingFirst = models.toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a)))
  return [summaryLine(models), ...failingFirst.map((model) => section(model, length)), ...fork].join('\n\n')
}

/** For several models: the one line that decides over all. */
function summaryLine(models: readonly ModelReport[]): string {
  const failing = models.filter(isFailing)
  const names = (list: readonly ModelReport[]): string =>
    `${list
      .slice(0, 5)
      .map((model) => model.model)
      .join(', ')}${list.length > 5 ? ` and ${list.length - 5} more` : ''}`
  const icon = { failure: '❌', success: '✅', neutral: '➖', in_progress: '⏳' }[conclusionOf(models)]
  const decided = {
    failure: `${names(failing)} ${failing.length === 1 ? 'fails' : 'fail'}`,
    success: 'every gate passes',
    neutral: 'nothing to judge',
    in_progress: 'not everything is there yet',
  }[conclusionOf(models)]
  return `## 🔒 ${icon} ${models.length} models: ${decided}`
}

function section(report: ModelReport, length: Length): string {
  const heading = `### 🔒 ${report.model} — ${verdictIcon(report)} ${plain(verdictWords(report))}`
  // What is to be added to a file stands below the sentence.
  const [sentence, ...block] = nextWords(report).split('\n')
  const next = `**Next:** ${sentence} · \`/help\``
  const quoted = evidence(report)
    .map((line) => `> ${line}`)
    .join('\n>\n')
  return [
    `${heading}\n${next}`,
    ...(block.length === 0 ? [] : [block.join('\n')]),
    ...tables(report, length),
    ...(quoted === '' ? [] : [quoted]),
    ...(length.extras ? extras(report) : []),
  ].join('\n\n')
}

function tables(report: ModelReport, length: Length): readonly string[] {
  const rows = report.comparison?.rows ?? []
  if (rows.length === 0) return []
  if (length.rows === 'none')
    return [`The table of ${rows.length} metrics is too long for a comment; the run has them.`]
  const { main, folded } = splitRows(rows, length.rows)
  const baseline = report.verdict === 'first' ? undefined : plain(report.baseline?.label ?? 'baseline', 60)
  const hidden = rows.length - main.length - folded.length
  return [
    ...(main.length > 0 ? [metricTable(main, baseline)] : []),
    ...(folded.length > 0
      ? [
          details(
            `${count(folded.length, 'more metric', 'more metrics')} without a gate`,
            metricTable(folded, baseline),
          ),
        ]
      : []),
    ...(hidden > 0
      ? [`${count(hidden, 'more metric is', 'more metrics are')} not shown: the comment would be too long.`]
      : []),
  ]
}

function extras(report: ModelReport): readonly string[] {
  const { parametersChanged, dataDigests, baselineDataDigests } = report
  const blocks: string[] = []
  if (parametersChanged.length > 0) {
    const rows = parametersChanged
      .slice(0, 100)
      .map(({ name, before, after }) => [
        code(name, 100),
        before === undefined ? '–' : code(before, 100),
        after === undefined ? '–' : code(after, 100),
      ])
    blocks.push(
      details(
        count(parametersChanged.length, 'parameter changed', 'parameters changed'),
        table(['Parameter', 'before', 'after'], 'lll', rows),
      ),
    )
  }
  if (dataDigests.length > 0) {
    const same = dataDigests.toSorted().join() === baselineDataDigests.toSorted().join()
    const list = (digests: readonly string[]): string =>
      digests
        .slice(0, 20)
        .map((digest) => code(digest, 80))
        .join(', ')
    const before = baselineDataDigests.length === 0 ? '' : ` (before: ${list(baselineDataDigests)})`
    blocks.push(details(same ? 'Same training data' : 'Training data', `${list(dataDigests)}${same ? '' : before}`))
  }
  return blocks
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`
}

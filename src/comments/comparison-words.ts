/** The sentences of a comparison: the headline that decides, what was compared, what to do next. The table: comparison-table.ts. */
import { isFailing, type ModelReport, type RunReference, type Waiting } from '../domain/comparison-report.ts'
import { shortSha } from '../domain/ids.ts'
import { code, hint, link, lowered, prose } from './markdown.ts'

/** ❌ fails, ✅ passes, ⏳ open, ➖ nothing to judge. */
export function verdictIcon(report: ModelReport): string {
  if (isFailing(report)) return '❌'
  if (report.verdict === 'unavailable') return '⚠️'
  if (report.verdict === 'pending' || report.gates.verdict === 'pending') return '⏳'
  return report.gates.verdict === 'pass' ? '✅' : '➖'
}

/** One clause that decides: `better than champion v11, but 1 gate fails`. Text, not Markdown. */
export function verdictWords(report: ModelReport): string {
  switch (report.verdict) {
    case 'pending':
      return waitingWords(report.waiting)
    case 'not_found':
      return report.gates.verdict === 'fail' ? `no metrics found, ${gateWords(report)}` : 'no metrics found'
    case 'unavailable':
      return 'the metrics cannot be read just now'
    case 'refused':
      return 'the metrics cannot be read'
    case 'after_merge':
      return 'trained and judged after the merge'
    default:
      return comparedWords(report)
  }
}

/** `1 gate fails`, `all 3 gates pass`, `no gate is set`. */
function gateWords(report: ModelReport): string {
  const { failing, pending, waived } = report.gates
  if (failing.length > 0) return failing.length === 1 ? '1 gate fails' : `${failing.length} gates fail`
  if (pending.length > 0)
    return pending.length === 1 ? '1 gate is still open' : `${pending.length} gates are still open`
  const total = report.comparison?.rows.filter((row) => row.gate !== undefined).length ?? 0
  if (total === 0) return 'no gate is set'
  if (waived.length > 0) return `${total - waived.length} of ${total} gates pass, ${waived.length} waived`
  return total === 1 ? 'its gate passes' : `all ${total} gates pass`
}

function comparedWords(report: ModelReport): string {
  const baseline = report.baseline?.label ?? 'the baseline'
  const gates = gateWords(report)
  const fails = report.gates.verdict === 'fail'
  switch (report.verdict) {
    case 'better':
      return `better than ${baseline}, ${fails ? 'but ' : ''}${gates}`
    case 'worse':
      return `worse than ${baseline}, ${fails ? '' : 'but '}${gates}`
    case 'mixed':
      return `better and worse than ${baseline}, ${gates}`
    case 'same':
      return `no different from ${baseline}, ${fails ? 'but ' : ''}${gates}`
    case 'first':
      return `first model, nothing to compare with yet, ${fails ? 'but ' : ''}${gates}`
    default:
      return `no gated metric in common with ${baseline}, ${gates}`
  }
}

function waitingWords(waiting: Waiting | undefined): string {
  if (waiting === undefined) return 'waiting for metrics'
  if (waiting.for.kind === 'runs') {
    return waiting.for.count === 1
      ? 'a training run is still at work'
      : `${waiting.for.count} training runs are still at work`
  }
  const [first, ...more] = waiting.for.names
  if (first === undefined) return 'waiting for the first check to report'
  return more.length === 0 ? `waiting for ${first}` : `waiting for ${first} and ${more.length} more`
}

/** What the reader does now. Markdown. */
export function nextWords(report: ModelReport): string {
  const { problem, verdict, gates } = report
  if (verdict === 'not_found' && report.failedChecks.length > 0)
    return `look into why ${names(report.failedChecks)} failed, then push or train again.`
  if (problem !== undefined) return lowered(hint(problem.hint))
  if (verdict === 'pending' || (gates.verdict === 'pending' && gates.failing.length === 0)) {
    const until = report.waiting?.until
    const limit = until === undefined ? '' : `; what is not there by ${formatTime(until)} counts as missing`
    return `nothing to do, this comment is updated by itself${limit}.`
  }
  if (verdict === 'after_merge') return 'merge when reviewed; the gates are judged when the release is made.'
  if (gates.failing.length > 0) return `${failingWords(report)}, then push; the comparison runs again by itself.`
  return 'review and merge; then `/deploy <environment>` promotes it and `/status` shows where it is.'
}

function failingWords(report: ModelReport): string {
  const missing = new Set(report.gates.missing)
  const shown = report.gates.failing.slice(0, 3)
  const broken = shown.filter((name) => !missing.has(name))
  const absent = shown.filter((name) => missing.has(name))
  const clauses = [
    ...(broken.length > 0 ? [`fix ${names(broken)}`] : []),
    ...(absent.length > 0 ? [`log a finite ${names(absent)}`] : []),
  ]
  const more = report.gates.failing.length - shown.length
  return `${clauses.join(' and ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What was compared with what; one sentence, and notes where something needs saying. Markdown lines. */
export function evidence(report: ModelReport): readonly string[] {
  return [...comparedLine(report), ...noteLines(report)]
}

function comparedLine({ candidate, baseline, verdict }: ModelReport): readonly string[] {
  if (candidate === undefined) return []
  const [run] = candidate.runs
  const at = `at ${code(shortSha(candidate.commit))}`
  const what =
    candidate.file !== undefined
      ? `${code(candidate.file)} ${at}`
      : candidate.runs.length === 1 && run !== undefined
        ? `run ${link(code(run.id.slice(0, 8)), run.url)} ${at}`
        : `${candidate.runs.length} seeds ${at} (${seedLinks(candidate.runs)})`
  if (baseline === undefined) return [`${verdict === 'first' ? 'Measured' : 'Read'} ${what}.`]
  const seeds = baseline.runs.length > 1 ? ` (${baseline.runs.length} seeds)` : ''
  const isSameFile = candidate.file !== undefined && candidate.file === baseline.reference
  const other = isSameFile ? `the same file of ${code(baseline.label)}` : link(code(baseline.reference), baseline.url)
  return [`Compared ${what} with ${other}${seeds}.`]
}

function seedLinks(runs: readonly RunReference[]): string {
  const shown = runs.slice(0, 5).map((run) => link(code(run.id.slice(0, 8)), run.url))
  return runs.length > 5 ? `${shown.join(', ')} and ${runs.length - 5} more` : shown.join(', ')
}

function noteLines({ candidate, failedChecks, problem, verdict }: ModelReport): readonly string[] {
  const lines: string[] = []
  if (problem !== undefined) lines.push(`${prose(problem.message)} (${code(problem.code)})`)
  if (failedChecks.length > 0 && (verdict === 'not_found' || problem !== undefined)) {
    lines.push(`${names(failedChecks)} failed.`)
  }
  if (candidate !== undefined && candidate.failedRuns > 0) {
    lines.push(
      candidate.failedRuns === 1
        ? '1 further run of this group failed and is not counted.'
        : `${candidate.failedRuns} further runs of this group failed and are not counted.`,
    )
  }
  if (candidate?.newerRunning === true)
    lines.push('A newer training of this commit is still at work; its metrics will replace these.')
  return lines
}

const names = (list: readonly string[]): string =>
  list
    .slice(0, 3)
    .map((name) => code(name))
    .join(', ')

/** `3 Mar 16:00 UTC`. */
function formatTime(at: Date): string {
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][at.getUTCMonth()]
  return `${at.getUTCDate()} ${month} ${at.toISOString().slice(11, 16)} UTC`
}

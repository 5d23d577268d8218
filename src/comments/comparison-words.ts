/** The sentences at the head of a comparison: the headline that decides, and what to do next. What was compared: comparison-evidence.ts. */
import { decidingRows } from '../domain/comparison.ts'
import { isFailing, type ModelReport, type Waiting } from '../domain/comparison-report.ts'
import { gatePhrase } from '../domain/gate-phrase.ts'
import { judgedModel } from '../domain/judged-gates.ts'
import { code, hint, lowered } from './markdown.ts'
import { whenFrom } from './when.ts'

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
      return `${waitingWords(report.waiting)}${seenFailing(report)}`
    case 'not_found':
      return report.gates.verdict === 'none' ? 'no metrics found' : `no metrics found, ${gateWords(report)}`
    case 'unavailable':
      return `the metrics cannot be read just now${seenFailing(report)}`
    case 'refused':
      return 'the metrics cannot be read'
    case 'after_merge':
      return 'trained and judged after the merge'
    default:
      return comparedWords(report)
  }
}

/** `, but 1 gate fails`: of gates that are no metrics, where those are still to come. */
function seenFailing({ outside }: ModelReport): string {
  const count = outside.filter(
    ({ verdict, required }) => required && (verdict === 'fail' || verdict === 'missing'),
  ).length
  return count === 0 ? '' : `, but ${count === 1 ? '1 gate fails' : `${count} gates fail`}`
}

/** `1 gate fails`, `all 3 gates pass`, `no gate is set`; and how many optional ones fail. */
function gateWords(report: ModelReport): string {
  const optional = report.gates.advisory.length
  if (optional === 0) return requiredWords(report)
  if (report.gates.failing.length > 0) return `${requiredWords(report)}, ${optional} optional too`
  return `${requiredWords(report)}, ${optional === 1 ? '1 optional one fails' : `${optional} optional ones fail`}`
}

function requiredWords(report: ModelReport): string {
  const { failing, pending, waived } = report.gates
  if (failing.length > 0) return failing.length === 1 ? '1 gate fails' : `${failing.length} gates fail`
  if (pending.length > 0)
    return pending.length === 1 ? '1 gate is still open' : `${pending.length} gates are still open`
  const { required, optional, passing } = countGates(report)
  if (waived.length > 0 && passing === 0 && waived.length === required + optional)
    return waived.length === 1 ? 'its gate is waived' : `all ${waived.length} gates are waived`
  if (waived.length > 0) return `${passing} of ${required + optional} gates pass, ${waived.length} waived`
  if (required === 0) return optional === 0 ? 'no gate is set' : 'no gate is required'
  return required === 1 ? 'its gate passes' : required === 2 ? 'both gates pass' : `all ${required} gates pass`
}

type GateCounts = { readonly required: number; readonly optional: number; readonly passing: number }

function countGates({ comparison, outside }: ModelReport): GateCounts {
  const ofMetrics = (comparison?.rows ?? []).flatMap(({ gate }) =>
    gate === undefined ? [] : [{ required: gate.spec.required, verdict: gate.verdict }],
  )
  const gates = [...ofMetrics, ...outside]
  const required = gates.filter((gate) => gate.required).length
  const passing = gates.filter(({ verdict }) => verdict === 'pass').length
  return { required, optional: gates.length - required, passing }
}

function comparedWords(report: ModelReport): string {
  const baseline = report.baseline?.label ?? 'the baseline'
  const gates = gateWords(report)
  const butFails = report.gates.verdict === 'fail' ? 'but ' : ''
  switch (report.verdict) {
    case 'better':
      return `better than ${baseline}, ${butFails}${gates}`
    case 'worse':
      return `worse than ${baseline}, ${butFails === '' ? 'but ' : 'and '}${gates}`
    case 'mixed':
      return `${mixedWords(report, baseline)}; ${gates}`
    case 'same':
      return `on a par with ${baseline}, ${butFails}${gates}`
    case 'first':
      return `first model, nothing to compare with yet, ${butFails}${gates}`
    default:
      if (report.baseline === undefined) return `nothing to compare with, ${butFails}${gates}`
      return countGates(report).required + countGates(report).optional === 0
        ? `compared with ${baseline}, ${gates}`
        : `no gated metric in common with ${baseline}, ${gates}`
  }
}

/** `better than champion v11 on 2 metrics, worse on 1`: of the rows that made it mixed. */
function mixedWords({ comparison }: ModelReport, baseline: string): string {
  const rows = decidingRows(comparison?.rows ?? [])
  const count = (change: 'better' | 'worse'): number => rows.filter((row) => row.change === change).length
  const better = count('better')
  return `better than ${baseline} on ${better} ${better === 1 ? 'metric' : 'metrics'}, worse on ${count('worse')}`
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

/** What the reader does now; `isOneOfSeveral` models, so that commands name theirs. Markdown. */
export function nextWords(report: ModelReport, isOneOfSeveral: boolean): string {
  const { problem, verdict, gates } = report
  if (verdict === 'not_found' && report.failedChecks.length > 0)
    return `look into why ${names(report.failedChecks)} failed, then push or train again.`
  // An outage ends by itself; what fails meanwhile does not.
  const isLess = verdict === 'unavailable' && report.isOverdue !== true && gates.failing.length > 0
  if (problem !== undefined && !isLess) return lowered(hint(problem.hint))
  if ((verdict === 'pending' || gates.verdict === 'pending') && gates.failing.length === 0) {
    const until = report.waiting?.until
    const limit = until === undefined ? '' : `; what is not there by ${whenFrom(until)} counts as missing`
    return `nothing to do, this comment is updated by itself${limit}.`
  }
  if (verdict === 'after_merge') return 'merge when reviewed; the gates are judged when the release is made.'
  if (gates.failing.length > 0) {
    const push = `${failingWords(report)}, then push; the comparison runs again by itself.`
    return `${push}${waivableWords(report, isOneOfSeveral)}`
  }
  const ship = 'review and merge; then `/deploy <environment>` promotes it and `/status` shows where it is.'
  const isJudged = verdict === 'not_found' || countGates(report).required > 0
  return isJudged ? ship : `read the numbers, since no gate judges them, then ${ship}`
}

function failingWords(report: ModelReport): string {
  const missing = new Set(report.gates.missing)
  const outside = new Set(report.outside.map(({ name }) => name))
  const shown = report.gates.failing.slice(0, 3)
  const absent = shown.filter((name) => missing.has(name) && !outside.has(name))
  const broken = shown.filter((name) => !absent.includes(name))
  const clauses = [
    ...(broken.length > 0 ? [`fix ${names(broken)}`] : []),
    ...(absent.length > 0 ? [`log a finite ${names(absent)}`] : []),
  ]
  const more = report.gates.failing.length - shown.length
  return `${clauses.join(' and ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** ` Or a maintainer may /override auc <reason>.` Only what was judged one by one can be waived. */
function waivableWords(report: ModelReport, isOneOfSeveral: boolean): string {
  const { gates } = judgedModel(report)
  const failing = gates.filter(({ verdict, required }) => required && (verdict === 'fail' || verdict === 'missing'))
  if (failing.length === 0) return ''
  const commands = failing
    .slice(0, 3)
    .map(({ name }) => code(`/override ${gatePhrase(name)}${isOneOfSeveral ? ` ${report.model}` : ''} <reason>`, 300))
  const more = failing.length > commands.length ? ', …' : ''
  return ` Or a maintainer may ${commands.join(', ')}${more}.`
}

/** Up to three names as code, for the middle of a sentence. */
export const names = (list: readonly string[]): string =>
  list
    .slice(0, 3)
    .map((name) => code(name, 120))
    .join(', ')

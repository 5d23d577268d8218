/** What a verdict rests on: the runs that were compared, what a reader must know about them, changed parameters and data. The headline: comparison-words.ts. */
import type { MetricRow } from '../domain/comparison.ts'
import type { BaselineSide, ModelReport, RunReference } from '../domain/comparison-report.ts'
import type { Measured } from '../domain/gate.ts'
import { shortSha } from '../domain/ids.ts'
import { names } from './comparison-words.ts'
import { code, details, link, prose, table } from './markdown.ts'

const NOTES = 10
const PARAMETERS = 100
const DIGESTS = 20

/** What was compared with what; one sentence, and notes where something needs saying. Markdown lines. */
export function evidence(report: ModelReport): readonly string[] {
  return [...comparedLine(report), ...seedLines(report), ...noteLines(report)]
}

function comparedLine({ candidate, baseline }: ModelReport): readonly string[] {
  if (candidate === undefined) return []
  const [run] = candidate.runs
  const at = `at ${code(shortSha(candidate.commit))}`
  const what =
    candidate.file !== undefined
      ? `${link(code(candidate.file), run?.url)} ${at}`
      : candidate.runs.length === 1 && run !== undefined
        ? `run ${link(code(run.id.slice(0, 8)), run.url)} ${at}`
        : `${candidate.runs.length} seeds ${at} (${runLinks(candidate.runs)})`
  if (baseline === undefined) return [`Measured ${what}.`]
  const seeds = baseline.runs.length > 1 ? ` (${baseline.runs.length} seeds)` : ''
  return [`Compared ${what} with ${baselineWords(baseline, candidate.file)}${seeds}.`]
}

/** By its file, its own page, or the first of its runs. */
function baselineWords({ label, reference, url, runs }: BaselineSide, file: string | undefined): string {
  if (file !== undefined && file === reference) return `the same file of ${prose(label, 60)}`
  const [run] = runs
  if (url !== undefined || run?.url === undefined) return link(code(reference), url)
  return `run ${link(code(run.id.slice(0, 8)), run.url)} of ${prose(label, 60)}`
}

function runLinks(runs: readonly RunReference[]): string {
  const shown = runs.slice(0, 5).map((run) => link(code(run.id.slice(0, 8)), run.url))
  return runs.length > 5 ? `${shown.join(', ')} and ${runs.length - 5} more` : shown.join(', ')
}

/** How to read the intervals; metrics that not every seed has; and where there are none though a drop was judged. */
function seedLines({ comparison }: ModelReport): readonly string[] {
  const rows = comparison?.rows ?? []
  const lines: string[] = []
  if (rows.some(({ candidate, baseline }) => isRepeated(candidate) || isRepeated(baseline))) {
    lines.push('± is the 95% interval of the mean; in brackets, the number of seeds.')
  }
  const seeds = rows.reduce((most, row) => Math.max(most, seedsOf(row.candidate)), 0)
  const partial = rows.filter(
    ({ gate, candidate }) => gate !== undefined && candidate.kind !== 'absent' && seedsOf(candidate) < seeds,
  )
  if (partial.length > 0) lines.push(`Not every seed has ${listed(partial)}: judged by those that do.`)
  const isTested = rows.some(({ gate }) => gate?.rules.some(({ test }) => test?.kind === 'welch'))
  const alone = rows.filter(({ gate }) => gate?.rules.some(({ test }) => test?.kind === 'tolerance_only'))
  if (alone.length > 0) {
    const which = isTested ? `${listed(alone)}: one run on a side, so changes` : 'One run on a side: changes'
    lines.push(`${which} are judged by tolerance alone, not against noise.`)
  }
  return lines
}

function listed(rows: readonly MetricRow[]): string {
  const all = rows.map(({ name }) => name)
  return `${names(all)}${all.length > 3 ? ` and ${all.length - 3} more` : ''}`
}

function seedsOf(side: Measured): number {
  return side.kind === 'measured' ? side.summary.n : side.kind === 'not_finite' ? side.n : 0
}

function isRepeated(side: Measured): boolean {
  return side.kind === 'measured' && side.summary.n > 1
}

function noteLines({ candidate, failedChecks, notes, problem, verdict }: ModelReport): readonly string[] {
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
  lines.push(...notes.slice(0, NOTES).map((note) => prose(note)))
  if (notes.length > NOTES) lines.push(`And ${notes.length - NOTES} notes more.`)
  return lines.filter((line) => line !== '')
}

/** Folded: parameters that changed. */
export function parameterBlock({ parametersChanged }: ModelReport): string | undefined {
  const total = parametersChanged.length
  if (total === 0) return undefined
  const rows = parametersChanged
    .slice(0, PARAMETERS)
    .map(({ name, before, after }) => [code(name, 100), value(before), value(after)])
  const more = total > PARAMETERS ? `\n\n${total - PARAMETERS} more are not shown.` : ''
  return details(
    total === 1 ? '1 parameter changed' : `${total} parameters changed`,
    `${table(['Parameter', 'before', 'after'], 'lll', rows)}${more}`,
  )
}

const value = (text: string | undefined): string => (text === undefined ? '–' : code(text, 100))

/** Folded: digests of the data that the candidate was trained on, and the baseline's where they differ. */
export function dataBlock({ dataDigests, baselineDataDigests }: ModelReport): string | undefined {
  if (dataDigests.length === 0) return undefined
  const same = dataDigests.toSorted().join() === baselineDataDigests.toSorted().join()
  if (same) return details('Same training data', digestList(dataDigests))
  if (baselineDataDigests.length === 0) return details('Training data', digestList(dataDigests))
  return details('Training data changed', `${digestList(dataDigests)} (before: ${digestList(baselineDataDigests)})`)
}

function digestList(digests: readonly string[]): string {
  const shown = digests.slice(0, DIGESTS).map((digest) => code(digest, 80))
  return `${shown.join(', ')}${digests.length > DIGESTS ? ` and ${digests.length - DIGESTS} more` : ''}`
}

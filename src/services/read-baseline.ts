/** The side that a candidate is compared with, and the commit where it is read. Part of compare-model.ts. */
import { parseCommitSha, shortSha } from '../domain/ids.ts'
import type { MetricSource, ModelSettings } from '../domain/settings.ts'
import { namesIn } from '../domain/template.ts'
import type { CompareQuestion } from './compare-model.ts'
import { type MetricsDeps, type MetricsReading, type ReadableSource, readMetrics, refusal } from './read-metrics.ts'

/**
 * undefined: none is configured. Who opens a pull request chooses where it begins: where nothing is found there, but on the
 * base branch as it is now, regressions do not pass as those of a first model.
 */
export async function readBaseline(question: CompareQuestion, deps: MetricsDeps): Promise<MetricsReading | undefined> {
  const { repository, model, baselineRef, baselineLabel, baseTip, isLanded } = question
  const source = baselineSource(model)
  if (source === undefined) return undefined
  const readAt = (ref: string, label: string): Promise<MetricsReading> => {
    const base = parseCommitSha(ref)
    const commits = base === undefined ? [] : [base]
    return readMetrics({ repository, model, commits, ref, label, final: true }, source, deps)
  }
  const found = await readAt(baselineRef, baselineLabel ?? labelOf(baselineRef))
  if (found.kind !== 'none' || !isBaselineAtCommit(model) || baseTip === undefined || baseTip === baselineRef)
    return found
  const newest = await readAt(baseTip, labelOf(baseTip))
  if (newest.kind !== 'found') return newest.kind === 'none' ? found : newest
  const { message } = found.problem
  if (isLanded === true) {
    const note = `${message}, where this change began: it is compared with ${labelOf(baseTip)}, which it landed on.`
    return { ...newest, notes: [...newest.notes, note] }
  }
  return refusal(
    'gates_failed',
    `${message}, where this change begins; but there are numbers of ${labelOf(baseTip)} on the base branch`,
    'Update the branch, so that it is compared with what is there now.',
  )
}

function baselineSource({ baseline, candidate }: ModelSettings): ReadableSource | undefined {
  const source = baseline?.kind === 'merge_base' ? candidate : baseline
  return source && readable(source)
}

/** Only a baseline can stand at the merge base of its candidate; the configuration's schema sees to it. */
export function readable(source: MetricSource): ReadableSource {
  if (source.kind === 'merge_base') throw new Error('a candidate cannot be at the merge base of itself')
  return source
}

/** Is the baseline read at a commit, so that it matters at which? */
export function isBaselineAtCommit(model: ModelSettings): boolean {
  const source = baselineSource(model)
  if (source === undefined) return false
  if (model.baseline?.kind === 'merge_base' || source.kind === 'dvc') return true
  if (source.kind !== 'document') return false
  const { place } = source
  return place.kind === 'file' || (place.kind === 's3' && namesIn(place.uri).some((name) => name !== 'model.name'))
}

/**
 * What is found nowhere was never made: a first model, which limits on regressions let pass. Not so what training writes
 * for each commit: nobody trained that one, or it was cleaned away, and there are models before this one all the same.
 */
export function isFirstModelWithout(model: ModelSettings): boolean {
  const source = baselineSource(model)
  return (
    !isBaselineAtCommit(model) ||
    source?.kind === 'dvc' ||
    (source?.kind === 'document' && source.place.kind === 'file')
  )
}

/** The short id where it is a commit, else as it is written. */
export function labelOf(ref: string): string {
  const sha = parseCommitSha(ref)
  return sha === undefined ? ref : shortSha(sha)
}

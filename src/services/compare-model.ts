/** One model's candidate against its baseline, judged. Used for pull requests (refresh-comparison.ts) and when a release is made. */

import { changedParameters } from '../domain/changed-parameters.ts'
import type { ReportedCheck } from '../domain/check-gate.ts'
import { type Comparison, compareMetrics } from '../domain/comparison.ts'
import { blankReport, type ModelReport, type Waiting } from '../domain/comparison-report.ts'
import type { Waiver } from '../domain/gate.ts'
import { type GateSummary, summariseGates } from '../domain/gate-summary.ts'
import { type CommitSha, parseCommitSha, type RepoName } from '../domain/ids.ts'
import type { ModelSettings } from '../domain/settings.ts'
import type { TrainingState } from '../domain/training.ts'
import { readOutside, withOutside } from './outside-gates.ts'
import { isBaselineAtCommit, isFirstModelWithout, labelOf, readable, readBaseline } from './read-baseline.ts'
import { readLoggedMetrics } from './read-logged-metrics.ts'
import { type MetricsDeps, type MetricsReading, type Problem, type RunSet, readMetrics } from './read-metrics.ts'

export type CompareQuestion = {
  readonly repository: RepoName
  readonly model: ModelSettings
  /** Whose runs count, in order: head, GitHub's test merge of it, the landed commit. */
  readonly commits: readonly CommitSha[]
  /** Where the candidate's file is read. */
  readonly headRef: string
  /** Where a baseline is read that stands at a commit; a full commit id also names its runs. See `isBaselineAtCommit`. */
  readonly baselineRef: string
  /** How people call `baselineRef`; default: itself. */
  readonly baselineLabel?: string
  /** The newest commit of the base branch. See `readBaseline`. */
  readonly baseTip?: CommitSha | undefined
  /** The change is on the base branch already, after `baseTip`: nobody can update its branch any more. */
  readonly isLanded?: boolean
  readonly waivers: readonly Waiver[]
  /** undefined: nothing is known of checks, and only unfinished runs are waited for. */
  readonly training?: TrainingState
  /** What is reported on the head; undefined: not known, and `checks:` is not judged. */
  readonly checks?: { readonly checks: readonly ReportedCheck[]; readonly ownAppId: number } | undefined
}

/** The service as others are given it. Throws for GitHub outages and bugs; everything else is in the report. */
export type CompareModel = (question: CompareQuestion) => Promise<ModelReport>

/** Gives the service its dependencies. */
export function createCompareModel(deps: MetricsDeps): CompareModel {
  return (question) => compareModel(question, deps)
}

/** Reads both sides and judges. How often MLflow is asked: docs/guides/compare.md; never more for more runs in the experiment. */
async function compareModel(question: CompareQuestion, deps: MetricsDeps): Promise<ModelReport> {
  // What lies in Git is asked for at once, which makes one request of both sides (src/clients/github/read-files.ts).
  const areFiles = isCommitted(question.model) && isBaselineAtCommit(question.model)
  const [candidate, early] = await Promise.all([
    readCandidate(question, deps),
    areFiles ? readBaseline(question, deps) : undefined,
  ])
  const open = unfinished(question, candidate)
  const read = async () =>
    readLoggedMetrics({ candidate, baseline: areFiles ? early : await readBaseline(question, deps) }, question, deps)
  const report = open ?? judgeSides(question, await read())
  return withOutside(report, await readOutside(question, deps), question)
}

/** What was read, undefined where nothing is configured. */
export type SidesRead = {
  readonly candidate: MetricsReading | undefined
  readonly baseline: MetricsReading | undefined
}

/** The verdict over two sides that were read. Pure. */
export function judgeSides(question: CompareQuestion, { candidate, baseline }: SidesRead): ModelReport {
  if (baseline?.kind === 'unavailable' || baseline?.kind === 'refused') return withoutMetrics(question, baseline)
  const found = candidate?.kind === 'found' ? candidate : undefined
  const nothing = isFirstModelWithout(question.model) ? undefined : []
  const comparison = compareMetrics({
    candidate: found?.seeds ?? [],
    baseline: baseline?.kind === 'found' ? baseline.seeds : baseline === undefined ? undefined : nothing,
    gates: question.model.gates,
    waivers: question.waivers,
    significance: question.model.significance,
    trainingWaits: waits(question),
  })
  return {
    ...emptyReport(question),
    verdict: found === undefined ? 'not_found' : comparison.verdict,
    comparison,
    gates: comparison.gates,
    ...(found === undefined ? {} : candidatePart(found, comparison, question)),
    ...(baseline?.kind === 'found' ? baselinePart(baseline, found) : {}),
    notes: [...new Set([...(found?.notes ?? []), ...baselineNotes(baseline)])],
    waiting: comparison.gates.pending.length > 0 ? waitingForChecks(question) : undefined,
    problem: candidate?.kind === 'none' ? candidate.problem : undefined,
  }
}

/** A model that is judged only when its release is made (`training.when: after_merge`). */
export function reportAfterMerge(model: ModelSettings): ModelReport {
  return { ...blankReport(model.name), verdict: 'after_merge' }
}

async function readCandidate(
  { repository, model, ...question }: CompareQuestion,
  deps: MetricsDeps,
): Promise<MetricsReading | undefined> {
  if (model.candidate === undefined) return undefined
  const { commits, headRef: ref, training } = question
  return readMetrics(
    { repository, model, commits, ref, label: labelOf(ref), final: isOver(training) },
    readable(model.candidate),
    deps,
  )
}

/** The report when there is nothing to compare yet, or ever; undefined when the candidate can be judged. */
function unfinished(question: CompareQuestion, candidate: MetricsReading | undefined): ModelReport | undefined {
  if (candidate === undefined || candidate.kind === 'found') return undefined
  if (candidate.kind === 'unavailable' || candidate.kind === 'refused') return withoutMetrics(question, candidate)
  if (candidate.kind === 'running') {
    const { training } = question
    const until = training === undefined || training.kind === 'timed_out' ? undefined : training.until
    return pending(question, { for: { kind: 'runs', count: candidate.count }, until })
  }
  return waits(question) ? pending(question, waitingForChecks(question)) : undefined
}

/** Nothing is waited for any longer. */
const isOver = (training: TrainingState | undefined): boolean =>
  training?.kind === 'timed_out' || (training?.kind === 'finished' && training.isLate)

function waits({ model, training }: CompareQuestion): boolean {
  return training?.kind === 'waiting' && !isCommitted(model)
}

/** Are the candidate's metrics there with its commit or never? What training makes elsewhere is waited for. */
export function isCommitted({ candidate }: Pick<ModelSettings, 'candidate'>): boolean {
  return candidate?.kind === 'dvc' || (candidate?.kind === 'document' && candidate.place.kind === 'file')
}

function waitingForChecks({ training }: CompareQuestion): Waiting | undefined {
  return training?.kind === 'waiting'
    ? { for: { kind: 'checks', names: training.for }, until: training.until }
    : undefined
}

function pending(question: CompareQuestion, waiting: Waiting | undefined): ModelReport {
  return { ...emptyReport(question), verdict: 'pending', gates: closedGates(question.model, 'pending'), waiting }
}

function withoutMetrics(
  question: CompareQuestion,
  { kind, problem }: { readonly kind: 'unavailable' | 'refused'; readonly problem: Problem },
): ModelReport {
  const isOverdue = kind === 'unavailable' && isOver(question.training)
  const gates = closedGates(question.model, kind === 'refused' || isOverdue ? 'missing' : 'pending')
  const report: ModelReport = { ...emptyReport(question), verdict: kind, gates, problem }
  return isOverdue ? { ...report, isOverdue, problem: { ...problem, hint: OVERDUE_HINT } } : report
}

const OVERDUE_HINT =
  'Nothing to do here: it is asked again every ten minutes while this pull request is open, and at once by the button Re-evaluate of the check run. Whoever runs it should have a look.'

/** Gates that nobody could judge are not "no gates": whoever looks only at them must not see a pass. */
function closedGates(model: ModelSettings, verdict: 'missing' | 'pending'): GateSummary {
  return summariseGates(model.gates.map(({ metric: name, required }) => ({ name, verdict, required })))
}

function emptyReport({ model, training }: CompareQuestion): ModelReport {
  return { ...blankReport(model.name), failedChecks: training?.kind === 'finished' ? training.failed : [] }
}

function candidatePart(
  found: RunSet,
  comparison: Comparison,
  { commits, headRef }: CompareQuestion,
): Partial<ModelReport> {
  const commit = found.commit ?? parseCommitSha(headRef) ?? commits[0]
  return {
    candidate: commit && {
      commit,
      file: found.file,
      runs: found.runs,
      failedRuns: found.failedRuns,
      newerRunning: found.newerRunning,
    },
    runs: found.ids,
    metrics: meansOf(comparison),
    dataDigests: found.dataDigests,
  }
}

function baselinePart(baseline: RunSet, candidate: RunSet | undefined): Partial<ModelReport> {
  const { label, reference, url, runs, version } = baseline
  return {
    baseline: { label, reference, url, runs, version },
    baselineDataDigests: baseline.dataDigests,
    parametersChanged: candidate === undefined ? [] : changedParameters(baseline.params, candidate.params),
  }
}

/** A baseline that is configured and not there lets limits on regressions pass: visibly. */
function baselineNotes(baseline: MetricsReading | undefined): readonly string[] {
  if (baseline?.kind === 'found') return baseline.notes
  if (baseline?.kind !== 'none') return []
  return [`${baseline.problem.message}: there is nothing to compare with, and limits on regressions pass.`]
}

function meansOf(comparison: Comparison): Readonly<Record<string, number>> {
  return Object.fromEntries(
    comparison.rows.flatMap(({ name, candidate }) =>
      candidate.kind === 'measured' ? [[name, candidate.summary.mean]] : [],
    ),
  )
}

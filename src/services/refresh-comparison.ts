/** reconcile() of a model pull request: reads it once, compares the models it touches, keeps one comment and one check run current. */
import { renderComparison, renderComparisonSections } from '../comments/comparison.ts'
import { renderComparisonCheck, renderComparisonStart } from '../comments/comparison-check.ts'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import { type ComparisonReport, conclusionOf, isOpen, type ModelReport } from '../domain/comparison-report.ts'
import { globMatches } from '../domain/glob.ts'
import type { CommitSha } from '../domain/ids.ts'
import type { ModelSettings } from '../domain/settings.ts'
import type { Subject } from '../domain/subject.ts'
import { type TrainingState, trainingState } from '../domain/training.ts'
import { reportAfterMerge } from './compare-model.ts'
import type { Deps } from './deps.ts'
import type { CheckRunOutput, ComparisonRecord, ComparisonStore, PullRequestView } from './ports.ts'
import { publishComparison } from './refresh-comparison-publish.ts'
import { type Configuration, readConfiguration, withConfiguration } from './refresh-comparison-settings.ts'

export type RefreshDeps = Pick<
  Deps,
  'github' | 'ledger' | 'clock' | 'hints' | 'log' | 'parseConfig' | 'compareModel'
> & {
  readonly comparisons: ComparisonStore
}

type PullRequestSubject = Extract<Subject, { kind: 'pull-request' }>

/** Everything one run knows. */
type Run = {
  readonly subject: PullRequestSubject
  readonly view: PullRequestView
  readonly configuration: Configuration
  readonly touched: readonly ModelSettings[]
  /** What was remembered; undefined: nothing was ever written here. */
  readonly known: ComparisonRecord | undefined
  readonly record: ComparisonRecord
}

const MAX_TEST_MERGES = 2
const POLL_MS = 60_000
const SLOWEST_POLL_MS = 600_000
/** What is kept to be shown while a moved head is pending: room for the new comparison stays. */
const FINISHED_LIMIT = 40_000

/**
 * One read and at most two writes, besides files and MLflow. Closed pull requests, promotion pull requests, repositories
 * without a configuration, and pull requests that touch no model (unless they once did) are left alone.
 */
export async function refreshComparison(subject: PullRequestSubject, deps: RefreshDeps): Promise<void> {
  const view = await deps.github.readPullRequest(subject.repository, subject.number)
  if (view === undefined || view.state !== 'open' || parsePromotionBranch(view.headRef) !== undefined) return
  const configuration = readConfiguration(view, deps.parseConfig)
  if (configuration === undefined) return
  const models = configuration.settings === undefined ? [] : [...configuration.settings.models.values()]
  const touched = models.filter((model) => touches(model, view.changedPaths))
  const known = await deps.comparisons.get(subject.repository, subject.number)
  if (
    touched.length === 0 &&
    configuration.proposed === undefined &&
    configuration.invalid === undefined &&
    known === undefined
  )
    return
  const record = recordFor(subject, view, { known, now: deps.clock.now() })
  const run: Run = { subject, view, configuration, touched, known, record }
  if (configuration.settings === undefined) return refuseConfiguration(run, deps)
  if (touched.length === 0) return withoutModels(run, deps)
  return compareTouched(run, deps)
}

function touches(model: ModelSettings, paths: readonly string[]): boolean {
  return paths.some((path) => model.paths.some((pattern) => globMatches(pattern, path)))
}

function recordFor(
  { repository, number }: PullRequestSubject,
  { headSha, testMergeCommit }: PullRequestView,
  { known, now }: { readonly known: ComparisonRecord | undefined; readonly now: Date },
): ComparisonRecord {
  const sameHead = known?.headSha === headSha ? known : undefined
  const merges = [...(testMergeCommit === undefined ? [] : [testMergeCommit]), ...(sameHead?.testMergeCommits ?? [])]
  return {
    repository,
    number,
    headSha,
    headSeenAt: sameHead?.headSeenAt ?? now.toISOString(),
    testMergeCommits: [...new Set(merges)].slice(0, MAX_TEST_MERGES),
    isCompleted: sameHead?.isCompleted ?? false,
    finished: known?.finished,
    waivers: known?.waivers ?? [],
  }
}

/** The default branch's configuration does not load: nothing can be judged, which is said on the check run and nowhere else. */
async function refuseConfiguration(run: Run, deps: RefreshDeps): Promise<void> {
  await deps.comparisons.save({ ...run.record, isCompleted: true })
  await publishComparison(run, { comment: undefined, check: withConfiguration(undefined, run.configuration) }, deps)
}

/** Only the configuration changes, or the models were taken out of the pull request again. */
async function withoutModels(run: Run, deps: RefreshDeps): Promise<void> {
  const report = reportOf(run, [])
  await deps.comparisons.save({ ...run.record, isCompleted: true })
  const check =
    run.configuration.proposed === undefined
      ? renderComparisonCheck(report)
      : withConfiguration(undefined, run.configuration)
  // A pull request that was never compared gets no comment for its configuration alone.
  const comment = run.known?.finished === undefined ? undefined : renderComparison(report)
  await publishComparison(run, { comment, check }, deps)
}

async function compareTouched(run: Run, deps: RefreshDeps): Promise<void> {
  await deps.comparisons.save(run.record)
  if (run.known?.headSha !== run.view.headSha) {
    const start = renderComparisonStart(run.touched.map((model) => model.name))
    await publishComparison(run, { comment: undefined, check: start }, deps)
  }
  const now = deps.clock.now()
  const states = new Map(run.touched.map((model) => [model, trainingOf(model, run, { now, appId: deps.github.appId })]))
  const models = await Promise.all([...states].map(([model, training]) => compare(model, { run, training }, deps)))
  // An outage takes back no verdict that this head already has.
  const outage = run.record.isCompleted && models.some((model) => model.verdict === 'unavailable')
  if (!outage) await publishReport(run, models, deps)
  await wakeLater(run, { models, now }, deps)
}

async function publishReport(run: Run, models: readonly ModelReport[], deps: RefreshDeps): Promise<void> {
  const report = reportOf(run, models)
  const check: CheckRunOutput = withConfiguration(renderComparisonCheck(report), run.configuration)
  const reopened = run.record.isCompleted && check.status === 'in_progress'
  await publishComparison(run, { comment: renderComparison(report), check, reopened }, deps)
  const finished = conclusionOf(models) === 'in_progress' ? run.record.finished : finishedOf(report)
  await deps.comparisons.save({ ...run.record, isCompleted: check.status === 'completed', finished })
}

function finishedOf(report: ComparisonReport): ComparisonRecord['finished'] {
  const sections = renderComparisonSections({ ...report, earlier: undefined }, FINISHED_LIMIT)
  return { headSha: report.headSha, sections }
}

function reportOf({ view, record }: Run, models: readonly ModelReport[]): ComparisonReport {
  const nothingYet = models.length > 0 && models.every((model) => model.comparison === undefined && isOpen(model))
  const earlier = nothingYet && record.finished?.headSha !== view.headSha ? record.finished : undefined
  return { headSha: view.headSha, isFork: view.isFork, models, earlier }
}

async function compare(
  model: ModelSettings,
  { run, training }: { readonly run: Run; readonly training: TrainingState },
  deps: RefreshDeps,
): Promise<ModelReport> {
  if (model.training.when === 'after_merge') return reportAfterMerge(model)
  const { view, record, subject } = run
  // A fork decides what its test merge is made of as much as its head; only the head is what a reviewer reads.
  const commits: readonly CommitSha[] = view.isFork ? [view.headSha] : [view.headSha, ...record.testMergeCommits]
  return deps.compareModel({
    repository: subject.repository,
    model,
    commits,
    headRef: view.headSha,
    baselineRef: view.baseSha,
    baselineLabel: view.baseRef,
    waivers: record.waivers.filter((waiver) => waiver.headSha === view.headSha),
    training,
    checks: { checks: view.checks, ownAppId: deps.github.appId },
  })
}

function trainingOf(
  { training }: ModelSettings,
  { view, record }: Run,
  { now, appId }: { readonly now: Date; readonly appId: number },
): TrainingState {
  const since = new Date(record.headSeenAt)
  return trainingState({
    checks: view.checks,
    name: training.check,
    ownAppId: appId,
    within: training.within,
    since,
    now,
  })
}

/** Metrics and unfinished runs announce themselves to nobody: they are looked for, ever more seldom, and at the deadline. */
async function wakeLater(
  { subject, record }: Run,
  { models, now }: { readonly models: readonly ModelReport[]; readonly now: Date },
  { hints }: RefreshDeps,
): Promise<void> {
  if (!models.some((model) => isOpen(model) || model.candidate?.newerRunning === true)) return
  const age = now.getTime() - Date.parse(record.headSeenAt)
  const poll = now.getTime() + Math.min(SLOWEST_POLL_MS, Math.max(POLL_MS, age / 10))
  const deadlines = models.flatMap(({ waiting }) => (waiting?.until === undefined ? [] : [waiting.until.getTime()]))
  await hints.wakeAt(subject, new Date(Math.min(poll, ...deadlines)))
}

/** reconcile() of a model pull request: reads it once, compares the models it touches, keeps one comment and one check run current. */
import { renderComparison, renderComparisonSections } from '../comments/comparison.ts'
import { renderComparisonCheck, renderComparisonStart } from '../comments/comparison-check.ts'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import {
  type ComparisonReport,
  conclusionOf,
  failsAllTheSame,
  isHidden,
  isOpen,
  type ModelReport,
} from '../domain/comparison-report.ts'
import type { DeployTarget } from '../domain/deploy-button.ts'
import { Deferred } from '../domain/failure.ts'
import { shortSha } from '../domain/ids.ts'
import { judgedModel } from '../domain/judged-gates.ts'
import type { ModelSettings } from '../domain/settings.ts'
import type { Subject } from '../domain/subject.ts'
import { type TrainingState, trainingState } from '../domain/training.ts'
import { reportAfterMerge } from './compare-model.ts'
import type { Deps } from './deps.ts'
import { lookForHead } from './heard-head.ts'
import { leavePreviews } from './leave-previews.ts'
import type { CheckRunOutput, ComparisonRecord, ComparisonStore, PullRequestView, WaiverRecord } from './ports.ts'
import { comparisonCheckKey } from './publish-check.ts'
import { isBaselineAtCommit } from './read-baseline.ts'
import { readTrend } from './read-trend.ts'
import { publishComparison } from './refresh-comparison-publish.ts'
import {
  type Configuration,
  isConcerned,
  readConfiguration,
  touchedModels,
  withConfiguration,
} from './refresh-comparison-settings.ts'
import { lookAgain, nextPoll } from './refresh-comparison-wake.ts'
import { CONFIG_FILE } from './repo-settings.ts'
import { excuseFromPromotion } from './required-checks.ts'
import { tellDeferred } from './tell-deferred.ts'

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
  /** Those of this head. */
  readonly waivers: readonly WaiverRecord[]
}

const MAX_TEST_MERGES = 2
/** What is kept to be shown while a moved head is pending: room for the new comparison stays. */
const FINISHED_LIMIT = 40_000

/**
 * One read and at most two writes, besides files, MLflow and, once per head, its merge base. Closed pull requests, promotion
 * pull requests, and repositories without models are left alone. A pull request that touches no model gets its check run, since
 * branch rules may require it.
 */
export async function refreshComparison(subject: PullRequestSubject, deps: RefreshDeps): Promise<void> {
  try {
    await lookAndRefresh(subject, deps)
  } catch (error) {
    if (error instanceof Deferred) await tellDeferred(subject, error, deps)
    throw error
  }
}

async function lookAndRefresh(subject: PullRequestSubject, deps: RefreshDeps): Promise<void> {
  const view = await deps.github.readPullRequest(subject.repository, subject.number)
  if (view !== undefined) await refreshAsRead(subject, view, deps)
  // Last, since a subject has one timer: this look is the earlier one, and sets the other anew.
  await lookForHead(subject, view, deps)
}

async function refreshAsRead(subject: PullRequestSubject, view: PullRequestView, deps: RefreshDeps): Promise<void> {
  if (view.state === 'closed') await leavePreviews({ repository: subject.repository, view }, deps)
  if (view.state !== 'open') return rememberEnd(subject, view, deps)
  if (parsePromotionBranch(view.headRef) !== undefined) return
  const configuration = readConfiguration(view, deps.parseConfig)
  if (configuration === undefined) return
  await excuseFromPromotion(view, { repository: subject.repository, configuration }, deps)
  const touched = touchedModels(configuration, view)
  const known = await deps.comparisons.get(subject.repository, subject.number)
  if (!isConcerned(configuration) && known === undefined) return
  const record = recordFor(subject, view, { known, now: deps.clock.now() })
  const waivers = await deps.comparisons.waivers(record)
  const run: Run = { subject, view, configuration, touched, known, record, waivers }
  if (configuration.settings === undefined) return refuseConfiguration(run, deps)
  if (touched.length === 0) return withoutModels(run, deps)
  return compareTouched(run, deps)
}

/** Whoever comments on it later is told that it has ended. */
async function rememberEnd(
  { repository, number }: PullRequestSubject,
  { state }: PullRequestView,
  { comparisons }: RefreshDeps,
): Promise<void> {
  const known = await comparisons.get(repository, number)
  if (known?.pull === undefined || known.pull.state === state) return
  await comparisons.save({ ...known, pull: { ...known.pull, state } })
}

function recordFor(
  { repository, number }: PullRequestSubject,
  { id, state, author, headRef, headSha, baseRef, testMergeCommit, isFork }: PullRequestView,
  { known, now }: { readonly known: ComparisonRecord | undefined; readonly now: Date },
): ComparisonRecord {
  const sameHead = known?.headSha === headSha ? known : undefined
  // A fork decides what its test merge is made of as much as its head; only the head is what a reviewer reads, also at release.
  const newest = testMergeCommit === undefined || isFork ? [] : [testMergeCommit]
  const merges = [...newest, ...(sameHead?.testMergeCommits ?? [])]
  return {
    repository,
    number,
    pull: { id, headRef, isFork, author, state },
    headSha,
    headSeenAt: sameHead?.headSeenAt ?? now.toISOString(),
    testMergeCommits: [...new Set(merges)].slice(0, MAX_TEST_MERGES),
    mergeBase: sameHead?.mergeBase?.baseRef === baseRef ? sameHead.mergeBase : undefined,
    lookAgain: sameHead?.lookAgain,
    isCompleted: sameHead?.isCompleted ?? false,
    judged: sameHead?.judged,
    finished: known?.finished,
  }
}

/** The default branch's configuration does not load: nothing can be judged, which is said on the check run and nowhere else. */
async function refuseConfiguration(run: Run, deps: RefreshDeps): Promise<void> {
  await deps.comparisons.save({ ...run.record, isCompleted: false })
  await publishComparison(run, { comment: undefined, check: withConfiguration(undefined, run.configuration) }, deps)
}

/** Only the configuration changes, or the models were taken out of the pull request again. */
async function withoutModels(run: Run, deps: RefreshDeps): Promise<void> {
  const report = reportOf(run, [])
  await deps.comparisons.save({ ...run.record, isCompleted: false })
  const check =
    run.configuration.proposed === undefined
      ? concluded(renderComparisonCheck(report), run)
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
  const located = await withMergeBase(run, deps)
  const models = await Promise.all(run.touched.map((model) => compare(model, { run: located, now }, deps)))
  const within = Math.max(...run.touched.map(({ training }) => training.within))
  const look = { record: located.record, models, within, now }
  const again = lookAgain(look)
  const record = { ...located.record, lookAgain: again }
  if (!(await isKept(run, models, deps))) await publishReport({ ...located, record }, models, deps)
  const next = again === undefined ? nextPoll(look) : new Date(again.at)
  if (next !== undefined) await deps.hints.wakeAt(run.subject, next)
}

/** An outage takes back no verdict that this head already has; what fails for another reason does, once. */
async function isKept(
  { subject: { repository, number }, view: { headSha }, record }: Run,
  models: readonly ModelReport[],
  { ledger }: RefreshDeps,
): Promise<boolean> {
  if (!record.isCompleted || !models.some(isHidden)) return false
  if (!models.some(failsAllTheSame)) return true
  const told = await ledger.publication(comparisonCheckKey({ repository, number, headSha }))
  return told?.said?.conclusion === 'failure'
}

/** Asked once per head, and only where a baseline stands at a commit: what the base branch became since is not this pull request's doing. */
async function withMergeBase(run: Run, { github, comparisons }: RefreshDeps): Promise<Run> {
  const { subject, view, touched, record } = run
  const isNeeded = touched.some((model) => model.training.when === 'pull_request' && isBaselineAtCommit(model))
  if (!isNeeded || record.mergeBase !== undefined) return run
  const commit = await github.mergeBase(subject.repository, view.baseSha, view.headSha)
  if (commit === undefined) return run
  const located: ComparisonRecord = { ...record, mergeBase: { baseRef: view.baseRef, commit } }
  await comparisons.save(located)
  return { ...run, record: located }
}

/** The conclusion that the team chose for "nothing to judge". Models that are judged after the merge must get there. */
function concluded(check: CheckRunOutput, { configuration: { settings }, touched }: Run): CheckRunOutput {
  const isLater = touched.length > 0 && touched.every(({ training }) => training.when === 'after_merge')
  if (check.conclusion !== 'neutral' || settings === undefined || isLater) return check
  return { ...check, conclusion: settings.nothingToCompare }
}

async function publishReport(run: Run, models: readonly ModelReport[], deps: RefreshDeps): Promise<void> {
  const report = reportOf(run, models)
  const check: CheckRunOutput = withConfiguration(concluded(checkOf(report, run), run), run.configuration)
  await publishComparison(run, { comment: renderComparison(report), check }, deps)
  const isFinished = conclusionOf(models) !== 'in_progress' && !models.some(({ verdict }) => verdict === 'unavailable')
  const finished = isFinished ? finishedOf(report) : run.record.finished
  const judged = models.map(judgedModel)
  await deps.comparisons.save({ ...run.record, isCompleted: check.status === 'completed', judged, finished })
}

function checkOf(report: ComparisonReport, run: Run): CheckRunOutput {
  const { lineOf } = run.configuration
  return renderComparisonCheck(report, lineOf && { path: CONFIG_FILE, lineOf }, deployable(run))
}

/** Where the head may go before its merge. Of several models none is obvious, and of a fork a person names the commit. */
function deployable({ configuration: { settings }, touched, view }: Run): readonly DeployTarget[] {
  const [model, ...others] = touched
  if (model === undefined || others.length > 0 || view.isFork || settings === undefined) return []
  return model.environments
    .filter((name) => settings.environments.get(name)?.from === 'pull_request')
    .map((environment) => ({ model: model.name, environment }))
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
  { run, now }: { readonly run: Run; readonly now: Date },
  deps: RefreshDeps,
): Promise<ModelReport> {
  if (model.training.when === 'after_merge') return reportAfterMerge(model)
  const { view, record, subject, configuration, waivers } = run
  const { repository } = subject
  const base = record.mergeBase
  const report = await deps.compareModel({
    repository,
    model,
    commits: [view.headSha, ...record.testMergeCommits],
    headRef: view.headSha,
    baselineRef: base?.commit ?? view.baseSha,
    baseTip: view.baseSha,
    baselineLabel: base === undefined ? view.baseRef : `${view.baseRef} at ${shortSha(base.commit)}`,
    waivers: waivers.filter((waiver) => waiver.model === model.name),
    training: trainingOf(model, run, { now, appId: deps.github.appId }),
    checks: { checks: view.checks, ownAppId: deps.github.appId },
  })
  const { settings } = configuration
  return settings === undefined
    ? report
    : { ...report, trend: await readTrend(report, { repository, model, settings }, deps) }
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

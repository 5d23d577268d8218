/** A release's metrics and gates when it is made: direct pushes and pull requests that were merged red are judged here. Part of complete-release.ts. */
import type { ModelReport } from '../domain/comparison-report.ts'
import { type CommitSha, shortSha } from '../domain/ids.ts'
import type { ModelSettings } from '../domain/settings.ts'
import { trainingState } from '../domain/training.ts'
import { type CompareQuestion, isCommitted } from './compare-model.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { ReleaseRecord } from './ledger.ts'
import type { ComparisonRecord } from './ports.ts'
import { isBaselineAtCommit } from './read-baseline.ts'

type JudgeDeps = Pick<Deps, 'compareModel' | 'github' | 'clock'> & Pick<ReadDeps, 'comparisons'>

/** As the pull request saw it: the same runs, the same baseline commit, and the waivers of its head. Checks are read anew where the model names some. */
export async function judgeRelease(record: ReleaseRecord, model: ModelSettings, deps: JudgeDeps): Promise<ModelReport> {
  const { repository, commit, pullRequest } = record
  const head = pullRequest?.headSha ?? commit
  const remembered = pullRequest && (await deps.comparisons.get(repository, pullRequest.number))
  const compared = remembered?.headSha === head ? remembered : undefined
  const { number } = pullRequest ?? {}
  const waivers = number === undefined ? [] : await deps.comparisons.waivers({ repository, number, headSha: head })
  // GitHub forgets the test merge once the pull request is merged; CI may have trained on it.
  const tested = compared?.testMergeCommits ?? []
  const commits = [head, ...tested, pullRequest?.testMergeCommit, commit].filter((sha) => sha !== undefined)
  return deps.compareModel({
    repository,
    model,
    commits: [...new Set(commits)],
    headRef: head,
    baselineRef: await baselineRef(record, { model, compared }, deps),
    baseTip: record.parent,
    isLanded: record.origin !== 'pull_request',
    ...(await trainingOf(record, { model, compared }, deps)),
    waivers: waivers.filter((waiver) => waiver.model === model.name),
    checks: await reportedChecks(record, model, deps),
  })
}

type Judged = { readonly model: ModelSettings; readonly compared: ComparisonRecord | undefined }

/** A head that is not merged waits for its training as its comparison does; a merge is the word that nothing more is waited for. */
async function trainingOf(
  { repository, commit, origin, begunAt }: ReleaseRecord,
  { model, compared }: Judged,
  { github, clock }: JudgeDeps,
): Promise<Pick<CompareQuestion, 'training'>> {
  if (origin !== 'pull_request' || model.training.when === 'after_merge' || compared?.isCompleted === true) return {}
  const { check: name, within } = model.training
  const checks = await github.readChecks(repository, commit)
  const since = new Date(compared?.headSeenAt ?? begunAt)
  return { training: trainingState({ checks, name, ownAppId: github.appId, within, since, now: clock.now() }) }
}

/** Those of the head that was merged; where training begins with the merge, those of the landed commit, too. */
async function reportedChecks(
  { repository, commit, pullRequest }: ReleaseRecord,
  model: ModelSettings,
  { github }: JudgeDeps,
): Promise<CompareQuestion['checks']> {
  if (model.checks.length === 0) return undefined
  const head = pullRequest?.headSha ?? commit
  const commits = new Set(model.training.when === 'after_merge' ? [head, commit] : [head])
  const checks = await Promise.all([...commits].map((sha) => github.readChecks(repository, sha)))
  return { checks: checks.flat(), ownAppId: github.appId }
}

/** Where the pull request began, else the branch as it was before this commit. */
async function baselineRef(
  { repository, commit, parent, pullRequest }: ReleaseRecord,
  { model, compared }: Judged,
  { github }: JudgeDeps,
): Promise<CommitSha | string> {
  const before = parent ?? `${commit}~1`
  if (!isBaselineAtCommit(model) || pullRequest === undefined) return before
  if (compared?.mergeBase !== undefined) return compared.mergeBase.commit
  return (parent && (await github.mergeBase(repository, parent, pullRequest.headSha))) ?? before
}

/** What the gates still wait for, in words that name it; empty when every gate is judged. */
export function unjudged(
  report: ModelReport,
  { model, head }: { readonly model: ModelSettings; readonly head: CommitSha },
): readonly string[] {
  const { verdict, problem, gates } = report
  const isOpen = verdict === 'refused' || verdict === 'unavailable' || verdict === 'pending'
  // Training may end after the merge, and often begins with it.
  const isAwaited = verdict === 'not_found' && gates.missing.length > 0 && !isCommitted(model)
  const metrics = isOpen
    ? [problem?.message ?? 'the metrics: training has not finished']
    : isAwaited
      ? [`the metrics of ${shortSha(head)}: ${problem?.message ?? 'there are none'}`]
      : []
  const checks = report.outside
    .filter(({ verdict, required }) => verdict === 'pending' && required)
    .map(({ name, evidence }) => `\`${name}\` of ${shortSha(head)}: ${evidence}`)
  return [...metrics, ...checks]
}

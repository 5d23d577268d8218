/** A push to the default branch begins a pending release of each model it touched. Completed by complete-release.ts. */

import { parsePromotionBranch } from '../domain/branch-name.ts'
import { globMatches } from '../domain/glob.ts'
import type { CommitSha, ModelName, RepoName } from '../domain/ids.ts'
import type { ModelSettings } from '../domain/settings.ts'
import { releaseSubject, type Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import { withHeardMerge } from './heard-merge.ts'
import { intendedNow, lookAfter } from './listed-yet.ts'
import type { LandedCommit } from './ports.ts'
import { takeSettings } from './repo-settings.ts'
import { isWithoutModels, rememberWithoutModels } from './without-models.ts'

/** Commits looked at per push: a merge queue lands several pull requests at once. */
const PUSH_LIMIT = 50

type PushSubject = Extract<Subject, { kind: 'push' }>

/** reconcile() of a push: squash, rebase and merge commits all lead from the landed commit to its pull request. */
export async function beginReleases(subject: PushSubject, deps: Deps): Promise<void> {
  const { repository, sha } = subject
  if (await isWithoutModels(subject, deps)) return
  const limit = subject.before === undefined ? 1 : PUSH_LIMIT
  const landed = await deps.github.readLanded(repository, sha, limit, subject.before)
  if (!landed.onDefaultBranch) {
    await looksAgain(subject, LANDING_LOOKS_MS, deps)
    return
  }
  const settings = landed.configFile && (await takeSettings(repository, landed.configFile, deps))
  if (settings === undefined || settings.models.size === 0) {
    if (landed.tip !== undefined) await rememberWithoutModels({ repository, sha: landed.tip }, deps)
    return
  }
  const { commits, isHeard } = await withHeardMerge(landed.commits, subject, deps)
  const looks = isHeard ? HEARD_LOOKS_MS : SETTLING_LOOKS_MS
  for (const landing of landings(commits, sha).toReversed()) {
    if (landing.pullRequest === undefined && (await looksAgain(subject, looks, deps))) continue
    const models = [...settings.models.values()].filter((model) => touches(model, landing.paths))
    for (const { name: model } of models) await begin({ repository, model, landing, by: subject.by }, deps)
    // When all have begun, since each tells of the others in their thread; also of what was known: a crash may have come between a row and this.
    const { commit, pullRequest } = landing
    for (const { name: model } of models)
      await deps.hints.hint(releaseSubject({ repository, model, commit, pullRequest }))
  }
}

/** GitHub may know only moments later that a commit came through a pull request: a direct push is believed at the second look. */
const SETTLING_LOOKS_MS = [10_000] as const
/** The release would stay without its pull request for good: where one was heard of, it is waited for as long as reads may lag. */
const HEARD_LOOKS_MS = [10_000, 25_000, 60_000] as const
/** Reads lag behind pushes: after these times it is looked again whether the commit has reached the default branch. */
const LANDING_LOOKS_MS = [3000, 15_000, 60_000] as const

/** False when all of these times after the first look have passed. Another replica may have looked first, by a clock of its own. */
async function looksAgain(subject: PushSubject, after: readonly number[], deps: Deps): Promise<boolean> {
  const next = lookAfter(await firstSeen(subject, deps), after, deps.clock)
  if (next !== undefined) await deps.hints.wakeAt(subject, next)
  return next !== undefined
}

async function firstSeen({ repository, sha }: PushSubject, { ledger, clock }: Deps): Promise<string> {
  const key = `landed:${repository}:${sha}`
  const known = (await ledger.publication(key))?.intendedAt
  if (known !== undefined) return known
  const intendedAt = intendedNow(clock)
  await ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt })
  return intendedAt
}

type Landing = {
  readonly commit: CommitSha
  readonly parent: CommitSha | undefined
  readonly paths: readonly string[]
  readonly depth: number | undefined
  readonly pullRequest: LandedCommit['pullRequest']
}

/** One landing per pull request (at its merge commit), one per directly pushed head. Promotion merges of our own make no release. */
function landings(commits: readonly LandedCommit[], pushed: CommitSha): readonly Landing[] {
  const seen = new Set<number>()
  const direct = commits.flatMap(({ pullRequest, changedPaths }) => (pullRequest === undefined ? changedPaths : []))
  return commits.flatMap((commit): readonly Landing[] => {
    const { pullRequest, depth, parent } = commit
    if (pullRequest === undefined) {
      // A push of several commits makes one release, of all that they touch; older pushes had their own event.
      return commit.sha === pushed && !commit.authoredByApp
        ? [{ commit: commit.sha, parent, paths: direct, depth, pullRequest: undefined }]
        : []
    }
    if (seen.has(pullRequest.number) || parsePromotionBranch(pullRequest.headRef) !== undefined) return []
    seen.add(pullRequest.number)
    const landed = pullRequest.mergeCommit ?? commit.sha
    const before = landed === commit.sha ? parent : undefined
    return [{ commit: landed, parent: before, paths: pullRequest.changedPaths, depth, pullRequest }]
  })
}

const touches = (model: ModelSettings, paths: readonly string[]): boolean =>
  paths.some((path) => model.paths.some((pattern) => globMatches(pattern, path)))

type Beginning = {
  readonly repository: RepoName
  readonly model: ModelName
  readonly landing: Landing
  /** Who pushed. */
  readonly by: string | undefined
}

async function begin({ repository, model, landing, by }: Beginning, { ledger, clock }: Deps): Promise<void> {
  const { commit, parent, pullRequest, depth } = landing
  await ledger.beginRelease({
    repository,
    model,
    commit,
    pullRequest: pullRequest && {
      number: pullRequest.number,
      id: pullRequest.id,
      headSha: pullRequest.headSha,
      testMergeCommit: pullRequest.testMergeCommit,
      headRef: pullRequest.headRef,
      author: pullRequest.author,
    },
    ...(pullRequest === undefined && by !== undefined ? { pushedBy: by } : {}),
    parent,
    depth,
    begunAt: clock.now().toISOString(),
  })
}

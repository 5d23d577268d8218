/** A push to the default branch begins a pending release of each model it touched. Completed by complete-release.ts. */

import { parsePromotionBranch } from '../domain/branch-name.ts'
import { globMatches } from '../domain/glob.ts'
import type { CommitSha, ModelName, RepoName } from '../domain/ids.ts'
import type { ModelSettings } from '../domain/settings.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import type { LandedCommit } from './ports.ts'
import { takeSettings } from './repo-settings.ts'

/** Commits looked at per push: a merge queue lands several pull requests at once. */
const PUSH_LIMIT = 50

type PushSubject = Extract<Subject, { kind: 'push' }>

/** reconcile() of a push: squash, rebase and merge commits all lead from the landed commit to its pull request. */
export async function beginReleases(subject: PushSubject, deps: Deps): Promise<void> {
  const { repository, sha } = subject
  const landed = await deps.github.readLanded(repository, sha, subject.before === undefined ? 1 : PUSH_LIMIT)
  if (!landed.onDefaultBranch || landed.configFile === undefined) return
  const settings = await takeSettings(repository, landed.configFile, deps)
  if (settings.models.size === 0) return
  for (const landing of landings(since(landed.commits, subject.before), sha).toReversed()) {
    if (landing.pullRequest === undefined && !(await isSettled(subject, deps))) continue
    for (const model of settings.models.values()) {
      if (touches(model, landing.paths)) await begin({ repository, model: model.name, landing }, deps)
    }
  }
}

/** The commits of this push: those after `before`, or the pushed one alone. */
function since(commits: readonly LandedCommit[], before: CommitSha | undefined): readonly LandedCommit[] {
  if (before === undefined) return commits.slice(0, 1)
  const end = commits.findIndex(({ sha }) => sha === before)
  // Not found: the branch was rewritten, or the push is longer than what is looked at.
  return end < 0 ? commits.slice(0, PUSH_LIMIT) : commits.slice(0, end)
}

const SETTLING_MS = 10_000

/** GitHub may know only moments later that a commit came through a pull request: a direct push is believed at the second look. */
async function isSettled(subject: PushSubject, { ledger, hints, clock }: Deps): Promise<boolean> {
  const key = `landed:${subject.repository}:${subject.sha}`
  const now = clock.now()
  const firstSeen = (await ledger.publication(key))?.intendedAt
  if (firstSeen === undefined) {
    await ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt: now.toISOString() })
  }
  const settled = new Date(Date.parse(firstSeen ?? now.toISOString()) + SETTLING_MS)
  if (settled <= now) return true
  await hints.wakeAt(subject, settled)
  return false
}

type Landing = {
  readonly commit: CommitSha
  readonly paths: readonly string[]
  readonly pullRequest: LandedCommit['pullRequest']
}

/** One landing per pull request (at its merge commit), one per directly pushed head. Promotion merges of our own make no release. */
function landings(commits: readonly LandedCommit[], pushed: CommitSha): readonly Landing[] {
  const seen = new Set<number>()
  return commits.flatMap((commit): readonly Landing[] => {
    const { pullRequest } = commit
    if (pullRequest === undefined) {
      // Older direct pushes had their own push event.
      return commit.sha === pushed && !commit.authoredByApp
        ? [{ commit: commit.sha, paths: commit.changedPaths, pullRequest: undefined }]
        : []
    }
    if (seen.has(pullRequest.number) || parsePromotionBranch(pullRequest.headRef) !== undefined) return []
    seen.add(pullRequest.number)
    return [{ commit: pullRequest.mergeCommit ?? commit.sha, paths: pullRequest.changedPaths, pullRequest }]
  })
}

const touches = (model: ModelSettings, paths: readonly string[]): boolean =>
  paths.some((path) => model.paths.some((pattern) => globMatches(pattern, path)))

async function begin(
  { repository, model, landing }: { repository: RepoName; model: ModelName; landing: Landing },
  { ledger, hints, clock }: Deps,
): Promise<void> {
  const { commit, pullRequest } = landing
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
    begunAt: clock.now().toISOString(),
  })
  // Also when the release was known: a crash may have come between its row and this hint.
  await hints.hint({ kind: 'release', repository, model, sha: commit })
}

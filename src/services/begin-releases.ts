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

/** reconcile() of a push: squash, rebase and merge commits all lead from the landed commit to its pull request. */
export async function beginReleases(subject: Extract<Subject, { kind: 'push' }>, deps: Deps): Promise<void> {
  const { repository, sha } = subject
  const landed = await deps.github.readLanded(repository, sha, PUSH_LIMIT)
  if (!landed.onDefaultBranch || landed.configFile === undefined) return
  const settings = await takeSettings(repository, landed.configFile, deps)
  if (settings.models.size === 0) return
  for (const landing of landings(landed.commits, sha).toReversed()) {
    for (const model of settings.models.values()) {
      if (touches(model, landing.paths)) await begin({ repository, model: model.name, landing }, deps)
    }
  }
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

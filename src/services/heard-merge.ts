/** GitHub's lists lag behind its webhooks: the pull request that an event said was merged as a commit, until the commit itself names it. Part of begin-releases.ts; heard by handlers/pull-request.changed.ts. */
import type { CommitSha, RepoName } from '../domain/ids.ts'
import type { Deps } from './deps.ts'
import type { LandedCommit } from './ports.ts'

export type HeardMerge = {
  readonly repository: RepoName
  readonly number: number
  /** The commit that the merge made on the default branch. */
  readonly sha: CommitSha
}

type At = Pick<HeardMerge, 'repository' | 'sha'>

const keyOf = ({ repository, sha }: At): string => `heard-merge ${repository} ${sha}`

/** An event says that the pull request was merged into the default branch as this commit. */
export async function rememberMerge(
  { repository, number, sha }: HeardMerge,
  { ledger, clock }: Pick<Deps, 'ledger' | 'clock'>,
): Promise<void> {
  const intendedAt = clock.now().toISOString()
  await ledger.savePublication({ key: keyOf({ repository, sha }), nodeId: undefined, hash: `${number}`, intendedAt })
}

/** `landed` with the pull request that was heard of, where the commit names none yet: read by its number, which does not lag as lists do. One call, and only there. */
export async function withHeardMerge(
  landed: readonly LandedCommit[],
  at: At,
  { ledger, github }: Pick<Deps, 'ledger' | 'github'>,
): Promise<{ readonly commits: readonly LandedCommit[]; readonly isHeard: boolean }> {
  const isNamed = landed.some(({ sha, pullRequest }) => sha === at.sha && pullRequest !== undefined)
  const number = isNamed ? undefined : (await ledger.publication(keyOf(at)))?.hash
  if (number === undefined) return { commits: landed, isHeard: false }
  const view = await github.readPullRequest(at.repository, Number(number))
  const isShown = view?.state === 'merged' && view.mergeCommit === at.sha && view.baseRef === view.defaultBranch
  if (!isShown) return { commits: landed, isHeard: true }
  const commits = landed.map((commit) =>
    commit.sha === at.sha ? { ...commit, pullRequest: view, changedPaths: [] } : commit,
  )
  return { commits, isHeard: true }
}

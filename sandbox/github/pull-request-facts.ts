/** What is derived from a pull request: its commits and files, the test merge, who reviewed. What its base branch demands: branch-rules.ts. Records are in model.ts. */
import { writeCommit } from './git.ts'
import { diffCommits, type FileChange } from './git-diff.ts'
import { commitsBetween, mergeBase } from './git-history.ts'
import { mergeCommits } from './git-merge.ts'
import type { PullRequest, Review, TestMerge } from './model.ts'
import { commitTime, GITHUB_IDENTITY, identityOf } from './signatures.ts'
import type { GitHubState } from './state.ts'

export type Mergeability = 'mergeable' | 'conflicting' | 'unknown'

/** The full name of a branch's ref. */
export const branchRef = (name: string): string => `refs/heads/${name}`

/** Where the base is: the branch's tip while open, else what it was at the end. */
export const baseTip = ({ repository, base, state }: PullRequest): string =>
  (state === 'open' ? repository.refs.get(branchRef(base.ref)) : undefined) ?? base.sha

/** Ids of the pull request's own commits, oldest first. */
export const pullRequestCommits = (record: PullRequest): string[] =>
  commitsBetween(record.repository.objects, baseTip(record), record.head.sha)

/** The pull request's files: its head against the merge base with the base branch. */
export function pullRequestChanges(record: PullRequest): FileChange[] {
  const { objects } = record.repository
  return diffCommits(objects, mergeBase(objects, baseTip(record), record.head.sha), record.head.sha)
}

/** The test merge of the heads as they are now, made when missing; its commit is `refs/pull/N/merge`. */
export function testMergeOf(state: GitHubState, record: PullRequest): TestMerge {
  const { repository, head } = record
  const base = baseTip(record)
  if (record.testMerge?.head === head.sha && record.testMerge.base === base) return record.testMerge
  const merged = mergeCommits(repository.objects, base, head.sha)
  const sha = merged.clean
    ? writeCommit(repository.objects, {
        tree: merged.tree,
        parents: [base, head.sha],
        author: { ...identityOf(state, record.author), at: commitTime(state) },
        committer: { ...GITHUB_IDENTITY, at: commitTime(state) },
        message: `Merge ${head.sha} into ${base}`,
      })
    : null
  const ref = `refs/pull/${record.number}/merge`
  if (sha === null) repository.refs.delete(ref)
  else repository.refs.set(ref, sha)
  record.testMerge = { head: head.sha, base, sha }
  return record.testMerge
}

/**
 * What a direct read shows. GitHub works it out in the background after the first read: with a lag configured the first
 * read after a move says `unknown`, as theirs does; without, it is known at once. Unknown for closed pull requests.
 */
export function readMergeability(state: GitHubState, record: PullRequest): Mergeability {
  if (record.state === 'closed') return 'unknown'
  const key = `${record.head.sha} ${baseTip(record)}`
  const lags = state.lag.requests !== undefined || state.lag.milliseconds !== undefined
  if (lags && record.testMergeAsked !== key) {
    record.testMergeAsked = key
    return 'unknown'
  }
  return testMergeOf(state, record).sha === null ? 'conflicting' : 'mergeable'
}

/** The newest deciding review of each person but the author, oldest first; comments decide nothing. */
export function latestReviews({ reviews }: PullRequest): Review[] {
  const deciding = reviews.filter(({ state }) => state !== 'COMMENTED')
  return [...new Map(deciding.map((review) => [review.author, review])).values()]
}

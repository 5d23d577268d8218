/** Whether an open promotion pull request is still what would be opened now. Pure; services/rebuild-promotion.ts acts on it. */
import type { Change, OpenedPullRequest } from './promotion.ts'

/** What the pull request was made from, and what it changes. */
export type Built = {
  readonly pullRequest: Pick<OpenedPullRequest, 'base' | 'blobs'>
  readonly changes: readonly Change[]
}

/** The same, made now; with what GitHub says of the pull request as it is. */
export type BuildableNow = {
  /** Tip of the base branch. */
  readonly base: string
  readonly blobs: Readonly<Record<string, string>>
  readonly changes: readonly Change[]
  /** GitHub's word: `BEHIND` only where the base branch's rules want pull requests up to date. */
  readonly mergeStateStatus: string
  readonly mergeable: 'mergeable' | 'conflicting' | 'unknown'
}

/**
 * Why it has to be made anew, in words; undefined while it stands. A base that moved elsewhere is no reason: in a busy
 * repository no approval would live to see the merge.
 */
export function stalenessOf({ pullRequest, changes }: Built, now: BuildableNow): string | undefined {
  const { blobs = now.blobs, base } = pullRequest
  const paths = [...new Set([...Object.keys(blobs), ...Object.keys(now.blobs)])].toSorted()
  const moved = paths.filter((path) => now.blobs[path] !== undefined && now.blobs[path] !== blobs[path])
  if (moved.length > 0) return `${moved.map((path) => `\`${path}\``).join(', ')} changed on the base branch`
  if (!isSame(changes, now.changes)) return 'what it is to change is configured otherwise now'
  if (base === now.base) return undefined
  if (now.mergeable === 'conflicting') return 'the base branch has moved into conflict with it'
  return now.mergeStateStatus === 'BEHIND' ? 'its branch has to be up to date with the base branch' : undefined
}

/** Stored changes come back with their keys in another order, and without those that are undefined. */
function isSame(one: readonly Change[], other: readonly Change[]): boolean {
  const keys = (changes: readonly Change[]): string =>
    JSON.stringify(
      changes.map(({ file, document, path, before, after }) => [file, document ?? null, path, before, after]),
    )
  return keys(one) === keys(other)
}

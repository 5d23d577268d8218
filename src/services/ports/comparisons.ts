/** What is remembered of comparisons. src/store/comparisons.ts implements it. */
import type { CommitSha, RepoName } from '../../domain/ids.ts'

/** One gate waived for one head (`/override`). */
export type WaiverRecord = {
  readonly gate: string
  readonly headSha: CommitSha
  readonly by: string
  readonly reason: string
  /** ISO instant. */
  readonly at: string
}

/** What is remembered of one pull request's comparison between two runs. Plain data; ids of comment and check run are publications of the ledger. */
export type ComparisonRecord = {
  readonly repository: RepoName
  readonly number: number
  readonly headSha: CommitSha
  /** ISO instant at which this head was first seen: deadlines count from here. */
  readonly headSeenAt: string
  /** GitHub's test merges of this head, newest first: CI may have trained on an older one, before the base moved. */
  readonly testMergeCommits: readonly CommitSha[]
  /** Where this head and its base branch part, once it was asked. */
  readonly mergeBase?: { readonly baseRef: string; readonly commit: CommitSha } | undefined
  /** ISO instant at which it is looked at a second time; see refresh-comparison-wake.ts. */
  readonly secondLookAt?: string | undefined
  /** A comparison has completed the check run on this head: it has a verdict. */
  readonly isCompleted: boolean
  /** The last finished comparison, of this head or an earlier one, as Markdown without the marker. */
  readonly finished: { readonly headSha: CommitSha; readonly sections: string } | undefined
  readonly waivers: readonly WaiverRecord[]
}

/** Read-your-writes; `save` replaces. */
export type ComparisonStore = {
  get(repository: RepoName, number: number): Promise<ComparisonRecord | undefined>
  save(record: ComparisonRecord): Promise<void>
}

/** What is remembered of comparisons. src/store/comparisons.ts implements it. */
import type { Waiver } from '../../domain/gate.ts'
import type { CommitSha, ModelName, RepoName } from '../../domain/ids.ts'
import type { JudgedModel } from '../../domain/judged-gates.ts'

/** The head of a pull request. Waivers are for one head only. */
export type WaivedHead = {
  readonly repository: RepoName
  readonly number: number
  readonly headSha: CommitSha
}

/** One gate waived for one head (`/override`). */
export type WaiverRecord = Waiver &
  WaivedHead & {
    readonly model: ModelName
    /** ISO instant. */
    readonly at: string
    /** The comment and its line, by which a run after a crash knows its own. */
    readonly said?: string
  }

export type Revocation = {
  readonly gate: string
  readonly model: ModelName
  readonly by: string
  readonly at: Date
}

/** What commands and buttons know of a pull request without asking GitHub, as last read. */
export type KnownPullRequest = {
  /** Node id. */
  readonly id: string
  readonly headRef: string
  readonly isFork: boolean
  readonly author: string | undefined
  readonly state: 'open' | 'closed' | 'merged'
}

/** What is remembered of one pull request's comparison between two runs. Plain data; ids of comment and check run are publications of the ledger. */
export type ComparisonRecord = {
  readonly repository: RepoName
  readonly number: number
  /** Absent in records of older versions. */
  readonly pull?: KnownPullRequest | undefined
  readonly headSha: CommitSha
  /** ISO instant at which this head was first seen: deadlines count from here. */
  readonly headSeenAt: string
  /** GitHub's test merges of this head, newest first: CI may have trained on an older one, before the base moved. */
  readonly testMergeCommits: readonly CommitSha[]
  /** Where this head and its base branch part, once it was asked. */
  readonly mergeBase?: { readonly baseRef: string; readonly commit: CommitSha } | undefined
  /** When (ISO instant) it is looked at again, and how long after an event that is; see refresh-comparison-wake.ts. */
  readonly lookAgain?: { readonly at: string; readonly afterMs: number } | undefined
  /** A comparison has completed the check run on this head: it has a verdict. */
  readonly isCompleted: boolean
  /** The gates as the check run of this head shows them; absent until then. */
  readonly judged?: readonly JudgedModel[] | undefined
  /** The last finished comparison, of this head or an earlier one, as Markdown without the marker. */
  readonly finished: { readonly headSha: CommitSha; readonly sections: string } | undefined
}

/** Read-your-writes; `save` replaces. */
export type ComparisonStore = {
  get(repository: RepoName, number: number): Promise<ComparisonRecord | undefined>
  save(record: ComparisonRecord): Promise<void>

  /** Those that stand, oldest first. */
  waivers(head: WaivedHead): Promise<readonly WaiverRecord[]>
  /**
   * Gives the waiver of this gate that then stands: this one, or one that was there before. The audit log has it in the same transaction.
   * `cause` names the command: the same one again changes nothing.
   */
  addWaiver(
    waiver: WaiverRecord,
    cause: string,
  ): Promise<{ readonly kind: 'added' | 'known'; readonly waiver: WaiverRecord }>
  /** False when none stood. The same `cause` again gives the same answer. */
  revokeWaiver(head: WaivedHead, revocation: Revocation, cause: string): Promise<boolean>
}

/** What the check runs on a merge queue's head are made of: the pull request's own, or the reason why there is none. Services: follow-merge-group.ts. */
import type { CommitSha } from './ids.ts'

/** The names by which branch rules require our check runs. */
export type CheckName = 'lockkeeper' | 'lockkeeper/promotion'

/** Why a check run says nothing about this pull request. */
export type Unconcerned = 'no-pull-request' | 'no-promotion' | 'is-promotion'

export type GroupCheck = { readonly name: CheckName } & (
  | {
      readonly kind: 'follows'
      /** Key of the publication of the pull request's own check run on its head. */
      readonly publication: string
    }
  | { readonly kind: 'unconcerned'; readonly reason: Unconcerned }
)

/** The pull request that a head stands for. It does not move: one that does leaves the queue. */
export type QueuedPullRequest = { readonly number: number; readonly headSha: CommitSha; readonly url: string }

/** A queue waits no longer for a required check: GitHub's `check_response_timeout_minutes` is 360 at most. */
export const QUEUE_TIMEOUT_MS = 360 * 60_000

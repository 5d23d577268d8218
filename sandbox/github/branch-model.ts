/** The records of what a branch demands before a merge into it. The others are in model.ts; what follows from them: branch-rules.ts. */
import type { MergeMethod, PullRequest, User } from './model.ts'

/** What a branch demands before a merge into it. `checks` are names of check runs or contexts of statuses. */
export type BranchProtection = {
  readonly approvals: number
  readonly checks: readonly string[]
  readonly dismissStale: boolean
  /** Ids of the Apps that alone may report a required check, by its name. */
  readonly expected?: Readonly<Record<string, number>>
  /** Pull requests reach the branch through its merge queue only, which merges so. */
  readonly mergeQueue?: MergeMethod
  /** Logins of code owners of everything: one of them has to approve. They are asked when a pull request is opened. */
  readonly codeOwners?: readonly string[]
  /** Every conversation has to be resolved. */
  readonly conversations?: boolean
  /** Required checks count only on a head that holds the branch's tip. */
  readonly strict?: boolean
  /** No merge commits. */
  readonly linear?: boolean
  /** What a ruleset allows of the repository's merge methods. */
  readonly methods?: readonly MergeMethod[]
  /** Logins for whom all this does not hold (the bypass list of a ruleset); Apps as `name[bot]`. */
  readonly bypass?: readonly string[]
  /** Logins who alone may merge. */
  readonly pushers?: readonly string[]
  /** Set by a ruleset instead of a classic branch protection rule. */
  readonly asRuleset?: boolean
}

/** A conversation on a pull request's files. */
export type ReviewThread = { readonly nodeId: string; readonly author: User; resolved: boolean }

/** A pull request in a merge queue: `sha` is the commit that would be merged, built on `base`, which is the branch's tip or the entry before. */
export type QueueEntry = {
  readonly pullRequest: PullRequest
  /** Who put it there. */
  readonly by: User
  readonly head: string
  readonly base: string
  readonly sha: string
  readonly ref: string
}

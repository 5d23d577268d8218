/** What the config repository's own branch rules still want of a promotion pull request, and from whom. Read by src/clients/github/parse-branch-rules.ts. */

export type MergeMethod = 'merge' | 'squash' | 'rebase'

/** `appId`: only that App's result counts; undefined where anybody's does. */
export type RequiredCheck = { readonly name: string; readonly appId: number | undefined }

/** What a branch demands before a merge into it, by classic protection and rulesets together. What cannot be read is not demanded here; GitHub then says so at the merge. */
export type BranchRules = {
  readonly branch: string
  readonly approvals: number
  readonly codeOwners: boolean
  readonly conversations: boolean
  readonly checks: readonly RequiredCheck[]
  /** Nothing is merged but by the branch's merge queue. */
  readonly mergeQueue: boolean
  /** How a merge may be made: what the repository's settings and the rules allow; empty where they contradict each other. */
  readonly methods: readonly MergeMethod[]
}

/** What stands between a pull request and its merge, beside its reviews and checks. */
export type MergeFacts = {
  /** Absent where the branch demands no reviews. */
  readonly reviewDecision: 'approved' | 'changes_requested' | 'review_required' | undefined
  /** Code owners who were asked and have not answered: logins, and teams as `org/slug`. */
  readonly askedOwners: readonly string[]
  readonly openConversations: number
  /** Who put it into the merge queue; undefined while it is in none. */
  readonly queued: { readonly by: string | undefined } | undefined
  /** When it was last taken out of a merge queue, and why in GitHub's words. */
  readonly dequeued: { readonly at: Date; readonly reason: string | undefined } | undefined
  /** Who has let GitHub merge it by itself. */
  readonly autoMergeBy: string | undefined
  /** The App is exempt from the branch's rules. */
  readonly mayBypass: boolean
}

/** The pull request as GitHub has it. */
export type MergeState = MergeFacts & {
  /** GitHub's own word: CLEAN, BLOCKED, BEHIND, DIRTY, DRAFT, HAS_HOOKS, UNKNOWN, UNSTABLE. */
  readonly mergeStateStatus: string
  /** The newest verdict of each reviewer. */
  readonly reviews: readonly { readonly author: string; readonly state: string }[]
  readonly checks: readonly {
    readonly name: string
    readonly appId: number | undefined
    readonly app: string | undefined
    readonly state: 'pending' | 'success' | 'failure' | 'neutral'
  }[]
}

/** The check run of ours that says whether our own rules hold. */
export const PROMOTION_CHECK = 'lockkeeper/promotion'

/** May GitHub be told to merge later, without asking again? Only while it looks at our check run then, and not at one that another App calls the same. */
export const asksUs = ({ checks }: BranchRules, ownAppId: number): boolean =>
  checks.some(({ name, appId }) => name === PROMOTION_CHECK && (appId === undefined || appId === ownAppId))

/** How it is merged: squashed where that is allowed, since it is one commit. undefined where no method is. */
export const mergeMethod = ({ methods }: BranchRules): MergeMethod | undefined =>
  (['squash', 'merge', 'rebase'] as const).find((method) => methods.includes(method))

/** GitHub has looked at everything itself, and would merge. */
const WOULD_MERGE: ReadonlySet<string> = new Set(['CLEAN', 'HAS_HOOKS', 'UNSTABLE'])

/**
 * What GitHub is known to want still, each as a clause with names in backticks; empty when nothing is known, which does
 * not mean that it merges. `state` is undefined for a pull request that was opened a moment ago. Our own check runs are left out.
 */
export function obstacles(rules: BranchRules, state: MergeState | undefined): readonly string[] {
  if (mergeMethod(rules) === undefined && !rules.mergeQueue)
    return [`the rules of \`${rules.branch}\` allow no merge method that the repository's settings allow`]
  if (state !== undefined && WOULD_MERGE.has(state.mergeStateStatus)) return []
  const known = [
    ...missingReviews(rules, state),
    ...missingChecks(rules, state?.checks ?? []),
    ...openConversations(rules, state?.openConversations ?? 0),
    ...(state?.mergeStateStatus === 'BEHIND' ? [`its branch is not up to date with \`${rules.branch}\``] : []),
  ]
  return known.length === 0 && state !== undefined && wouldBypass(rules, state)
    ? [`the rules of \`${rules.branch}\` do not hold, which the App could pass by and does not`]
    : known
}

/** What is missing is not known, and GitHub would not refuse: an exemption is for rollbacks alone. */
function wouldBypass(rules: BranchRules, { mergeStateStatus, mayBypass, checks }: MergeState): boolean {
  const isGreen = checks.some(({ name, state }) => name === PROMOTION_CHECK && state === 'success')
  return (
    mergeStateStatus === 'BLOCKED' &&
    mayBypass &&
    (isGreen || !rules.checks.some(({ name }) => name === PROMOTION_CHECK))
  )
}

function missingReviews({ approvals, codeOwners }: BranchRules, state: MergeState | undefined): readonly string[] {
  // Not every file has owners: without GitHub's own word it cannot be told whether they are asked.
  const decision = state?.reviewDecision ?? (state === undefined && approvals > 0 ? 'review_required' : undefined)
  const { reviews = [], askedOwners = [] } = state ?? {}
  if (decision === 'changes_requested') {
    const by = reviews.filter((review) => review.state === 'changes_requested').map(({ author }) => author)
    return [by.length === 0 ? 'changes are requested' : `changes are requested by ${list(by)}`]
  }
  if (decision !== 'review_required') return []
  const approved = reviews.filter((review) => review.state === 'approved').length
  const asked = codeOwners && askedOwners.length > 0 ? `; asked as code owners: ${list(askedOwners)}` : ''
  if (codeOwners && approved >= approvals) return [`an approving review of a code owner is missing${asked}`]
  const missing = Math.max(1, approvals - approved)
  const reviewsAre = missing === 1 ? 'approving review is' : 'approving reviews are'
  return [`${missing} more ${reviewsAre} missing, of people with write access${asked}`]
}

function missingChecks({ checks }: BranchRules, seen: MergeState['checks']): readonly string[] {
  return checks
    .filter(({ name }) => name !== PROMOTION_CHECK && name !== 'lockkeeper')
    .flatMap(({ name, appId }) => {
      const found = seen.filter((each) => each.name === name && (appId === undefined || each.appId === appId))
      const failed = found.find(({ state }) => state === 'failure')
      const pending = found.find(({ state }) => state === 'pending')
      if (failed !== undefined) return [`the required check \`${name}\` has failed${reportedBy(failed)}`]
      if (pending !== undefined) return [`the required check \`${name}\` has not finished${reportedBy(pending)}`]
      return found.length > 0 ? [] : [`the required check \`${name}\` is not there yet`]
    })
}

const reportedBy = ({ app }: MergeState['checks'][number]): string => (app === undefined ? '' : `, reported by ${app}`)

function openConversations({ conversations }: BranchRules, open: number): readonly string[] {
  if (!conversations || open === 0) return []
  return [open === 1 ? '1 conversation is not resolved' : `${open} conversations are not resolved`]
}

const list = (names: readonly string[]): string => names.join(', ')

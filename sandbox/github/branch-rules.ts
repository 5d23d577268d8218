/** What the rules of a base branch say to a pull request: review decision, what blocks the merge and in which words. Records are in model.ts. */
import { type Actor, roleOf, roleReaches } from './access.ts'
import type { BranchProtection } from './branch-model.ts'
import { requiredState, rollupState } from './check-facts.ts'
import { isAncestor } from './git-history.ts'
import type { MergeMethod, PullRequest, Repository, Review } from './model.ts'
import { baseTip, latestReviews, type Mergeability } from './pull-request-facts.ts'

export type ReviewDecision = 'APPROVED' | 'CHANGES_REQUESTED' | 'REVIEW_REQUIRED'

/** The rules of the branch that it goes into; undefined where there are none. */
export const protectionOf = ({ repository, base }: PullRequest): BranchProtection | undefined =>
  repository.protection.get(base.ref)

/** Whether the rules do not hold for the actor. */
export const bypasses = (record: PullRequest, { user }: Actor): boolean =>
  protectionOf(record)?.bypass?.includes(user.login) ?? false

/** Whether the actor is among those who may merge, where only some may. */
export const mayPush = (rules: BranchProtection | undefined, { user }: Actor): boolean =>
  rules?.pushers?.includes(user.login) ?? true

const mayDecide = (repository: Repository, { author }: Review): boolean => {
  const role = roleOf(repository, author)
  return role !== null && roleReaches(role, 'write')
}

const approvalsOf = ({ approvals, codeOwners = [] }: BranchProtection): number =>
  codeOwners.length === 0 ? approvals : Math.max(approvals, 1)

/** Null where the base branch demands no reviews. Only reviews of people with write access count. */
export function reviewDecision(record: PullRequest): ReviewDecision | null {
  const rules = protectionOf(record)
  if (rules === undefined || approvalsOf(rules) === 0) return null
  const counting = latestReviews(record).filter((review) => mayDecide(record.repository, review))
  if (counting.some(({ state }) => state === 'CHANGES_REQUESTED')) return 'CHANGES_REQUESTED'
  const approving = counting.filter(({ state }) => state === 'APPROVED')
  const isEnough = approving.length >= approvalsOf(rules) && waitingOwners(rules, approving).length === 0
  return isEnough ? 'APPROVED' : 'REVIEW_REQUIRED'
}

/** The owners, where none of them has approved. */
function waitingOwners({ codeOwners = [] }: BranchProtection, approving: readonly Review[]): readonly string[] {
  return approving.some(({ author }) => codeOwners.includes(author.login)) ? [] : codeOwners
}

/** Whether the base branch demands the check run or status of this name. */
export const isRequired = (record: PullRequest, name: string): boolean =>
  protectionOf(record)?.checks.includes(name) ?? false

/** How a merge may be made: the repository's settings and the branch's rules. */
export function allowedMethods(record: PullRequest): readonly MergeMethod[] {
  const { settings } = record.repository
  const { linear, methods } = protectionOf(record) ?? {}
  const allowed: readonly (MergeMethod | false)[] = [
    settings.allowMergeCommit && linear !== true && 'merge',
    settings.allowSquashMerge && 'squash',
    settings.allowRebaseMerge && 'rebase',
  ]
  return allowed.filter((method) => method !== false).filter((method) => methods?.includes(method) ?? true)
}

/** Why the base branch's rules refuse a merge, in GitHub's words; empty when they allow it. */
export function protectionProblems(record: PullRequest): string[] {
  const rules = protectionOf(record)
  if (rules === undefined) return []
  return [...reviewProblems(record, rules), ...checkProblems(record, rules)]
}

function reviewProblems(record: PullRequest, rules: BranchProtection): string[] {
  const decision = reviewDecision(record)
  const count = approvalsOf(rules)
  const approving = latestReviews(record).filter(
    (review) => review.state === 'APPROVED' && mayDecide(record.repository, review),
  )
  const owners = waitingOwners(rules, approving)
  const isOpen = rules.conversations === true && record.conversations.some(({ resolved }) => !resolved)
  return [
    ...(decision === 'CHANGES_REQUESTED' ? ['Changes have been requested.'] : []),
    ...(approving.length < count
      ? [`At least ${count} approving review${count === 1 ? ' is' : 's are'} required by reviewers with write access.`]
      : []),
    ...(owners.length === 0 ? [] : [`Waiting on code owner review from ${owners.join(' and/or ')}.`]),
    ...(isOpen ? ['All comments must be resolved.'] : []),
  ]
}

function checkProblems(record: PullRequest, { checks, expected = {} }: BranchProtection): string[] {
  const { repository, head } = record
  const states = checks.map((name) => ({
    name,
    state: requiredState(repository, head.sha, { name, appId: expected[name] }),
  }))
  return [
    ...states
      .filter(({ state }) => state !== 'success')
      .map(({ name, state }) =>
        state === 'failure' || state === 'error'
          ? `Required status check "${name}" is failing.`
          : `Required status check "${name}" is expected.`,
      ),
    ...(isBehind(record) ? ['Head branch is out of date. Review and try the merge again.'] : []),
  ]
}

const isBehind = (record: PullRequest): boolean =>
  protectionOf(record)?.strict === true && !isAncestor(record.repository.objects, baseTip(record), record.head.sha)

/** `mergeable_state` for a reader with that knowledge of the mergeability. */
export function mergeableState(record: PullRequest, mergeability: Mergeability): string {
  if (mergeability === 'unknown') return 'unknown'
  if (mergeability === 'conflicting') return 'dirty'
  if (record.draft) return 'draft'
  const problems = protectionProblems(record)
  if (isBehind(record) && problems.length === 1) return 'behind'
  if (problems.length > 0) return 'blocked'
  const rollup = rollupState(record.repository, record.head.sha)
  return rollup === undefined || rollup === 'success' ? 'clean' : 'unstable'
}

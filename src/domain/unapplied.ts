/** What is in Git and was not applied in time. An engine may apply it at any moment from then on: src/services/take-up-late.ts waits for that. */
import type { CommitSha } from './ids.ts'
import { type History, isActive, isMerged, type Promotion, reachedGit, wasNeverApplied } from './promotion.ts'

export type Unapplied = {
  readonly promotion: Promotion
  readonly revision: CommitSha
  /** ISO instants. */
  readonly mergedAt: string
  readonly failedAt: string
  readonly because: string
}

/** The newest that reached Git, where it was never applied and no way back is under way. undefined: nothing. */
export function unappliedIn(history: History): Unapplied | undefined {
  const promotion = history.find(reachedGit)
  const isLeft = history.some((one) => isActive(one) && (one.kind === 'rollback' || isMerged(one)))
  if (promotion === undefined || isLeft || !wasNeverApplied(promotion)) return undefined
  const { stage } = promotion
  if (stage.at !== 'failed' || stage.revision === undefined) return undefined
  // An earlier version did not write down the merge.
  const { revision, failedAt, mergedAt = failedAt, message: because } = stage
  return { promotion, revision, mergedAt, failedAt, because }
}

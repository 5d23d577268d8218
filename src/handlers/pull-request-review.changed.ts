/** `pull_request_review.submitted` and `dismissed`, `pull_request_review_thread.resolved` and `unresolved`, `pull_request.dequeued` and `auto_merge_enabled`: on a promotion pull request, it may be what it waits for. */
import type { Context } from 'probot'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import type { Ears } from './ears.ts'

type Changed = Context<
  'pull_request_review' | 'pull_request_review_thread' | 'pull_request.dequeued' | 'pull_request.auto_merge_enabled'
>

export async function pullRequestReviewChanged({ payload }: Changed, ears: Ears): Promise<void> {
  const promotion = parsePromotionBranch(payload.pull_request.head.ref)
  if (promotion !== undefined) await ears.hint({ kind: 'environment', ...promotion })
}

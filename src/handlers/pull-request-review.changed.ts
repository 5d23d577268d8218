/** `pull_request_review.submitted` and `dismissed`: on a promotion pull request, an approval may be what it waits for. */
import type { Context } from 'probot'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import type { Ears } from './ears.ts'

export async function pullRequestReviewChanged({ payload }: Context<'pull_request_review'>, ears: Ears): Promise<void> {
  const promotion = parsePromotionBranch(payload.pull_request.head.ref)
  if (promotion !== undefined) await ears.hint({ kind: 'environment', ...promotion })
}

/** The trailers of one promotion's commit: from the promotion and the release it carries. */
import type { Promotion, Via } from './promotion.ts'
import type { Release } from './release.ts'
import { AS_FOUND, type PromotionTrailers } from './trailers.ts'

/** What the commit says of itself. Approvals come after the head commit: they are given to the merge's message. */
export function promotionTrailers(
  promotion: Promotion,
  release: Release | undefined,
  approvedBy: readonly string[] = [],
): PromotionTrailers {
  return {
    repository: promotion.repository,
    model: promotion.model,
    environment: promotion.environment,
    kind: promotion.kind,
    release: release?.id ?? AS_FOUND,
    commit: release?.commit,
    pullRequest: release?.pullRequest?.number,
    runs: release?.runs ?? [],
    modelVersion: release?.modelVersion,
    imageDigest: release?.image?.digest,
    dataDigests: release?.dataDigests ?? [],
    requestedBy: requester(promotion.via) ?? 'lockkeeper',
    approvedBy,
  }
}

/** The person who asked; undefined for automation. */
export function requester(via: Via): string | undefined {
  return via.kind === 'automation' || via.kind === 'automatic-rollback' ? undefined : via.by
}

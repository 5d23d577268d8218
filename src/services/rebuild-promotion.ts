/** An opened promotion whose pull request is no longer what would be opened now: it goes back to `proposed`, and its branch to a commit on the current base. The rule: domain/promotion-staleness.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { stalenessOf } from '../domain/promotion-staleness.ts'
import type { Deps } from './deps.ts'
import type { PromotionPullRequest } from './ports.ts'
import type { PromotionContext } from './promotion-context.ts'

/**
 * The promotion as it is opened anew; undefined while its pull request stands. What remains is the moment between this
 * look, at most 5 s old, and the merge: GitHub then merges three ways, so that a line that both sides changed is a
 * conflict, and any other line is kept.
 */
export function rebuiltPromotion(
  promotion: Promotion,
  context: PromotionContext,
  { clock }: Pick<Deps, 'clock'>,
): Promotion | undefined {
  const { stage, pullRequest } = promotion
  const seen = context.world.config.pullRequest
  if (stage.at !== 'opened' || pullRequest === undefined || seen?.id !== pullRequest.id) return undefined
  const because = reasonFor(promotion, context, seen)
  if (because === undefined) return undefined
  const { openedAt } = stage
  return {
    ...promotion,
    rebuilt: { at: clock.now().toISOString(), because, openedAt },
    stage: { at: 'proposed' },
  }
}

function reasonFor(
  { pullRequest, changes }: Promotion,
  { plan, world }: PromotionContext,
  seen: PromotionPullRequest,
): string | undefined {
  if (pullRequest === undefined) return undefined
  if (plan.kind === 'unchanged') return 'its values are in the base branch already'
  if (plan.kind === 'refused') return plan.message
  // A person's commits ended it before this; these are GitHub's merges of the base, or our own of a run that crashed.
  if (seen.headSha !== pullRequest.headSha) return 'its branch was updated'
  return stalenessOf(
    { pullRequest, changes },
    {
      base: world.config.headSha,
      blobs: blobsOf(plan.files, world),
      changes: plan.changes,
      mergeStateStatus: seen.mergeStateStatus,
      mergeable: seen.mergeable,
    },
  )
}

/** Git's ids of the files that are edited, as they are on the base branch. */
export function blobsOf(
  edited: readonly { readonly path: string }[],
  { config }: PromotionContext['world'],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    edited.flatMap(({ path }) => {
      const oid = config.files.get(path)?.oid
      return oid === undefined ? [] : [[path, oid] as const]
    }),
  )
}

/** Whatever a hold concerns looks at its rules again: its check turns red at once, and what waited goes on. No call to GitHub of its own. */
import type { HoldScope } from '../domain/hold.ts'
import { isMerged, type Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'

export async function wakeHeld(scope: HoldScope, { ledger, hints }: Pick<Deps, 'ledger' | 'hints'>): Promise<void> {
  for (const promotion of await ledger.activePromotions()) {
    const { repository, model, environment } = promotion
    if (concerns(scope, promotion)) await hints.hint({ kind: 'environment', repository, model, environment })
  }
}

/** What a hold comes too late for. A merge that has begun is waited for: whoever reads that it is held must not find it live a moment later. */
export async function mergedBefore(scope: HoldScope, { ledger }: Pick<Deps, 'ledger'>): Promise<readonly Promotion[]> {
  const active = (await ledger.activePromotions()).filter((promotion) => concerns(scope, promotion))
  for (const promotion of active) if (promotion.stage.at === 'opened') await ledger.settled(promotion)
  const now = await Promise.all(active.map(({ id }) => ledger.promotion(id)))
  return now.filter((promotion) => promotion !== undefined).filter(isMerged)
}

/** One that has no pull request yet may go anywhere. */
function concerns(scope: HoldScope, { repository, environment, model, into }: Promotion): boolean {
  if (scope.environment === undefined) return into === undefined || into === scope.repository
  const isThere = scope.repository === repository && scope.environment === environment
  return isThere && (scope.model === undefined || scope.model === model)
}

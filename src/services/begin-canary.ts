/** Whether a promotion takes the traffic in shares, and which one its pull request writes now. Asked by promotion-context.ts; the steps are advance-canary.ts. */
import { beginCanary, type Canary, follow } from '../domain/canary.ts'
import { historyIn, livePromotion, type Promotion } from '../domain/promotion.ts'
import type { ReadDeps } from './deps.ts'
import type { Target } from './promotion-context.ts'

/**
 * Where it is in its canary, before its next pull request is written: as it was left, or at the beginning. What somebody asked for meanwhile is written
 * at once. The first release that is proven here takes all of the traffic: there is none that it could be compared with, or share it with.
 */
export async function canaryOf(
  promotion: Promotion,
  { environment }: Target,
  { ledger }: Pick<ReadDeps, 'ledger'>,
): Promise<Canary | undefined> {
  const { canary, kind, release } = promotion
  if (canary !== undefined) return isUnmerged(promotion) ? (follow(canary, undefined) ?? canary) : canary
  if (kind === 'rollback' || environment.canary === undefined || !isUnmerged(promotion)) return undefined
  const live = livePromotion(historyIn(await ledger.history(promotion), environment.repository))
  return live?.release === undefined || live.release === release ? undefined : beginCanary(environment.canary)
}

/** Its pull request can still be written otherwise. */
const isUnmerged = ({ stage }: Promotion): boolean =>
  stage.at === 'awaiting' || stage.at === 'proposed' || stage.at === 'opened'

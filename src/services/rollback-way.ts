/** The two ends of a rollback, from the ledger: for the pull request that makes it (open-promotion.ts). */
import type { Way } from '../comments/rollback-reason.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'

/** undefined of anything but a rollback. */
export async function rollbackWay(promotion: Promotion, { ledger }: Pick<Deps, 'ledger'>): Promise<Way | undefined> {
  const { kind, via, leaves, release } = promotion
  if (kind !== 'rollback') return undefined
  const before = (await ledger.history(promotion)).filter(({ id }) => id !== promotion.id)
  const from = before.find(({ id, release: carried }) =>
    via.kind === 'automatic-rollback' ? id === via.of : leaves !== undefined && carried === leaves,
  )
  const verified = before.flatMap(({ stage, release: carried }) =>
    stage.at === 'verified' && carried === release ? [stage.verifiedAt] : [],
  )
  return { from, verifiedAt: release === undefined ? undefined : verified[0] }
}

/** What an engine applies after its promotion had given up on it (a sync window, auto-sync off, a cluster out of sight) is live all the same: the promotion goes on where it was, and proves it. Which one: src/domain/unapplied.ts. */
import { isActive, type Promotion } from '../domain/promotion.ts'
import { isApplied } from '../domain/sync-readiness.ts'
import { unappliedIn } from '../domain/unapplied.ts'
import { liftHoldFor } from './answer-failure.ts'
import type { Deps } from './deps.ts'
import { closePullRequest } from './leave-pull-request.ts'
import { lookAtSync } from './look-at-sync.ts'
import type { Target } from './promotion-context.ts'

/** What a cluster shows is watched from the first look on; this backs it up, ever more seldom. */
const SOONEST_MS = 30_000
const LATEST_MS = 3_600_000

/** Safe to repeat. Gives when to look again; undefined where nothing is left to be applied, or what was is followed from now on. */
export async function takeUpLate(target: Target, deps: Deps): Promise<Date | undefined> {
  const history = await deps.ledger.history(target.key)
  const unapplied = unappliedIn(history)
  if (unapplied === undefined) return undefined
  const { promotion: late, revision, mergedAt, failedAt, because } = unapplied
  const { environment } = target
  const look = await lookAtSync({ promotion: late, revision, mergedAt, environment }, deps)
  const now = deps.clock.now()
  if (look.kind === 'failed' && look.because === 'overwritten') return undefined
  if (!isApplied(look)) {
    const pace = (now.getTime() - Date.parse(failedAt)) / 10
    return new Date(now.getTime() + Math.min(Math.max(pace, SOONEST_MS), LATEST_MS))
  }
  const active = history.find(isActive)
  if (active !== undefined) await giveWay(active, late, deps)
  await liftHoldFor(late, deps)
  const lookedAt = now.toISOString()
  // It has as long from here on as it would have had from its merge.
  const patientUntil = new Date(now.getTime() + environment.sync.within).toISOString()
  await deps.ledger.savePromotion({
    ...late,
    late: { since: lookedAt, because },
    watch: { model: target.model, environment },
    stage: {
      ...{ at: 'syncing', revision, mergedAt, mergedBy: undefined, blocked: undefined },
      ...{ applied: true, lookedAt, patientUntil },
    },
  })
  deps.log.info({ promotion: late.id, failedAt }, 'a promotion that had given up was applied after all, and goes on')
  return undefined
}

/** What is live is proven before anything else is merged. Automation proposes again by itself what it had wanted. */
async function giveWay(active: Promotion, late: Promotion, deps: Deps): Promise<void> {
  const { ledger, clock } = deps
  await ledger.undisturbed(active, async () => {
    if (active.pullRequest !== undefined) await closePullRequest(active.pullRequest, deps)
    const { label, environment } = late
    await ledger.savePromotion({
      ...active,
      stage: {
        at: 'refused',
        endedAt: clock.now().toISOString(),
        code: 'promotion_in_progress',
        message: `${label}, which was not applied in time, is live in ${environment} by now and has to be proven first`,
        hint: `When that has ended: \`/deploy ${environment}\`.`,
      },
    })
  })
}

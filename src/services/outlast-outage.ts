/** A promotion that cannot be looked at before its merge, since a system does not answer or refuses: whoever asked reads why once that has lasted, and it is waited for no longer than for anything else. Part of advance-promotion.ts. */
import type { SystemUnavailable } from '../domain/failure.ts'
import { isActive, isMerged, type Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { closePullRequest } from './leave-pull-request.ts'
import type { Target } from './promotion-context.ts'
import { expired, expiryOf } from './promotion-patience.ts'

/** A shorter one is over before anybody looks. */
const WORTH_TELLING_MS = 10 * 60_000
/** As often as the queue repeats what has failed for so long. */
const AGAIN_MS = 5 * 60_000

type Outage = { readonly error: SystemUnavailable; readonly target: Target }

export type Outlasted = { readonly promotion: Promotion; readonly wait: Date | undefined }

/** With the reason and the time of the next look, or at its end. Throws `error` while that is young, or where there is nothing to tell: the queue then looks again. */
export async function outlastOutage(failed: Promotion, { error, target }: Outage, deps: Deps): Promise<Outlasted> {
  // A step may have saved what it had begun.
  const promotion = (await deps.ledger.promotion(failed.id)) ?? failed
  if (isMerged(promotion) || !isActive(promotion)) throw error
  const now = deps.clock.now()
  const since = promotion.outage?.since
  if (since === undefined) await deps.ledger.savePromotion({ ...promotion, outage: { since: now.toISOString() } })
  if (since === undefined || now.getTime() - Date.parse(since) < WORTH_TELLING_MS) throw error
  // The first reason stays: an edit every few minutes tells nobody more.
  const told: Promotion = { ...promotion, outage: { since, words: promotion.outage?.words ?? error.message } }
  if (expiryOf(told, target.environment) > now) {
    const wish = (error.retryAfterSeconds ?? 0) * 1000
    return { promotion: told, wait: new Date(now.getTime() + Math.max(AGAIN_MS, wish)) }
  }
  const stage = expired(told, [], { environment: target.environment, now })
  // A rollback's stays open: whoever may merge it still has to.
  if (told.pullRequest !== undefined && stage.at !== 'failed') await closePullRequest(told.pullRequest, deps)
  return { promotion: { ...told, stage }, wait: undefined }
}

/** A look has come to its end. */
export function withoutOutage<Stepped extends { readonly step: { readonly promotion: Promotion } }>(
  stepped: Stepped,
): Stepped {
  const { outage: _, ...promotion } = stepped.step.promotion
  return { ...stepped, step: { ...stepped.step, promotion } }
}

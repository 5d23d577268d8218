/** Opens the promotion pull request, or moves the one there is (write-promotion.ts): stage `proposed` → `opened`. What Git holds already needs none: adopt-values.ts. */
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { adoptValues } from './adopt-values.ts'
import type { Deps } from './deps.ts'
import { intendedNow, restUntilListed } from './listed-yet.ts'
import { followPeople, mergedForIt } from './merged-by-people.ts'
import type { PromotionPullRequest } from './ports.ts'
import { askers, freshContext, type PromotionContext, readContext, takenOver } from './promotion-context.ts'
import { expired, expiryOf } from './promotion-patience.ts'
import { workOnOwn } from './whose-branch.ts'
import { writePromotion } from './write-promotion.ts'

export type Opened = {
  readonly promotion: Promotion
  /** What it was opened on, for a merge that may follow at once. */
  readonly context: PromotionContext
  readonly rules: readonly RuleVerdict[]
  readonly wait: Date | undefined
}

/** The promotion with its next stage. */
export async function openPromotion(asked: Promotion, deps: Deps, known?: PromotionContext): Promise<Opened> {
  const context =
    known === undefined ? await readContext(asked, deps, askers(asked)) : await freshContext(asked, known, deps)
  const promotion: Promotion = { ...asked, canary: context.canary }
  // One that is made anew has had its pull request all along.
  const followed = await followPeople(promotion, context, deps)
  const stopped = { context, rules: [], wait: undefined }
  if (followed?.stage.at === 'syncing' || followed?.stage.at === 'failed') return { promotion: followed, ...stopped }
  await refuseTooLate(promotion, context, deps)
  const { plan } = context
  if (plan.kind === 'refused') throw new UserError(plan.code, plan.message, plan.hint)
  const merged = plan.kind === 'unchanged' ? await mergedForIt(promotion, context, deps) : undefined
  if (merged !== undefined) return { promotion: merged, ...stopped }
  if (plan.kind === 'unchanged') return { ...(await adoptValues(promotion, context, deps)), context }
  if (followed !== undefined) return { promotion: followed, ...stopped }
  const { pullRequest } = context.world.config
  const existing = pullRequest?.state === 'open' ? pullRequest : undefined
  if (existing !== undefined && (await workOnOwn(existing, { promotion, context }, deps)) === 'theirs') {
    // What is live is to be left now, whatever becomes of somebody's work on the branch.
    if (promotion.kind === 'rollback' && promotion.ownBranch === undefined)
      return openPromotion({ ...promotion, ownBranch: true }, deps)
    return waitForPeople(promotion, { context, existing }, deps)
  }
  const lag = listLag(promotion, context, deps)
  if (lag !== undefined) return { promotion, context, rules: [], wait: lag }
  const triedAt = intendedNow(deps.clock)
  const openingSince = promotion.stage.at === 'proposed' ? (promotion.stage.openingSince ?? triedAt) : triedAt
  const { edition } = await deps.ledger.savePromotion({
    ...promotion,
    stage: { at: 'proposed', openingSince, triedAt },
  })
  const { files, changes } = plan
  const { pullRequest: made, labelsDue } = await writePromotion({ promotion, context, files, changes, existing }, deps)
  const openedAt = promotion.rebuilt?.openedAt ?? deps.clock.now().toISOString()
  const stage = { at: 'opened', pullRequest: made, openedAt, labelsDue } as const
  return { promotion: { ...promotion, edition, changes, pullRequest: made, stage }, ...stopped }
}

/** What it was to replace is merged, and is watched to its end first: merged-by-people.ts takes it up again. */
async function refuseTooLate(promotion: Promotion, { world }: PromotionContext, deps: Deps): Promise<void> {
  const replaced = await takenOver(promotion, deps)
  const seen = world.config.pullRequest
  if (replaced === undefined || seen?.id !== replaced.pullRequest?.id || seen?.state !== 'merged') return
  if (seen.baseRef !== world.config.defaultBranch) return
  const { environment, via } = promotion
  throw new UserError(
    'promotion_in_progress',
    `${replaced.label} was merged in the moment in which ${promotion.label} was to take its place, and is watched first`,
    via.kind === 'automation'
      ? 'It is proposed again by itself after that.'
      : `When that has ended: \`/deploy ${environment}\` again.`,
  )
}

/** An earlier run may have opened it a moment ago: lists lag behind writes, and a second pull request must not be. Until when to wait. */
function listLag({ stage }: Promotion, { world }: PromotionContext, { clock }: Deps): Date | undefined {
  const interrupted = stage.at === 'proposed' ? (stage.triedAt ?? stage.openingSince) : undefined
  if (interrupted === undefined || world.config.pullRequest?.state === 'open') return undefined
  if (world.config.branch === undefined) return undefined
  return restUntilListed(interrupted, clock) > 0 ? new Date(clock.now().getTime() + 1000) : undefined
}

/** Somebody's commits are on the branch: they are merged or closed by a person first, within the time that is waited for anything. */
function waitForPeople(
  promotion: Promotion,
  { context, existing }: { readonly context: PromotionContext; readonly existing: PromotionPullRequest },
  { clock }: Deps,
): Opened {
  const { environment } = context
  const { number, url } = existing
  const waiting: Promotion = { ...promotion, stage: { at: 'proposed', waitsFor: { number, url } } }
  const now = clock.now()
  const expires = expiryOf(promotion, environment)
  if (now < expires) return { promotion: waiting, context, rules: [], wait: expires }
  const stage = expired(waiting, [], { environment, now })
  return { promotion: { ...promotion, stage }, context, rules: [], wait: undefined }
}

/** Merges the promotion pull request when every rule holds: stage `opened` → `syncing`. A person's own merge or close is followed. */
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import { attemptMerge } from './attempt-merge.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import { followPeople } from './merged-by-people.ts'
import { askers, freshContext, type PromotionContext, readContext } from './promotion-context.ts'
import { expired, expiryOf, nextLook, waiting } from './promotion-patience.ts'
import { publishPromotionCheck } from './publish-promotion-check.ts'
import { rebuiltPromotion } from './rebuild-promotion.ts'
import { type Decided, type Merging, openedStage } from './wait-for-github.ts'

/** `justOpened`: the context on which the pull request was opened a moment ago; it then need not be read again. */
export async function mergePromotion(
  promotion: Promotion,
  deps: Deps,
  justOpened?: PromotionContext,
): Promise<Merging> {
  const merging = await mergeOrWait(promotion, deps, justOpened)
  return { ...merging, promotion: labelled(merging.promotion) }
}

/** Whoever approved by a comment is asked about with the rest; who did by a review is not known yet. */
async function concerned(promotion: Promotion, { ledger }: Deps): Promise<readonly string[]> {
  const approvals = await ledger.approvals(promotion.id)
  return [...askers(promotion), ...approvals.map(({ login }) => login)]
}

/** Whatever was told on it carried the labels that were due. */
function labelled(promotion: Promotion): Promotion {
  if (promotion.stage.at !== 'opened' || promotion.stage.labelsDue === undefined) return promotion
  const { labelsDue: _, ...stage } = promotion.stage
  return { ...promotion, stage }
}

async function mergeOrWait(promotion: Promotion, deps: Deps, justOpened?: PromotionContext): Promise<Merging> {
  const { githubWaits } = openedStage(promotion)
  const context =
    justOpened === undefined
      ? await readContext(promotion, deps, await concerned(promotion, deps))
      : await freshContext(promotion, justOpened, deps)
  const seen = justOpened === context ? undefined : context.world.config.pullRequest
  const overtaken =
    seen && ((await followPeople(promotion, context, deps)) ?? rebuiltPromotion(promotion, context, deps))
  if (overtaken !== undefined) return { promotion: overtaken, rules: [], wait: undefined }
  const rules = await judgePromotion({ promotion, context, reviews: seen?.reviews ?? [] }, deps)
  refuseBad(promotion, rules)
  const decided: Decided = { promotion, context, rules, seen }
  const expires = expiryOf(promotion, context.environment)
  const isStuck = !allPass(rules) || githubWaits !== undefined
  if (expires <= deps.clock.now() && isStuck) return expire(decided, deps)
  if (allPass(rules)) return attemptMerge({ ...decided, promotion: covered(promotion, rules) }, deps)
  await publishPromotionCheck(decided, [], deps)
  return { promotion: closed(promotion, rules), rules, wait: nextLook(promotion, rules, context.environment) }
}

/** What went bad in an environment before this one is not waited for: its pull request must not lie there for somebody to merge. */
function refuseBad({ label, environment }: Promotion, rules: readonly RuleVerdict[]): void {
  const bad = rules.find(({ rule, state }) => rule === 'after' && state === 'refused')
  if (bad === undefined) return
  throw new UserError('order', `${label} ${bad.detail}, so that it does not go on to ${environment}`, `${bad.act}.`)
}

/** Who approved the first step of a canary has approved the later ones, whoever merges it then; in a ledger that was rebuilt, who approved the first one since. */
function covered(promotion: Promotion, rules: readonly RuleVerdict[]): Promotion {
  const { canary } = promotion
  const approvedBy = rules.find(({ rule }) => rule === 'approvals')?.approvedBy
  if (canary === undefined || canary.approvedBy !== undefined || approvedBy === undefined) return promotion
  return { ...promotion, canary: { ...canary, approvedBy } }
}

/** What GitHub wanted is of the past: it is judged again once the rules hold. A merge queue throws it out, and it enters anew. */
function closed(promotion: Promotion, rules: readonly RuleVerdict[]): Promotion {
  const stage = { ...openedStage(promotion), githubWaits: undefined, queue: undefined }
  return waiting({ ...promotion, stage }, rules)
}

async function expire({ promotion, context, rules }: Decided, deps: Deps): Promise<Merging> {
  const stage = expired(promotion, rules, { environment: context.environment, now: deps.clock.now() })
  const pullRequestId = promotion.pullRequest?.id
  // A rollback's stays open: whoever may merge it still has to.
  if (pullRequestId !== undefined && stage.at !== 'failed')
    await deps.github.write(context.environment.repository, [{ kind: 'close-pull-request', pullRequestId }])
  return { promotion: { ...promotion, stage }, rules, wait: undefined }
}

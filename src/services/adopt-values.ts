/** A promotion whose values Git holds already: no pull request can carry it, but every rule holds for it all the same. Part of open-promotion.ts. */
import { promotionBranch } from '../domain/branch-name.ts'
import { historyIn, type Promotion, wasNeverApplied } from '../domain/promotion.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import { standingPromotion } from '../domain/way-back.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { PromotionPullRequest } from './ports.ts'
import type { PromotionContext } from './promotion-context.ts'
import { expired, expiryOf, nextLook, waiting } from './promotion-patience.ts'
import { workOnOwn } from './whose-branch.ts'

export type Adopted = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  readonly wait: Date | undefined
}

/** Stage `syncing` once every rule holds, else `proposed` until then: what is asked for can be given by `/approve`, where a review has no pull request. */
export async function adoptValues(promotion: Promotion, context: PromotionContext, deps: Deps): Promise<Adopted> {
  const own = ownPullRequest(promotion, context)
  const judged = await judgePromotion({ promotion, context, reviews: own?.reviews ?? [] }, deps)
  const rules = (await isApproved(promotion, context, deps)) ? judged.map(approved) : judged
  if (own === undefined) await closeLeftOver(promotion, context, deps)
  const now = deps.clock.now()
  if (allPass(rules)) {
    if (own !== undefined) await closeLeftOver(promotion, context, deps)
    const stage = {
      at: 'syncing',
      revision: context.world.config.headSha,
      mergedAt: now.toISOString(),
      mergedBy: undefined,
      blocked: undefined,
    } as const
    return { promotion: { ...promotion, pullRequest: undefined, stage }, rules, wait: undefined }
  }
  const { environment } = context
  if (expiryOf(promotion, environment) <= now) {
    if (own !== undefined) await closeLeftOver(promotion, context, deps)
    return {
      promotion: { ...promotion, stage: expired(promotion, rules, { environment, now }) },
      rules,
      wait: undefined,
    }
  }
  return { promotion: waiting(promotion, rules), rules, wait: nextLook(promotion, rules, environment) }
}

/** Whether the values are there by a promotion of the same release that passed every rule, and that Argo CD did not apply in time. */
async function isApproved(promotion: Promotion, { environment }: PromotionContext, deps: Deps): Promise<boolean> {
  const history = await deps.ledger.history(promotion)
  const standing = standingPromotion(historyIn(history, environment.repository))
  if (standing === undefined || !wasNeverApplied(standing) || standing.pullRequest === undefined) return false
  const hadEveryRule = standing.via.kind !== 'force' && standing.mergedPast === undefined
  return hadEveryRule && standing.kind === 'promotion' && standing.release === promotion.release
}

const approved = (verdict: RuleVerdict): RuleVerdict =>
  verdict.rule === 'approvals' && verdict.state === 'open'
    ? { ...verdict, state: 'pass', detail: 'approved when its pull request was merged' }
    : verdict

/** The one that it had before its values got into Git otherwise: its approvals count, and more can be given while it is open. */
function ownPullRequest({ pullRequest }: Promotion, { world }: PromotionContext): PromotionPullRequest | undefined {
  const seen = world.config.pullRequest
  return seen?.id === pullRequest?.id ? seen : undefined
}

/** Its pull request, or that of an earlier promotion, would otherwise lie there, open and watched by nobody. One that is somebody's is left to them. */
async function closeLeftOver(promotion: Promotion, context: PromotionContext, deps: Deps): Promise<void> {
  const { repositoryId, pullRequest } = context.world.config
  if (pullRequest?.state !== 'open' || (await workOnOwn(pullRequest, { promotion, context }, deps)) === 'theirs') return
  const branch = { branch: promotionBranch(promotion, promotion), sha: undefined, from: pullRequest.headSha }
  const [closed] = await deps.github.write(context.environment.repository, [
    { kind: 'close-pull-request', pullRequestId: pullRequest.id },
    { kind: 'set-refs', repositoryId, refs: [branch] },
  ])
  if (closed?.ok === false)
    deps.log.warn({ pullRequest: pullRequest.url, reason: closed.message }, 'a left over pull request was not closed')
}

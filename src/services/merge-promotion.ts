/** Merges the promotion pull request when every rule holds: stage `opened` → `syncing`. A person's own merge or close is followed. */

import { renderPromotionCheck } from '../comments/promotion-check.ts'
import { renderPromotionTitle } from '../comments/promotion-pull-request.ts'
import { UserError } from '../domain/failure.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import { promotionTrailers } from '../domain/promotion-trailers.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import { renderTrailers } from '../domain/trailers.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import { followPeople } from './merged-by-people.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { askers, freshContext, type PromotionContext, readContext } from './promotion-context.ts'
import { expired, expiryOf, nextLook, soonest, waiting } from './promotion-patience.ts'
import { checkWrite, type Publishing, promotionCheckKey, recordCheck } from './publish-check.ts'
import { rebuiltPromotion } from './rebuild-promotion.ts'

export type Merging = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  /** When to look again; undefined when only an event can change the verdict. */
  readonly wait: Date | undefined
}

/** `justOpened`: the context on which the pull request was opened a moment ago; it then need not be read again. */
export async function mergePromotion(
  promotion: Promotion,
  deps: Deps,
  justOpened?: PromotionContext,
): Promise<Merging> {
  if (promotion.stage.at !== 'opened') throw new Error('only an opened promotion can be merged')
  const context =
    justOpened === undefined
      ? await readContext(promotion, deps, askers(promotion))
      : await freshContext(promotion, justOpened, deps)
  const seen = justOpened === context ? undefined : context.world.config.pullRequest
  const overtaken =
    seen && ((await followPeople(promotion, context, deps)) ?? rebuiltPromotion(promotion, context, deps))
  if (overtaken !== undefined) return { promotion: overtaken, rules: [], wait: undefined }
  const rules = await judgePromotion({ promotion, context, reviews: seen?.reviews ?? [] }, deps)
  const expires = expiryOf(promotion, context.environment)
  const isStuck = !allPass(rules) || promotion.stage.githubWaits !== undefined
  if (expires <= deps.clock.now() && isStuck) return expire({ promotion, context, rules }, deps)
  if (allPass(rules)) return merge({ promotion, context, rules }, deps)
  await publishCheck({ promotion, context, rules }, deps)
  return { promotion: waiting(promotion, rules), rules, wait: nextLook(promotion, rules, context.environment) }
}

async function expire({ promotion, context, rules }: Decided, deps: Deps): Promise<Merging> {
  const stage = expired(promotion, rules, { environment: context.environment, now: deps.clock.now() })
  const pullRequestId = promotion.pullRequest?.id
  // A rollback's stays open: whoever may merge it still has to.
  if (pullRequestId !== undefined && stage.at !== 'failed')
    await deps.github.write(context.environment.repository, [{ kind: 'close-pull-request', pullRequestId }])
  return { promotion: { ...promotion, stage }, rules, wait: undefined }
}

type Decided = {
  readonly promotion: Promotion
  readonly context: PromotionContext
  readonly rules: readonly RuleVerdict[]
}

async function merge({ promotion, context, rules }: Decided, deps: Deps): Promise<Merging> {
  const { environment, world, release } = context
  const pullRequest = promotion.pullRequest
  const method = world.config.mergeMethods.includes('squash') ? 'squash' : (world.config.mergeMethods[0] ?? 'merge')
  if (pullRequest === undefined) throw new Error('an opened promotion without a pull request')
  const check = await checkWrite(checkOf({ promotion, context, rules }), deps)
  const approvals = rules.find(({ rule }) => rule === 'approvals')
  const merging: GitHubWrite = {
    kind: 'merge-pull-request',
    pullRequestId: pullRequest.id,
    expectedHead: pullRequest.headSha,
    method,
    headline: `${renderPromotionTitle(promotion)} (#${pullRequest.number})`,
    body: renderTrailers(promotionTrailers(promotion, release, approvals?.approvedBy)),
  }
  const results = await deps.github.write(environment.repository, [...check, merging])
  if (check.length > 0) await recordCheck(checkOf({ promotion, context, rules }), results[0], deps)
  const merged = results.at(-1)
  if (merged?.ok !== true || merged.sha === undefined) return mergeRefused({ promotion, context, rules }, merged, deps)
  const mergedAt = deps.clock.now().toISOString()
  const stage: Stage = { at: 'syncing', revision: merged.sha, mergedAt, mergedBy: undefined, blocked: undefined }
  return { promotion: { ...promotion, stage }, rules, wait: undefined }
}

const SOON_MS = 5000
const LATER_MS = 5 * 60_000
/** Right after opening, GitHub may still be working out whether it can be merged. */
const SETTLING_MS = 60_000

/**
 * GitHub's own rules (reviews, checks, rulesets) may be stricter than ours: their events wake us, the timer only backs
 * them up. A conflict is rebuilt on the current base.
 */
async function mergeRefused(
  { promotion, rules, context }: Decided,
  result: GitHubWriteResult | undefined,
  deps: Deps,
): Promise<Merging> {
  const now = deps.clock.now()
  const { stage } = promotion
  if (stage.at !== 'opened' || result === undefined || result.ok) throw new Error('GitHub gave no merge commit')
  const { message } = result
  deps.log.warn({ promotion: promotion.id, message }, 'GitHub did not merge the promotion pull request')
  const soon = new Date(now.getTime() + SOON_MS)
  if (/conflict/i.test(message)) return { promotion: { ...promotion, stage: { at: 'proposed' } }, rules, wait: soon }
  if (/base branch was modified/i.test(message)) return { promotion, rules, wait: soon }
  const isForbidden = result.type === 'FORBIDDEN' || /not accessible/i.test(message)
  // What is live is to be left all the same: the pull request of a rollback stays, for those who may merge it.
  if (isForbidden && promotion.kind !== 'rollback') {
    throw new UserError(
      'not_allowed',
      `GitHub does not let the App merge: ${message}`,
      'Let the App merge in the config repository, or merge the pull request yourself.',
    )
  }
  const isSettling = now.getTime() - Date.parse(promotion.rebuilt?.at ?? stage.openedAt) < SETTLING_MS
  const wait = isSettling ? soon : new Date(now.getTime() + LATER_MS)
  const githubWaits = isForbidden ? `${message}; whoever may merge in the config repository can merge it` : message
  return {
    promotion: { ...promotion, stage: { ...stage, githubWaits, waiting: undefined } },
    rules,
    wait: soonest([wait, nextLook(promotion, rules, context.environment)]),
  }
}

function checkOf({ promotion, context, rules }: Decided): Publishing {
  const headSha = promotion.pullRequest?.headSha
  if (headSha === undefined) throw new Error('an opened promotion without a pull request')
  return {
    key: promotionCheckKey(headSha),
    repository: context.environment.repository,
    repositoryId: context.world.config.repositoryId,
    headSha,
    name: 'lockkeeper/promotion',
    output: renderPromotionCheck({ promotion, rules }),
  }
}

async function publishCheck(decided: Decided, deps: Deps): Promise<void> {
  const publishing = checkOf(decided)
  const writes = await checkWrite(publishing, deps)
  if (writes.length === 0) return
  const results = await deps.github.write(publishing.repository, writes)
  await recordCheck(publishing, results[0], deps)
}

/** A promotion pull request that a person merged, also after Lockkeeper had given it up: what is live is watched to its end, and flagged. */
import { promotionBranch } from '../domain/branch-name.ts'
import { UserError } from '../domain/failure.ts'
import { type History, isActive, type Promotion, type Stage } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { type Judged, judgePromotion } from './judge-promotion.ts'
import type { PromotionPullRequest } from './ports.ts'
import { askers, readContext, type Target } from './promotion-context.ts'

type Merged = Extract<Stage, { readonly at: 'syncing' }>

/** The stage of a promotion whose pull request is merged, by whomever; undefined while it is not. */
export function mergedStage(seen: PromotionPullRequest, deps: Deps): Merged | undefined {
  if (seen.state !== 'merged' || seen.mergeCommit === undefined) return undefined
  return {
    at: 'syncing',
    revision: seen.mergeCommit,
    mergedAt: deps.clock.now().toISOString(),
    mergedBy: seen.mergedBy === deps.github.appLogin ? undefined : seen.mergedBy,
    blocked: undefined,
  }
}

/** A person may merge what Lockkeeper would not have: it is watched like any other, and flagged. */
export async function rulesMergedPast(ended: Stage, judged: Judged, deps: Deps): Promise<Promotion['mergedPast']> {
  if (ended.at !== 'syncing' || ended.mergedBy === undefined) return undefined
  const rules = await judgePromotion(judged, deps)
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ rule }) => rule)
  return open.length === 0 ? undefined : { by: ended.mergedBy, rules: open }
}

/**
 * Somebody reopened or kept the pull request of a promotion that ended unmerged, and merged it: its promotion goes on
 * from there. One call, and only while the newest promotion of the environment is such a one.
 */
export async function takeUpMerged(target: Target, history: History, deps: Deps): Promise<void> {
  const [newest] = history
  if (newest === undefined || history.some(isActive) || !isGivenUp(newest)) return
  const seen = await readOwn(newest, target, deps)
  const stage = seen && mergedStage(seen, deps)
  if (seen === undefined || stage === undefined) return
  const mergedPast = await flagOf(newest, { stage, seen }, deps)
  const { model, environment } = target
  await deps.ledger.savePromotion({ ...newest, stage, mergedPast, watch: { model, environment } })
}

/** It ended with a pull request that was not merged. */
function isGivenUp({ stage, pullRequest }: Promotion): boolean {
  if (pullRequest === undefined) return false
  return stage.at === 'cancelled' || stage.at === 'refused' || (stage.at === 'failed' && stage.revision === undefined)
}

async function readOwn(
  promotion: Promotion,
  { environment }: Target,
  { github }: Deps,
): Promise<PromotionPullRequest | undefined> {
  const { config } = await github.readPromotionWorld({
    modelRepository: promotion.repository,
    configRepository: environment.repository,
    branch: undefined,
    headBranch: promotionBranch(promotion),
    pullRequestNumber: promotion.pullRequest?.number,
    files: [],
    standing: undefined,
  })
  return config.pullRequest?.id === promotion.pullRequest?.id ? config.pullRequest : undefined
}

async function flagOf(
  promotion: Promotion,
  { stage, seen }: { readonly stage: Merged; readonly seen: PromotionPullRequest },
  deps: Deps,
): Promise<Promotion['mergedPast']> {
  try {
    const context = await readContext(promotion, deps, askers(promotion))
    return await rulesMergedPast(stage, { promotion, context, reviews: seen.reviews }, deps)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return stage.mergedBy === undefined ? undefined : { by: stage.mergedBy, rules: [error.code] }
  }
}

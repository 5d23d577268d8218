/** What people do to a promotion pull request, also after Lockkeeper had given it up: merge, close, reopen, push to its branch. Their act stands. */
import { promotionBranch } from '../domain/branch-name.ts'
import { UserError } from '../domain/failure.ts'
import { cameTooLate, type History, isActive, type Promotion, replacedBy, type Stage } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import { unlikeOurs } from './merged-content.ts'
import type { PromotionPullRequest } from './ports.ts'
import { askers, type PromotionContext, readContext, type Target } from './promotion-context.ts'
import { workOn } from './whose-branch.ts'

type Merged = Extract<Stage, { readonly at: 'syncing' }>

type Seen = { readonly promotion: Promotion; readonly context: PromotionContext; readonly seen: PromotionPullRequest }

/**
 * The promotion as it ends unmerged, or goes on merged, by what a person did to its pull request; undefined while nobody did anything.
 */
export async function followPeople(
  promotion: Promotion,
  context: PromotionContext,
  deps: Deps,
): Promise<Promotion | undefined> {
  const seen = context.world.config.pullRequest
  if (seen === undefined || seen.id !== promotion.pullRequest?.id) return undefined
  const isElsewhere = seen.baseRef !== context.world.config.defaultBranch
  const merged = isElsewhere ? undefined : mergedStage(promotion, seen, deps)
  const stage = merged ?? endedByPeople({ promotion, context, seen }, deps)
  if (stage === undefined) return undefined
  const mergedPast = await rulesMergedPast(stage, { promotion, context, seen }, deps)
  const followed: Promotion = { ...promotion, mergedPast, stage }
  const unlike = await unlikeOurs(followed, { context, merged: undefined }, deps)
  return unlike === undefined ? followed : { ...followed, stage: unlike }
}

/**
 * What the promotion waited for was merged by whoever had made it theirs, and brought the values that it was to write: it
 * goes on from there, flagged like any other that a person merged. undefined otherwise.
 */
export async function mergedForIt(
  promotion: Promotion,
  context: PromotionContext,
  deps: Deps,
): Promise<Promotion | undefined> {
  const { pullRequest: seen, defaultBranch } = context.world.config
  const waitsFor = promotion.stage.at === 'proposed' ? promotion.stage.waitsFor : undefined
  if (seen === undefined || seen.number !== waitsFor?.number || seen.baseRef !== defaultBranch) return undefined
  const stage = mergedStage(promotion, seen, deps)
  if (stage === undefined) return undefined
  const { id, number, url, headSha } = seen
  const taken: Promotion = { ...promotion, pullRequest: { id, number, url, headSha }, stage }
  return {
    ...taken,
    mergedPast: await rulesMergedPast(stage, { promotion: taken, context, seen }, deps),
  }
}

/** Somebody closed it, or made it theirs. */
function endedByPeople({ promotion, context, seen }: Seen, { clock, github }: Deps): Stage | undefined {
  const endedAt = clock.now().toISOString()
  if (seen.state === 'closed') return { at: 'cancelled', endedAt, reason: 'its pull request was closed', act: 'closed' }
  const { defaultBranch } = context.world.config
  const heads = promotion.pullRequest === undefined ? [] : [promotion.pullRequest.headSha]
  if (workOn(seen, { appLogin: github.appLogin, defaultBranch, heads }) !== 'theirs') return undefined
  const did =
    seen.baseRef === defaultBranch ? 'pushed to its branch' : `made it a pull request into \`${seen.baseRef}\``
  return { at: 'cancelled', endedAt, reason: `somebody ${did}; it is theirs now`, act: 'taken' }
}

const QUEUE_LOGIN = 'github-merge-queue[bot]'

/** The stage of a promotion whose pull request is merged, by whomever; undefined while it is not. */
function mergedStage({ stage }: Promotion, seen: PromotionPullRequest, deps: Deps): Merged | undefined {
  if (seen.state !== 'merged' || seen.mergeCommit === undefined) return undefined
  // A merge queue merges in its own name what anybody put into it.
  const isByQueue = stage.at === 'opened' && stage.queue !== undefined && seen.mergedBy === QUEUE_LOGIN
  // Learnt of later where nobody was there, or an answer was lost: what was observed in between is about it all the same.
  const learntAt = deps.clock.now()
  const mergedAt = seen.mergedAt !== undefined && seen.mergedAt < learntAt ? seen.mergedAt : learntAt
  return {
    at: 'syncing',
    revision: seen.mergeCommit,
    mergedAt: mergedAt.toISOString(),
    learntAt: learntAt.toISOString(),
    mergedBy: isByQueue || seen.mergedBy === deps.github.appLogin ? undefined : seen.mergedBy,
    blocked: undefined,
  }
}

/** A person may merge what Lockkeeper would not have: it is watched like any other, and flagged. */
async function rulesMergedPast(
  ended: Stage,
  { promotion, context, seen }: Seen,
  deps: Deps,
): Promise<Promotion['mergedPast']> {
  if (ended.at !== 'syncing' || ended.mergedBy === undefined) return undefined
  const { pullRequest } = promotion
  // Whoever pushed and merged before we looked was approved for another head than the one that is merged.
  const merged: Promotion = { ...promotion, pullRequest: pullRequest && { ...pullRequest, headSha: seen.headSha } }
  const rules = await judgePromotion({ promotion: merged, context, reviews: seen.reviews }, deps)
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ rule }) => rule)
  return open.length === 0 ? undefined : { by: ended.mergedBy, rules: open }
}

/**
 * The pull request of a promotion that ended unmerged was merged all the same, or a person closed it and reopened it as
 * it was: its promotion goes on from there. One call, and only while the newest promotion of the environment is such a one.
 */
export async function takeUpAgain(target: Target, history: History, deps: Deps): Promise<void> {
  const newest = history.some(isActive) ? undefined : givenUp(history)
  if (newest === undefined) return
  const seen = await readOwn(newest, target, deps)
  if (seen === undefined) return
  const reopened = reopenedStage(newest, seen, deps)
  if (reopened !== undefined) {
    await deps.ledger.savePromotion({ ...newest, stage: reopened })
    return
  }
  const stage = mergedStage(newest, seen, deps)
  if (stage === undefined) return
  const { mergedPast, unlike } = await lookBack(newest, { stage, seen }, deps)
  const { model, environment } = target
  await deps.ledger.savePromotion({ ...newest, stage: unlike ?? stage, mergedPast, watch: { model, environment } })
  // What answers a failure is done by the run that finds it ended.
  if (unlike !== undefined) await deps.hints.hint({ kind: 'environment', ...target.key })
}

/** Managed again, from now on, what a person closed and reopened with our commit; also what they pushed to and put back. */
function reopenedStage(
  { stage, pullRequest }: Promotion,
  seen: PromotionPullRequest,
  { clock }: Deps,
): Stage | undefined {
  const isBack = seen.state === 'open' && seen.headSha === pullRequest?.headSha
  if (!isBack || pullRequest === undefined || stage.at !== 'cancelled') return undefined
  if (stage.act !== 'closed' && stage.act !== 'taken') return undefined
  return { at: 'opened', pullRequest, openedAt: clock.now().toISOString() }
}

/** The newest, or what the newest came too late to replace. */
function givenUp(history: History): Promotion | undefined {
  const [newest] = history
  if (newest === undefined) return undefined
  if (cameTooLate(newest)) return replacedBy(history, newest.id)
  return isGivenUp(newest) ? newest : undefined
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
    headBranch: promotionBranch(promotion, promotion),
    pullRequestNumber: promotion.pullRequest?.number,
    files: [],
    standing: undefined,
  })
  const { pullRequest, defaultBranch } = config
  const isOwn = pullRequest?.id === promotion.pullRequest?.id && pullRequest?.baseRef === defaultBranch
  return isOwn ? pullRequest : undefined
}

type LookedBack = { readonly mergedPast: Promotion['mergedPast']; readonly unlike: Stage | undefined }

/** What its merge went past, and whether it brought other values. */
async function lookBack(
  promotion: Promotion,
  { stage, seen }: { readonly stage: Merged; readonly seen: PromotionPullRequest },
  deps: Deps,
): Promise<LookedBack> {
  try {
    const context = await readContext(promotion, deps, askers(promotion))
    const mergedPast = await rulesMergedPast(stage, { promotion, context, seen }, deps)
    const unlike = await unlikeOurs({ ...promotion, stage }, { context, merged: undefined }, deps)
    return { mergedPast, unlike }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const { mergedBy } = stage
    return { mergedPast: mergedBy === undefined ? undefined : { by: mergedBy, rules: [error.code] }, unlike: undefined }
  }
}

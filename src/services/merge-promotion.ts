/** Merges the promotion pull request when every rule holds: stage `opened` → `syncing`. A person's own merge or close is followed. */

import { renderPromotionCheck } from '../comments/promotion-check.ts'
import { renderPromotionTitle } from '../comments/promotion-pull-request.ts'
import { formatDuration } from '../domain/duration.ts'
import { UserError } from '../domain/failure.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import { promotionTrailers } from '../domain/promotion-trailers.ts'
import { allPass, earliestPass, type RuleVerdict } from '../domain/rules.ts'
import { renderTrailers } from '../domain/trailers.ts'
import type { Deps } from './deps.ts'
import { type Judged, judgePromotion } from './judge-promotion.ts'
import type { GitHubWrite, GitHubWriteResult, PromotionPullRequest } from './ports.ts'
import { askers, freshContext, type PromotionContext, readContext } from './promotion-context.ts'
import { checkWrite, type Publishing, recordCheck } from './publish-check.ts'

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
  const ended = seen && endedByPeople(promotion, seen, deps)
  if (ended !== undefined) {
    const mergedPast = seen && (await rulesMergedPast(ended, { promotion, context, reviews: seen.reviews }, deps))
    return { promotion: { ...promotion, mergedPast, stage: ended }, rules: [], wait: undefined }
  }
  const rules = await judgePromotion({ promotion, context, reviews: seen?.reviews ?? [] }, deps)
  const expires = expiryOf(promotion)
  const isStuck = !allPass(rules) || promotion.stage.githubWaits !== undefined
  if (expires !== undefined && expires <= deps.clock.now() && isStuck)
    return expire({ promotion, context, rules }, deps)
  if (allPass(rules)) return merge({ promotion, context, rules }, deps)
  await publishCheck({ promotion, context, rules }, deps)
  return { promotion, rules, wait: soonest([earliestPass(rules) ?? soonestOpen(rules), expires]) }
}

/** What somebody asked for is not waited for longer than this: the world they meant is gone. What automation proposes, a newer release replaces. */
const EXPIRES_MS = { asked: 24 * 3_600_000, automation: 14 * 24 * 3_600_000 } as const

const patienceFor = ({ via }: Promotion): number => EXPIRES_MS[via.kind === 'automation' ? 'automation' : 'asked']

/** Rollbacks never expire: what is live is to be left. */
function expiryOf(promotion: Promotion): Date | undefined {
  const { via, stage } = promotion
  const isRollback = via.kind === 'rollback' || via.kind === 'automatic-rollback'
  return isRollback || stage.at !== 'opened' ? undefined : new Date(Date.parse(stage.openedAt) + patienceFor(promotion))
}

async function expire({ promotion, context, rules }: Decided, deps: Deps): Promise<Merging> {
  const pullRequestId = promotion.pullRequest?.id
  if (pullRequestId !== undefined)
    await deps.github.write(context.environment.repository, [{ kind: 'close-pull-request', pullRequestId }])
  const { stage: opened } = promotion
  const github = opened.at === 'opened' && opened.githubWaits !== undefined ? [`GitHub: ${opened.githubWaits}`] : []
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ detail }) => detail)
  const stage: Stage = {
    at: 'cancelled',
    endedAt: deps.clock.now().toISOString(),
    reason: `it waited for ${formatDuration(patienceFor(promotion))}: ${[...open, ...github].join('; ')}`,
  }
  return { promotion: { ...promotion, stage }, rules, wait: undefined }
}

const soonest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times.filter((at) => at !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0]

/** Somebody merged or closed it, or pushed to its branch: their act stands. */
function endedByPeople(promotion: Promotion, seen: PromotionPullRequest, deps: Deps): Stage | undefined {
  const now = deps.clock.now().toISOString()
  if (seen.state === 'merged' && seen.mergeCommit !== undefined) {
    return {
      at: 'syncing',
      revision: seen.mergeCommit,
      mergedAt: now,
      mergedBy: seen.mergedBy === deps.github.appLogin ? undefined : seen.mergedBy,
      blocked: undefined,
    }
  }
  if (seen.state === 'closed') return { at: 'cancelled', endedAt: now, reason: 'its pull request was closed' }
  if (seen.headSha !== promotion.pullRequest?.headSha) {
    return {
      at: 'cancelled',
      endedAt: now,
      reason: 'somebody pushed to its branch; it is theirs now',
    }
  }
  return undefined
}

/** A person may merge what Lockkeeper would not have: it is watched like any other, and flagged. */
async function rulesMergedPast(ended: Stage, judged: Judged, deps: Deps): Promise<Promotion['mergedPast']> {
  if (ended.at !== 'syncing' || ended.mergedBy === undefined) return undefined
  const rules = await judgePromotion(judged, deps)
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ rule }) => rule)
  return open.length === 0 ? undefined : { by: ended.mergedBy, rules: open }
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
  const merging: GitHubWrite = {
    kind: 'merge-pull-request',
    pullRequestId: pullRequest.id,
    expectedHead: pullRequest.headSha,
    method,
    headline: `${renderPromotionTitle(promotion)} (#${pullRequest.number})`,
    body: renderTrailers(promotionTrailers(promotion, release)),
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
  { promotion, rules }: Decided,
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
  if (result.type === 'FORBIDDEN' || /not accessible/i.test(message)) {
    throw new UserError(
      'not_allowed',
      `GitHub does not let the App merge: ${message}`,
      'Let the App merge in the config repository, or merge the pull request yourself.',
    )
  }
  const isSettling = now.getTime() - Date.parse(stage.openedAt) < SETTLING_MS
  const wait = isSettling ? soon : new Date(now.getTime() + LATER_MS)
  return {
    promotion: { ...promotion, stage: { ...stage, githubWaits: message } },
    rules,
    wait: soonest([wait, expiryOf(promotion)]),
  }
}

/** The instant at which the first of the open rules may change by itself. */
function soonestOpen(rules: readonly RuleVerdict[]): Date | undefined {
  const times = rules.flatMap(({ state, earliest }) =>
    state === 'open' && earliest !== undefined ? [earliest.getTime()] : [],
  )
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}

function checkOf({ promotion, context, rules }: Decided): Publishing {
  const headSha = promotion.pullRequest?.headSha
  if (headSha === undefined) throw new Error('an opened promotion without a pull request')
  return {
    key: `check:lockkeeper/promotion:${headSha}`,
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

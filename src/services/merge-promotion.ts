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
import { judgePromotion } from './judge-promotion.ts'
import { requesterOf } from './open-promotion.ts'
import type { GitHubWrite, PromotionPullRequest } from './ports.ts'
import { freshContext, type PromotionContext, readContext } from './promotion-context.ts'
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
      ? await readContext(promotion, deps, requesterOf(promotion))
      : await freshContext(promotion, justOpened, deps)
  const seen = justOpened === context ? undefined : context.world.config.pullRequest
  const ended = seen && endedByPeople(promotion, seen, deps)
  if (ended !== undefined) return { promotion: { ...promotion, stage: ended }, rules: [], wait: undefined }
  const rules = await judgePromotion({ promotion, context, reviews: seen?.reviews ?? [] }, deps)
  const expires = expiryOf(promotion)
  if (expires !== undefined && expires <= deps.clock.now() && !allPass(rules))
    return expire({ promotion, context, rules }, deps)
  if (allPass(rules)) return merge({ promotion, context, rules }, deps)
  await publishCheck({ promotion, context, rules }, deps)
  return { promotion, rules, wait: soonest([earliestPass(rules) ?? soonestOpen(rules), expires]) }
}

/** What somebody asked for is not waited for longer than this: the world they meant is gone. */
const EXPIRES_MS = 24 * 3_600_000

function expiryOf({ via, stage }: Promotion): Date | undefined {
  const asked = via.kind === 'deploy' || via.kind === 'force'
  return asked && stage.at === 'opened' ? new Date(Date.parse(stage.openedAt) + EXPIRES_MS) : undefined
}

async function expire({ promotion, context, rules }: Decided, deps: Deps): Promise<Merging> {
  const pullRequestId = promotion.pullRequest?.id
  if (pullRequestId !== undefined)
    await deps.github.write(context.environment.repository, [{ kind: 'close-pull-request', pullRequestId }])
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ detail }) => detail)
  const stage: Stage = {
    at: 'cancelled',
    endedAt: deps.clock.now().toISOString(),
    reason: `it waited for ${formatDuration(EXPIRES_MS)}: ${open.join('; ')}`,
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
  if (seen.state === 'closed')
    return { at: 'cancelled', endedAt: now, reason: `its pull request #${seen.number} was closed` }
  if (seen.headSha !== promotion.pullRequest?.headSha) {
    return {
      at: 'cancelled',
      endedAt: now,
      reason: `somebody pushed to the branch of pull request #${seen.number}; it is theirs now`,
    }
  }
  return undefined
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

const RETRY_MS = 5000

/** GitHub's own rules (reviews, checks, merge queue) may be stricter than ours: then it waits for them. A conflict is rebuilt. */
async function mergeRefused(
  { promotion, rules }: Decided,
  result: { readonly ok: boolean; readonly message?: string } | undefined,
  deps: Deps,
): Promise<Merging> {
  const now = deps.clock.now()
  const message = result?.message ?? 'no answer'
  deps.log.warn({ promotion: promotion.id, message }, 'GitHub did not merge the promotion pull request')
  if (/conflict|base branch was modified|not mergeable/i.test(message)) {
    return { promotion: { ...promotion, stage: { at: 'proposed' } }, rules, wait: undefined }
  }
  if (/permission|not accessible/i.test(message)) {
    throw new UserError(
      'not_allowed',
      `GitHub does not let the App merge: ${message}`,
      'Let the App merge in the config repository, or merge the pull request yourself.',
    )
  }
  return { promotion, rules, wait: new Date(now.getTime() + RETRY_MS) }
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

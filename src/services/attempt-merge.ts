/** The merge itself, once every rule of ours holds: not tried while GitHub is known to refuse it, by the branch's merge queue where it has one. Part of merge-promotion.ts. */
import { renderPromotionTitle } from '../comments/promotion-pull-request.ts'
import { mergeMethod, obstacles } from '../domain/branch-rules.ts'
import { meaningOfRefusal, refusalWords } from '../domain/merge-refusal.ts'
import { promotionTrailers } from '../domain/promotion-trailers.ts'
import { renderTrailers } from '../domain/trailers.ts'
import type { Deps } from './deps.ts'
import { filesOf, unlikeOurs } from './merged-content.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { throughQueue } from './promotion-queue.ts'
import { promotionCheckWrites, publishPromotionCheck } from './publish-promotion-check.ts'
import { type Decided, later, type Merging, openedStage, soon, waitForGitHub } from './wait-for-github.ts'

/**
 * Merged, or waiting with the reason. The config repository's own rules are kept even where the App is exempt from them;
 * a rollback alone makes use of that, since something bad is live.
 */
export async function attemptMerge(decided: Decided, deps: Deps): Promise<Merging> {
  const { promotion, context, seen } = decided
  const { rules: branch } = context.world.config
  const wanted = obstacles(branch, seen?.merging && { ...seen, ...seen.merging })
  const isRollback = promotion.kind === 'rollback'
  const mayPass = isRollback && seen?.merging?.mayBypass !== false
  if (branch.mergeQueue && !mayPass) return throughQueue(decided, wanted, deps)
  if (wanted.length === 0 || isRollback) return merge(decided, wanted, deps)
  await publishPromotionCheck(decided, wanted, deps)
  // Whom GitHub has asked for reviews shows at the next look.
  const until = seen === undefined ? soon(deps) : later(deps)
  return waitForGitHub(decided, { words: wanted.join('; '), until }, deps)
}

async function merge(decided: Decided, wanted: readonly string[], deps: Deps): Promise<Merging> {
  const { promotion, context, rules } = decided
  const check = await promotionCheckWrites(decided, [], deps)
  const results = await deps.github.write(context.environment.repository, [...check.writes, mergeWrite(decided)])
  await check.record(results)
  const merged = results.at(-1)
  if (merged?.ok !== true || merged.sha === undefined) return mergeRefused(decided, { result: merged, wanted }, deps)
  const mergedAt = deps.clock.now().toISOString()
  const stage = { at: 'syncing', revision: merged.sha, mergedAt, mergedBy: undefined, blocked: undefined } as const
  const unlike = await unlikeOurs({ ...promotion, stage }, { context, merged: merged.blobs }, deps)
  return { promotion: { ...promotion, stage: unlike ?? stage }, rules, wait: undefined }
}

function mergeWrite({ promotion, context, rules }: Decided): GitHubWrite {
  const { pullRequest } = openedStage(promotion)
  const approvals = rules.find(({ rule }) => rule === 'approvals')
  return {
    kind: 'merge-pull-request',
    pullRequestId: pullRequest.id,
    expectedHead: pullRequest.headSha,
    method: mergeMethod(context.world.config.rules) ?? 'merge',
    headline: `${renderPromotionTitle(promotion)} (#${pullRequest.number})`,
    body: renderTrailers(promotionTrailers(promotion, context.release, approvals?.approvedBy)),
    files: filesOf(promotion),
  }
}

type Refused = { readonly result: GitHubWriteResult | undefined; readonly wanted: readonly string[] }

/** GitHub's own rules may be stricter than ours, and something may have moved since it was read: the next look then finds it. */
async function mergeRefused(decided: Decided, { result, wanted }: Refused, deps: Deps): Promise<Merging> {
  if (result === undefined || result.ok) throw new Error('GitHub gave no merge commit')
  const { promotion } = decided
  const { message } = result
  deps.log.warn({ promotion: promotion.id, message }, 'GitHub did not merge the promotion pull request')
  switch (meaningOfRefusal(result)) {
    case 'moved':
      return waitForGitHub(decided, { words: openedStage(promotion).githubWaits, until: soon(deps) }, deps)
    case 'conflict':
      return waitForGitHub(decided, { words: 'it is in conflict with the base branch, and is made anew' }, deps)
    case 'queue':
      return throughQueue(decided, wanted, deps)
    case 'forbidden':
      return waitForGitHub(decided, { words: `${forbidden(message)}; whoever may merge there can merge it` }, deps)
    case 'rules':
      return waitForGitHub(decided, { words: wanted.length === 0 ? refusalWords(message) : wanted.join('; ') }, deps)
  }
}

const forbidden = (message: string): string =>
  `the App may not merge in the config repository (${refusalWords(message)})`

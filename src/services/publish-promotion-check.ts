/** The check run `lockkeeper/promotion` on a promotion's head with the labels that are due, and a neutral `lockkeeper` where the branch demands that one, too. What they say: comments/promotion-check.ts. */
import { renderUnconcerned } from '../comments/merge-group-check.ts'
import { renderPromotionCheck } from '../comments/promotion-check.ts'
import { asksUs, PROMOTION_CHECK } from '../domain/branch-rules.ts'
import type { Deps } from './deps.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { checkWrite, type Publishing, promotionCheckKey, recordCheck } from './publish-check.ts'
import type { Decided } from './wait-for-github.ts'

export type CheckWrites = {
  /** None where everything is said already. */
  readonly writes: readonly GitHubWrite[]
  /** To be called with the results of the writes, in their order. */
  record(results: readonly (GitHubWriteResult | undefined)[]): Promise<void>
}

/** For a document that is sent anyway. `github`: what GitHub is known to want still. */
export async function promotionCheckWrites(
  decided: Decided,
  github: readonly string[],
  deps: Deps,
): Promise<CheckWrites> {
  const publishings = checksOf(decided, github, deps)
  const planned = await Promise.all(
    publishings.map(async (publishing) => ({ publishing, writes: await checkWrite(publishing, deps) })),
  )
  const due = planned.flatMap(({ publishing, writes }) => writes.map((write) => ({ publishing, write })))
  const labels = labelWrites(decided)
  return {
    writes: [...due.map(({ write }) => write), ...labels],
    record: async (results) => {
      for (const [index, { publishing }] of due.entries()) await recordCheck(publishing, results[index], deps)
      for (const result of results.slice(due.length, due.length + labels.length)) warnOfLabels(result, decided, deps)
    },
  }
}

/** Labels travel with the first document after the opening; mergePromotion then forgets them. */
function labelWrites({ promotion: { stage } }: Decided): readonly GitHubWrite[] {
  if (stage.at !== 'opened' || stage.labelsDue === undefined) return []
  return [{ kind: 'add-labels', pullRequestId: stage.pullRequest.id, labelIds: stage.labelsDue }]
}

/** Nice to have: nothing waits for a label. */
function warnOfLabels(result: GitHubWriteResult | undefined, { promotion }: Decided, { log }: Deps): void {
  if (result?.ok !== false) return
  const pullRequest = promotion.pullRequest?.url
  log.warn({ pullRequest, reason: result.message }, 'a promotion pull request was not labelled')
}

/** By itself: one request, and none where everything is said already. */
export async function publishPromotionCheck(decided: Decided, github: readonly string[], deps: Deps): Promise<void> {
  const { writes, record } = await promotionCheckWrites(decided, github, deps)
  if (writes.length > 0) await record(await deps.github.write(decided.context.environment.repository, writes))
}

function checksOf(
  { promotion, context, rules, seen }: Decided,
  github: readonly string[],
  deps: Deps,
): readonly Publishing[] {
  const { pullRequest } = promotion
  if (pullRequest === undefined) throw new Error('an opened promotion without a pull request')
  const { headSha, url } = pullRequest
  const { config } = context.world
  const head = { repository: context.environment.repository, repositoryId: config.repositoryId, headSha }
  const mergesAnyway = asksUs(config.rules, deps.github.appId) ? undefined : seen?.merging?.autoMergeBy
  const branch = config.rules.branch
  const own: Publishing = {
    ...head,
    key: promotionCheckKey(headSha),
    name: PROMOTION_CHECK,
    output: renderPromotionCheck({ promotion, rules, github, branch, mergesAnyway }),
  }
  if (!config.rules.checks.some(({ name }) => name === 'lockkeeper')) return [own]
  const key = `check:lockkeeper:${headSha}`
  return [own, { ...head, key, name: 'lockkeeper', output: renderUnconcerned('is-promotion', url) }]
}

/** Says where a promotion stands: its Deployment, the reply to the command that asked, the thread of the model pull request, and a report when it failed. One request. */
import { renderFailureReport } from '../comments/failure-report.ts'
import { renderMarker } from '../domain/marker.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Deps } from './deps.ts'
import { branchWrite, noteWrite } from './leave-pull-request.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'
import { deploymentWrites } from './publish-deployment.ts'
import { replyWrites } from './publish-reply.ts'
import { inThread, threadWrite } from './publish-thread.ts'

/** `target`: absent where the configuration has no settings for it any more. */
export type Told = { readonly target: Target | undefined; readonly rules: readonly RuleVerdict[] }

export async function publishPromotion(promotion: Promotion, { target, rules }: Told, deps: Deps): Promise<void> {
  const { repository, thread } = promotion
  await inThread({ repository, number: thread }, deps, async () => {
    const planned: (PlannedWrite | undefined)[] = [
      ...(await deploymentWrites(promotion, target, deps)),
      ...(await replyWrites(promotion, rules, deps)),
      await threadWrite(repository, thread, deps),
      await reportWrite(promotion, deps),
      await noteWrite(promotion, deps),
      await branchWrite(promotion, deps),
    ]
    await writeAll(planned, deps)
  })
}

/** A comment of its own, because a failed rollout needs a person's eyes; kept current until its rollback has ended, well or not. */
async function reportWrite(promotion: Promotion, deps: Deps): Promise<PlannedWrite | undefined> {
  const failed = (await failedBehind(promotion, deps)) ?? promotion
  if (failed.stage.at !== 'failed' || failed.thread === undefined) return undefined
  const rollbackId = failed.stage.rollback
  const rollback =
    rollbackId === undefined || rollbackId === 'none' ? undefined : await deps.ledger.promotion(rollbackId)
  const release = await releaseOf(failed, deps)
  const records = await deps.ledger.releasesOf({ repository: failed.repository, pullRequest: failed.thread })
  const subjectId = records[0]?.pullRequest?.id
  if (subjectId === undefined) return undefined
  const marker = renderMarker('promotion', { failed: failed.id })
  const body = `${marker}\n${renderFailureReport({ failed, rollback, release })}`
  return commentWrite(
    { key: `report:${failed.id}`, repository: failed.repository, number: failed.thread, subjectId, marker, body },
    deps,
  )
}

async function failedBehind({ via }: Promotion, { ledger }: Deps): Promise<Promotion | undefined> {
  return via.kind === 'automatic-rollback' ? ledger.promotion(via.of) : undefined
}

/** Says where a promotion stands: its Deployment, the reply to the command that asked, the thread of the model pull request, and a report when it failed. One request per owner of a repository. */
import { type FailureReport, renderFailureReport } from '../comments/failure-report.ts'
import { incidentsIn, leftBy, provenBesides } from '../domain/incident.ts'
import { renderMarker } from '../domain/marker.ts'
import type { History, Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Deps } from './deps.ts'
import { branchWrite, noteWrite, repositoryOf } from './leave-pull-request.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'
import { deploymentWrites } from './publish-deployment.ts'
import { replyWrites } from './publish-reply.ts'
import { inThread, threadWrite } from './publish-thread.ts'
import { isPublicOn } from './tell-incident.ts'

/** `target`: absent where the configuration has no settings for it any more. */
export type Told = { readonly target: Target | undefined; readonly rules: readonly RuleVerdict[] }

export async function publishPromotion(promotion: Promotion, { target, rules }: Told, deps: Deps): Promise<void> {
  const { repository, thread } = promotion
  await inThread({ repository, number: thread }, deps, async () => {
    const planned: (PlannedWrite | undefined)[] = [
      ...(await deploymentWrites(promotion, target, deps)),
      ...(await replyWrites(promotion, rules, deps)),
      await threadWrite(repository, thread, deps),
      ...(await reportWrites(promotion, deps)),
      await noteWrite(promotion, deps),
      await branchWrite(promotion, deps),
    ]
    await writeAll(planned, deps)
  })
}

/** A comment of its own, because a failed rollout needs a person's eyes; kept current until its rollback has ended, well or not. In the thread of the model pull request, and on its promotion pull request. */
async function reportWrites(promotion: Promotion, deps: Deps): Promise<readonly (PlannedWrite | undefined)[]> {
  const history = await deps.ledger.history(promotion)
  const failed = answeredBy(promotion, history) ?? promotion
  if (failed.stage.at !== 'failed' && failed.late === undefined) return []
  const answer = failed.stage.at === 'failed' ? failed.stage.rollback : undefined
  const rollback = history.find(({ id }) => id === answer)
  const last = rollback ?? failed
  const known = { left: leftBy(last, history), others: provenBesides(last, history) }
  const release = await releaseOf(failed, deps)
  const over = incidentsIn(history).find(({ failures }) => failures.some(({ id }) => id === failed.id))?.over
  const report = { failed, rollback, release, known, over }
  const marker = renderMarker('promotion', { failed: failed.id })
  return [
    await inThreadOf(failed, { marker, body: `${marker}\n${renderFailureReport(report)}` }, deps),
    await onItsPullRequest(failed, { marker, report }, deps),
  ]
}

/** The failure that this rollback answers, whoever asked for it. */
const answeredBy = ({ id, kind }: Promotion, history: History): Promotion | undefined =>
  kind === 'rollback' ? history.find(({ stage }) => stage.at === 'failed' && stage.rollback === id) : undefined

async function inThreadOf(
  { id, repository, thread: number }: Promotion,
  { marker, body }: { readonly marker: string; readonly body: string },
  deps: Deps,
): Promise<PlannedWrite | undefined> {
  if (number === undefined) return undefined
  const records = await deps.ledger.releasesOf({ repository, pullRequest: number })
  const subjectId = records[0]?.pullRequest?.id
  if (subjectId === undefined) return undefined
  return commentWrite({ key: `report:${id}`, repository, number, subjectId, marker, body }, deps)
}

/** Whoever reviews there reads it there. */
async function onItsPullRequest(
  { id, pullRequest }: Promotion,
  { marker, report }: { readonly marker: string; readonly report: FailureReport },
  deps: Deps,
): Promise<PlannedWrite | undefined> {
  if (pullRequest === undefined) return undefined
  const { id: subjectId, number } = pullRequest
  const body = `${marker}\n${renderFailureReport({ ...report, isPublic: isPublicOn(pullRequest) })}`
  const repository = repositoryOf(pullRequest)
  const write = await commentWrite({ key: `report-promotion:${id}`, repository, number, subjectId, marker, body }, deps)
  // Locked by somebody, or gone: what is told in the thread must not wait for it.
  return write && { ...write, mayFail: true }
}

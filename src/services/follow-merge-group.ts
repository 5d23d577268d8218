/**
 * reconcile() of a merge queue's head: it gets the check runs that branch rules may require, or the queue would wait in vain.
 * Each concludes as the pull request's own does; that one is written by refresh-comparison.ts or merge-promotion.ts.
 */
import {
  renderGroupGivenUp,
  renderGroupWaits,
  renderTakenOver,
  renderUnconcerned,
} from '../comments/merge-group-check.ts'
import type { CommitSha } from '../domain/ids.ts'
import { type GroupCheck, QUEUE_TIMEOUT_MS, type QueuedPullRequest } from '../domain/merge-group.ts'
import { isActive } from '../domain/promotion.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import { lookAtMergeGroup } from './look-at-merge-group.ts'
import type { CheckRunOutput, MergeGroupRecord } from './ports.ts'
import { checkWrite, type Publishing, recordCheck } from './publish-check.ts'
import { type PlannedWrite, writeAll } from './publish-comment.ts'

/** One read at the first look and none later; one write whenever what the pull request's check run says has changed. */
export async function followMergeGroup(subject: Extract<Subject, { kind: 'merge-group' }>, deps: Deps): Promise<void> {
  const known = await deps.mergeGroups.find(subject.repository, subject.sha)
  const group = known ?? (await lookAtMergeGroup(subject, deps))
  if (group === undefined) return
  const { pullRequest, askedAt } = group
  const until = new Date(Date.parse(askedAt) + QUEUE_TIMEOUT_MS)
  const planned: (PlannedWrite | undefined)[] = []
  for (const check of group.checks) {
    const output = await outputOf(check, { pullRequest, until }, deps)
    if (output.status !== 'completed') await deps.hints.wakeAt(subject, until)
    planned.push(await plan(group, { name: check.name, output }, deps))
  }
  await writeAll(planned, deps)
}

/** Wakes the heads that follow what `subject` may have changed: the check runs of a pull request, or of the promotion into an environment. */
export async function wakeMergeGroups(
  subject: Extract<Subject, { kind: 'pull-request' | 'environment' }>,
  deps: Deps,
): Promise<void> {
  const headSha = await headOf(subject, deps)
  if (headSha === undefined) return
  const since = new Date(deps.clock.now().getTime() - QUEUE_TIMEOUT_MS)
  for (const { repository, sha, pullRequest } of await deps.mergeGroups.following(headSha, since))
    await deps.hints.hint({ kind: 'merge-group', repository, sha, number: pullRequest?.number })
}

async function headOf(
  subject: Extract<Subject, { kind: 'pull-request' | 'environment' }>,
  { comparisons, ledger }: Deps,
): Promise<CommitSha | undefined> {
  if (subject.kind === 'pull-request') return (await comparisons.get(subject.repository, subject.number))?.headSha
  return (await ledger.history(subject)).find(isActive)?.pullRequest?.headSha
}

async function outputOf(
  check: GroupCheck,
  { pullRequest, until }: { readonly pullRequest: QueuedPullRequest | undefined; readonly until: Date },
  { ledger, clock }: Deps,
): Promise<CheckRunOutput> {
  if (check.kind === 'unconcerned' || pullRequest === undefined)
    return renderUnconcerned(check.kind === 'unconcerned' ? check.reason : 'no-pull-request', pullRequest?.url)
  const followed = { name: check.name, pullRequest }
  const said = (await ledger.publication(check.publication))?.said
  if (said?.status === 'completed') return renderTakenOver(followed, said)
  return clock.now() < until ? renderGroupWaits(followed) : renderGroupGivenUp(followed)
}

async function plan(
  { repository, repositoryId, sha }: MergeGroupRecord,
  { name, output }: Pick<Publishing, 'name' | 'output'>,
  deps: Deps,
): Promise<PlannedWrite | undefined> {
  const key = `merge-group ${repository} ${sha} ${name}`
  const publishing: Publishing = { key, repository, repositoryId, headSha: sha, name, output }
  const [write] = await checkWrite(publishing, deps)
  return write && { repository, write, record: (result) => recordCheck(publishing, result, deps) }
}

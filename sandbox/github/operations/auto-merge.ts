/** Merging by itself: who may merge says so once, and GitHub merges in their name as soon as the base branch's rules allow it. */
import { type OperationContext, requireWrite } from '../access.ts'
import { protectionProblems } from '../branch-rules.ts'
import { GitHubFailure } from '../failure.ts'
import type { MergeMethod, PullRequest, Repository } from '../model.ts'
import { testMergeOf } from '../pull-request-facts.ts'
import { type GitHubState, timestamp } from '../state.ts'
import { emitPullRequest } from './follow.ts'
import { MERGE, merge } from './merge.ts'

/** 422: the repository does not allow it, or nothing is waited for. */
export function enableAutoMerge(context: OperationContext, record: PullRequest, method: MergeMethod): void {
  requireWrite(context, record.repository, MERGE)
  if (!record.repository.settings.allowAutoMerge)
    throw new GitHubFailure(422, 'Auto merge is not allowed for this repository')
  if (isReady(context.state, record)) throw new GitHubFailure(422, 'Pull request Pull request is in clean status')
  record.autoMerge = { method, by: context.actor.user, at: timestamp(context.state) }
  emitPullRequest(context, record, { action: 'auto_merge_enabled', extra: { reason: '' } })
}

const isReady = (state: GitHubState, record: PullRequest): boolean =>
  record.state === 'open' &&
  !record.draft &&
  protectionProblems(record).length === 0 &&
  testMergeOf(state, record).sha !== null

/** Merges what waits for nothing any more. Looks when a check, a status or a review was reported. */
export function advanceAutoMerges(state: GitHubState, repository: Repository): void {
  for (const thread of [...repository.threads.values()]) {
    if (thread.kind !== 'PullRequest' || thread.autoMerge === null || !isReady(state, thread)) continue
    const { method, by } = thread.autoMerge
    merge({ state, actor: { kind: 'user', user: by } }, thread, { method })
  }
}

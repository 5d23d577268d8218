/** What a branch's move does to open pull requests: heads follow, reset or deleted heads close, indirectly merged ones are marked so. Called by push.ts alone. */
import type { OperationContext } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { isAncestor } from '../git-history.ts'
import type { Label, PullRequest } from '../model.ts'
import { branchRef } from '../pull-request-facts.ts'
import type { Json } from '../serialise/accounts.ts'
import { pullRequest as serialise } from '../serialise/pull-request.ts'
import { label as serialiseLabel } from '../serialise/repository.ts'
import { timestamp } from '../state.ts'

type Ends = { readonly before: string | null; readonly after: string | null }

/** Emits `pull_request.<action>` with the pull request as it is now. */
export function emitPullRequest(
  { state, actor }: OperationContext,
  record: PullRequest,
  { action, extra = {}, label }: { readonly action: string; readonly extra?: Json; readonly label?: Label },
): void {
  emitRepositoryEvent(state, {
    event: 'pull_request',
    action,
    repository: record.repository,
    sender: actor.user,
    body: {
      number: record.number,
      ...extra,
      ...(label === undefined ? {} : { label: serialiseLabel(state, record.repository, label) }),
      pull_request: serialise(state, record, 'unknown'),
    },
  })
}

/** The head branch moved or went away. */
export function followHead(context: OperationContext, record: PullRequest, { before, after }: Ends): void {
  if (after === null) {
    close(context, record)
    return
  }
  const { repository } = record
  record.head.sha = after
  record.base.sha = repository.refs.get(branchRef(record.base.ref)) ?? record.base.sha
  record.updatedAt = timestamp(context.state)
  repository.refs.set(`refs/pull/${record.number}/head`, after)
  if (repository.protection.get(record.base.ref)?.dismissStale === true)
    for (const review of record.reviews) if (review.state === 'APPROVED') review.state = 'DISMISSED'
  emitPullRequest(context, record, { action: 'synchronize', extra: { before: before ?? after, after } })
  if (isAncestor(repository.objects, after, record.base.sha)) close(context, record)
}

/** The base branch moved (perhaps bringing the head along) or went away. */
export function followBase(context: OperationContext, record: PullRequest, { before, after }: Ends): void {
  if (after === null) {
    close(context, record)
    return
  }
  const { objects } = record.repository
  if (before === null || !isAncestor(objects, record.head.sha, after)) return
  if (isAncestor(objects, record.head.sha, before)) return
  record.base.sha = before
  record.merged = true
  record.mergedAt = timestamp(context.state)
  record.mergedBy = context.actor.user
  record.mergeCommitSha = after
  close(context, record)
}

/** Closes and says so; a merged pull request is closed with `merged: true`. */
export function close(context: OperationContext, record: PullRequest): void {
  const now = timestamp(context.state)
  if (!record.merged) record.base.sha = record.repository.refs.get(branchRef(record.base.ref)) ?? record.base.sha
  record.state = 'closed'
  record.closedAt = now
  record.closedBy = context.actor.user
  record.updatedAt = now
  record.autoMerge = null
  record.repository.refs.delete(`refs/pull/${record.number}/merge`)
  emitPullRequest(context, record, { action: 'closed' })
}

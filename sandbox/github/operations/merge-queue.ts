/** A branch's merge queue: each entry is the merge of a pull request onto the entry before, and lands once its required checks have passed. */
import { type OperationContext, requireWrite, roleOf, tokenAllows } from '../access.ts'
import type { QueueEntry } from '../branch-model.ts'
import { requiredState } from '../check-facts.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure } from '../failure.ts'
import type { PullRequest, Repository } from '../model.ts'
import { createUser } from '../people.ts'
import { baseTip, branchRef } from '../pull-request-facts.ts'
import { simpleCommit } from '../serialise/commits.ts'
import { findUser, type GitHubState, timestamp } from '../state.ts'
import { emitPullRequest } from './follow.ts'
import { land, MERGE, requireMergeable, writeMerged } from './merge.ts'
import { moveRef } from './push.ts'

/** Who pushes, merges and asks for checks. */
const QUEUE_BOT = 'github-merge-queue[bot]'

type Reason = 'merged' | 'invalidated' | 'dequeued'

export type Enqueuing = {
  /** Refuses with 409 unless the head is there. */
  readonly sha?: string | undefined
  /** Before everything else in the queue; only for those who administer the repository. */
  readonly jump?: boolean | undefined
}

/** Puts a pull request into the queue; gives the commit that would be merged. 405: no queue, a conflict, or the rules that hold for any merge. */
export function enqueue(context: OperationContext, record: PullRequest, { sha, jump = false }: Enqueuing = {}): string {
  const { repository, base } = record
  requireWrite(context, repository, MERGE)
  requireWrite(context, repository, { permissions: ['merge_queues'], role: 'write' })
  if (jump) requireJump(context, repository)
  const method = repository.protection.get(base.ref)?.mergeQueue
  if (method === undefined) throw new GitHubFailure(405, `The branch ${base.ref} has no merge queue`)
  if (sha !== undefined && sha !== record.head.sha)
    throw new GitHubFailure(409, 'Head branch was modified. Review and try the merge again.')
  requireMergeable(context, record, method)
  const queue = queueOf(record)
  if (queue.some(({ pullRequest }) => pullRequest === record))
    throw new GitHubFailure(405, 'The pull request is already in the merge queue')
  emitPullRequest(context, record, { action: 'enqueued' })
  const entry = jump
    ? buildFirst(context, record)
    : build(context.state, { pullRequest: record, by: context.actor.user })
  advanceQueues(context.state, repository)
  return entry.sha
}

/** GitHub lets administrators jump the queue. An App is none unless it may administer. */
function requireJump(context: OperationContext, repository: Repository): void {
  const { actor } = context
  const may =
    actor.kind === 'user'
      ? roleOf(repository, actor.user) === 'admin'
      : tokenAllows(actor.token, ['administration'], 'write')
  if (!may) throw new GitHubFailure(403, 'You are not authorized to jump the queue')
}

function buildFirst({ state, actor }: OperationContext, record: PullRequest): QueueEntry {
  const behind = queueOf(record).splice(0)
  const entry = build(state, { pullRequest: record, by: actor.user })
  rebuild(state, behind)
  return entry
}

/** Takes a pull request out of the queue; those behind are built anew without it. */
export function dequeue(context: OperationContext, record: PullRequest): void {
  requireWrite(context, record.repository, MERGE)
  if (queueOf(record).some(({ pullRequest }) => pullRequest === record)) drop(context.state, record, 'MANUAL')
  advanceQueues(context.state, record.repository)
}

/** Lands what has passed and drops what has failed, as far as the first entry that still waits. Looks when a check or status was reported. */
export function advanceQueues(state: GitHubState, repository: Repository): void {
  for (const queue of repository.mergeQueues.values()) while (queue[0] !== undefined && settle(state, queue[0])) {}
}

/** False while it waits. */
function settle(state: GitHubState, entry: QueueEntry): boolean {
  const { pullRequest, head, base, sha } = entry
  const { repository } = pullRequest
  if (pullRequest.state === 'closed' || pullRequest.head.sha !== head)
    return drop(state, pullRequest, 'UNKNOWN_REMOVAL_REASON')
  if (base !== baseTip(pullRequest)) return rebuild(state, queueOf(pullRequest).splice(0))
  const { checks = [], expected = {} } = repository.protection.get(pullRequest.base.ref) ?? {}
  const states = checks.map((name) => requiredState(repository, sha, { name, appId: expected[name] }) ?? 'pending')
  if (states.some((each) => each === 'failure' || each === 'error')) return drop(state, pullRequest, 'CI_FAILURE')
  if (states.includes('pending')) return false
  queueOf(pullRequest).shift()
  land(asQueue(state), pullRequest, { base, oid: sha, cause: 'queue' })
  destroy(state, entry, 'merged')
  return true
}

/** `reason` as `pull_request.dequeued` gives it. */
function drop(state: GitHubState, record: PullRequest, reason: string): true {
  const queue = queueOf(record)
  const [gone, ...behind] = queue.splice(queue.findIndex(({ pullRequest }) => pullRequest === record))
  if (gone === undefined) return true
  destroy(state, gone, 'dequeued')
  sayDequeued(state, record, reason)
  return rebuild(state, behind)
}

function sayDequeued(state: GitHubState, record: PullRequest, reason: string): void {
  record.dequeued = { reason, at: timestamp(state) }
  emitPullRequest(asQueue(state), record, { action: 'dequeued', extra: { reason } })
}

/** What was built on a commit that will not land is built again; what conflicts now is dropped. */
function rebuild(state: GitHubState, entries: readonly QueueEntry[]): true {
  for (const entry of entries) destroy(state, entry, 'invalidated')
  for (const { pullRequest, by } of entries) {
    try {
      build(state, { pullRequest, by })
    } catch (error) {
      if (!(error instanceof GitHubFailure)) throw error
      sayDequeued(state, pullRequest, 'MERGE_CONFLICT')
    }
  }
  return true
}

function build(state: GitHubState, { pullRequest: record, by }: Pick<QueueEntry, 'pullRequest' | 'by'>): QueueEntry {
  const { repository, number, base: target } = record
  const context = asQueue(state)
  const method = repository.protection.get(target.ref)?.mergeQueue ?? 'merge'
  const base = queueOf(record).at(-1)?.sha ?? baseTip(record)
  const sha = writeMerged(context, record, { method, base })
  const ref = branchRef(`gh-readonly-queue/${target.ref}/pr-${number}-${base}`)
  const entry: QueueEntry = { pullRequest: record, by, head: record.head.sha, base, sha, ref }
  queueOf(record).push(entry)
  moveRef(context, repository, { ref, after: sha })
  emitGroup(state, entry, { action: 'checks_requested' })
  return entry
}

function destroy(state: GitHubState, entry: QueueEntry, reason: Reason): void {
  emitGroup(state, entry, { action: 'destroyed', reason })
  moveRef(asQueue(state), entry.pullRequest.repository, { ref: entry.ref, after: null })
}

function emitGroup(
  state: GitHubState,
  { pullRequest: { repository, base: target }, base, sha, ref }: QueueEntry,
  { action, reason }: { readonly action: 'checks_requested' | 'destroyed'; readonly reason?: Reason },
): void {
  emitRepositoryEvent(state, {
    event: 'merge_group',
    action,
    repository,
    sender: asQueue(state).actor.user,
    body: {
      ...(reason === undefined ? {} : { reason }),
      merge_group: {
        head_sha: sha,
        head_ref: ref,
        base_sha: base,
        base_ref: branchRef(target.ref),
        head_commit: simpleCommit(repository, sha),
      },
    },
  })
}

/** The entries of the queue that it is in, or would be in; first come, first served. */
export function queueOf({ repository: { mergeQueues }, base }: PullRequest): QueueEntry[] {
  const queue = mergeQueues.get(base.ref) ?? []
  mergeQueues.set(base.ref, queue)
  return queue
}

const asQueue = (state: GitHubState): OperationContext => ({
  state,
  actor: { kind: 'user', user: findUser(state, QUEUE_BOT) ?? createUser(state, QUEUE_BOT, { type: 'Bot' }) },
})

/** Comments of issues and pull requests: adding, editing, deleting, minimising. */
import { type OperationContext, requireWrite, viaApp } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { invalid, notFound } from '../failure.ts'
import type { IssueComment, Repository, Thread } from '../model.ts'
import { issueComment as serialise, webhookIssue } from '../serialise/threads.ts'
import { bornNow, identify, register, timestamp } from '../state.ts'
import { requireBody } from './threads.ts'

/** A comment needs the right of its thread: of two permissions one is enough on a pull request, issues take one only. */
const demandFor = (thread: Thread, role: 'read' | 'triage' | 'write') => ({
  permissions: thread.kind === 'PullRequest' ? ['issues', 'pull_requests'] : ['issues'],
  role,
})

/** Adds a comment. 422 when empty or longer than 65,536 characters; 403 when the thread is locked for the actor. */
export function addComment(context: OperationContext, thread: Thread, body: string): IssueComment {
  const { state, actor } = context
  requireWrite(context, thread.repository, demandFor(thread, thread.locked ? 'write' : 'read'))
  if (body.trim() === '') throw invalid('IssueComment', "body can't be blank", 'body')
  requireBody(body)
  const now = timestamp(state)
  const comment: IssueComment = register(state, {
    ...identify(state, 'IssueComment'),
    repository: thread.repository,
    thread,
    author: actor.user,
    viaApp: viaApp(context),
    body,
    createdAt: now,
    updatedAt: now,
    edits: [],
    reactions: [],
    minimized: null,
    born: bornNow(state),
  })
  thread.comments.push(comment)
  thread.repository.comments.set(comment.id, comment)
  thread.updatedAt = now
  emit(context, comment, { action: 'created' })
  return comment
}

/** Replaces a comment's body; the author may, and people with write access. */
export function updateComment(context: OperationContext, comment: IssueComment, body: string): void {
  requireOwn(context, comment)
  if (body.trim() === '') throw invalid('IssueComment', "body can't be blank", 'body')
  requireBody(body)
  if (body === comment.body) return
  const from = comment.body
  comment.updatedAt = timestamp(context.state)
  comment.edits.push({ at: comment.updatedAt, by: context.actor.user, body: from })
  comment.body = body
  emit(context, comment, { action: 'edited', changes: { body: { from } } })
}

/** Deletes a comment; the author may, and people with write access. */
export function deleteComment(context: OperationContext, comment: IssueComment): void {
  requireOwn(context, comment)
  const { thread, repository } = comment
  thread.comments.splice(thread.comments.indexOf(comment), 1)
  repository.comments.delete(comment.id)
  context.state.nodes.delete(comment.nodeId)
  emit(context, comment, { action: 'deleted' })
}

/** Hides a comment with a reason (`OUTDATED`, …), or shows it again with null. */
export function minimizeComment(context: OperationContext, comment: IssueComment, reason: string | null): void {
  requireWrite(context, comment.repository, demandFor(comment.thread, 'triage'))
  comment.minimized = reason
}

function requireOwn(context: OperationContext, comment: IssueComment): void {
  const isOwn = comment.author === context.actor.user
  requireWrite(context, comment.repository, demandFor(comment.thread, isOwn ? 'read' : 'write'))
}

/** The comment by database id; 404 when there is none in the repository. */
export function findComment(repository: Repository, id: number): IssueComment {
  const comment = repository.comments.get(id)
  if (comment === undefined) throw notFound()
  return comment
}

function emit(
  { state, actor }: OperationContext,
  comment: IssueComment,
  { action, changes }: { readonly action: string; readonly changes?: Readonly<Record<string, unknown>> },
): void {
  emitRepositoryEvent(state, {
    event: 'issue_comment',
    action,
    repository: comment.repository,
    sender: actor.user,
    body: {
      ...(changes === undefined ? {} : { changes }),
      issue: webhookIssue(state, comment.thread),
      comment: serialise(state, comment),
    },
  })
}

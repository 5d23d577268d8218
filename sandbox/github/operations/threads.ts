/** What issues and pull requests share: numbers, labels, plain issues, length limits. */
import { type Demand, type OperationContext, requireWrite, viaApp } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure, invalid, notFound } from '../failure.ts'
import type { Issue, Label, Repository, Thread } from '../model.ts'
import { label as serialiseLabel } from '../serialise/repository.ts'
import { webhookIssue } from '../serialise/threads.ts'
import { bornNow, identify, register, timestamp } from '../state.ts'
import { emitPullRequest } from './follow.ts'

/** The longest body of an issue, pull request or comment, in characters. */
const MAX_BODY = 65_536

const TRIAGE: Demand = { permissions: ['issues', 'pull_requests'], role: 'triage' }
const WRITE_ISSUES: Demand = { permissions: ['issues'], role: 'read' }

/** The next number: issues and pull requests count together. */
export const nextNumber = ({ threads }: Repository): number => Math.max(0, ...threads.keys()) + 1

/** Throws GitHub's 422 for a body that is too long. */
export function requireBody(body: string): void {
  if ([...body].length > MAX_BODY)
    throw invalid('IssueComment', `body is too long (maximum is ${MAX_BODY} characters)`, 'body')
}

/** The issue or pull request by number; 404 when there is none. */
export function findThread(repository: Repository, number: number): Thread {
  const thread = repository.threads.get(number)
  if (thread === undefined) throw notFound()
  return thread
}

/** Opens a plain issue (no webhook: the App does not listen to `issues`). */
export function openIssue(
  context: OperationContext,
  repository: Repository,
  { title, body = null }: { readonly title: string; readonly body?: string | null },
): Issue {
  requireWrite(context, repository, WRITE_ISSUES)
  requireBody(body ?? '')
  const { state, actor } = context
  const now = timestamp(state)
  const record = register<Issue>(state, {
    ...identify(state, 'Issue'),
    repository,
    number: nextNumber(repository),
    title,
    body,
    author: actor.user,
    viaApp: viaApp(context),
    state: 'open',
    locked: false,
    labels: [],
    comments: [],
    reactions: [],
    createdAt: now,
    updatedAt: now,
    lastEditedAt: null,
    closedAt: null,
    closedBy: null,
    born: bornNow(state),
  })
  repository.threads.set(record.number, record)
  return record
}

export type IssueEdit = {
  readonly title?: string | undefined
  readonly body?: string | undefined
  readonly state?: 'open' | 'closed' | undefined
}

/** Edits, closes or reopens (no webhook: the App does not listen to `issues`). Its author may, and whoever may triage. */
export function updateIssue(context: OperationContext, issue: Issue, edit: IssueEdit): void {
  const { state, actor } = context
  requireWrite(context, issue.repository, { ...WRITE_ISSUES, role: issue.author === actor.user ? 'read' : 'triage' })
  requireBody(edit.body ?? '')
  const now = timestamp(state)
  if (edit.body !== undefined && edit.body !== issue.body) {
    issue.body = edit.body
    issue.lastEditedAt = now
  }
  if (edit.title !== undefined) issue.title = edit.title
  if (edit.state !== undefined && edit.state !== issue.state) {
    const isClosed = edit.state === 'closed'
    issue.state = edit.state
    issue.closedAt = isClosed ? now : null
    issue.closedBy = isClosed ? actor.user : null
  }
  issue.updatedAt = now
}

/** Makes a label in the repository; 422 when the name is taken. */
export function createLabel(
  context: OperationContext,
  repository: Repository,
  { name, color = 'ededed', description = null }: Pick<Label, 'name'> & Partial<Pick<Label, 'color' | 'description'>>,
): Label {
  requireWrite(context, repository, { permissions: ['issues', 'pull_requests'], role: 'write' })
  if (repository.labels.has(name.toLowerCase()))
    throw new GitHubFailure(422, 'Validation Failed', {
      errors: [{ resource: 'Label', field: 'name', code: 'already_exists' }],
    })
  const { state } = context
  const label: Label = register(state, { ...identify(state, 'Label'), name, color, description, isDefault: false })
  repository.labels.set(name.toLowerCase(), label)
  return label
}

/** Puts labels on a thread; REST makes those that the repository lacks. Labels that are there already do nothing. */
export function addLabels(context: OperationContext, thread: Thread, names: readonly string[]): void {
  requireWrite(context, thread.repository, TRIAGE)
  for (const name of names) {
    const label = thread.repository.labels.get(name.toLowerCase()) ?? createLabel(context, thread.repository, { name })
    if (thread.labels.includes(label)) continue
    thread.labels = [...thread.labels, label]
    emitLabelled(context, thread, { label, action: 'labeled' })
  }
}

/** Takes one label off; 404 when it is not there. */
export function removeLabel(context: OperationContext, thread: Thread, name: string): void {
  requireWrite(context, thread.repository, TRIAGE)
  const label = thread.labels.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (label === undefined) throw new GitHubFailure(404, 'Label does not exist')
  thread.labels = thread.labels.filter((each) => each !== label)
  emitLabelled(context, thread, { label, action: 'unlabeled' })
}

function emitLabelled(
  context: OperationContext,
  thread: Thread,
  { label, action }: { readonly label: Label; readonly action: 'labeled' | 'unlabeled' },
): void {
  const { state, actor } = context
  thread.updatedAt = timestamp(state)
  if (thread.kind === 'PullRequest') {
    emitPullRequest(context, thread, { action, label })
    return
  }
  emitRepositoryEvent(state, {
    event: 'issues',
    action,
    repository: thread.repository,
    sender: actor.user,
    body: { issue: webhookIssue(state, thread), label: serialiseLabel(state, thread.repository, label) },
  })
}

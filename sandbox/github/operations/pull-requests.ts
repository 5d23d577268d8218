/** Opening, editing and closing pull requests; asking for reviewers. Merging is in merge.ts. */
import { type Demand, type OperationContext, requireWrite, viaApp } from '../access.ts'
import { GitHubFailure, invalid } from '../failure.ts'
import { isAncestor, mergeBase } from '../git-history.ts'
import type { PullRequest, Repository, User } from '../model.ts'
import { branchRef } from '../pull-request-facts.ts'
import { simpleUser } from '../serialise/accounts.ts'
import { bornNow, findUser, identify, register, timestamp } from '../state.ts'
import { close, emitPullRequest } from './follow.ts'
import { nextNumber, requireBody } from './threads.ts'

const WRITE_PULL_REQUESTS: Demand = { permissions: ['pull_requests'], role: 'read' }
const EDIT_PULL_REQUESTS: Demand = { permissions: ['pull_requests'], role: 'triage' }

export type PullRequestInput = {
  readonly title: string
  readonly body?: string | null
  /** `branch`, or `owner:branch` for a fork. */
  readonly head: string
  readonly base: string
  readonly draft?: boolean
  readonly maintainerCanModify?: boolean
}

/** Opens a pull request. 422: unknown head or base, no commits between them, or one is open already. */
export function openPullRequest(
  context: OperationContext,
  repository: Repository,
  input: PullRequestInput,
): PullRequest {
  requireWrite(context, repository, WRITE_PULL_REQUESTS)
  requireBody(input.body ?? '')
  const { state, actor } = context
  const head = findHead(context, repository, input.head)
  const baseSha = repository.refs.get(branchRef(input.base))
  if (head === undefined) throw validation('head')
  if (baseSha === undefined) throw validation('base')
  requireNew(repository, head, input.base)
  requireCommits(repository, { base: input.base, baseSha, head: head.ref, headSha: head.sha })
  const now = timestamp(state)
  const record = register<PullRequest>(state, {
    ...identify(state, 'PullRequest'),
    issueId: state.nextId(),
    repository,
    number: nextNumber(repository),
    title: input.title,
    body: input.body ?? null,
    author: actor.user,
    viaApp: viaApp(context),
    state: 'open',
    draft: input.draft ?? false,
    locked: false,
    head,
    base: { ref: input.base, sha: baseSha },
    labels: [],
    comments: [],
    reactions: [],
    reviews: [],
    requestedReviewers: codeOwnersOf(repository, input.base).flatMap((login) => findUser(state, login) ?? []),
    conversations: [],
    dequeued: null,
    maintainerCanModify: input.maintainerCanModify ?? false,
    merged: false,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    testMerge: null,
    testMergeAsked: null,
    autoMerge: null,
    createdAt: now,
    updatedAt: now,
    lastEditedAt: null,
    closedAt: null,
    closedBy: null,
    born: bornNow(state),
  })
  repository.threads.set(record.number, record)
  repository.refs.set(`refs/pull/${record.number}/head`, head.sha)
  emitPullRequest(context, record, { action: 'opened' })
  return record
}

const codeOwnersOf = ({ protection }: Repository, base: string): readonly string[] =>
  protection.get(base)?.codeOwners ?? []

const validation = (field: string): GitHubFailure =>
  new GitHubFailure(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', field, code: 'invalid' }] })

function findHead({ state }: OperationContext, repository: Repository, head: string): PullRequest['head'] | undefined {
  const [owner, ref] = head.includes(':') ? head.split(':', 2) : [repository.owner.login, head]
  if (owner === undefined || ref === undefined) return undefined
  const own = owner.toLowerCase() === repository.owner.login.toLowerCase()
  const from = own ? repository : [...state.repositories.values()].find((each) => isForkOf(each, repository, owner))
  const sha = from?.refs.get(branchRef(ref))
  return from === undefined || sha === undefined ? undefined : { repository: from, ref, sha }
}

const isForkOf = (candidate: Repository, parent: Repository, owner: string): boolean =>
  candidate.parent === parent && candidate.owner.login.toLowerCase() === owner.toLowerCase()

function requireNew(repository: Repository, head: PullRequest['head'], base: string): void {
  const twin = [...repository.threads.values()].find(
    (thread) =>
      thread.kind === 'PullRequest' &&
      thread.state === 'open' &&
      thread.head.repository === head.repository &&
      thread.head.ref === head.ref &&
      thread.base.ref === base,
  )
  if (twin === undefined) return
  const owner = head.repository?.owner.login ?? ''
  throw invalid('PullRequest', `A pull request already exists for ${owner}:${head.ref}.`)
}

function requireCommits(
  { objects }: Repository,
  { base, baseSha, head, headSha }: { base: string; baseSha: string; head: string; headSha: string },
): void {
  if (isAncestor(objects, headSha, baseSha)) throw invalid('PullRequest', `No commits between ${base} and ${head}`)
  if (mergeBase(objects, baseSha, headSha) === undefined)
    throw invalid('PullRequest', `The ${head} branch has no history in common with ${base}`)
}

export type PullRequestEdit = {
  readonly title?: string | undefined
  readonly body?: string | null | undefined
  readonly state?: 'open' | 'closed' | undefined
  readonly base?: string | undefined
}

/** Edits, retargets, closes or reopens. 422 when it cannot be reopened or the base is unknown. */
export function updatePullRequest(context: OperationContext, record: PullRequest, edit: PullRequestEdit): void {
  const isAuthor = context.actor.user === record.author
  requireWrite(context, record.repository, isAuthor ? WRITE_PULL_REQUESTS : EDIT_PULL_REQUESTS)
  requireBody(edit.body ?? '')
  const changes: Record<string, unknown> = {}
  if (edit.title !== undefined && edit.title !== record.title) {
    changes['title'] = { from: record.title }
    record.title = edit.title
  }
  if (edit.body !== undefined && edit.body !== record.body) {
    changes['body'] = { from: record.body ?? '' }
    record.body = edit.body
    record.lastEditedAt = timestamp(context.state)
  }
  if (edit.base !== undefined && edit.base !== record.base.ref) changes['base'] = retarget(record, edit.base)
  if (Object.keys(changes).length > 0) {
    record.updatedAt = timestamp(context.state)
    emitPullRequest(context, record, { action: 'edited', extra: { changes } })
  }
  if (edit.state === 'closed' && record.state === 'open') close(context, record)
  if (edit.state === 'open' && record.state === 'closed') reopen(context, record)
}

function retarget(record: PullRequest, base: string): Readonly<Record<string, unknown>> {
  const sha = record.repository.refs.get(branchRef(base))
  if (sha === undefined) throw validation('base')
  const from = { ref: { from: record.base.ref }, sha: { from: record.base.sha } }
  record.base.ref = base
  record.base.sha = sha
  return from
}

function reopen(context: OperationContext, record: PullRequest): void {
  const { repository, head, base } = record
  const headSha = head.repository?.refs.get(branchRef(head.ref))
  const baseSha = repository.refs.get(branchRef(base.ref))
  if (record.merged || headSha === undefined || baseSha === undefined)
    throw invalid('PullRequest', 'state cannot be changed. The pull request cannot be reopened.', 'state')
  requireNew(repository, head, base.ref)
  requireCommits(repository, { base: base.ref, baseSha, head: head.ref, headSha })
  record.head.sha = headSha
  record.base.sha = baseSha
  record.state = 'open'
  record.closedAt = null
  record.closedBy = null
  record.updatedAt = timestamp(context.state)
  emitPullRequest(context, record, { action: 'reopened' })
}

/** Turns a draft into a pull request that can be merged, or back. */
export function setDraft(context: OperationContext, record: PullRequest, draft: boolean): void {
  requireWrite(context, record.repository, EDIT_PULL_REQUESTS)
  if (record.draft === draft) return
  record.draft = draft
  record.updatedAt = timestamp(context.state)
  emitPullRequest(context, record, { action: draft ? 'converted_to_draft' : 'ready_for_review' })
}

/** Asks people for a review. 422 for the author and for people who cannot see the repository. */
export function requestReviewers(context: OperationContext, record: PullRequest, users: readonly User[]): void {
  requireWrite(context, record.repository, EDIT_PULL_REQUESTS)
  if (users.includes(record.author))
    throw new GitHubFailure(422, 'Review cannot be requested from pull request author.')
  for (const user of users) {
    if (record.requestedReviewers.includes(user)) continue
    record.requestedReviewers = [...record.requestedReviewers, user]
    const extra = { requested_reviewer: simpleUser(context.state, user) }
    emitPullRequest(context, record, { action: 'review_requested', extra })
  }
}

/** The pull request by number; 404 when there is none (an issue is none either). */
export function findPullRequest(repository: Repository, number: number): PullRequest {
  const thread = repository.threads.get(number)
  if (thread?.kind !== 'PullRequest') throw new GitHubFailure(404, 'Not Found')
  return thread
}

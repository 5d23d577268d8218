/** The one place where a ref moves: activity, push event, and what follows for pull requests. Used by every operation that writes to a branch. */
import { type OperationContext, viaApp } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure } from '../failure.ts'
import { commitFiles, EMPTY_OID } from '../git.ts'
import { commitsBetween, isAncestor, mergeBase } from '../git-history.ts'
import type { Activity, PullRequest, Repository } from '../model.ts'
import { branchRef } from '../pull-request-facts.ts'
import { repositoryPage, simpleUser } from '../serialise/accounts.ts'
import { pushedCommit } from '../serialise/commits.ts'
import { repository as serialiseRepository } from '../serialise/repository.ts'
import { identityOf } from '../signatures.ts'
import { timestamp } from '../state.ts'
import { followBase, followHead } from './follow.ts'

const HEADS = 'refs/heads/'
const WORKFLOWS = '.github/workflows/'
const MAX_PUSHED_COMMITS = 20

type Cause = 'push' | 'merge' | 'queue'

export type Move = {
  /** Full name. */
  readonly ref: string
  /** Null deletes the ref. */
  readonly after: string | null
  /** `merge` when a pull request's merge moves the base, `queue` when a merge queue does. */
  readonly cause?: Cause
}

/** Moves, makes or deletes a ref and lets everything follow. Rights and fast-forward rules are the caller's. */
export function moveRef(context: OperationContext, repository: Repository, { ref, after, cause = 'push' }: Move): void {
  const { state } = context
  const before = repository.refs.get(ref) ?? null
  if (before === after) return
  if (after !== null) requireWorkflowRight(context, repository, { before, after })
  if (after === null) repository.refs.delete(ref)
  else repository.refs.set(ref, after)
  repository.pushedAt = timestamp(state)
  const forced = before !== null && after !== null && !isAncestor(repository.objects, before, after)
  if (ref.startsWith(HEADS)) recordActivity(context, repository, { ref, before, after, cause, forced })
  if (before === null || after === null) emitRefEvent(context, repository, { ref, created: before === null })
  emitPush(context, repository, { ref, before, after, forced })
  if (!ref.startsWith(HEADS)) return
  const branch = ref.slice(HEADS.length)
  for (const pullRequest of openPullRequests(context, (each) => isHead(each, repository, branch)))
    followHead(context, pullRequest, { before, after })
  for (const pullRequest of openPullRequests(context, (each) => isBase(each, repository, branch)))
    followBase(context, pullRequest, { before, after })
}

function openPullRequests({ state }: OperationContext, wanted: (each: PullRequest) => boolean): PullRequest[] {
  return [...state.repositories.values()].flatMap(({ threads }) =>
    [...threads.values()].filter(
      (thread): thread is PullRequest => thread.kind === 'PullRequest' && thread.state === 'open' && wanted(thread),
    ),
  )
}

const isHead = ({ head }: PullRequest, repository: Repository, branch: string): boolean =>
  head.repository === repository && head.ref === branch

const isBase = (pullRequest: PullRequest, repository: Repository, branch: string): boolean =>
  pullRequest.repository === repository && pullRequest.base.ref === branch

type Ends = { readonly before: string | null; readonly after: string | null }

function recordActivity(
  { state, actor }: OperationContext,
  repository: Repository,
  { ref, before, after, cause, forced }: Ends & { ref: string; cause: Cause; forced: boolean },
): void {
  const type = (): Activity['type'] => {
    if (before === null) return 'branch_creation'
    if (after === null) return 'branch_deletion'
    if (cause === 'merge') return 'pr_merge'
    if (cause === 'queue') return 'merge_queue_merge'
    return forced ? 'force_push' : 'push'
  }
  const id = state.nextId()
  repository.activity.push({
    id,
    nodeId: `PSH_${Buffer.from(`k:${id}`).toString('base64url')}`,
    before: before ?? EMPTY_OID,
    after: after ?? EMPTY_OID,
    ref,
    timestamp: timestamp(state),
    type: type(),
    actor: actor.user,
  })
}

/** GitHub refuses Apps without `workflows` that bring a change of a workflow file. */
function requireWorkflowRight(
  { actor, state }: OperationContext,
  repository: Repository,
  { before, after }: { readonly before: string | null; readonly after: string },
): void {
  if (actor.kind !== 'installation' || actor.token.permissions['workflows'] === 'write') return
  const { objects, refs } = repository
  if ([...refs.values()].some((tip) => isAncestor(objects, after, tip))) return
  const main = refs.get(branchRef(repository.defaultBranch))
  const base = before ?? (main === undefined ? undefined : mergeBase(objects, main, after))
  const old = base === undefined ? new Map() : commitFiles(objects, base)
  for (const [path, { oid }] of commitFiles(objects, after))
    if (path.startsWith(WORKFLOWS) && old.get(path)?.oid !== oid)
      throw new GitHubFailure(
        403,
        `refusing to allow a GitHub App to create or update workflow \`${path}\` without \`workflows\` permission (${state.app.slug})`,
      )
}

function emitRefEvent(
  { state, actor }: OperationContext,
  repository: Repository,
  { ref, created }: { readonly ref: string; readonly created: boolean },
): void {
  const isBranch = ref.startsWith(HEADS)
  if (!isBranch && !ref.startsWith('refs/tags/')) return
  const name = ref.replace(/^refs\/(?:heads|tags)\//, '')
  const common = { ref: name, ref_type: isBranch ? 'branch' : 'tag', pusher_type: 'user' }
  emitRepositoryEvent(state, {
    event: created ? 'create' : 'delete',
    repository,
    sender: actor.user,
    body: created
      ? { ...common, master_branch: repository.defaultBranch, description: repository.description }
      : common,
  })
}

function emitPush(
  context: OperationContext,
  repository: Repository,
  { ref, before, after, forced }: Ends & { readonly ref: string; readonly forced: boolean },
): void {
  const { state, actor } = context
  const { objects } = repository
  const main = repository.refs.get(branchRef(repository.defaultBranch))
  const from = before ?? (main === undefined || main === after ? null : main)
  const news = after === null || (before === null && main === after) ? [] : newCommits(repository, from, after)
  const commits = news.slice(-MAX_PUSHED_COMMITS).map((oid) => pushedCommit(state, repository, oid))
  const page = repositoryPage(state, repository)
  const range =
    before === null || after === null
      ? (after ?? before ?? '').slice(0, 12)
      : `${before.slice(0, 12)}...${after.slice(0, 12)}`
  const { name, email } = identityOf(state, actor.user)
  emitRepositoryEvent(state, {
    event: 'push',
    repository,
    sender: actor.user,
    body: {
      ref,
      before: before ?? EMPTY_OID,
      after: after ?? EMPTY_OID,
      repository: pushRepository(context, repository),
      pusher: { name: viaApp(context) === null ? actor.user.login : name, email },
      created: before === null,
      deleted: after === null,
      forced,
      base_ref: null,
      compare: `${page}/compare/${range}`,
      commits,
      head_commit: after === null || !objects.has(after) ? null : pushedCommit(state, repository, after),
    },
  })
}

function newCommits({ objects }: Repository, from: string | null, after: string): string[] {
  return from === null ? [after] : commitsBetween(objects, from, after)
}

/** Push events alone print the repository's times as seconds and name the default branch twice. */
function pushRepository({ state }: OperationContext, repository: Repository): Readonly<Record<string, unknown>> {
  const seconds = (time: string) => Date.parse(time) / 1000
  const { owner } = repository
  return {
    ...serialiseRepository(state, repository),
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    owner: { ...simpleUser(state, owner), name: owner.login, email: null },
    stargazers: 0,
    master_branch: repository.defaultBranch,
    ...(owner.kind === 'Organization' ? { organization: owner.login } : {}),
  }
}

/** Merging pull requests: merge commit, squash and rebase over real three-way merges, with GitHub's refusals. */
import { type Demand, type OperationContext, requireWrite } from '../access.ts'
import { allowedMethods, bypasses, mayPush, protectionOf, protectionProblems } from '../branch-rules.ts'
import { GitHubFailure } from '../failure.ts'
import { readCommit, writeCommit } from '../git.ts'
import { cherryPick, mergeCommits } from '../git-merge.ts'
import type { MergeMethod, PullRequest } from '../model.ts'
import { baseTip, branchRef, pullRequestCommits } from '../pull-request-facts.ts'
import { commitTime, GITHUB_IDENTITY, identityOf, signByGitHub } from '../signatures.ts'
import { timestamp } from '../state.ts'
import { close } from './follow.ts'
import { moveRef } from './push.ts'

export const MERGE: Demand = { permissions: ['contents'], role: 'write' }

export type MergeInput = {
  readonly method?: MergeMethod | undefined
  /** Refuses with 409 unless the head is there. */
  readonly sha?: string | undefined
  readonly title?: string | undefined
  readonly message?: string | undefined
}

/** Merges; gives the commit that the base now is at. 405: draft, closed, conflict, rules, method not allowed. 409: the head moved. */
export function merge(context: OperationContext, record: PullRequest, input: MergeInput = {}): string {
  requireWrite(context, record.repository, MERGE)
  const method = input.method ?? 'merge'
  requireMergeable(context, record, method)
  if (input.sha !== undefined && input.sha !== record.head.sha)
    throw new GitHubFailure(409, 'Head branch was modified. Review and try the merge again.')
  if (protectionOf(record)?.mergeQueue !== undefined && !bypasses(record, context.actor))
    throw new GitHubFailure(405, wordsOf(record, ['Changes must be made through the merge queue']))
  const base = baseTip(record)
  const oid = writeMerged(context, record, { ...input, method, base })
  land(context, record, { base, oid, cause: 'merge' })
  return oid
}

/** The commit that a merge onto `base` would put there, on no branch yet. 405 on a conflict. */
export const writeMerged = (
  context: OperationContext,
  record: PullRequest,
  input: MergeInput & { readonly method: MergeMethod; readonly base: string },
): string => WRITERS[input.method](context, record, input)

type Landing = { readonly base: string; readonly oid: string; readonly cause: 'merge' | 'queue' }

/** Moves the base branch to the commit, and the pull request is merged. */
export function land(context: OperationContext, record: PullRequest, { base, oid, cause }: Landing): void {
  record.base.sha = base
  record.merged = true
  record.mergedAt = timestamp(context.state)
  record.mergedBy = context.actor.user
  record.mergeCommitSha = oid
  // Closed in silence first, so that the moving base does not find it open; said after the push, as GitHub does.
  record.state = 'closed'
  moveRefOrReopen(context, record, { oid, cause })
  close(context, record)
  const { head, repository } = record
  if (
    repository.settings.deleteBranchOnMerge &&
    head.repository === repository &&
    repository.refs.has(branchRef(head.ref))
  )
    moveRef(context, repository, { ref: branchRef(head.ref), after: null })
}

function moveRefOrReopen(
  context: OperationContext,
  record: PullRequest,
  { oid, cause }: Pick<Landing, 'oid' | 'cause'>,
): void {
  try {
    moveRef(context, record.repository, { ref: branchRef(record.base.ref), after: oid, cause })
  } catch (error) {
    Object.assign(record, { merged: false, mergedAt: null, mergedBy: null, mergeCommitSha: null, state: 'open' })
    throw error
  }
}

/** 405: closed, a draft, a method that is not allowed, or rules of the base branch; 403: only others may merge. */
export function requireMergeable({ actor }: OperationContext, record: PullRequest, method: MergeMethod): void {
  const { settings, owner, name } = record.repository
  const allowed = {
    merge: settings.allowMergeCommit,
    squash: settings.allowSquashMerge,
    rebase: settings.allowRebaseMerge,
  }
  if (record.state === 'closed') throw new GitHubFailure(405, 'Pull Request is not mergeable')
  if (record.draft) throw new GitHubFailure(405, 'Pull Request is still a draft')
  if (!allowed[method]) {
    const words = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' }[method]
    throw new GitHubFailure(405, `${words} are not allowed on this repository.`)
  }
  if (bypasses(record, actor)) return
  if (!mayPush(protectionOf(record), actor))
    throw new GitHubFailure(403, `You're not authorized to push to this branch. Visit ${owner.login}/${name} for more.`)
  const problems = protectionProblems(record)
  if (problems.length > 0) throw new GitHubFailure(405, wordsOf(record, problems))
  if (!allowedMethods(record).includes(method)) {
    const isLinear = protectionOf(record)?.linear === true && method === 'merge'
    const words = isLinear
      ? 'This branch must not contain merge commits.'
      : `Merge method ${method} merging is not allowed on this repository`
    throw new GitHubFailure(405, wordsOf(record, [words]))
  }
}

/** A ruleset lists everything after one headline. */
const wordsOf = (record: PullRequest, problems: readonly string[]): string =>
  protectionOf(record)?.asRuleset === true
    ? `Repository rule violations found\n\n${problems.join('\n\n')}\n\n`
    : problems.join(' ')

type Writer = (context: OperationContext, record: PullRequest, input: MergeInput & { readonly base: string }) => string

const conflict = (): GitHubFailure => new GitHubFailure(405, 'Pull Request is not mergeable')

function mergedTree(record: PullRequest, base: string): string {
  const merged = mergeCommits(record.repository.objects, base, record.head.sha)
  if (!merged.clean) throw conflict()
  return merged.tree
}

function writeMerge(...[{ state, actor }, record, input]: Parameters<Writer>): string {
  const owner = record.head.repository?.owner.login ?? record.author.login
  const title = input.title ?? `Merge pull request #${record.number} from ${owner}/${record.head.ref}`
  return writeCommit(
    record.repository.objects,
    signByGitHub({
      tree: mergedTree(record, input.base),
      parents: [input.base, record.head.sha],
      author: { ...identityOf(state, actor.user), at: commitTime(state) },
      committer: { ...GITHUB_IDENTITY, at: commitTime(state) },
      message: joinMessage(title, input.message ?? record.title),
    }),
  )
}

const joinMessage = (title: string, body: string): string => (body === '' ? title : `${title}\n\n${body}`)

function writeSquash(...[{ state }, record, input]: Parameters<Writer>): string {
  const { objects } = record.repository
  const commits = pullRequestCommits(record)
  const only = commits.length === 1 ? commits[0] : undefined
  const subject =
    only === undefined ? record.title : (readCommit(objects, only).message.split('\n', 1)[0] ?? record.title)
  return writeCommit(
    objects,
    signByGitHub({
      tree: mergedTree(record, input.base),
      parents: [input.base],
      author: { ...identityOf(state, record.author), at: commitTime(state) },
      committer: { ...GITHUB_IDENTITY, at: commitTime(state) },
      message: joinMessage(
        input.title ?? `${subject} (#${record.number})`,
        input.message ?? squashBody(record, commits),
      ),
    }),
  )
}

/** By the repository's setting. Several commits become a list with their bodies indented not at all, so trailers of all but the last commit end up in the middle. */
function squashBody(record: PullRequest, commits: readonly string[]): string {
  const { settings, objects } = record.repository
  if (settings.squashMessage === 'BLANK') return ''
  if (settings.squashMessage === 'PR_BODY') return record.body ?? ''
  const messages = commits.map((oid) => readCommit(objects, oid).message.trim())
  const only = messages.length === 1 ? messages[0] : undefined
  if (only !== undefined) return only.split('\n').slice(1).join('\n').trim()
  return messages.map((message) => `* ${message}`).join('\n\n')
}

function writeRebase(...[{ state, actor }, record, { base }]: Parameters<Writer>): string {
  const { objects } = record.repository
  const committer = { ...identityOf(state, actor.user), at: commitTime(state) }
  let tip = base
  for (const oid of pullRequestCommits(record)) {
    const { parents, author, message } = readCommit(objects, oid)
    if (parents.length > 1) throw new GitHubFailure(405, "This branch can't be rebased")
    const picked = cherryPick(objects, oid, tip)
    if (!picked.clean) throw new GitHubFailure(405, "This branch can't be rebased")
    tip = writeCommit(objects, { tree: picked.tree, parents: [tip], author, committer, message })
  }
  return tip
}

const WRITERS: Readonly<Record<MergeMethod, Writer>> = { merge: writeMerge, squash: writeSquash, rebase: writeRebase }

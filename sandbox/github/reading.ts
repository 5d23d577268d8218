/** The reading side: what tests and pages ask about the state, in plain values. Nothing here changes anything. */
import { checkRunsAt } from './check-facts.ts'
import { commitFiles, readBlob, readCommit } from './git.ts'
import { diffCommits, type FileChange } from './git-diff.ts'
import { history } from './git-history.ts'
import type {
  CheckAction,
  CheckAnnotation,
  CheckConclusion,
  CheckStatus,
  DeploymentState,
  PullRequest,
  ReactionContent,
  Repository,
  ReviewState,
} from './model.ts'
import { findPullRequest } from './operations/pull-requests.ts'
import { findThread } from './operations/threads.ts'
import { pullRequestChanges, pullRequestCommits, testMergeOf } from './pull-request-facts.ts'
import { resolveCommit } from './revisions.ts'
import { signatureDate } from './serialise/commits.ts'
import type { GitHubState } from './state.ts'

export type SeenReaction = { readonly content: ReactionContent; readonly by: string }

export type SeenComment = {
  readonly id: number
  readonly author: string
  readonly body: string
  readonly createdAt: string
  readonly updatedAt: string
  /** Earlier bodies, oldest first, each with when and by whom it was replaced. */
  readonly edits: readonly { readonly at: string; readonly by: string; readonly body: string }[]
  readonly reactions: readonly SeenReaction[]
  readonly minimized: string | null
}

type SeenFile = Pick<FileChange, 'path' | 'previousPath' | 'status' | 'additions' | 'deletions' | 'patch'>

export type SeenPullRequest = {
  readonly number: number
  readonly nodeId: string
  readonly title: string
  readonly body: string
  readonly author: string
  readonly state: 'open' | 'closed'
  readonly merged: boolean
  readonly draft: boolean
  readonly mergeable: boolean | null
  readonly headRef: string
  readonly headSha: string
  readonly baseRef: string
  readonly baseSha: string
  readonly mergeCommitSha: string | null
  readonly mergedBy: string | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly closedAt: string | null
  readonly labels: readonly string[]
  readonly files: readonly SeenFile[]
  readonly commits: readonly SeenCommit[]
  readonly reviews: readonly {
    readonly author: string
    readonly state: ReviewState
    readonly body: string
    readonly commitSha: string
    readonly at: string
  }[]
  readonly reactions: readonly SeenReaction[]
}

export type SeenCommit = {
  readonly sha: string
  readonly parents: readonly string[]
  readonly message: string
  readonly author: string
  readonly at: string
  readonly verified: boolean
}

export type SeenCheckRun = {
  readonly id: number
  readonly app: string
  readonly name: string
  readonly headSha: string
  readonly status: CheckStatus
  readonly conclusion: CheckConclusion | null
  readonly externalId: string | null
  readonly detailsUrl: string | null
  readonly title: string | null
  readonly summary: string | null
  readonly text: string | null
  readonly annotations: readonly CheckAnnotation[]
  readonly actions: readonly CheckAction[]
  readonly startedAt: string | null
  readonly completedAt: string | null
}

export type SeenDeployment = {
  readonly id: number
  readonly nodeId: string
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly payload: Readonly<Record<string, unknown>> | string
  readonly description: string | null
  readonly creator: string
  readonly createdAt: string
  /** Oldest first. */
  readonly statuses: readonly {
    readonly state: DeploymentState
    readonly description: string
    readonly environmentUrl: string
    readonly logUrl: string
    readonly at: string
  }[]
}

const reactionsOf = ({ reactions }: Pick<PullRequest, 'reactions'>): SeenReaction[] =>
  reactions.map(({ content, user }) => ({ content, by: user.login }))

/** One pull request, whole. */
export function seePullRequest(state: GitHubState, repository: Repository, number: number): SeenPullRequest {
  const record = findPullRequest(repository, number)
  return {
    number,
    nodeId: record.nodeId,
    title: record.title,
    body: record.body ?? '',
    author: record.author.login,
    state: record.state,
    merged: record.merged,
    draft: record.draft,
    mergeable: record.state === 'open' ? testMergeOf(state, record).sha !== null : null,
    headRef: record.head.ref,
    headSha: record.head.sha,
    baseRef: record.base.ref,
    baseSha: record.base.sha,
    mergeCommitSha: record.mergeCommitSha,
    mergedBy: record.mergedBy?.login ?? null,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    closedAt: record.closedAt,
    labels: record.labels.map(({ name }) => name),
    files: pullRequestChanges(record).map(({ path, previousPath, status, additions, deletions, patch }) => ({
      ...{ path, previousPath, status, additions, deletions, patch },
    })),
    commits: pullRequestCommits(record).map((sha) => seeCommit(repository, sha)),
    reviews: record.reviews.map(({ author, state: decision, body, commitSha, submittedAt }) => ({
      ...{ author: author.login, state: decision, body, commitSha, at: submittedAt },
    })),
    reactions: reactionsOf(record),
  }
}

/** All pull requests, oldest first. */
export const seePullRequests = (state: GitHubState, repository: Repository): SeenPullRequest[] =>
  [...repository.threads.values()]
    .filter(({ kind }) => kind === 'PullRequest')
    .map(({ number }) => seePullRequest(state, repository, number))

/** The comments of a thread, oldest first. */
export const seeComments = (repository: Repository, number: number): SeenComment[] =>
  findThread(repository, number).comments.map((comment) => ({
    id: comment.id,
    author: comment.author.login,
    body: comment.body,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    edits: comment.edits.map(({ at, by, body }) => ({ at, by: by.login, body })),
    reactions: reactionsOf(comment),
    minimized: comment.minimized,
  }))

/** Every check run on a commit, oldest first. */
export const seeCheckRuns = (repository: Repository, sha: string): SeenCheckRun[] =>
  checkRunsAt(repository, sha, 'all').map((run) => ({
    id: run.id,
    app: run.app.slug,
    name: run.name,
    headSha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    externalId: run.externalId,
    detailsUrl: run.detailsUrl,
    title: run.title,
    summary: run.summary,
    text: run.text,
    annotations: run.annotations,
    actions: run.actions,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
  }))

/** All deployments, oldest first. */
export const seeDeployments = (repository: Repository): SeenDeployment[] =>
  [...repository.deployments.values()].map((record) => ({
    id: record.id,
    nodeId: record.nodeId,
    sha: record.sha,
    ref: record.ref,
    task: record.task,
    environment: record.environment,
    payload: record.payload,
    description: record.description,
    creator: record.creator.login,
    createdAt: record.createdAt,
    statuses: record.statuses.map(({ state, description, environmentUrl, logUrl, createdAt }) => ({
      ...{ state, description, environmentUrl, logUrl, at: createdAt },
    })),
  }))

/** The commit behind a name; throws when there is none. */
export function requireRevision(repository: Repository, name: string): string {
  const sha = resolveCommit(repository, name)
  if (sha === undefined) throw new Error(`there is no commit ${name} in ${repository.name}`)
  return sha
}

/** A file's text at a revision; undefined when there is none. */
export function seeFile(repository: Repository, revision: string, path: string): string | undefined {
  const entry = commitFiles(repository.objects, requireRevision(repository, revision)).get(path)
  return entry === undefined ? undefined : readBlob(repository.objects, entry.oid).toString()
}

/** Tips by branch name. */
export const seeBranches = ({ refs }: Repository): Record<string, string> =>
  Object.fromEntries(
    [...refs]
      .filter(([ref]) => ref.startsWith('refs/heads/'))
      .map(([ref, sha]) => [ref.slice('refs/heads/'.length), sha]),
  )

/** One commit. */
function seeCommit({ objects }: Repository, sha: string): SeenCommit {
  const { parents, message, author, gpgsig } = readCommit(objects, sha)
  return { sha, parents, message, author: author.name, at: signatureDate(author), verified: gpgsig !== undefined }
}

/** The history of a revision, newest first. */
export const seeLog = (repository: Repository, revision: string): SeenCommit[] =>
  history(repository.objects, requireRevision(repository, revision)).map((sha) => seeCommit(repository, sha))

export type SeenDiff = SeenFile & { readonly before: string | null; readonly after: string | null }

/** What changed from one revision to another, with both texts of each file. */
export function seeDiff(repository: Repository, from: string, to: string): SeenDiff[] {
  const { objects } = repository
  const textOf = (entry: FileChange['before']) => (entry === null ? null : readBlob(objects, entry.oid).toString())
  return diffCommits(objects, requireRevision(repository, from), requireRevision(repository, to)).map(
    ({ path, previousPath, status, additions, deletions, patch, before, after }) => ({
      ...{ path, previousPath, status, additions, deletions, patch },
      before: textOf(before),
      after: textOf(after),
    }),
  )
}

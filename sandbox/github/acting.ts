/** What people do in a story: commits, pull requests, comments, reviews, merges, reports of CI. Each goes through the operations that the API uses. */

import { requireWrite } from './access.ts'
import { environmentActs } from './acting-environments.ts'
import { peopleActs } from './acting-people.ts'
import { contextOfApp, reportActs } from './acting-reports.ts'
import { workflowActs } from './acting-workflows.ts'
import type { BranchProtection } from './branch-model.ts'
import { checkRunsAt } from './check-facts.ts'
import { commitFiles, FILE_MODE, type FileEntry, writeBlob, writeCommit, writeFiles } from './git.ts'
import type {
  CheckAction,
  CheckConclusion,
  CheckStatus,
  MergeMethod,
  PullRequest,
  ReactionContent,
  RepositorySettings,
  ReviewState,
} from './model.ts'
import { enableAutoMerge } from './operations/auto-merge.ts'
import { createCheckRun, findCheckRun, requestAction, rerequestCheckRun, updateCheckRun } from './operations/checks.ts'
import { addComment, deleteComment, findComment, updateComment } from './operations/comments.ts'
import { merge } from './operations/merge.ts'
import { dequeue, enqueue } from './operations/merge-queue.ts'
import { findPullRequest, openPullRequest, setDraft, updatePullRequest } from './operations/pull-requests.ts'
import { moveRef } from './operations/push.ts'
import { addReaction } from './operations/reactions.ts'
import { createRef, deleteRef, updateRef } from './operations/refs.ts'
import { renameRepository, transferRepository } from './operations/rename.ts'
import { openConversation, resolveConversations, submitReview } from './operations/reviews.ts'
import { addLabels, findThread, openIssue } from './operations/threads.ts'
import { updateBranch } from './operations/update-branch.ts'
import { asUser, repositoryNamed } from './people.ts'
import { branchRef } from './pull-request-facts.ts'
import { requireRevision } from './reading.ts'
import { commitTime, identityOf } from './signatures.ts'
import type { GitHubState } from './state.ts'

export type CommitInput = {
  readonly message: string
  /** Text by path; null deletes. */
  readonly files: Readonly<Record<string, string | Buffer | null>>
  /** Login. */
  readonly by: string
  /** Where a branch that does not exist yet starts: branch or commit; default: the default branch. */
  readonly from?: string
  /** Replaces the branch's tip by a commit on this revision: a force push. */
  readonly onto?: string
  /** When its author says that it was made; GitHub believes whatever a commit says. Default: now. */
  readonly dated?: Date
}

/** A person pushes a commit to a branch; gives its id. */
function pushCommit(
  state: GitHubState,
  name: string,
  { branch, ...input }: CommitInput & { readonly branch: string },
): string {
  const repository = repositoryNamed(state, name)
  const context = asUser(state, input.by)
  requireWrite(context, repository, { permissions: ['contents'], role: 'write' })
  const ref = branchRef(branch)
  const isEmpty = repository.refs.size === 0
  const start = input.onto ?? (repository.refs.has(ref) ? branch : (input.from ?? repository.defaultBranch))
  const parent = isEmpty ? undefined : requireRevision(repository, start)
  const files = parent === undefined ? new Map<string, FileEntry>() : commitFiles(repository.objects, parent)
  for (const [path, content] of Object.entries(input.files)) {
    if (content === null) files.delete(path)
    else
      files.set(path, {
        mode: files.get(path)?.mode ?? FILE_MODE,
        oid: writeBlob(repository.objects, Buffer.from(content)),
      })
  }
  const person = {
    ...identityOf(state, context.actor.user),
    at: input.dated === undefined ? commitTime(state) : Math.floor(input.dated.getTime() / 1000),
  }
  const oid = writeCommit(repository.objects, {
    tree: writeFiles(repository.objects, files),
    parents: parent === undefined ? [] : [parent],
    author: person,
    committer: person,
    message: input.message,
  })
  moveRef(context, repository, { ref, after: oid })
  return oid
}

export type CheckReport = {
  readonly name: string
  readonly status: CheckStatus
  readonly conclusion?: CheckConclusion
  /** Slug of the App that reports; default `github-actions`. */
  readonly app?: string
  readonly summary?: string
}

/** CI reports a check run on a commit: a new one, or the progress of the one it has under that name. Gives its id. */
function reportCheck(
  state: GitHubState,
  name: string,
  { sha, ...report }: CheckReport & { readonly sha: string },
): number {
  const repository = repositoryNamed(state, name)
  const slug = report.app ?? 'github-actions'
  const context = contextOfApp(state, slug, repository)
  const edit = {
    status: report.status,
    conclusion: report.conclusion,
    output: report.summary === undefined ? undefined : { title: report.name, summary: report.summary },
  }
  const known = checkRunsAt(repository, sha).find((run) => run.app.slug === slug && run.name === report.name)
  if (known !== undefined && known.status !== 'completed') {
    updateCheckRun(context, known, edit)
    return known.id
  }
  return createCheckRun(context, repository, { ...edit, name: report.name, headSha: sha }).id
}

export type ActingSide = ReturnType<typeof createActingSide>

/** The acts, over one state. Names of repositories are `owner/name`; `by` is a login. Refusals throw `GitHubFailure`. */
export function createActingSide(state: GitHubState) {
  return {
    ...branchActs(state),
    ...pullRequestActs(state),
    ...threadActs(state),
    ...machineActs(state),
    ...reportActs(state),
    ...workflowActs(state),
    ...peopleActs(state),
    ...environmentActs(state),
  }
}

type By = { readonly by: string }

const branchActs = (state: GitHubState) => ({
  /** Pushes a commit, making the branch when it is missing; gives its id. */
  commit: (name: string, branch: string, input: CommitInput): string => pushCommit(state, name, { ...input, branch }),
  /** Makes a file of the default branch a link, an executable or a submodule, by Git's mode. */
  setMode: (name: string, path: string, mode: string, { by }: By): void => {
    const repository = repositoryNamed(state, name)
    const context = asUser(state, by)
    const branch = repository.defaultBranch
    const parent = requireRevision(repository, branch)
    const files = commitFiles(repository.objects, parent)
    const entry = files.get(path)
    if (entry === undefined) throw new Error(`there is no ${path} in ${name}`)
    files.set(path, { ...entry, mode })
    const person = { ...identityOf(state, context.actor.user), at: commitTime(state) }
    const tree = writeFiles(repository.objects, files)
    const commit = { tree, parents: [parent], author: person, committer: person, message: `chmod ${mode} ${path}` }
    moveRef(context, repository, { ref: branchRef(branch), after: writeCommit(repository.objects, commit) })
  },
  /** Moves a branch, by force when needed. */
  resetBranch: (name: string, branch: string, to: string, { by }: By): void => {
    const repository = repositoryNamed(state, name)
    const sha = requireRevision(repository, to)
    updateRef(asUser(state, by), repository, { ref: branchRef(branch), sha, force: true })
  },
  deleteBranch: (name: string, branch: string, { by }: By): void =>
    deleteRef(asUser(state, by), repositoryNamed(state, name), branchRef(branch)),
  /** Changes settings of a repository: how it merges, what becomes of branches. */
  changeSettings: (name: string, settings: Partial<RepositorySettings>): void => {
    Object.assign(repositoryNamed(state, name).settings, settings)
  },
  renameRepository: (name: string, to: string, { by }: By): void =>
    renameRepository(asUser(state, by), repositoryNamed(state, name), to),
  /** Gives a repository to another account, by login. */
  transferRepository: (name: string, to: string, { by }: By): void => {
    const owner = state.accounts.get(to.toLowerCase())
    if (owner === undefined) throw new Error(`there is no account ${to} in the stand-in`)
    transferRepository(asUser(state, by), repositoryNamed(state, name), owner)
  },
  /** Sets the rules of a branch, or lifts them with null. */
  protectBranch: (name: string, branch: string, rules: Partial<BranchProtection> | null): void => {
    const { protection } = repositoryNamed(state, name)
    if (rules === null) protection.delete(branch)
    else protection.set(branch, { approvals: 0, checks: [], dismissStale: false, ...rules })
  },
  /** A setting of the repository: people may let GitHub merge by itself. */
  allowAutoMerge: (name: string): void => {
    repositoryNamed(state, name).settings.allowAutoMerge = true
  },
})

type Opening = By & {
  readonly title: string
  readonly body?: string
  readonly head: string
  readonly base?: string
  readonly draft?: boolean
}
type Merging = By & Parameters<typeof merge>[2]

function pullRequestActs(state: GitHubState) {
  const pull = (name: string, number: number): PullRequest => findPullRequest(repositoryNamed(state, name), number)
  return {
    /** Opens a pull request; gives its number. */
    openPullRequest: (name: string, { by, ...input }: Opening): number => {
      const repository = repositoryNamed(state, name)
      return openPullRequest(asUser(state, by), repository, { base: repository.defaultBranch, ...input }).number
    },
    editPullRequest: (
      name: string,
      number: number,
      { by, ...edit }: By & { title?: string; body?: string; base?: string },
    ): void => updatePullRequest(asUser(state, by), pull(name, number), edit),
    closePullRequest: (name: string, number: number, { by }: By): void =>
      updatePullRequest(asUser(state, by), pull(name, number), { state: 'closed' }),
    reopenPullRequest: (name: string, number: number, { by }: By): void =>
      updatePullRequest(asUser(state, by), pull(name, number), { state: 'open' }),
    /** Clicks "Update branch": the base is merged into the head. */
    updateBranch: (name: string, number: number, { by }: By): string =>
      updateBranch(asUser(state, by), pull(name, number), undefined),
    /** Clicks "Restore branch" on a pull request that is closed or merged. */
    restoreBranch: (name: string, number: number, { by }: By): void => {
      const { head } = pull(name, number)
      createRef(asUser(state, by), repositoryNamed(state, name), { ref: branchRef(head.ref), sha: head.sha })
    },
    setDraft: (name: string, number: number, draft: boolean, { by }: By): void =>
      setDraft(asUser(state, by), pull(name, number), draft),
    /** Gives the review's id. */
    review: (
      name: string,
      number: number,
      { by, ...input }: By & { state: Exclude<ReviewState, 'DISMISSED'>; body?: string },
    ): number => submitReview(asUser(state, by), pull(name, number), input).id,
    /** Merges; gives the commit that the base is at. */
    merge: (name: string, number: number, { by, ...input }: Merging): string =>
      merge(asUser(state, by), pull(name, number), input),
    /** Puts a pull request into the merge queue of its base branch; gives the commit that would be merged. */
    enqueue: (name: string, number: number, { by }: By): string => enqueue(asUser(state, by), pull(name, number)),
    /** Lets GitHub merge it once the rules of its base branch allow it. */
    enableAutoMerge: (name: string, number: number, { by, method = 'merge' }: By & { method?: MergeMethod }): void =>
      enableAutoMerge(asUser(state, by), pull(name, number), method),
    /** Starts a conversation on its files. */
    openConversation: (name: string, number: number, { by }: By): void =>
      openConversation(asUser(state, by), pull(name, number)),
    resolveConversations: (name: string, number: number, { by }: By): void =>
      resolveConversations(asUser(state, by), pull(name, number)),
    /** Takes it out of the merge queue again. */
    dequeue: (name: string, number: number, { by }: By): void => dequeue(asUser(state, by), pull(name, number)),
  }
}

function threadActs(state: GitHubState) {
  const comment = (name: string, id: number) => findComment(repositoryNamed(state, name), id)
  return {
    /** Opens a plain issue; gives its number. */
    openIssue: (name: string, { by, ...input }: By & { title: string; body?: string }): number =>
      openIssue(asUser(state, by), repositoryNamed(state, name), input).number,
    /** Comments; gives the comment's id. */
    comment: (name: string, number: number, body: string, { by }: By): number =>
      addComment(asUser(state, by), findThread(repositoryNamed(state, name), number), body).id,
    editComment: (name: string, id: number, body: string, { by }: By): void =>
      updateComment(asUser(state, by), comment(name, id), body),
    deleteComment: (name: string, id: number, { by }: By): void => deleteComment(asUser(state, by), comment(name, id)),
    reactToComment: (name: string, id: number, content: ReactionContent, { by }: By): void => {
      addReaction(asUser(state, by), comment(name, id), content)
    },
    addLabels: (name: string, number: number, labels: readonly string[], { by }: By): void =>
      addLabels(asUser(state, by), findThread(repositoryNamed(state, name), number), labels),
  }
}

const machineActs = (state: GitHubState) => ({
  /** CI reports a check run; gives its id. */
  reportCheck: (name: string, sha: string, report: CheckReport): number => reportCheck(state, name, { ...report, sha }),
  /** Clicks a button of a check run. */
  clickCheckAction: (name: string, id: number, identifier: CheckAction['identifier'], { by }: By): void =>
    requestAction(asUser(state, by), findCheckRun(repositoryNamed(state, name), id), identifier),
  /** Clicks "Re-run" on a check run. */
  rerequestCheck: (name: string, id: number, { by }: By): void =>
    rerequestCheckRun(asUser(state, by), findCheckRun(repositoryNamed(state, name), id)),
})

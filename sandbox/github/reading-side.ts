/** The reading side by names of repositories, as tests and stories use it. What is read is in reading.ts. */
import type { Installation, Repository } from './model.ts'
import { repositoryNamed } from './people.ts'
import {
  type SeenCheckRun,
  type SeenComment,
  type SeenCommit,
  type SeenDeployment,
  type SeenDiff,
  type SeenPullRequest,
  seeBranches,
  seeCheckRuns,
  seeComments,
  seeDeployments,
  seeDiff,
  seeFile,
  seeLog,
  seePullRequest,
  seePullRequests,
} from './reading.ts'
import type { GitHubState } from './state.ts'

/** Repositories are named `owner/name`; a revision is a branch, a tag or a commit. Unknown names throw. */
export type ReadingSide = {
  pullRequest(repository: string, number: number): SeenPullRequest
  /** Oldest first. */
  pullRequests(repository: string): SeenPullRequest[]
  comments(repository: string, number: number): SeenComment[]
  checkRuns(repository: string, sha: string): SeenCheckRun[]
  deployments(repository: string): SeenDeployment[]
  /** Undefined when there is no such file. */
  file(repository: string, revision: string, path: string): string | undefined
  /** Tips by branch name. */
  branches(repository: string): Record<string, string>
  /** Newest first. */
  log(repository: string, revision: string): SeenCommit[]
  diff(repository: string, from: string, to: string): SeenDiff[]
  /** What waits in the merge queue of a branch (default: the default branch), the next one first. */
  mergeQueue(repository: string, branch?: string): { readonly number: number; readonly sha: string }[]
  installations(): readonly Installation[]
}

export function createReadingSide(state: GitHubState): ReadingSide {
  const named = (name: string): Repository => repositoryNamed(state, name)
  return {
    pullRequest: (name, number) => seePullRequest(state, named(name), number),
    pullRequests: (name) => seePullRequests(state, named(name)),
    comments: (name, number) => seeComments(named(name), number),
    checkRuns: (name, sha) => seeCheckRuns(named(name), sha),
    deployments: (name) => seeDeployments(named(name)),
    file: (name, revision, path) => seeFile(named(name), revision, path),
    branches: (name) => seeBranches(named(name)),
    log: (name, revision) => seeLog(named(name), revision),
    diff: (name, from, to) => seeDiff(named(name), from, to),
    mergeQueue: (name, branch = named(name).defaultBranch) =>
      (named(name).mergeQueues.get(branch) ?? []).map(({ pullRequest, sha }) => ({ number: pullRequest.number, sha })),
    installations: () => [...state.installations.values()],
  }
}

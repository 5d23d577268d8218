/** What is written to GitHub, as data: several writes travel in one request (github.ts `write`). */
import type { CommitSha, RepoName } from '../../domain/ids.ts'

export type CheckAnnotation = {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

export type CheckRunOutput = {
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'action_required' | undefined
  readonly title: string
  readonly summary: string
  readonly annotations: readonly CheckAnnotation[]
  readonly actions: readonly { readonly identifier: string; readonly label: string; readonly description: string }[]
  readonly detailsUrl: string | undefined
}

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive' | 'queued' | 'pending'

/** `from`: where the branch must be for anything to happen, `absent` where it must not be there; unsaid, wherever it is. */
export type BranchMove = {
  readonly branch: string
  readonly sha: CommitSha | undefined
  readonly from?: CommitSha | 'absent' | undefined
}

/** One write. Several of one repository owner travel in one GraphQL document, in order (GitHub does not make them atomic). */
export type GitHubWrite =
  | { readonly kind: 'add-comment'; readonly subjectId: string; readonly body: string }
  | { readonly kind: 'update-comment'; readonly commentId: string; readonly body: string }
  | {
      readonly kind: 'add-reaction'
      readonly subjectId: string
      readonly content: 'EYES' | 'ROCKET' | 'THUMBS_DOWN' | 'CONFUSED'
    }
  | {
      readonly kind: 'create-check-run'
      readonly repositoryId: string
      readonly name: string
      readonly headSha: CommitSha
      readonly externalId: string
      readonly output: CheckRunOutput
    }
  | {
      readonly kind: 'update-check-run'
      readonly repositoryId: string
      readonly checkRunId: string
      readonly output: CheckRunOutput
    }
  /** GraphQL `updateRefs`: each branch is made, moved (by force) or, without `sha`, deleted. All or none. */
  | { readonly kind: 'set-refs'; readonly repositoryId: string; readonly refs: readonly BranchMove[] }
  | {
      readonly kind: 'commit'
      readonly repository: RepoName
      readonly branch: string
      readonly expectedHead: CommitSha
      readonly headline: string
      readonly body: string
      readonly files: readonly { readonly path: string; readonly text: string }[]
    }
  | {
      readonly kind: 'create-pull-request'
      readonly repositoryId: string
      readonly base: string
      readonly head: string
      readonly title: string
      readonly body: string
    }
  | {
      readonly kind: 'update-pull-request'
      readonly pullRequestId: string
      readonly title: string
      readonly body: string
    }
  /** Labels that are there already are no trouble; those of the repository have ids (`PromotionWorld`). */
  | { readonly kind: 'add-labels'; readonly pullRequestId: string; readonly labelIds: readonly string[] }
  | { readonly kind: 'close-pull-request'; readonly pullRequestId: string }
  | {
      readonly kind: 'merge-pull-request'
      readonly pullRequestId: string
      readonly expectedHead: CommitSha
      readonly method: 'merge' | 'squash' | 'rebase'
      readonly headline: string
      readonly body: string
      /** Whose ids in the merged tree are given back. */
      readonly files: readonly string[]
    }
  /** Into the merge queue of its base branch; `jump`: before all others, which takes an administrator's right. */
  | {
      readonly kind: 'enqueue-pull-request'
      readonly pullRequestId: string
      readonly expectedHead: CommitSha
      readonly jump: boolean
    }
  /** What needs `issues: write`, which is optional: refused as FORBIDDEN without it. A repository may also have no issues. */
  | { readonly kind: 'create-issue'; readonly repositoryId: string; readonly title: string; readonly body: string }
  | { readonly kind: 'update-issue'; readonly issueId: string; readonly title: string; readonly body: string }
  /** Closed already is no trouble. */
  | { readonly kind: 'close-issue'; readonly issueId: string }
  | {
      readonly kind: 'deployment-status'
      readonly deploymentId: string
      readonly state: DeploymentState
      readonly description: string
      readonly environmentUrl: string | undefined
      readonly logUrl: string | undefined
    }

/** What one write gave. `type` is GitHub's GraphQL error type (`STALE_DATA`, `UNPROCESSABLE`, `NOT_FOUND`, `FORBIDDEN`…). */
export type GitHubWriteResult =
  | {
      readonly ok: true
      /** Node id of what was made or changed (comment, check run, pull request, issue, ref). */
      readonly id: string | undefined
      readonly number: number | undefined
      readonly url: string | undefined
      /** Commit that was made: of `commit` the new tip, of `merge-pull-request` the merge commit. */
      readonly sha: CommitSha | undefined
      /** Of `merge-pull-request`: Git's ids of its `files` in the merge commit, by path; absent files are missing. */
      readonly blobs?: ReadonlyMap<string, string>
      /** Of `commit`: when it was made, by GitHub's clock. */
      readonly at?: Date | undefined
      /** Of `update-pull-request` and `close-pull-request`: it was merged before that. */
      readonly wasMerged?: boolean
    }
  | { readonly ok: false; readonly type: string; readonly message: string }

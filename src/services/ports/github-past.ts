/** The port `GitHubPast`: all that GitHub still has of what Lockkeeper did, for `lockkeeper rebuild`. src/clients/github/read-past.ts implements it. */
import type { CommitSha, RepoName } from '../../domain/ids.ts'

/** Reads everything, page by page, and waits where GitHub wants it to. Throws UserError where it may not read something. */
export type GitHubPast = {
  /** The App's own bot login. */
  readonly appLogin: string
  /** Of every owner who installed the App and did not suspend it. */
  repositories(): Promise<readonly RepoName[]>
  /** The App's own, oldest first; and the numbers of those that are open, whoever's they are. */
  pullRequests(
    repository: RepoName,
  ): Promise<{ readonly own: readonly PastPullRequest[]; readonly open: readonly number[] }>
  /** The App's own, oldest first; statuses too. */
  deployments(repository: RepoName): Promise<readonly PastDeployment[]>
  /** Those of the App that begin with a marker, and those of others that hold a command; oldest first. */
  comments(repository: RepoName): Promise<readonly PastComment[]>
}

export type PastPullRequest = {
  readonly id: string
  readonly number: number
  readonly url: string
  readonly branch: string
  readonly state: 'open' | 'closed' | 'merged'
  readonly createdAt: Date
  readonly endedAt: Date | undefined
  readonly mergedBy: string | undefined
  readonly mergeCommit: CommitSha | undefined
  /** The first of it. `isSigned`: by GitHub, for the App. */
  readonly commit: { readonly sha: CommitSha; readonly message: string; readonly isSigned: boolean } | undefined
}

export type PastDeployment = {
  /** Node id. */
  readonly id: string
  /** As it was given when it was made; '' without one. */
  readonly record: string
  readonly statuses: readonly PastStatus[]
}

export type PastStatus = {
  /** GitHub's word, in lower case. */
  readonly state: string
  readonly description: string
  readonly at: Date
}

export type PastComment = {
  readonly repository: RepoName
  /** Of the pull request or issue. */
  readonly number: number
  readonly isOnPullRequest: boolean
  readonly id: number
  readonly nodeId: string
  /** undefined of deleted accounts. */
  readonly author: string | undefined
  /** By the App. */
  readonly isOurs: boolean
  /** Who edited it last, where that was not its author; only of the App's with a marker of a hold. */
  readonly editedBy?: string | undefined
  readonly createdAt: Date
  readonly url: string
  readonly body: string
}

/** What is remembered of merge queues' heads. src/store/merge-groups.ts implements it. */
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import type { GroupCheck, QueuedPullRequest } from '../../domain/merge-group.ts'

/** One entry of a merge queue, as first looked at; it does not change. */
export type MergeGroupRecord = {
  readonly repository: RepoName
  /** The commit that the queue would merge. */
  readonly sha: CommitSha
  /** Node id of the repository. */
  readonly repositoryId: string
  /** undefined: nobody can tell. */
  readonly pullRequest: QueuedPullRequest | undefined
  readonly checks: readonly GroupCheck[]
  /** ISO instant of the first look. */
  readonly askedAt: string
}

export type MergeGroups = {
  find(repository: RepoName, sha: CommitSha): Promise<MergeGroupRecord | undefined>
  /** Replaces what is known of this head, and forgets all heads that were asked about before `horizon`. */
  remember(record: MergeGroupRecord, horizon: Date): Promise<void>
  /** Those that stand for the pull request with this head, and were asked about since. */
  following(headSha: CommitSha, since: Date): Promise<readonly MergeGroupRecord[]>
}

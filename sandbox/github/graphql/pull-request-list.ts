/** The pull requests of a repository by GraphQL's filters. Used by objects/repository.ts, ref.ts and commit.ts. */
import type { PullRequest, Repository } from '../model.ts'
import { type GitHubState, isListed } from '../state.ts'

export type IssueOrder = {
  readonly field: 'CREATED_AT' | 'UPDATED_AT' | 'COMMENTS'
  readonly direction: 'ASC' | 'DESC'
}

export type PullRequestFilter = {
  readonly states?: readonly ('OPEN' | 'CLOSED' | 'MERGED')[] | null | undefined
  readonly headRefName?: string | null | undefined
  readonly baseRefName?: string | null | undefined
  readonly orderBy?: IssueOrder | null | undefined
}

/** GraphQL has three states where REST has two. */
export const stateOf = (pullRequest: PullRequest): 'OPEN' | 'CLOSED' | 'MERGED' =>
  pullRequest.merged ? 'MERGED' : pullRequest.state === 'open' ? 'OPEN' : 'CLOSED'

/** Those that a list may show already, oldest first unless ordered otherwise. */
export function listPullRequests(state: GitHubState, repository: Repository, filter: PullRequestFilter): PullRequest[] {
  const { states, headRefName, baseRefName, orderBy } = filter
  const found = [...repository.threads.values()]
    .filter((thread) => thread.kind === 'PullRequest')
    .filter((pullRequest) => isListed(state, pullRequest))
    .filter((pullRequest) => states == null || states.includes(stateOf(pullRequest)))
    .filter(({ head }) => headRefName == null || head.ref === headRefName)
    .filter(({ base }) => baseRefName == null || base.ref === baseRefName)
    .sort((a, b) => a.number - b.number)
  return orderBy == null ? found : order(found, orderBy)
}

function order(pullRequests: readonly PullRequest[], { field, direction }: IssueOrder): PullRequest[] {
  const weight = (pullRequest: PullRequest): number => {
    if (field === 'COMMENTS') return pullRequest.comments.length
    return Date.parse(field === 'CREATED_AT' ? pullRequest.createdAt : pullRequest.updatedAt)
  }
  const sorted = [...pullRequests].sort((a, b) => weight(a) - weight(b) || a.number - b.number)
  return direction === 'ASC' ? sorted : sorted.reverse()
}

/** The issues of a repository by GraphQL's filters. Used by objects/repository.ts; pull-request-list.ts is its like. */
import type { Issue, Repository } from '../model.ts'
import { type GitHubState, isListed } from '../state.ts'
import type { IssueOrder } from './pull-request-list.ts'
import { Unmodelled } from './view.ts'

export type IssueQuestion = {
  readonly filterBy?: Readonly<Record<string, unknown>> | null | undefined
  readonly states?: readonly ('OPEN' | 'CLOSED')[] | null | undefined
  readonly orderBy?: IssueOrder | null | undefined
}

/** Those that a list may show already, oldest first unless ordered otherwise. Of the filters it knows `since` only. */
export function listIssues(
  state: GitHubState,
  repository: Repository,
  { filterBy, states, orderBy }: IssueQuestion,
): Issue[] {
  const { since, ...others } = filterBy ?? {}
  const [unknown] = Object.entries(others).filter(([name, value]) => value != null && name !== 'viewerSubscribed')
  if (unknown !== undefined) throw new Unmodelled(`the issues by ${unknown[0]}`)
  if (orderBy != null && orderBy.field !== 'CREATED_AT') throw new Unmodelled('issues in another order')
  const found = [...repository.threads.values()]
    .filter((thread) => thread.kind === 'Issue')
    .filter((issue) => isListed(state, issue))
    .filter((issue) => states == null || states.includes(issue.state === 'open' ? 'OPEN' : 'CLOSED'))
    .filter(({ updatedAt }) => since == null || Date.parse(updatedAt) >= Date.parse(String(since)))
    .sort((a, b) => a.number - b.number)
  return orderBy?.direction === 'DESC' ? found.reverse() : found
}

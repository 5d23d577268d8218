/** Check runs, check suites and statuses as GraphQL shows them. What they add up to is in commit-checks.ts. */

import { isRequired as isRequiredBy } from '../../branch-rules.ts'
import type { CheckRun, CheckSuite, CommitStatus, Repository } from '../../model.ts'
import { repositoryPage } from '../../serialise/accounts.ts'
import { isListed } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { View, ViewContext } from '../view.ts'

export function presentCheckRun(context: ViewContext, run: CheckRun): View {
  const page = `${repositoryPage(context.state, run.repository)}/runs/${run.id}`
  return {
    __typename: 'CheckRun',
    id: run.nodeId,
    databaseId: run.id,
    name: run.name,
    status: run.status.toUpperCase(),
    conclusion: run.conclusion?.toUpperCase() ?? null,
    detailsUrl: run.detailsUrl ?? page,
    url: page,
    permalink: page,
    externalId: run.externalId,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    title: run.title,
    summary: run.summary,
    text: run.text,
    checkSuite: () => context.present(run.suite),
    repository: () => context.present(run.repository),
    isRequired: (which: RequiredArguments) => isRequired(run.repository, run.name, which),
  }
}

type SuiteRunFilter = {
  readonly appId?: number | null
  readonly checkName?: string | null
  readonly checkType?: 'ALL' | 'LATEST' | null
  readonly status?: string | null
}

export function presentCheckSuite(context: ViewContext, suite: CheckSuite): View {
  const { repository } = suite
  return {
    __typename: 'CheckSuite',
    id: suite.nodeId,
    databaseId: suite.id,
    status: suite.status.toUpperCase(),
    conclusion: suite.conclusion?.toUpperCase() ?? null,
    createdAt: suite.createdAt,
    updatedAt: suite.updatedAt,
    app: () => context.present(suite.app),
    repository: () => context.present(repository),
    commit: () => context.present({ kind: 'Commit', repository, oid: suite.headSha }),
    branch: () =>
      suite.headBranch !== null && repository.refs.has(`refs/heads/${suite.headBranch}`)
        ? context.present({ kind: 'Ref', repository, name: `refs/heads/${suite.headBranch}` })
        : null,
    // The stand-in runs no workflows: its CI systems are Apps that report checks.
    workflowRun: null,
    checkRuns: (given: PageArguments & { filterBy?: SuiteRunFilter | null }, info: never) =>
      connection(given, info, {
        items: runsOf(context, suite, given.filterBy ?? {}),
        key: (run) => run.nodeId,
        view: (run) => context.present(run),
      }),
  }
}

/** Without a wish for all, only the newest run of each name. */
function runsOf({ state }: ViewContext, suite: CheckSuite, filter: SuiteRunFilter): CheckRun[] {
  const { appId, checkName, checkType, status } = filter
  const runs = [...suite.repository.checkRuns.values()].filter((run) => run.suite === suite && isListed(state, run))
  const newest = new Map(runs.map((run) => [run.name, run]))
  return (checkType === 'ALL' ? runs : [...newest.values()])
    .filter((run) => appId == null || run.app.id === appId)
    .filter((run) => checkName == null || run.name === checkName)
    .filter((run) => status == null || run.status.toUpperCase() === status)
}

export function presentStatusContext(context: ViewContext, status: CommitStatus): View {
  return {
    __typename: 'StatusContext',
    id: status.nodeId,
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description,
    targetUrl: status.targetUrl,
    createdAt: status.createdAt,
    creator: () => context.present(status.creator),
    commit: () => context.present({ kind: 'Commit', repository: status.repository, oid: status.sha }),
    isRequired: (which: RequiredArguments) => isRequired(status.repository, status.context, which),
  }
}

type RequiredArguments = { readonly pullRequestNumber?: number | null; readonly pullRequestId?: string | null }

/** Whether the base branch of the pull request asks for a check of that name. */
function isRequired(repository: Repository, name: string, which: RequiredArguments): boolean {
  const { pullRequestNumber, pullRequestId } = which
  const pullRequest = [...repository.threads.values()].find(
    (thread) => thread.number === pullRequestNumber || thread.nodeId === pullRequestId,
  )
  return pullRequest?.kind === 'PullRequest' && isRequiredBy(pullRequest, name)
}

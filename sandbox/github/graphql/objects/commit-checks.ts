/** What check runs and statuses say about a commit: the rollup and the suites. Single checks are in check.ts. */
import { requireRead } from '../../access.ts'
import { stateOfRun } from '../../check-facts.ts'
import type { CheckRun, CheckSuite, CommitState, CommitStatus, Repository } from '../../model.ts'
import { type GitHubState, isListed } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { Fields, View, ViewContext } from '../view.ts'

/** Fields of a commit. */
export function commitChecks(context: ViewContext, repository: Repository, oid: string): Fields {
  return {
    statusCheckRollup: () => presentRollup(context, repository, oid),
    status: () => presentStatus(context, repository, oid),
    checkSuites: (given: PageArguments & { filterBy?: SuiteFilter | null }, info: never) => {
      requireRead(context, repository, ['checks'])
      return connection(given, info, {
        items: suitesOf(repository, oid, given.filterBy ?? {}),
        key: (suite) => suite.nodeId,
        view: (suite) => context.present(suite),
      })
    },
  }
}

type SuiteFilter = { readonly appId?: number | null; readonly checkName?: string | null }

function suitesOf(repository: Repository, oid: string, { appId, checkName }: SuiteFilter): CheckSuite[] {
  const runs = [...repository.checkRuns.values()]
  return [...repository.checkSuites.values()]
    .filter(({ headSha }) => headSha === oid)
    .filter(({ app }) => appId == null || app.id === appId)
    .filter((suite) => checkName == null || runs.some((run) => run.suite === suite && run.name === checkName))
}

/** The newest run of each name and App, and the newest status of each context. */
function latestChecks(
  state: GitHubState,
  repository: Repository,
  oid: string,
): { readonly runs: readonly CheckRun[]; readonly statuses: readonly CommitStatus[] } {
  const runs = new Map<string, CheckRun>()
  for (const run of repository.checkRuns.values())
    if (run.headSha === oid && isListed(state, run)) runs.set(`${run.app.id} ${run.name}`, run)
  const statuses = new Map<string, CommitStatus>()
  for (const status of repository.statuses)
    if (status.sha === oid && isListed(state, status)) statuses.set(status.context.toLowerCase(), status)
  return { runs: [...runs.values()], statuses: [...statuses.values()] }
}

/** Null when nothing has reported on the commit. */
export function presentRollup(context: ViewContext, repository: Repository, oid: string): View | null {
  requireRead(context, repository, ['checks', 'statuses'])
  const { runs, statuses } = latestChecks(context.state, repository, oid)
  const all: readonly (CheckRun | CommitStatus)[] = [...runs, ...statuses]
  if (all.length === 0) return null
  return {
    __typename: 'StatusCheckRollup',
    state: rollup([...runs.map(stateOfRun), ...statuses.map(stateOfStatus)]),
    commit: () => context.present({ kind: 'Commit', repository, oid }),
    contexts: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: all,
        key: (each) => each.nodeId,
        view: (each) => context.present(each),
        extra: { checkRunCount: runs.length, statusContextCount: statuses.length },
      }),
  }
}

function presentStatus(context: ViewContext, repository: Repository, oid: string): View | null {
  requireRead(context, repository, ['statuses'])
  const { statuses } = latestChecks(context.state, repository, oid)
  if (statuses.length === 0) return null
  return {
    __typename: 'Status',
    state: rollup(statuses.map(stateOfStatus)),
    commit: () => context.present({ kind: 'Commit', repository, oid }),
    contexts: () => statuses.map((each) => context.present(each)),
    context: ({ name }: { name: string }) => {
      const found = statuses.find((each) => each.context === name)
      return found === undefined ? null : context.present(found)
    },
  }
}

/** The worst of all decides. */
function rollup(states: readonly CommitState[]): string {
  const order: readonly CommitState[] = ['error', 'failure', 'pending']
  return (order.find((each) => states.includes(each)) ?? 'success').toUpperCase()
}

const stateOfStatus = ({ state }: CommitStatus): CommitState => state

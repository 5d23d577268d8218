/** What is derived from check runs and commit statuses: the newest of each name, combined states, the rollup. Records are in model.ts. */
import type { CheckRun, CommitState, CommitStatus, Repository } from './model.ts'

/** The newest status of each context on a commit, oldest context first. */
export function newestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const newest = new Map<string, CommitStatus>()
  for (const status of repository.statuses) if (status.sha === sha) newest.set(status.context.toLowerCase(), status)
  return [...newest.values()].sort((a, b) => a.id - b.id)
}

/** Check runs on a commit, oldest first; `latest` keeps the newest of each App and name. */
export function checkRunsAt(repository: Repository, sha: string, filter: 'latest' | 'all' = 'latest'): CheckRun[] {
  const runs = [...repository.checkRuns.values()].filter(({ headSha }) => headSha === sha)
  if (filter === 'all') return runs
  return [...new Map(runs.map((run) => [`${run.app.id} ${run.name}`, run])).values()]
}

/** GitHub's rule for the combined status: failure beats pending beats success; nothing is pending. */
export function combinedState(statuses: readonly CommitStatus[]): 'failure' | 'pending' | 'success' {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure'
  if (statuses.length === 0 || statuses.some(({ state }) => state === 'pending')) return 'pending'
  return 'success'
}

const PASSING: ReadonlySet<string> = new Set(['success', 'neutral', 'skipped'])

/** A check run in the words of a commit status. */
export function stateOfRun({ status, conclusion }: CheckRun): CommitState {
  if (status !== 'completed' || conclusion === null) return 'pending'
  return PASSING.has(conclusion) ? 'success' : 'failure'
}

/** The state of one required check on a commit, be it a check run or a status; undefined when nothing reported it. With `appId` only that App's run counts. */
export function requiredState(
  repository: Repository,
  sha: string,
  { name, appId }: { readonly name: string; readonly appId: number | undefined },
): CommitState | undefined {
  const runs = checkRunsAt(repository, sha).filter((each) => appId === undefined || each.app.id === appId)
  const run = runs.findLast((each) => each.name === name)
  if (run !== undefined) return stateOfRun(run)
  if (appId !== undefined) return undefined
  return newestStatuses(repository, sha).find(({ context }) => context === name)?.state
}

/** The rollup of everything on a commit: `statusCheckRollup.state` in lower case; undefined when nothing reported. */
export function rollupState(repository: Repository, sha: string): CommitState | undefined {
  const states = [
    ...checkRunsAt(repository, sha).map(stateOfRun),
    ...newestStatuses(repository, sha).map(({ state }) => state),
  ]
  if (states.length === 0) return undefined
  return (['error', 'failure', 'pending'] as const).find((state) => states.includes(state)) ?? 'success'
}

/** Which runs of a commit are the candidate: the newest group of seeds, never an average over re-runs. Runs are read by services/read-metrics.ts. */
import type { Metrics } from './metric.ts'

/** What choosing needs of a run; MLflow's runs fit. */
export type GroupableRun = {
  readonly runId: string
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly startedAt: Date
  readonly metrics: Metrics
  readonly tags: ReadonlyMap<string, string>
}

/** MLflow's own tag of the commit, set inside a Git checkout. */
export const COMMIT_TAG = 'mlflow.source.git.commit'
/** MLflow's own tag of nested runs. */
export const PARENT_TAG = 'mlflow.parentRunId'
/** For seeds that were not started under one parent run: equal values mean one candidate. The default of `group_by`. */
export const GROUP_TAG = 'lockkeeper.group'

/** Seeds of one candidate. `parent` is their finished parent run: it is no seed, but may hold metrics that no seed has. */
export type Seeds<Run> = { readonly runs: readonly Run[]; readonly parent: Run | undefined }

export type ChosenRuns<Run> =
  /** `failed` counts runs of the group that broke off. `newerRunning`: a later group is still at work. */
  | ({ readonly kind: 'chosen'; readonly failed: number; readonly newerRunning: boolean } & Seeds<Run>)
  | { readonly kind: 'running'; readonly count: number }
  | { readonly kind: 'failed'; readonly count: number }
  | { readonly kind: 'none' }

/**
 * The newest group of runs that is complete. While a group's runs are at work it does not count, unless `final` says that
 * nobody waits any longer; then its finished runs do. `groupBy` is the tag of seeds without a parent run.
 */
export function chooseRuns<Run extends GroupableRun>(
  runs: readonly Run[],
  { final, groupBy }: { readonly final: boolean; readonly groupBy: string },
): ChosenRuns<Run> {
  const groups = groupRuns(runs, groupBy)
  const working = groups.filter((group) => group.some(isWorking))
  for (const group of groups) {
    if (group.some(isWorking) && !final) continue
    const seeds = seedsOf(group)
    if (seeds.runs.length === 0) continue
    return {
      kind: 'chosen',
      ...seeds,
      failed: group.filter((run) => run.status === 'FAILED' || run.status === 'KILLED').length,
      newerRunning: working.some((other) => other !== group && newest(other) >= newest(group)),
    }
  }
  if (runs.length === 0) return { kind: 'none' }
  const count = runs.filter(isWorking).length
  return count > 0 ? { kind: 'running', count } : { kind: 'failed', count: runs.length }
}

/** The finished runs of one group, in order of start; the parent apart where its children measured anything. What a seed nested in itself (its folds) is no seed. */
function seedsOf<Run extends GroupableRun>(group: readonly Run[]): Seeds<Run> {
  const nested = new Set(group.filter((run) => run.tags.has(PARENT_TAG)).map((run) => run.runId))
  const isDeeper = (run: Run): boolean => nested.has(run.tags.get(PARENT_TAG) ?? '')
  const finished = group.filter((run) => run.status === 'FINISHED').toSorted(byStart)
  const children = finished.filter((run) => run.tags.has(PARENT_TAG) && !isDeeper(run))
  if (!children.some((run) => run.metrics.size > 0)) return { runs: finished, parent: undefined }
  const parents = new Set(children.map((run) => run.tags.get(PARENT_TAG)))
  return {
    runs: finished.filter((run) => !parents.has(run.runId) && !isDeeper(run)),
    parent: finished.find((run) => parents.has(run.runId)),
  }
}

/** One set of metrics per seed, and one more for what only their parent run has. */
export function seedMetrics<Run extends GroupableRun>({ runs, parent }: Seeds<Run>): readonly Metrics[] {
  const measured = runs.map((run) => run.metrics)
  if (parent === undefined) return measured
  const own = new Map([...parent.metrics].filter(([name]) => !measured.some((metrics) => metrics.has(name))))
  return own.size === 0 ? measured : [...measured, own]
}

function groupRuns<Run extends GroupableRun>(runs: readonly Run[], groupBy: string): readonly (readonly Run[])[] {
  const parents = new Map(runs.map((run) => [run.runId, run.tags.get(PARENT_TAG)]))
  const groups = Map.groupBy(runs, (run) => {
    const tag = run.tags.get(groupBy)
    return tag === undefined ? `run ${outermost(run.runId, parents)}` : `group ${tag}`
  })
  return [...groups.values()].toSorted((a, b) => newest(b) - newest(a))
}

/** The run in which all others are nested; it need not be among those that were read. */
function outermost(runId: string, parents: ReadonlyMap<string, string | undefined>): string {
  const inside = new Set([runId])
  let outer = runId
  for (;;) {
    const parent = parents.get(outer)
    // Tags are written by anybody: two runs may name each other.
    if (parent === undefined || inside.has(parent)) return outer
    inside.add(parent)
    outer = parent
  }
}

function isWorking(run: GroupableRun): boolean {
  return run.status === 'RUNNING' || run.status === 'SCHEDULED'
}

function newest(group: readonly GroupableRun[]): number {
  return Math.max(...group.map((run) => run.startedAt.getTime()))
}

function byStart(a: GroupableRun, b: GroupableRun): number {
  return a.startedAt.getTime() - b.startedAt.getTime() || (a.runId < b.runId ? -1 : 1)
}

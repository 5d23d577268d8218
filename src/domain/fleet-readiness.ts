/** Is our commit live in Rancher Fleet? Pure: a GitRepo and its Bundles as observed. Asked by src/services/look-at-fleet.ts. */
import type { HoldsOurs } from './flux-readiness.ts'
import { type Readiness, waiting } from './sync-readiness.ts'

type FleetCondition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly message: string
}

/** How many deployments of a Bundle (one per cluster) are in which state. */
export type FleetSummary = {
  readonly desiredReady: number
  readonly ready: number
  readonly notReady: number
  readonly waitApplied: number
  readonly errApplied: number
  readonly outOfSync: number
  readonly modified: number
  readonly pending: number
  /** The first ones that are not ready: their names and what Fleet says about them. */
  readonly nonReady: readonly { readonly name: string; readonly state: string; readonly message: string }[]
}

export type ObservedGitRepo = {
  readonly namespace: string
  readonly name: string
  readonly generation: number
  readonly observedGeneration: number | undefined
  readonly repoUrl: string
  readonly paused: boolean
  readonly commit: string | undefined
  /** `Current` when the job that makes Bundles of a commit is over; also for a moment before it begins. */
  readonly gitJobStatus: string | undefined
  readonly conditions: readonly FleetCondition[]
}

export type ObservedBundle = {
  readonly name: string
  /** Of which commit it was made. */
  readonly commit: string | undefined
  readonly generation: number
  readonly observedGeneration: number | undefined
  readonly paused: boolean
  readonly conditions: readonly FleetCondition[]
  readonly summary: FleetSummary
}

/**
 * The summary of a GitRepo lags behind its commit: right after a push it still says that the release before is ready.
 * So each Bundle must carry our commit, and its own summary must be about it as it is now.
 */
export function assessGitRepo(
  repo: ObservedGitRepo,
  bundles: readonly ObservedBundle[],
  holdsOurs: HoldsOurs,
): Readiness {
  const isOurs = (commit: string | undefined): boolean => commit !== undefined && holdsOurs(commit)
  const label = `GitRepo ${repo.namespace}/${repo.name}`
  if (!isOurs(repo.commit)) return notSeen(repo, label)
  if (repo.gitJobStatus === 'Failed')
    return { kind: 'failed', because: 'sync-failed', detail: errorOf(repo) ?? `${label}: the Git job has failed` }
  if (repo.gitJobStatus !== 'Current')
    return waiting('not-synced', `${label}: the Git job is ${repo.gitJobStatus ?? 'not begun'}`)
  if (repo.observedGeneration !== repo.generation)
    return waiting('not-synced', `${label} was changed, and Fleet has not looked yet`)
  if (bundles.length === 0) return waiting('not-synced', `${label} has no Bundles yet`)
  const behind = bundles.find(({ commit }) => !isOurs(commit))
  if (behind !== undefined)
    return waiting('not-synced', `Bundle ${behind.name} is of ${behind.commit?.slice(0, 7) ?? 'no commit'}`)
  return assessBundles(repo, bundles)
}

function notSeen(repo: ObservedGitRepo, label: string): Readiness {
  if (repo.paused) return { kind: 'blocked', detail: `${label} is paused` }
  const at = `${label} is at ${repo.commit?.slice(0, 7) ?? 'no commit'}`
  return waiting('not-seen', errorOf(repo) ?? at)
}

function assessBundles(repo: ObservedGitRepo, bundles: readonly ObservedBundle[]): Readiness {
  const stale = bundles.find(({ generation, observedGeneration }) => generation !== observedGeneration)
  if (stale !== undefined) return waiting('not-synced', `Fleet has not looked at Bundle ${stale.name} yet`)
  const broken = bundles.find((bundle) => bundle.summary.desiredReady === 0 && errorOf(bundle) !== undefined)
  if (broken !== undefined)
    return { kind: 'failed', because: 'sync-failed', detail: `Bundle ${broken.name}: ${errorOf(broken)}` }
  const total = (count: (summary: FleetSummary) => number): number =>
    bundles.reduce((sum, { summary }) => sum + count(summary), 0)
  const desired = total(({ desiredReady }) => desiredReady)
  if (desired === 0)
    return { kind: 'blocked', detail: `no cluster matches the targets of GitRepo ${repo.namespace}/${repo.name}` }
  const told = worst(bundles)
  if (repo.paused || bundles.some(({ paused }) => paused)) {
    if (total(({ outOfSync }) => outOfSync) > 0)
      return { kind: 'blocked', detail: `GitRepo ${repo.namespace}/${repo.name} is paused` }
  }
  // Fleet shows the error of the release before until its agent has tried the new one, so an error may be over: only the deadline tells.
  if (total(({ errApplied }) => errApplied) > 0) return waiting('out-of-sync', told)
  if (total(({ waitApplied }) => waitApplied) > 0) return waiting('operation-running', told)
  if (total(({ pending, outOfSync }) => pending + outOfSync) > 0) return waiting('not-synced', told)
  if (total(({ modified }) => modified) > 0) return waiting('out-of-sync', told)
  const ready = total(({ ready }) => ready)
  if (ready < desired) return waiting('progressing', told)
  return { kind: 'ready', revision: repo.commit ?? '' }
}

/** What Fleet says about the first deployment that is not ready, and how many there are. */
function worst(bundles: readonly ObservedBundle[]): string {
  const desired = bundles.reduce((sum, { summary }) => sum + summary.desiredReady, 0)
  const ready = bundles.reduce((sum, { summary }) => sum + summary.ready, 0)
  const [first] = bundles.flatMap(({ summary }) => summary.nonReady)
  const count = `${ready} of ${desired} deployments are ready`
  if (first === undefined) return count
  return `${count}: ${first.name} is ${first.state}${first.message === '' ? '' : `: ${first.message}`}`
}

/** What a condition complains about: Fleet writes it to Stalled for the Git job, to Ready for Bundles that cannot be rendered. */
function errorOf({ conditions }: { readonly conditions: readonly FleetCondition[] }): string | undefined {
  const isBad = ({ type, status, message }: FleetCondition): boolean =>
    message !== '' &&
    (type === 'Stalled' ? status === 'True' : /^(?:Accepted|Ready|GitPolling)$/.test(type) && status === 'False')
  return conditions.find(isBad)?.message
}

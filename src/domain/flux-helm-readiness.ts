/** Is our commit live in a HelmRelease of Flux? Pure: the HelmRelease and its HelmChart as observed. What brought it there is asked before by src/services/look-at-flux.ts. */
import {
  commitIn,
  conditionOf,
  type ObservedHelmChart,
  type ObservedHelmRelease,
  shortRevision,
} from './flux-objects.ts'
import type { HoldsOurs } from './flux-readiness.ts'
import { type Readiness, waiting } from './sync-readiness.ts'

/**
 * The revision of a HelmRelease is the version of a chart, which says nothing about a commit unless the chart is built
 * at every one. undefined: the chart that holds our commit is the one that the HelmRelease has tried last.
 */
export function assessChart(
  release: ObservedHelmRelease,
  chart: ObservedHelmChart | undefined,
  holdsOurs: HoldsOurs,
): Readiness | undefined {
  const source = release.chart?.source
  if (release.chart?.everyRevision === false)
    return {
      kind: 'blocked',
      detail: `the chart of ${nameOf(release)} is built when its version changes, not at every commit: write \`reconcileStrategy: Revision\` in it`,
    }
  if (chart === undefined) return waiting('not-seen', `there is no HelmChart of ${nameOf(release)} yet`)
  const commit = commitIn(chart.sourceRevision)
  if (commit === undefined || !holdsOurs(commit)) {
    const problem = conditionOf(chart, 'Ready')
    const at = `the chart was built of ${source?.kind ?? 'its source'} at ${shortRevision(chart.sourceRevision)}`
    return waiting('not-seen', problem?.status === 'False' ? problem.message : at)
  }
  const isBuilt = `${chart.version}.`.includes(`+${commit.slice(0, 12)}.`)
  if (!isBuilt) return waiting('not-synced', 'the chart of our commit is not built yet')
  if (release.attemptedRevision !== chart.version)
    return waiting(
      'not-synced',
      `the release is at chart ${release.attemptedRevision ?? 'none'}, not yet at ${chart.version}`,
    )
  return undefined
}

/** How the release itself is, once it is known to be about our commit. `revision` is what is live then. */
export function assessHelmRelease(release: ObservedHelmRelease, revision: string): Readiness {
  const { generation, observedGeneration, attemptedGeneration = observedGeneration, latest } = release
  const ready = conditionOf(release, 'Ready')
  const stalled = conditionOf(release, 'Stalled')
  const reconciling = conditionOf(release, 'Reconciling')
  if (release.suspended)
    return {
      kind: 'blocked',
      detail: `HelmRelease ${nameOf(release)} is suspended: \`flux resume helmrelease\` goes on`,
    }
  if (attemptedGeneration !== generation)
    return waiting(
      'not-synced',
      ready?.status === 'False' ? ready.message : 'Flux has not begun to apply the HelmRelease',
    )
  if (stalled?.status === 'True') return ended(release, stalled.message)
  if (ready?.status === 'False') {
    // While the next attempt begins, the conditions still tell of the one before.
    const isOver = reconciling?.status !== 'True' || reconciling.reason === 'ProgressingWithRetry'
    const remediated = conditionOf(release, 'Remediated')
    if (isOver && remediated?.status === 'True') return ended(release, remediated.message)
    return waiting('progressing', ready.message)
  }
  if (ready?.status !== 'True' || observedGeneration !== generation)
    return waiting('operation-running', reconciling?.message ?? 'the release runs')
  const isLatest =
    latest?.status === 'deployed' &&
    latest.chartVersion === release.attemptedRevision &&
    latest.configDigest === release.attemptedConfigDigest
  if (!isLatest)
    return waiting(
      'out-of-sync',
      `Helm's newest release is ${latest?.status ?? 'none'}, and not the one that was tried`,
    )
  return { kind: 'ready', revision }
}

/** With what went wrong first: the remediation only says that it put back what was there before. */
function ended(release: ObservedHelmRelease, why: string): Readiness {
  const released = conditionOf(release, 'Released')
  const cause = released?.status === 'False' ? released.message : undefined
  const tested = conditionOf(release, 'TestSuccess')
  const test = tested?.status === 'False' ? tested.message : undefined
  return { kind: 'failed', because: 'sync-failed', detail: cause ?? test ?? why }
}

const nameOf = ({ namespace, name }: ObservedHelmRelease): string => `${namespace}/${name}`

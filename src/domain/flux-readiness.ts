/** Is our commit live in Flux? Pure: a Kustomization and its source as observed. HelmReleases: flux-helm-readiness.ts. Asked by src/services/look-at-flux.ts. */
import {
  commitIn,
  conditionOf,
  type ObservedFluxSource,
  type ObservedKustomization,
  shortRevision,
} from './flux-objects.ts'
import { type Readiness, waiting } from './sync-readiness.ts'
import { withoutEnd } from './without-end.ts'

/** `holdsOurs`: whether a commit is ours or a later one that left our values alone. */
export type HoldsOurs = (commit: string) => boolean

/** Flux tries these again by itself, and often they pass: the commit is not to blame. */
const PASSING =
  /failed (?:to call|calling) webhook|connection refused|i\/o timeout|deadline exceeded|too many requests|no matches for kind|no endpoints available|etcdserver|the server is currently unable|Internal error occurred|operation cannot be fulfilled/i

/**
 * `lastAppliedRevision` moves only when a revision is applied and its health checks have passed. Without `wait` and
 * `healthChecks` there are none: then ready means applied, and the workload itself is looked at by `verify:`.
 */
export function assessKustomization(
  kustomization: ObservedKustomization,
  source: ObservedFluxSource | undefined,
  holdsOurs: HoldsOurs,
): Readiness {
  const isOurs = (revision: string | undefined): boolean => {
    const commit = commitIn(revision)
    return commit !== undefined && holdsOurs(commit)
  }
  const { appliedRevision, appliedOriginRevision, attemptedRevision } = kustomization
  const applied = [appliedRevision, appliedOriginRevision].find(isOurs)
  if (applied !== undefined && isSettled(kustomization)) return { kind: 'ready', revision: commitIn(applied) ?? '' }
  if (kustomization.suspended)
    return blocked(`Kustomization ${nameOf(kustomization)} is suspended: \`flux resume kustomization\` goes on`)
  const isOursInSource = isOurs(source?.revision) || isOurs(source?.originRevision)
  // Of an OCI artifact only the origin is ours, and that stands in the source alone until it is applied.
  const isAttempted =
    isOurs(attemptedRevision) ||
    (isOursInSource && attemptedRevision !== undefined && attemptedRevision === source?.revision)
  if (applied !== undefined || isAttempted) return whileApplying(kustomization, applied !== undefined)
  return beforeApplying(kustomization, source, isOursInSource)
}

/** Ready, and about the object as it is now. */
function isSettled(kustomization: ObservedKustomization): boolean {
  const { generation, observedGeneration } = kustomization
  return conditionOf(kustomization, 'Ready')?.status === 'True' && observedGeneration === generation
}

/** Our commit is being applied, or was and is applied again. */
function whileApplying(kustomization: ObservedKustomization, wasApplied: boolean): Readiness {
  const ready = conditionOf(kustomization, 'Ready')
  const stalled = conditionOf(kustomization, 'Stalled')
  if (stalled?.status === 'True') return failed('sync-failed', stalled.message)
  if (ready?.status === 'False') {
    if (ready.reason === 'HealthCheckFailed') return failed('degraded', ready.message)
    if (ready.reason === 'HealthCheckCanceled') return waiting('progressing', ready.message)
    if (/^(?:DependencyNotReady|ArtifactFailed)$/.test(ready.reason))
      return waiting(wasApplied ? 'out-of-sync' : 'not-synced', ready.message)
    if (PASSING.test(ready.message)) return waiting('out-of-sync', ready.message)
    return failed('sync-failed', ready.message)
  }
  const step = conditionOf(kustomization, 'Reconciling')?.message ?? 'the Kustomization is reconciled'
  return waiting(/health check/i.test(step) ? 'progressing' : 'operation-running', step)
}

function beforeApplying(
  kustomization: ObservedKustomization,
  source: ObservedFluxSource | undefined,
  isOursInSource: boolean,
): Readiness {
  const stalled = conditionOf(kustomization, 'Stalled')
  if (stalled?.status === 'True')
    return blocked(`Kustomization ${nameOf(kustomization)} has stalled: ${stalled.message}`)
  const problem = conditionOf(kustomization, 'Ready')
  const told = problem?.status === 'False' ? problem.message : undefined
  const { kind, namespace, name } = kustomization.source
  const label = `${kind} ${namespace}/${name}`
  if (source === undefined) return waiting('not-seen', told ?? `there is no ${label}`)
  if (isOursInSource)
    return waiting('not-synced', told ?? `${label} has our commit, and Flux has not begun to apply it`)
  if (source.suspended) return blocked(`${label} is suspended: \`flux resume source\` goes on`)
  const fetched = conditionOf(source, 'Ready')
  if (fetched?.status === 'False') return waiting('not-seen', `${label}: ${fetched.message}`)
  if (
    source.revision !== undefined &&
    commitIn(source.revision) === undefined &&
    commitIn(source.originRevision) === undefined
  )
    return blocked(
      `${label} names no commit: push the artifact with \`flux push artifact --source --revision=main@sha1:<commit>\``,
    )
  return waiting('not-seen', `${label} is at ${shortRevision(source.originRevision ?? source.revision)}`)
}

const nameOf = ({ namespace, name }: ObservedKustomization): string => `${namespace}/${name}`

const blocked = (detail: string): Readiness => ({ kind: 'blocked', detail })

const failed = (because: 'sync-failed' | 'degraded', detail: string): Readiness => ({ kind: 'failed', because, detail })

/** Whether an address is of the config repository, on whatever host and by whatever protocol. */
export function isAddressOf(url: string, repository: string): boolean {
  const path = withoutEnd(url.replace(/^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?[^/:]+(?::\d+)?[:/]/i, ''), '/').replace(
    /\.git$/,
    '',
  )
  return path.toLowerCase().split('/').slice(-2).join('/') === repository.toLowerCase()
}

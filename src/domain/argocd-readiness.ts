/** Is our commit live in Argo CD? Pure: an Application as observed, the revision we merged, and the time. The watch is src/clients/kubernetes/. */
import { type Readiness, waiting } from './sync-readiness.ts'

/** The part of an Application that readiness looks at (src/services/ports.ts `ArgoApplication` has it). */
export type ObservedApplication = {
  readonly automated: boolean
  readonly syncStatus: 'Synced' | 'OutOfSync' | 'Unknown'
  /** One per source, in order. */
  readonly syncRevisions: readonly string[]
  readonly health: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'
  readonly healthChangedAt: Date | undefined
  readonly operation:
    | {
        readonly phase: 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded'
        readonly message: string
        readonly revisions: readonly string[]
        readonly finishedAt: Date | undefined
      }
    | undefined
  readonly reconciledAt: Date | undefined
  readonly conditions: readonly { readonly type: string; readonly message: string }[]
}

type Operation = NonNullable<ObservedApplication['operation']>

/**
 * `isOurs` tells whether a revision is our commit or a descendant of it.
 *
 * Argo CD executes operations and assesses health in separate loops: right after an operation ends, `health` may still
 * be what it was before. It counts only when Argo CD has looked again since the operation finished.
 */
export function assessApplication(application: ObservedApplication, isOurs: (revision: string) => boolean): Readiness {
  const { operation } = application
  const ours = operation?.revisions.some(isOurs) === true ? operation : undefined
  if (ours?.phase === 'Failed' || ours?.phase === 'Error')
    return { kind: 'failed', because: 'sync-failed', detail: ours.message || `sync ${ours.phase.toLowerCase()}` }
  // A requested sync in a deny window is "running" until the window lifts.
  if (operation?.phase === 'Running' && /sync window/i.test(operation.message))
    return { kind: 'blocked', detail: operation.message }
  if (ours !== undefined && isUnderWay(ours)) return waiting('operation-running', ours.message || 'the sync runs')
  if (!application.syncRevisions.some(isOurs)) return notSeen(application, ours)
  if (application.syncStatus !== 'Synced') return notSynced(application, ours)
  // Another commit's operation is not over: it may leave things as they are not yet shown.
  if (operation !== undefined && isUnderWay(operation))
    return waiting('operation-running', operation.message || 'the sync of another commit runs')
  return assessHealth(application)
}

function notSeen({ conditions, syncRevisions }: ObservedApplication, ours: Operation | undefined): Readiness {
  const at = syncRevisions.map((revision) => revision.slice(0, 7)).join(', ') || 'no revision'
  if (ours !== undefined) return waiting('out-of-sync', `Argo CD is at ${at} again after the sync of our commit`)
  return waiting('not-seen', errorOf(conditions) ?? `Argo CD is at ${at}`)
}

/**
 * A deny window that is closed to automation leaves no trace: Argo CD compares, says OutOfSync and does nothing, as it
 * does when it is slow. So it is not known to be blocked, and the words name what may be.
 */
function notSynced(application: ObservedApplication, ours: Operation | undefined): Readiness {
  const { automated, operation, syncStatus, conditions } = application
  if (operation !== undefined && isUnderWay(operation)) return waiting('not-synced', 'the sync of another commit runs')
  if (!automated) return { kind: 'blocked', detail: 'auto-sync is off: somebody has to press Sync in Argo CD' }
  const window = conditions.find(({ message }) => /sync window/i.test(message))
  if (window !== undefined) return { kind: 'blocked', detail: window.message }
  if (ours !== undefined) return waiting('out-of-sync', `Application is ${syncStatus} after its sync`)
  const idle = `Application is ${syncStatus} and Argo CD has not begun to sync it; a sync window may be closed`
  return waiting('not-synced', errorOf(conditions) ?? idle)
}

function assessHealth(application: ObservedApplication): Readiness {
  const { health, operation, reconciledAt, healthChangedAt } = application
  const finishedAt = operation?.finishedAt
  const lookedAt = Math.max(reconciledAt?.getTime() ?? 0, healthChangedAt?.getTime() ?? 0)
  // Times have whole seconds, and the look that finds an Application Synced often falls into the second of its sync. That a
  // workload has not reacted by then shows only in the workload itself: verify-service.ts looks there.
  if (finishedAt !== undefined && lookedAt < finishedAt.getTime())
    return waiting('health-stale', 'health was assessed before the sync ended')
  if (health === 'Healthy') return { kind: 'ready', revision: application.syncRevisions[0] ?? '' }
  if (health !== 'Degraded') return waiting('progressing', `Application is ${health}`)
  // What a sync repairs is Degraded until its controller has reacted: a rollback must not fail by what it undoes.
  if (finishedAt !== undefined && healthChangedAt !== undefined && healthChangedAt < finishedAt)
    return waiting('health-stale', 'Application has been Degraded since before its sync')
  return { kind: 'failed', because: 'degraded', detail: 'Application is Degraded' }
}

const isUnderWay = ({ phase }: Operation): boolean => phase === 'Running' || phase === 'Terminating'

const errorOf = (conditions: ObservedApplication['conditions']): string | undefined =>
  conditions.find(({ type }) => type.endsWith('Error'))?.message

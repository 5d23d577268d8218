/** Is our commit live in Argo CD? Pure: an Application as observed, the revision we merged, and the time. The watch is src/clients/kubernetes/. */
import type { CommitSha } from './ids.ts'

/** The part of an Application that readiness looks at (src/services/ports.ts `ArgoApplication` has it). */
export type ObservedApplication = {
  readonly automated: boolean
  readonly syncStatus: 'Synced' | 'OutOfSync' | 'Unknown'
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

/** `blocked` is nobody's failure: it waits within the deadline and never rolls back. */
export type Readiness =
  | {
      readonly kind: 'waiting'
      readonly because: 'not-seen' | 'operation-running' | 'health-stale' | 'progressing'
      readonly detail: string
    }
  | { readonly kind: 'blocked'; readonly detail: string }
  | { readonly kind: 'ready'; readonly revision: string }
  | { readonly kind: 'failed'; readonly because: 'sync-failed' | 'degraded'; readonly detail: string }

/**
 * `isOurs` tells whether a revision is our commit or a descendant of it.
 *
 * Argo CD executes operations and assesses health in separate loops: right after an operation ends, `health` may still
 * be what it was before. Healthy counts only when Argo CD has looked again since the operation finished.
 */
export function assessApplication(application: ObservedApplication, isOurs: (revision: string) => boolean): Readiness {
  const { operation } = application
  const operationIsOurs = operation?.revisions.some(isOurs) ?? false
  if (operation !== undefined && operationIsOurs && (operation.phase === 'Failed' || operation.phase === 'Error')) {
    return {
      kind: 'failed',
      because: 'sync-failed',
      detail: operation.message || `sync ${operation.phase.toLowerCase()}`,
    }
  }
  const errors = application.conditions.filter((condition) => condition.type.endsWith('Error'))
  if (!application.syncRevisions.some(isOurs)) {
    const detail =
      errors[0]?.message ??
      `Argo CD is at ${application.syncRevisions.map((at) => at.slice(0, 7)).join(', ') || 'no revision'}`
    return { kind: 'waiting', because: 'not-seen', detail }
  }
  // A requested sync in a deny window is "running" until the window lifts.
  if (operation?.phase === 'Running' && /sync window/i.test(operation.message)) {
    return { kind: 'blocked', detail: operation.message }
  }
  if (operation !== undefined && (operation.phase === 'Running' || operation.phase === 'Terminating')) {
    return { kind: 'waiting', because: 'operation-running', detail: operation.message || 'sync is running' }
  }
  if (application.syncStatus !== 'Synced') return notSynced(application)
  return assessHealth(application, operationIsOurs)
}

function notSynced({ automated, syncStatus, conditions }: ObservedApplication): Readiness {
  if (!automated) return { kind: 'blocked', detail: 'auto-sync is off: somebody has to press Sync in Argo CD' }
  const window = conditions.find((condition) => condition.message.toLowerCase().includes('sync window'))
  if (window !== undefined) return { kind: 'blocked', detail: window.message }
  return { kind: 'waiting', because: 'not-seen', detail: `Application is ${syncStatus}` }
}

function assessHealth(application: ObservedApplication, operationIsOurs: boolean): Readiness {
  const { health, operation, reconciledAt, healthChangedAt } = application
  const finishedAt = operationIsOurs ? operation?.finishedAt : undefined
  const lookedAt = Math.max(reconciledAt?.getTime() ?? 0, healthChangedAt?.getTime() ?? 0)
  // Argo CD's times have whole seconds: only a strictly later look is known to be after the operation.
  if (finishedAt !== undefined && lookedAt < finishedAt.getTime()) {
    return { kind: 'waiting', because: 'health-stale', detail: 'health was assessed before the sync ended' }
  }
  if (health === 'Degraded') return { kind: 'failed', because: 'degraded', detail: 'Application is Degraded' }
  if (health === 'Healthy') {
    return { kind: 'ready', revision: application.syncRevisions[0] ?? '' }
  }
  return { kind: 'waiting', because: 'progressing', detail: `Application is ${health}` }
}

/** For callers that know only commits: exactly this commit. */
export const exactly =
  (commit: CommitSha) =>
  (revision: string): boolean =>
    revision === commit

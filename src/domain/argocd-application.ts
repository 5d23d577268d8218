/** An Argo CD Application as observed: what argocd-readiness.ts decides on. Parsed by src/clients/kubernetes/parse-application.ts. */

export type ObservedApplication = {
  /** Auto-sync is on. */
  readonly automated: boolean
  /** In the order in which revisions are listed. Of a hydrated Application: its dry source. */
  readonly sources: readonly ApplicationSource[]
  /** Since when it is being deleted. */
  readonly deletedAt: Date | undefined
  /** Argo CD leaves it alone (annotation `argocd.argoproj.io/skip-reconcile`), so that all that follows is of the past. */
  readonly isFrozen: boolean
  /** Its manifests are rendered into another branch first, whose commits are what `syncRevisions` has then. */
  readonly hydration: Hydration | undefined
  readonly syncStatus: 'Synced' | 'OutOfSync' | 'Unknown'
  /** What it was compared with: one per source, in order. */
  readonly syncRevisions: readonly string[]
  readonly health: HealthStatus
  readonly healthChangedAt: Date | undefined
  /** The newest one, under way or over. */
  readonly operation: Operation | undefined
  /** The newest syncs that succeeded, as Argo CD keeps them. */
  readonly deployed: readonly { readonly revisions: readonly string[]; readonly at: Date | undefined }[]
  /** The field `operation` is there: a sync was asked for, or runs. */
  readonly isSyncAsked: boolean
  readonly reconciledAt: Date | undefined
  readonly conditions: readonly { readonly type: string; readonly message: string }[]
  /** Those that are not synced and healthy, as far as Argo CD keeps that on the Application. */
  readonly unwell: readonly ManagedResource[]
}

export type HealthStatus = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'

export type ApplicationSource = {
  readonly repoUrl: string
  readonly path: string | undefined
  /** undefined or empty: the default branch. */
  readonly targetRevision: string | undefined
}

export type Hydration = {
  /** The newest attempt. */
  readonly phase: 'Hydrating' | 'Failed' | 'Hydrated' | undefined
  readonly message: string
  /** The newest commit that was rendered, and the one that it became. */
  readonly drySha: string | undefined
  readonly hydratedSha: string | undefined
}

export type Operation = {
  readonly phase: 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded'
  readonly message: string
  readonly revisions: readonly string[]
  readonly finishedAt: Date | undefined
  /** How often it was tried again. */
  readonly retries: number
  readonly retryLimit: number | undefined
  /** Of chosen resources only, by a person or by self-heal; it runs no hooks. */
  readonly isPartial: boolean
  /** What failed of it. */
  readonly failures: readonly FailedResource[]
}

/** `hook`: its phase (`PreSync`), where it is one. */
export type FailedResource = {
  readonly kind: string
  readonly name: string
  readonly hook: string | undefined
  readonly message: string
}

export type ManagedResource = {
  readonly kind: string
  readonly name: string
  readonly isSynced: boolean
  /** It is no longer in Git. */
  readonly requiresPruning: boolean
  /** undefined where Argo CD keeps it elsewhere. */
  readonly health: HealthStatus | undefined
  readonly message: string
}

export const isUnderWay = (operation: Operation | undefined): boolean =>
  operation?.phase === 'Running' || operation?.phase === 'Terminating'

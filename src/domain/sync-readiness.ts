/** Is our commit live, as a GitOps engine tells it? The one answer of all engines; each has its own pure rule (argocd-readiness.ts and its like). Asked by src/services/look-at-sync.ts. */

/** What is waited for. Until `not-seen` and `not-synced` are over, nothing of ours has been applied to the cluster. */
export type WaitingFor =
  | 'not-seen'
  | 'not-synced'
  | 'operation-running'
  | 'out-of-sync'
  | 'health-stale'
  | 'progressing'

/** `blocked` is nobody's failure: it waits within the deadline and never rolls back. */
export type Readiness =
  | { readonly kind: 'waiting'; readonly because: WaitingFor; readonly detail: string }
  | { readonly kind: 'blocked'; readonly detail: string }
  /** `revision`: what is live, our commit or a later one that holds our values. */
  | { readonly kind: 'ready'; readonly revision: string }
  /** `overwritten`: somebody's later commit changed our values (src/services/our-revisions.ts); theirs stand. */
  | { readonly kind: 'failed'; readonly because: 'sync-failed' | 'degraded' | 'overwritten'; readonly detail: string }

/** Still possible, or in nobody's hands here. */
export const waiting = (because: WaitingFor, detail: string): Readiness => ({ kind: 'waiting', because, detail })

/** Whether something of ours may be in the cluster, well or not. */
export const isApplied = (look: Readiness): boolean =>
  look.kind === 'ready' ||
  (look.kind === 'failed' && look.because !== 'overwritten') ||
  (look.kind === 'waiting' && look.because !== 'not-seen' && look.because !== 'not-synced')

/** Applications for tests of the rule: one that is live and well, and what differs. */
import type { ObservedApplication, Operation } from '../../src/domain/argocd-application.ts'
import type { Sought } from '../../src/domain/argocd-readiness.ts'
import type { Readiness } from '../../src/domain/sync-readiness.ts'

export type Application = ObservedApplication

export const OURS = 'a'.repeat(40)
export const LATER = 'b'.repeat(40)
export const OLD = 'c'.repeat(40)
export const isOurs = (revision: string): boolean => revision === OURS || revision === LATER

export const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 24, 10, minute))
export const MERGED = at(3)
export const SYNCED_AT = at(5)

export const sought = (change: Partial<Sought> = {}): Sought => ({
  repository: 'acme/ml-config',
  branch: 'main',
  isOurs,
  mergedAt: MERGED,
  sync: 'auto',
  ...change,
})

export const operation = (change: Partial<Operation> = {}): Operation => ({
  phase: 'Succeeded',
  message: 'successfully synced (all tasks run)',
  revisions: [OURS],
  finishedAt: SYNCED_AT,
  retries: 0,
  retryLimit: undefined,
  isPartial: false,
  failures: [],
  ...change,
})
export const running = (message = '', revisions = [OURS]): Operation =>
  operation({ phase: 'Running', message, revisions, finishedAt: undefined })
export const failed = (change: Partial<Operation> = {}): Operation =>
  operation({ phase: 'Failed', message: 'one or more objects failed to apply', ...change })

/** Live and well. */
export const application = (change: Partial<Application> = {}): Application => ({
  automated: true,
  sources: [{ repoUrl: 'https://github.com/acme/ml-config.git', path: 'prod', targetRevision: 'main' }],
  deletedAt: undefined,
  isFrozen: false,
  hydration: undefined,
  syncStatus: 'Synced',
  syncRevisions: [OURS],
  health: 'Healthy',
  healthChangedAt: at(6),
  operation: operation(),
  deployed: [],
  isSyncAsked: false,
  reconciledAt: at(6),
  conditions: [],
  unwell: [],
  ...change,
})
export const outOfSync = (change: Partial<Application> = {}): Application =>
  application({ syncStatus: 'OutOfSync', operation: operation({ revisions: [OLD], finishedAt: at(0) }), ...change })
export const said = (type: string, message: string) => [{ type, message }]

export const words = (readiness: Readiness): string => {
  if (readiness.kind === 'ready') return `ready at ${readiness.revision.slice(0, 4)}`
  const because = readiness.kind === 'blocked' ? '' : ` (${readiness.because})`
  return `${readiness.kind}${because}: ${readiness.detail}`
}

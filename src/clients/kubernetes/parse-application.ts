/** From a raw Argo CD Application to the port's type. Field by field as Argo CD 3 writes them; what is missing on a new Application becomes "Unknown". */
import type { ArgoApplication } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseApplication(raw: unknown): ArgoApplication {
  const application = answerOf('Argo CD', raw, 'Application')
  const metadata = application.child('metadata')
  const spec = application.maybe('spec')
  const status = application.maybe('status')
  const sync = status?.maybe('sync')
  const health = status?.maybe('health')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    sources: sourcesOf(spec),
    automated: isAutomated(spec),
    syncStatus: oneOf(SYNC, sync?.maybeText('status'), 'Unknown'),
    syncRevisions: revisionsOf(sync),
    health: oneOf(HEALTH, health?.maybeText('status'), 'Unknown'),
    healthChangedAt: health?.maybeDate('lastTransitionTime'),
    operation: operationOf(status?.maybe('operationState')),
    reconciledAt: status?.maybeDate('reconciledAt'),
    conditions: (status?.list('conditions') ?? []).map((condition) => ({
      type: condition.maybeText('type') ?? '',
      message: condition.maybeText('message') ?? '',
    })),
  }
}

const SYNC = ['Synced', 'OutOfSync', 'Unknown'] as const
const HEALTH = ['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'] as const
const PHASES = ['Running', 'Terminating', 'Failed', 'Error', 'Succeeded'] as const

/** `sources` wins over `source` where both are written, as in Argo CD. */
function sourcesOf(spec: Answer | undefined): ArgoApplication['sources'] {
  const several = spec?.list('sources') ?? []
  const single = spec?.maybe('source')
  const sources = several.length > 0 ? several : single === undefined ? [] : [single]
  return sources.map((source) => ({
    repoUrl: source.maybeText('repoURL') ?? '',
    path: source.maybeText('path'),
    targetRevision: source.maybeText('targetRevision'),
  }))
}

/** `automated: {}` is on; Argo CD 3 can also write `automated: { enabled: false }`. */
function isAutomated(spec: Answer | undefined): boolean {
  const automated = spec?.maybe('syncPolicy')?.maybe('automated')
  return automated !== undefined && automated.raw['enabled'] !== false
}

/** `revisions` for several sources, `revision` for one; an empty string is none. */
function revisionsOf(holder: Answer | undefined): readonly string[] {
  const several = holder?.texts('revisions') ?? []
  if (several.length > 0) return several
  const single = holder?.maybeText('revision')
  return single === undefined || single === '' ? [] : [single]
}

function operationOf(state: Answer | undefined): ArgoApplication['operation'] {
  if (state === undefined) return undefined
  const done = revisionsOf(state.maybe('syncResult'))
  return {
    // A phase of a later Argo CD must not look finished.
    phase: oneOf(PHASES, state.maybeText('phase'), 'Running'),
    message: state.maybeText('message') ?? '',
    revisions: done.length > 0 ? done : revisionsOf(state.maybe('operation')?.maybe('sync')),
    finishedAt: state.maybeDate('finishedAt'),
  }
}

function oneOf<T extends string>(known: readonly T[], text: string | undefined, otherwise: T): T {
  return known.find((each) => each === text) ?? otherwise
}

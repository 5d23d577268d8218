/** From a raw Argo CD Application to the port's type. Field by field as Argo CD 3 writes them; what is missing on a new Application becomes "Unknown". */
import type { FailedResource, Hydration, ManagedResource, Operation } from '../../domain/argocd-application.ts'
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
    resourceVersion: metadata.maybeText('resourceVersion'),
    sources: sourcesOf(spec),
    automated: isAutomated(spec),
    syncPolicy: syncPolicyOf(spec),
    deletedAt: metadata.maybeDate('deletionTimestamp'),
    isFrozen: metadata.maybe('annotations')?.maybeText('argocd.argoproj.io/skip-reconcile') === 'true',
    hydration: spec?.has('sourceHydrator') === true ? hydrationOf(status?.maybe('sourceHydrator')) : undefined,
    syncStatus: oneOf(SYNC, sync?.maybeText('status'), 'Unknown'),
    syncRevisions: revisionsOf(sync),
    health: oneOf(HEALTH, health?.maybeText('status'), 'Unknown'),
    healthChangedAt: health?.maybeDate('lastTransitionTime'),
    operation: operationOf(status?.maybe('operationState')),
    deployed: (status?.list('history') ?? [])
      .slice(-10)
      .map((entry) => ({ revisions: revisionsOf(entry), at: entry.maybeDate('deployedAt') })),
    isSyncAsked: application.has('operation'),
    reconciledAt: status?.maybeDate('reconciledAt'),
    conditions: (status?.list('conditions') ?? []).map((condition) => ({
      type: condition.maybeText('type') ?? '',
      message: condition.maybeText('message') ?? '',
    })),
    unwell: unwellOf(status),
  }
}

const SYNC = ['Synced', 'OutOfSync', 'Unknown'] as const
const HEALTH = ['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'] as const
const PHASES = ['Running', 'Terminating', 'Failed', 'Error', 'Succeeded'] as const
const HYDRATION = ['Hydrating', 'Failed', 'Hydrated', undefined] as const

/** `sourceHydrator` wins over `sources`, and those over `source`, where several are written, as in Argo CD. */
function sourcesOf(spec: Answer | undefined): ArgoApplication['sources'] {
  const dry = spec?.maybe('sourceHydrator')?.maybe('drySource')
  const several = spec?.list('sources') ?? []
  const single = dry ?? spec?.maybe('source')
  const sources = dry === undefined && several.length > 0 ? several : single === undefined ? [] : [single]
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

/** What a sync that nobody pressed would be made with. */
function syncPolicyOf(spec: Answer | undefined): ArgoApplication['syncPolicy'] {
  const policy = spec?.maybe('syncPolicy')
  return {
    prune: policy?.maybe('automated')?.raw['prune'] === true,
    options: policy?.texts('syncOptions') ?? [],
    retry: policy?.maybe('retry')?.raw,
  }
}

function hydrationOf(status: Answer | undefined): Hydration {
  const current = status?.maybe('currentOperation')
  const last = status?.maybe('lastSuccessfulOperation')
  return {
    phase: oneOf(HYDRATION, current?.maybeText('phase'), undefined),
    message: current?.maybeText('message') ?? '',
    drySha: last?.maybeText('drySHA'),
    hydratedSha: last?.maybeText('hydratedSHA'),
  }
}

/** `revisions` for several sources, `revision` for one; an empty string is none. */
function revisionsOf(holder: Answer | undefined): readonly string[] {
  const several = holder?.texts('revisions') ?? []
  if (several.length > 0) return several
  const single = holder?.maybeText('revision')
  return single === undefined || single === '' ? [] : [single]
}

function operationOf(state: Answer | undefined): Operation | undefined {
  if (state === undefined) return undefined
  const result = state.maybe('syncResult')
  const asked = state.maybe('operation')
  const done = revisionsOf(result)
  return {
    // A phase of a later Argo CD must not look finished.
    phase: oneOf(PHASES, state.maybeText('phase'), 'Running'),
    message: state.maybeText('message') ?? '',
    revisions: done.length > 0 ? done : revisionsOf(asked?.maybe('sync')),
    finishedAt: state.maybeDate('finishedAt'),
    retries: state.maybeInteger('retryCount') ?? 0,
    retryLimit: asked?.maybe('retry')?.maybeInteger('limit'),
    isPartial: (asked?.maybe('sync')?.list('resources') ?? []).length > 0,
    failures: (result?.list('resources') ?? []).flatMap(failureIn),
  }
}

const FAILED_HOOK: ReadonlySet<string | undefined> = new Set(['Failed', 'Error'])

/** Every applied resource has a `hookPhase`; only hooks have a `hookType`. */
function failureIn(resource: Answer): readonly FailedResource[] {
  const hook = resource.maybeText('hookType')
  const isFailed = resource.maybeText('status') === 'SyncFailed' || FAILED_HOOK.has(resource.maybeText('hookPhase'))
  if (!isFailed) return []
  return [{ ...namedIn(resource), hook: hook === '' ? undefined : hook, message: resource.maybeText('message') ?? '' }]
}

/** An Application may have thousands of resources, and a sentence names three. */
const MOST = 20

function unwellOf(status: Answer | undefined): readonly ManagedResource[] {
  const unwell: ManagedResource[] = []
  for (const resource of status?.list('resources') ?? []) {
    const health = resource.maybe('health')
    const isSynced = resource.maybeText('status') === 'Synced'
    const state = oneOf([...HEALTH, undefined], health?.maybeText('status'), undefined)
    if (isSynced && (state === undefined || state === 'Healthy')) continue
    const requiresPruning = resource.raw['requiresPruning'] === true
    unwell.push({
      ...namedIn(resource),
      isSynced,
      requiresPruning,
      health: state,
      message: health?.maybeText('message') ?? '',
    })
    if (unwell.length === MOST) break
  }
  return unwell
}

const namedIn = (resource: Answer): { readonly kind: string; readonly name: string } => ({
  kind: resource.maybeText('kind') ?? 'resource',
  name: resource.maybeText('name') ?? '',
})

function oneOf<T extends string | undefined>(known: readonly T[], text: string | undefined, otherwise: T): T {
  return known.find((each) => each === text) ?? otherwise
}

/** An Application's object at each step of a refresh and a sync, with the fields and times of Argo CD 3. Written by argocd.ts. */
import type { ApplicationSpec } from './argocd.ts'
import type { Health } from './argocd-health.ts'
import { at, type Draft, isJsonObject, type JsonObject, type KubeObject, timestamp } from './kubernetes-objects.ts'

export type Facts = { readonly health: Health; readonly now: Date }

export type Comparison = {
  readonly spec: ApplicationSpec
  readonly status: 'Synced' | 'OutOfSync' | 'Unknown'
  readonly revision: string
  readonly objects?: readonly Draft[]
  readonly type?: string
  readonly error?: string
}

/** As declared, before the controller has seen it. */
export function applicationDraft(spec: ApplicationSpec, isAutomated: boolean): Draft {
  const automated = isAutomated ? { syncPolicy: { automated: { prune: true, selfHeal: true } } } : {}
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: spec.name, namespace: spec.namespace ?? 'argocd' },
    spec: { destination: destinationOf(spec), project: 'default', source: sourceOf(spec), ...automated },
  }
}

const sourceOf = (spec: ApplicationSpec): JsonObject => ({
  path: spec.path,
  repoURL: spec.repoUrl,
  targetRevision: spec.branch ?? 'main',
})

const destinationOf = (spec: ApplicationSpec): JsonObject => ({
  namespace: spec.destination,
  server: 'https://kubernetes.default.svc',
})

const REFRESH = 'argocd.argoproj.io/refresh'

/** After a comparison with git. `sync.revision` is what was compared with, also while OutOfSync. */
export function compared(application: KubeObject, comparison: Comparison, facts: Facts): Draft {
  const { spec, status, revision, objects = [], type = 'Directory' } = comparison
  const { [REFRESH]: _, ...annotations } = application.metadata.annotations ?? {}
  const conditions = conditionsOf(application, comparison, facts.now)
  const { conditions: __, ...before } = assessed(application, facts).status ?? {}
  return {
    ...application,
    metadata: { ...application.metadata, annotations },
    status: {
      ...before,
      controllerNamespace: 'argocd',
      ...(conditions.length === 0 ? {} : { conditions }),
      reconciledAt: timestamp(facts.now),
      resourceHealthSource: 'appTree',
      resources: objects.map((object) => resourceOf(object, status)),
      sourceHydrator: {},
      sourceType: type,
      summary: { images: ['kserve/sklearnserver:v0.20.0', 'kserve/storage-initializer:v0.20.0'] },
      sync: { comparedTo: { destination: destinationOf(spec), source: sourceOf(spec) }, revision, status },
    },
  }
}

function resourceOf(object: Draft, status: string): JsonObject {
  const [group, version = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion]
  const { name, namespace } = object.metadata
  return { ...(group === '' ? {} : { group: group ?? '' }), kind: object.kind, name, namespace, status, version }
}

function conditionsOf(
  application: KubeObject,
  { error, revision, status }: Comparison,
  now: Date,
): readonly JsonObject[] {
  const lastTransitionTime = timestamp(now)
  if (error !== undefined) return [{ lastTransitionTime, message: error, type: 'ComparisonError' }]
  const operation = at(application.status, 'operationState')
  const isFailed = at(operation, 'phase') === 'Failed' && at(operation, 'syncResult', 'revision') === revision
  if (status !== 'OutOfSync' || !isFailed) return []
  const message = `Failed last sync attempt to [${revision}]: ${String(at(operation, 'message'))}`
  return [{ lastTransitionTime, message, type: 'SyncError' }]
}

/** After a look at the live resources alone: neither `reconciledAt` nor `sync` moves. */
export function assessed(application: KubeObject, { health, now }: Facts): Draft {
  const unchanged = at(application.status, 'health', 'status') === health
  const since = unchanged ? at(application.status, 'health', 'lastTransitionTime') : undefined
  const lastTransitionTime = since ?? timestamp(now)
  return { ...application, status: { ...application.status, health: { lastTransitionTime, status: health } } }
}

type Start = { readonly revision: string; readonly message: string; readonly now: Date }

/** The controller has taken up `operation`. */
export function started(application: KubeObject, { revision, message, now }: Start): Draft {
  const { operation = {} } = application
  const source = at(application.spec, 'source') ?? {}
  const before = at(application.status, 'operationState')
  const isWaiting = at(before, 'phase') === 'Running' && at(before, 'syncResult', 'revision') === revision
  const startedAt = isWaiting ? String(at(before, 'startedAt')) : timestamp(now)
  const syncResult = { revision, source }
  const operationState = { message, operation, phase: 'Running', startedAt, syncResult }
  return { ...application, status: { ...application.status, operationState } }
}

/** Argo CD appends to the history before it says that the operation succeeded. */
export function historyAdded(application: KubeObject, { revision, now }: Omit<Start, 'message'>): Draft {
  const listed = at(application.status, 'history')
  const history = Array.isArray(listed) ? listed : []
  const operation = at(application.status, 'operationState')
  const last = history.at(-1)
  const entry = {
    deployStartedAt: at(operation, 'startedAt') ?? timestamp(now),
    deployedAt: timestamp(now),
    id: last === undefined ? 0 : Number(at(last, 'id')) + 1,
    initiatedBy: at(operation, 'operation', 'initiatedBy') ?? {},
    revision,
    source: at(application.spec, 'source') ?? {},
  }
  return { ...application, status: { ...application.status, history: [...history, entry].slice(-10) } }
}

type End = {
  readonly revision: string
  readonly failure: string | undefined
  readonly objects: readonly Draft[]
  readonly now: Date
}

/** The operation has ended, `failure` being what the API server said of the InferenceService; `sync` and `health` are still what the last comparison found. */
export function finished(application: KubeObject, { revision, failure, objects, now }: End): Draft {
  const before = at(application.status, 'operationState')
  const refused = failure === undefined ? undefined : objects.find(({ kind }) => kind === 'InferenceService')
  const resources = objects.map((object) => ({
    ...withoutStatus(resourceOf(object, '')),
    hookPhase: object === refused ? 'Failed' : 'Running',
    message:
      object === refused && failure !== undefined
        ? failure
        : `${object.kind.toLowerCase()}/${object.metadata.name} configured`,
    status: object === refused ? 'SyncFailed' : 'Synced',
    syncPhase: 'Sync',
  }))
  const operationState = {
    ...(isJsonObject(before) ? before : {}),
    finishedAt: timestamp(now),
    message:
      failure === undefined
        ? 'successfully synced (all tasks run)'
        : `one or more objects failed to apply, reason: ${failure}`,
    phase: failure === undefined ? 'Succeeded' : 'Failed',
    syncResult: { resources, revision, source: at(application.spec, 'source') ?? {} },
  }
  return { ...application, status: { ...application.status, operationState } }
}

function withoutStatus({ status: _, ...rest }: JsonObject): JsonObject {
  return rest
}

export function withoutOperation({ operation: _, ...rest }: Draft): Draft {
  return rest
}

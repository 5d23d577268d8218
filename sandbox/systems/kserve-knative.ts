/**
 * KServe's Knative mode in the Kubernetes stand-in: a revision per change of the model, and the share of the traffic by `canaryTrafficPercent`, with
 * the rules of KServe's `ksvc_reconciler.go` and `inference_service_status.go` (v0.20). Its trap is here, too: once the share is gone, the newest
 * revision that is ready has all of the traffic, be it the canary. Driven by kserve.ts. What it is not: no route of its own, no scaling to zero, no tags.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Behaviour, KserveOptions } from './kserve.ts'
import { at, INFERENCE_SERVICES, type Json, type JsonObject, REVISIONS, timestamp } from './kubernetes-objects.ts'

/** Who gets how much of the traffic. */
export type TrafficShare = { readonly uri: string; readonly percent: number }

type Revision = { readonly name: string; readonly uri: string; readonly broken?: string }

export type KnativeService = {
  readonly namespace: string
  readonly name: string
  readonly revisions: Revision[]
  /** `canaryTrafficPercent` as it is in the spec. */
  percent: number | undefined
  ready: string | undefined
  rolledOut: string | undefined
  previous: string | undefined
}

export const newKnativeService = (namespace: string, name: string): KnativeService => ({
  ...{ namespace, name, revisions: [], percent: undefined },
  ...{ ready: undefined, rolledOut: undefined, previous: undefined },
})

/** Takes a spec: its share at once, its model as a new revision where it is another one. */
export async function applyKnative(
  service: KnativeService,
  spec: { readonly uri: string; readonly percent: number | undefined },
  { options, behaviourOf }: { readonly options: KserveOptions; readonly behaviourOf: (uri: string) => Behaviour },
): Promise<void> {
  service.percent = spec.percent
  const latest = service.revisions.at(-1)
  if (latest?.uri === spec.uri) return show(service, options)
  const revision: Revision = {
    name: `${service.name}-predictor-${number(service.revisions.length + 1)}`,
    uri: spec.uri,
  }
  service.revisions.push(revision)
  show(service, options)
  await sleep(options.reactMs + options.loadMs)
  const { load, message } = behaviourOf(spec.uri)
  if (load === 'hangs') return
  const at = service.revisions.indexOf(revision)
  if (load === 'ok') {
    // A revision that is ready later than a newer one is not the latest.
    if (at === service.revisions.length - 1) service.ready = revision.name
  } else service.revisions[at] = { ...revision, broken: message ?? 'Container failed with: exit code 1' }
  show(service, options)
}

/** The share of each model, as a route divides it. */
export function trafficOf(service: KnativeService): readonly TrafficShare[] {
  return targetsOf(service).map(({ revision, percent }) => ({
    uri: service.revisions.find(({ name }) => name === revision)?.uri ?? '',
    percent,
  }))
}

type Target = { readonly revision: string; readonly percent: number; readonly isLatest: boolean }

function targetsOf({ ready, rolledOut, percent }: KnativeService): readonly Target[] {
  if (ready === undefined) return []
  if (percent === undefined || rolledOut === undefined) return [{ revision: ready, percent: 100, isLatest: true }]
  const latest = { revision: ready, percent, isLatest: true }
  return percent === 100 ? [latest] : [latest, { revision: rolledOut, percent: 100 - percent, isLatest: false }]
}

/** What has had all of the traffic; a share of the same revision as before means that it is to be left. */
function rememberRollout(service: KnativeService): void {
  const { ready, rolledOut, previous, revisions } = service
  const targets = targetsOf(service)
  const latest = targets.find(({ isLatest }) => isLatest)
  if (latest === undefined || ready === undefined) return
  if (rolledOut !== ready) {
    if (latest.percent < 100) return
    service.previous = rolledOut
    service.rolledOut = ready
    return
  }
  const own = targets.filter(({ revision }) => revision === ready).reduce((sum, { percent }) => sum + percent, 0)
  const isSame = ready === revisions.at(-1)?.name && latest.percent < 100 && own === 100
  if (isSame && previous !== undefined) service.rolledOut = previous
}

function show(service: KnativeService, { store, clock }: KserveOptions): void {
  rememberRollout(service)
  const { namespace, name, revisions, ready } = service
  for (const revision of revisions) store.put(REVISIONS, revisionObject(service, revision, clock.now()))
  const latest = revisions.at(-1)
  const isReady = latest !== undefined && latest.name === ready
  const status = isReady ? 'True' : latest?.broken === undefined ? 'Unknown' : 'False'
  const reason = isReady ? {} : latest?.broken === undefined ? {} : { reason: 'RevisionFailed', message: latest.broken }
  const types = ['IngressReady', 'LatestDeploymentReady', 'PredictorConfigurationReady', 'PredictorReady', 'Ready']
  const conditions = types.map((type): JsonObject => {
    const own = type === 'IngressReady' ? { status: ready === undefined ? 'Unknown' : 'True' } : { status, ...reason }
    return { lastTransitionTime: timestamp(clock.now()), ...own, type }
  })
  store.update({ resource: INFERENCE_SERVICES, namespace, name }, (object) => ({
    ...object,
    status: {
      components: { predictor: predictorStatus(service) },
      conditions: [...conditions, { lastTransitionTime: timestamp(clock.now()), status: 'False', type: 'Stopped' }],
      deploymentMode: 'Knative',
      modelStatus: modelStatus(isReady, latest?.broken),
      // Copied from the Knative Service: it is not the InferenceService's own.
      observedGeneration: revisions.length,
    },
  }))
}

function predictorStatus(service: KnativeService): JsonObject {
  const { revisions, ready, rolledOut, previous } = service
  const names: Readonly<Record<string, string | undefined>> = {
    latestCreatedRevision: revisions.at(-1)?.name,
    latestReadyRevision: ready,
    latestRolledoutRevision: rolledOut,
    previousRolledoutRevision: previous,
  }
  const known = Object.fromEntries(
    Object.entries(names).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  )
  const traffic = targetsOf(service).map(
    ({ revision, percent, isLatest }): JsonObject => ({
      latestRevision: isLatest,
      percent,
      revisionName: revision,
      ...(isLatest ? {} : { tag: 'prev' }),
    }),
  )
  return { ...known, traffic }
}

function modelStatus(isReady: boolean, broken: string | undefined): JsonObject {
  if (broken !== undefined) {
    const failure = { exitCode: 1, message: broken, reason: 'ModelLoadFailed' }
    const states = { activeModelState: 'Loaded', targetModelState: 'FailedToLoad' }
    return { lastFailureInfo: failure, states, transitionStatus: 'BlockedByFailedLoad' }
  }
  const states = { activeModelState: 'Loaded', targetModelState: isReady ? 'Loaded' : 'Loading' }
  return { copies: { failedCopies: 0, totalCopies: 1 }, states, transitionStatus: isReady ? 'UpToDate' : 'InProgress' }
}

function revisionObject({ namespace, ready, revisions }: KnativeService, revision: Revision, now: Date) {
  const { name, uri, broken } = revision
  const isOlder = revisions.indexOf(revision) < revisions.findIndex((one) => one.name === ready)
  const status = broken !== undefined ? 'False' : name === ready || isOlder ? 'True' : 'Unknown'
  const reason = broken === undefined ? {} : { reason: 'ExitCode1', message: broken }
  const conditions: readonly Json[] = [{ lastTransitionTime: timestamp(now), status, ...reason, type: 'Ready' }]
  const initializer = {
    name: 'storage-initializer',
    image: 'kserve/storage-initializer:v0.20.0',
    args: [uri, '/mnt/models'],
  }
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: { name, namespace, annotations: { 'internal.serving.kserve.io/storage-initializer-sourceuri': uri } },
    spec: {
      containers: [{ name: 'kserve-container', image: 'kserve/sklearnserver:v0.20.0' }],
      initContainers: [initializer],
    },
    status: { conditions },
  }
}

const number = (count: number): string => String(count).padStart(5, '0')

/** Whether the annotation asks for it; both of its names are in use. */
export const isKnative = (annotations: Json | undefined): boolean =>
  ['Knative', 'Serverless'].includes(String(at(annotations, 'serving.kserve.io/deploymentMode')))

/** Flux's source-controller and kustomize-controller in the Kubernetes stand-in: one GitRepository, and Kustomizations that apply plain files of it. KServe's half is kserve.ts; what it leaves out: README.md. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import { inferenceHealth } from './argocd-health.ts'
import { type ConfigSource, loadManifests } from './argocd-manifests.ts'
import type { Kserve } from './kserve.ts'
import {
  type Draft,
  GIT_REPOSITORIES,
  INFERENCE_SERVICES,
  type JsonObject,
  KUSTOMIZATIONS,
  type KubeObject,
  timestamp,
} from './kubernetes-objects.ts'
import type { KubernetesStore, ObjectKey } from './kubernetes-store.ts'

export type KustomizationSpec = {
  readonly name: string
  readonly path: string
  readonly targetNamespace: string
  /** It is ready only when what it applied is healthy. */
  readonly wait?: boolean
}

export type FluxOptions = {
  readonly store: KubernetesStore
  readonly clock: SandboxClock
  readonly kserve: Kserve
  readonly source: ConfigSource
  /** `owner/name` of the config repository, and how the GitRepository names it. */
  readonly repository: string
  readonly url: string
  readonly kustomizations: readonly KustomizationSpec[]
}

export type Flux = {
  /** Looks at Git now: what a webhook receiver or the interval does. */
  fetch(): void
  /** `flux suspend` and `flux resume`, by hand. */
  suspend(kustomization: string, isSuspended: boolean): void
  /** When nothing is under way. */
  settled(): Promise<void>
  close(): void
}

const NAMESPACE = 'flux-system'
const SOURCE = 'config'
const REQUEST = 'reconcile.fluxcd.io/requestedAt'
/** Of the health checks. */
const TIMEOUT_MS = 300_000

type Controller = {
  readonly options: FluxOptions
  readonly running: Set<Promise<void>>
  /** One after the other, as each controller reconciles an object. */
  readonly queues: Map<string, Promise<void>>
  isClosed: boolean
}

const sourceKey: ObjectKey = { resource: GIT_REPOSITORIES, namespace: NAMESPACE, name: SOURCE }
const keyOf = (name: string): ObjectKey => ({ resource: KUSTOMIZATIONS, namespace: NAMESPACE, name })

/** Creates the objects and brings each to the head of the branch. */
export function startFlux(options: FluxOptions): Flux {
  const { store, url, kustomizations } = options
  const controller: Controller = { options, running: new Set(), queues: new Map(), isClosed: false }
  store.put(GIT_REPOSITORIES, {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: SOURCE, namespace: NAMESPACE },
    spec: { interval: '1m0s', ref: { branch: 'main' }, url },
  })
  for (const { name, path, targetNamespace, wait = false } of kustomizations) {
    store.put(KUSTOMIZATIONS, {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        interval: '10m0s',
        path: `./${path}`,
        prune: true,
        sourceRef: { kind: 'GitRepository', name: SOURCE },
        targetNamespace,
        timeout: '5m0s',
        wait,
      },
    })
  }
  const fetch = () => enqueue(controller, SOURCE, () => reconcileSource(controller))
  const unsubscribe = store.subscribe(({ type, resource, object }) => {
    if (type !== 'MODIFIED' || !isUnhandled(object)) return
    if (resource === GIT_REPOSITORIES) fetch()
    if (resource === KUSTOMIZATIONS) wake(controller, object.metadata.name)
  })
  fetch()
  return {
    fetch,
    suspend: (name, isSuspended) => {
      store.update(keyOf(name), (object) => ({ ...object, spec: { ...object.spec, suspend: isSuspended } }))
      if (!isSuspended) wake(controller, name)
    },
    settled: async () => {
      while (controller.running.size > 0) await Promise.all(controller.running)
    },
    close: () => {
      controller.isClosed = true
      unsubscribe()
    },
  }
}

const isUnhandled = ({ metadata, status }: KubeObject): boolean =>
  metadata.annotations?.[REQUEST] !== undefined && metadata.annotations[REQUEST] !== status?.['lastHandledReconcileAt']

function enqueue(controller: Controller, name: string, work: () => Promise<void>): void {
  const { running, queues } = controller
  const turn = (queues.get(name) ?? Promise.resolve()).then(() => (controller.isClosed ? undefined : work()))
  queues.set(name, turn)
  running.add(turn)
  void turn.finally(() => running.delete(turn))
}

const wake = (controller: Controller, name: string): void =>
  enqueue(controller, name, () => reconcileKustomization(controller, name))

function setStatus(
  { options, isClosed }: Controller,
  key: ObjectKey,
  change: (object: KubeObject) => JsonObject,
): void {
  if (isClosed) return
  options.store.update(key, (object): Draft => {
    const handled = object.metadata.annotations?.[REQUEST]
    const status = { ...object.status, ...change(object), ...(handled && { lastHandledReconcileAt: handled }) }
    return { ...object, status }
  })
}

const condition = (
  type: string,
  status: string,
  { reason, message, now }: { reason: string; message: string; now: Date },
) => ({
  lastTransitionTime: timestamp(now),
  message,
  observedGeneration: 1,
  reason,
  status,
  type,
})

/** Fetches the head; a new revision wakes every Kustomization. */
async function reconcileSource(controller: Controller): Promise<void> {
  const { store, clock, source, repository, kustomizations } = controller.options
  await sleep(2)
  const head = await source.headOf(repository, 'main')
  const before = store.get(GIT_REPOSITORIES, NAMESPACE, SOURCE)
  if (head === undefined || before === undefined) return
  const revision = `main@sha1:${head}`
  const now = clock.now()
  const message = `stored artifact for revision '${revision}'`
  setStatus(controller, sourceKey, ({ metadata }) => ({
    artifact: { digest: `sha256:${head.padEnd(64, '0')}`, lastUpdateTime: timestamp(now), path: '', revision, url: '' },
    conditions: [condition('Ready', 'True', { reason: 'Succeeded', message, now })],
    observedGeneration: metadata.generation,
  }))
  for (const { name } of kustomizations) wake(controller, name)
}

async function reconcileKustomization(controller: Controller, name: string): Promise<void> {
  const { store, clock, kserve, source, repository, kustomizations } = controller.options
  const spec = kustomizations.find((each) => each.name === name)
  const object = store.get(KUSTOMIZATIONS, NAMESPACE, name)
  const artifact = store.get(GIT_REPOSITORIES, NAMESPACE, SOURCE)?.status?.['artifact'] as JsonObject | undefined
  if (spec === undefined || object === undefined || object.spec?.['suspend'] === true || artifact === undefined) return
  const revision = String(artifact['revision'])
  const step = (message: string) =>
    setStatus(controller, keyOf(name), () => ({
      conditions: [
        condition('Reconciling', 'True', { reason: 'Progressing', message, now: clock.now() }),
        condition('Ready', 'Unknown', {
          reason: 'Progressing',
          message: 'Reconciliation in progress',
          now: clock.now(),
        }),
      ],
    }))
  step(`Fetching manifests for revision ${revision} with a timeout of 5m0s`)
  await sleep(2)
  const manifests = await loadManifests(source, {
    name,
    repository,
    repoUrl: '',
    path: spec.path,
    destination: spec.targetNamespace,
  })
  setStatus(controller, keyOf(name), () => ({ lastAttemptedRevision: revision }))
  if ('error' in manifests) return failed(controller, name, { reason: 'BuildFailed', message: manifests.error })
  for (const manifest of manifests.objects) if (manifest.kind === 'InferenceService') kserve.apply(manifest)
  step(`Running health checks for revision ${revision} with a timeout of 5m0s`)
  const unwell = spec.wait === true ? await unhealthy(controller, spec.targetNamespace, manifests.objects) : undefined
  if (unwell !== undefined) return failed(controller, name, { reason: 'HealthCheckFailed', message: unwell })
  const message = `Applied revision: ${revision}`
  setStatus(controller, keyOf(name), ({ metadata }) => ({
    conditions: [condition('Ready', 'True', { reason: 'ReconciliationSucceeded', message, now: clock.now() })],
    lastAppliedRevision: revision,
    observedGeneration: metadata.generation,
  }))
}

function failed(controller: Controller, name: string, { reason, message }: { reason: string; message: string }): void {
  const now = controller.options.clock.now()
  setStatus(controller, keyOf(name), () => ({
    conditions: [
      condition('Reconciling', 'True', { reason: 'ProgressingWithRetry', message: 'Health checks', now }),
      condition('Ready', 'False', { reason, message, now }),
      ...(reason === 'HealthCheckFailed' ? [condition('Healthy', 'False', { reason, message, now })] : []),
    ],
  }))
}

/** Waits until all are healthy; what is not, once one has failed or the timeout is over. */
async function unhealthy(
  controller: Controller,
  namespace: string,
  objects: readonly Draft[],
): Promise<string | undefined> {
  const { store, clock } = controller.options
  const until = clock.now().getTime() + TIMEOUT_MS
  const named = objects.filter(({ kind }) => kind === 'InferenceService').map(({ metadata }) => metadata.name)
  while (!controller.isClosed) {
    await sleep(20)
    const found = named.map((name) => ({ name, service: store.get(INFERENCE_SERVICES, namespace, name) }))
    const ill = found.filter(({ service }) => service === undefined || inferenceHealth(service) !== 'Healthy')
    const isOver = clock.now().getTime() >= until
    const worst = ill.find(({ service }) => service !== undefined && inferenceHealth(service) === 'Degraded')
    if (ill.length === 0) return undefined
    if (worst === undefined && !isOver) continue
    const list = (worst === undefined ? ill : [worst]).map(({ name }) => `InferenceService/${namespace}/${name}`)
    const state = worst === undefined ? 'InProgress' : 'Failed'
    return `health check failed after 5s: ${isOver ? 'timeout waiting for' : 'failed early due to stalled resources'}: [${list.map((each) => `${each} status: '${state}'`).join(', ')}]`
  }
  return undefined
}

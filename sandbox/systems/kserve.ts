/** KServe's controller in the Kubernetes stand-in (Standard deployment mode): InferenceService and Deployment go through the states that the real controllers show, with their traps. Driven by argocd.ts. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import { type DeploymentPhase, deploymentDraft } from './kserve-deployment.ts'
import { type ModelPhase, serviceStatus } from './kserve-status.ts'
import {
  at,
  DEPLOYMENTS,
  type Draft,
  INFERENCE_SERVICES,
  isJsonObject,
  type Json,
  type JsonObject,
} from './kubernetes-objects.ts'
import type { KubernetesStore } from './kubernetes-store.ts'

/** `fails`: the download of the model fails; `crash-loops`: the server starts and dies; `hangs`: the download never ends. */
export type Load = 'ok' | 'fails' | 'crash-loops' | 'hangs'

/** How models behave whose storage URI matches. The newest behaviour that matches wins. */
export type Behaviour = { readonly storageUri: string | RegExp; readonly load: Load; readonly message?: string }

export type Kserve = {
  behaviour(behaviour: Behaviour): void
  /** Applies a manifest as the API server and the webhook would; the rollout goes on by itself. */
  apply(manifest: Draft): void
  remove(namespace: string, name: string): void
  /** The URI that the pods which answer requests have loaded; absent when none answers. */
  liveUri(namespace: string, name: string): string | undefined
  /** When no rollout step is under way (a failed or hanging rollout counts as settled). */
  settled(): Promise<void>
  close(): void
}

export type KserveOptions = {
  readonly store: KubernetesStore
  readonly clock: SandboxClock
  /** Real milliseconds until a changed service is shown as loading. At 0 nobody sees the new URI with the old status. */
  readonly reactMs: number
  /** Real milliseconds that loading takes. */
  readonly loadMs: number
}

/** `progressDeadlineSeconds` of a Deployment, by Kubernetes' default. */
const PROGRESS_DEADLINE_MS = 600_000

type Rollout = { readonly number: number; readonly uri: string; readonly startedAt: Date; readonly stuck: boolean }

type Service = { served: string | undefined; rollout: Rollout | undefined; rollouts: number }

export function startKserve(options: KserveOptions): Kserve {
  const { store, clock, reactMs, loadMs } = options
  const behaviours: Behaviour[] = []
  const services = new Map<string, Service>()
  const running = new Set<Promise<void>>()
  let closed = false
  const stateOf = (key: string) => {
    const known = services.get(key) ?? { served: undefined, rollout: undefined, rollouts: 0 }
    services.set(key, known)
    return known
  }
  const loadOf = (uri: string): Behaviour =>
    behaviours.findLast(({ storageUri }) =>
      typeof storageUri === 'string' ? uri === storageUri : storageUri.test(uri),
    ) ?? {
      storageUri: uri,
      load: 'ok',
    }
  const show = (target: Target, deployment: DeploymentPhase, model: ModelPhase) => {
    const service = stateOf(target.key)
    showDeployment(store, target, { phase: deployment, hadPods: service.served !== undefined, now: clock.now() })
    showService(store, target, { model, hadPods: service.served !== undefined, now: clock.now() })
  }

  const roll = async (target: Target, number: number) => {
    const service = stateOf(target.key)
    const current = () => !closed && service.rollout?.number === number
    showDeployment(store, target, { phase: 'unobserved', hadPods: service.served !== undefined, now: clock.now() })
    if (reactMs > 0) await sleep(reactMs)
    if (!current()) return
    show(target, 'progressing', { kind: 'loading' })
    await sleep(loadMs)
    if (!current()) return
    const { load, message } = loadOf(target.uri)
    if (load === 'ok') {
      service.rollout = undefined
      service.served = target.uri
      show(target, 'complete', { kind: 'loaded' })
      return
    }
    service.rollout = { number, uri: target.uri, startedAt: clock.now(), stuck: true }
    if (load !== 'hangs')
      show(target, 'progressing', failurePhase(load, { message, hadPods: service.served !== undefined }))
    overdue()
  }

  /** Kubernetes gives up on a rollout after its progress deadline; only then does Ready become False. */
  const overdue = () => {
    for (const [key, service] of services) {
      const { rollout } = service
      if (rollout?.stuck !== true || clock.now().getTime() - rollout.startedAt.getTime() < PROGRESS_DEADLINE_MS)
        continue
      service.rollout = { ...rollout, stuck: false }
      const [namespace = '', name = ''] = key.split('/')
      const { load, message } = loadOf(rollout.uri)
      const model: ModelPhase =
        load === 'hangs' ? { kind: 'loading', late: true } : { ...failed(load, message), late: true }
      show({ key, namespace, name, uri: rollout.uri, number: rollout.number }, 'overdue', model)
    }
  }
  const stopListening = clock.onMove(overdue)

  const track = (work: Promise<void>) => {
    running.add(work)
    void work.finally(() => running.delete(work))
  }

  return {
    behaviour: (behaviour) => {
      behaviours.push(behaviour)
    },
    apply: (manifest) => {
      const { namespace, name } = manifest.metadata
      const key = `${namespace}/${name}`
      const before = store.get(INFERENCE_SERVICES, namespace, name)
      const spec = defaulted(manifest.spec)
      const status = before?.status === undefined ? {} : { status: before.status }
      store.put(INFERENCE_SERVICES, { ...manifest, spec, ...status })
      const uri = storageUriOf(spec)
      const service = stateOf(key)
      const wanted = service.rollout?.uri ?? service.served
      if (uri === undefined || uri === wanted) return
      service.rollouts += 1
      service.rollout = { number: service.rollouts, uri, startedAt: clock.now(), stuck: false }
      track(roll({ key, namespace, name, uri, number: service.rollouts }, service.rollouts))
    },
    remove: (namespace, name) => {
      services.delete(`${namespace}/${name}`)
      store.remove({ resource: INFERENCE_SERVICES, namespace, name })
      store.remove({ resource: DEPLOYMENTS, namespace, name: `${name}-predictor` })
    },
    liveUri: (namespace, name) => services.get(`${namespace}/${name}`)?.served,
    settled: async () => {
      while (running.size > 0) await Promise.all(running)
    },
    close: () => {
      closed = true
      stopListening()
    },
  }
}

type Target = {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uri: string
  readonly number: number
}

type Failure = { readonly message: string | undefined; readonly hadPods: boolean }

/** While old pods answer, KServe calls a service whose new server crash-loops loaded: it looks at Ready first. */
function failurePhase(load: Load, { message, hadPods }: Failure): ModelPhase {
  return load === 'crash-loops' && hadPods ? { kind: 'loaded' } : failed(load, message)
}

function failed(load: Load, message: string | undefined) {
  const said = {
    ok: '',
    hangs: '',
    fails: 'RuntimeError: Failed to fetch model. No model found in the storage location.',
    'crash-loops': 'Traceback (most recent call last): ValueError: incompatible dtype in the pickled model',
  }[load]
  return { kind: 'failed' as const, message: message ?? said }
}

type DeploymentView = { readonly phase: DeploymentPhase; readonly hadPods: boolean; readonly now: Date }

function showDeployment(store: KubernetesStore, target: Target, view: DeploymentView): void {
  const { namespace, name, uri } = target
  const hash = createHash('sha256').update(uri).digest('hex').slice(0, 10)
  const owner = store.get(INFERENCE_SERVICES, namespace, name)
  if (owner === undefined) return
  const before = store.get(DEPLOYMENTS, namespace, `${name}-predictor`)
  const replicas = Number(at(owner.spec, 'predictor', 'minReplicas') ?? 1)
  store.put(DEPLOYMENTS, deploymentDraft({ ...view, namespace, name, uri, hash, replicas, before }))
}

type ServiceView = { readonly model: ModelPhase; readonly hadPods: boolean; readonly now: Date }

function showService(store: KubernetesStore, { namespace, name }: Target, view: ServiceView): void {
  const deployment = store.get(DEPLOYMENTS, namespace, `${name}-predictor`)
  const observed = Number(at(deployment?.status, 'observedGeneration') ?? 0)
  store.update({ resource: INFERENCE_SERVICES, namespace, name }, (service) => ({
    ...service,
    status: serviceStatus({ ...view, namespace, name, observedGeneration: observed, before: service.status }),
  }))
}

const FRAMEWORKS = [
  'sklearn',
  'xgboost',
  'tensorflow',
  'pytorch',
  'triton',
  'onnx',
  'huggingface',
  'pmml',
  'lightgbm',
  'paddle',
]

/** KServe's webhook rewrites the older shape (`sklearn: …`) to `model: { modelFormat, … }`; the manifest in git keeps it. */
function defaulted(spec: JsonObject | undefined): JsonObject {
  const predictor = at(spec, 'predictor')
  if (!isJsonObject(predictor)) return spec ?? {}
  const framework = FRAMEWORKS.find((name) => isJsonObject(predictor[name]))
  if (framework === undefined) return spec ?? {}
  const { [framework]: block, ...others } = predictor
  const model = { modelFormat: { name: framework }, ...(isJsonObject(block) ? block : {}) }
  return { ...spec, predictor: { ...others, model } }
}

/** The storage URI of a spec in either shape; absent when there is none. */
export function storageUriOf(spec: JsonObject | undefined): string | undefined {
  const uri: Json | undefined = at(defaulted(spec), 'predictor', 'model', 'storageUri')
  return typeof uri === 'string' ? uri : undefined
}

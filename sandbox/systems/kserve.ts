/** KServe's controller in the Kubernetes stand-in (Standard deployment mode; its canaries are kserve-canary.ts, Knative is kserve-knative.ts): InferenceService and Deployment go through the states that the real controllers show, with their traps. Driven by argocd.ts. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import {
  type CanaryPredictor,
  canariesOf,
  rollCanary,
  sharesOfCanaries,
  showCanaries,
  withCanaries,
} from './kserve-canary.ts'
import { type DeploymentPhase, deploymentDraft } from './kserve-deployment.ts'
import {
  applyKnative,
  isKnative,
  type KnativeService,
  newKnativeService,
  type TrafficShare,
  trafficOf,
} from './kserve-knative.ts'
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
  /** Which models share the traffic, where several do. */
  traffic(namespace: string, name: string): readonly TrafficShare[]
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

type Controller = {
  readonly options: KserveOptions
  readonly behaviours: Behaviour[]
  readonly services: Map<string, Service>
  readonly knative: Map<string, KnativeService>
  /** Of services in Standard mode. */
  readonly canaries: Map<string, readonly CanaryPredictor[]>
  readonly running: Set<Promise<void>>
  isClosed: boolean
}

export function startKserve(options: KserveOptions): Kserve {
  const controller: Controller = {
    options,
    behaviours: [],
    services: new Map(),
    knative: new Map(),
    canaries: new Map(),
    running: new Set(),
    isClosed: false,
  }
  const { store, clock } = options
  const { services, running } = controller
  const stopListening = clock.onMove(() => giveUpOverdue(controller))
  return {
    behaviour: (behaviour) => {
      controller.behaviours.push(behaviour)
    },
    apply: (manifest) => apply(controller, manifest),
    remove: (namespace, name) => {
      services.delete(`${namespace}/${name}`)
      controller.knative.delete(`${namespace}/${name}`)
      controller.canaries.delete(`${namespace}/${name}`)
      store.remove({ resource: INFERENCE_SERVICES, namespace, name })
      store.remove({ resource: DEPLOYMENTS, namespace, name: `${name}-predictor` })
    },
    liveUri: (namespace, name) => {
      const shares = sharesOf(controller, `${namespace}/${name}`).toSorted((a, b) => b.percent - a.percent)
      return shares[0]?.uri ?? services.get(`${namespace}/${name}`)?.served
    },
    traffic: (namespace, name) => sharesOf(controller, `${namespace}/${name}`),
    settled: async () => {
      while (running.size > 0) await Promise.all(running)
    },
    close: () => {
      controller.isClosed = true
      stopListening()
    },
  }
}

function sharesOf({ knative, canaries, services }: Controller, key: string): readonly TrafficShare[] {
  const service = knative.get(key)
  if (service !== undefined) return trafficOf(service)
  const others = canaries.get(key) ?? []
  return others.length === 0 ? [] : sharesOfCanaries(others, services.get(key)?.served)
}

function apply(controller: Controller, manifest: Draft): void {
  const { options, services, running } = controller
  const { namespace, name } = manifest.metadata
  const key = `${namespace}/${name}`
  const before = options.store.get(INFERENCE_SERVICES, namespace, name)
  const spec = defaulted(manifest.spec)
  const status = before?.status === undefined ? {} : { status: before.status }
  options.store.put(INFERENCE_SERVICES, { ...manifest, spec, ...status })
  const uri = storageUriOf(spec)
  if (uri !== undefined && isKnative(at(manifest.metadata, 'annotations'))) {
    const service = controller.knative.get(key) ?? newKnativeService(namespace, name)
    controller.knative.set(key, service)
    const percent = at(spec, 'predictor', 'canaryTrafficPercent')
    const asked = { uri, percent: typeof percent === 'number' ? percent : undefined }
    const work = applyKnative(service, asked, {
      options,
      behaviourOf: (one) => behaviourOf(controller, one),
    }).finally(() => running.delete(work))
    running.add(work)
    return
  }
  applyCanaries(controller, { key, namespace, name }, spec)
  const service = services.get(key) ?? { served: undefined, rollout: undefined, rollouts: 0 }
  services.set(key, service)
  if (uri === undefined || uri === (service.rollout?.uri ?? service.served)) return
  service.rollouts += 1
  const number = service.rollouts
  service.rollout = { number, uri, startedAt: options.clock.now(), stuck: false }
  const work = roll(controller, service, { key, namespace, name, uri, number }).finally(() => running.delete(work))
  running.add(work)
}

/** Its shares at once, its models by rolling updates of their own. */
function applyCanaries(
  controller: Controller,
  { key, namespace, name }: Pick<Target, 'key' | 'namespace' | 'name'>,
  spec: JsonObject,
): void {
  const { options, canaries, running } = controller
  const before = canaries.get(key) ?? []
  const after = canariesOf(spec, before)
  if (before.length === 0 && after.length === 0) return
  canaries.set(key, after)
  const show = () => showCanaries({ namespace, name }, canaries.get(key) ?? [], options)
  show()
  const surroundings = { options, behaviourOf: (uri: string) => behaviourOf(controller, uri) }
  for (const canary of after) {
    const known = before.find((one) => one.name === canary.name)
    if (known?.uri === canary.uri && known.replicas === canary.replicas) continue
    const work = rollCanary({ namespace, name }, canary, surroundings, show).finally(() => running.delete(work))
    running.add(work)
  }
}

/** One rolling update, to its end or to where it hangs. A newer one takes over silently. */
async function roll(controller: Controller, service: Service, target: Target): Promise<void> {
  const { store, clock, reactMs, loadMs } = controller.options
  const isCurrent = () => !controller.isClosed && service.rollout?.number === target.number
  const view = { phase: 'unobserved' as const, hadPods: service.served !== undefined, now: clock.now() }
  showDeployment(store, target, view)
  if (reactMs > 0) await sleep(reactMs)
  if (!isCurrent()) return
  show(controller, target, { deployment: 'progressing', model: { kind: 'loading' } })
  await sleep(loadMs)
  if (!isCurrent()) return
  const { load, message } = behaviourOf(controller, target.uri)
  if (load === 'ok') {
    service.rollout = undefined
    service.served = target.uri
    show(controller, target, { deployment: 'complete', model: { kind: 'loaded' } })
    return
  }
  service.rollout = { number: target.number, uri: target.uri, startedAt: clock.now(), stuck: true }
  if (load === 'hangs') return
  const model = failurePhase(load, { message, hadPods: service.served !== undefined })
  show(controller, target, { deployment: 'progressing', model })
}

function behaviourOf({ behaviours }: Controller, uri: string): Behaviour {
  const matches = ({ storageUri }: Behaviour) =>
    typeof storageUri === 'string' ? uri === storageUri : storageUri.test(uri)
  return behaviours.findLast(matches) ?? { storageUri: uri, load: 'ok' }
}

/** Kubernetes gives up on a rollout after its progress deadline; only then does Ready become False. */
function giveUpOverdue(controller: Controller): void {
  const now = controller.options.clock.now().getTime()
  for (const [key, service] of controller.services) {
    const { rollout } = service
    if (rollout?.stuck !== true || now - rollout.startedAt.getTime() < PROGRESS_DEADLINE_MS) continue
    service.rollout = { ...rollout, stuck: false }
    const [namespace = '', name = ''] = key.split('/')
    const { load, message } = behaviourOf(controller, rollout.uri)
    const model: ModelPhase =
      load === 'hangs' ? { kind: 'loading', late: true } : { ...failed(load, message), late: true }
    const target = { key, namespace, name, uri: rollout.uri, number: rollout.number }
    show(controller, target, { deployment: 'overdue', model })
  }
}

type Shown = { readonly deployment: DeploymentPhase; readonly model: ModelPhase }

function show({ options, services, canaries }: Controller, target: Target, { deployment, model }: Shown): void {
  const view = { hadPods: services.get(target.key)?.served !== undefined, now: options.clock.now() }
  showDeployment(options.store, target, { ...view, phase: deployment })
  showService(options.store, target, { ...view, model, canaries: canaries.get(target.key) ?? [] })
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

type ServiceView = {
  readonly model: ModelPhase
  readonly canaries: readonly CanaryPredictor[]
  readonly hadPods: boolean
  readonly now: Date
}

function showService(store: KubernetesStore, { namespace, name }: Target, view: ServiceView): void {
  const deployment = store.get(DEPLOYMENTS, namespace, `${name}-predictor`)
  const observed = Number(at(deployment?.status, 'observedGeneration') ?? 0)
  store.update({ resource: INFERENCE_SERVICES, namespace, name }, (service) => ({
    ...service,
    status: withCanaries(
      serviceStatus({ ...view, namespace, name, observedGeneration: observed, before: service.status }),
      view.canaries,
      view.now,
    ),
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
function storageUriOf(spec: JsonObject | undefined): string | undefined {
  const uri: Json | undefined = at(defaulted(spec), 'predictor', 'model', 'storageUri')
  return typeof uri === 'string' ? uri : undefined
}

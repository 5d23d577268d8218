/** Controllers of Deployments, StatefulSets, Argo Rollouts and LLMInferenceServices in the Kubernetes stand-in: each goes through the states that the real one shows, with its traps (workload-status.ts). Driven by argocd.ts. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import {
  at,
  DEPLOYMENTS,
  type Draft,
  type JsonObject,
  LLM_SERVICES,
  type Resource,
  ROLLOUTS,
  STATEFUL_SETS,
} from './kubernetes-objects.ts'
import type { KubernetesStore } from './kubernetes-store.ts'
import { llmStatus, type Phase, STATUS, type StatusFacts } from './workload-status.ts'

/** `crashes`: new pods never answer; `aborts`: the analysis of a Rollout fails. */
export type PodBehaviour = {
  /** Whose pods behave so, by the text of the spec. */
  readonly when: (spec: string) => boolean
  readonly pods: 'ok' | 'crashes' | 'aborts'
  readonly message?: string
}

export type Workloads = {
  /** The newest behaviour that matches wins. */
  behaviour(behaviour: PodBehaviour): void
  /** Whether it is of a kind that is controlled here. */
  knows(kind: string): boolean
  /** Applies a manifest as the API server would; the rollout goes on by itself. */
  apply(manifest: Draft): void
  remove(kind: string, namespace: string, name: string): void
  settled(): Promise<void>
  close(): void
}

export type WorkloadsOptions = {
  readonly store: KubernetesStore
  readonly clock: SandboxClock
  /** Real milliseconds until new pods answer. */
  readonly loadMs: number
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  Rollout: ROLLOUTS,
  LLMInferenceService: LLM_SERVICES,
}

/** `progressDeadlineSeconds`, by Kubernetes' default. A StatefulSet has none. */
const DEADLINE_MS = 600_000

type Rolling = {
  readonly draft: Draft
  readonly resource: Resource
  readonly hash: string
  readonly stable: string | undefined
  readonly startedAt: Date
  isStuck: boolean
}

type Controller = {
  readonly options: WorkloadsOptions
  readonly behaviours: PodBehaviour[]
  /** Hashes of what serves. */
  readonly stable: Map<string, string>
  readonly rolling: Map<string, Rolling>
  readonly running: Set<Promise<void>>
  isClosed: boolean
}

export function startWorkloads(options: WorkloadsOptions): Workloads {
  const controller: Controller = {
    options,
    behaviours: [],
    stable: new Map(),
    rolling: new Map(),
    running: new Set(),
    isClosed: false,
  }
  const stopListening = options.clock.onMove(() => giveUpOverdue(controller))
  return {
    behaviour: (behaviour) => void controller.behaviours.push(behaviour),
    knows: (kind) => kind in RESOURCES,
    apply: (manifest) => apply(controller, manifest),
    remove: (kind, namespace, name) => {
      const resource = RESOURCES[kind]
      if (resource !== undefined) options.store.remove({ resource, namespace, name })
    },
    settled: async () => {
      while (controller.running.size > 0) await Promise.all(controller.running)
    },
    close: () => {
      controller.isClosed = true
      stopListening()
    },
  }
}

const keyOf = ({ kind, metadata }: Draft) => `${kind}/${metadata.namespace}/${metadata.name}`

function apply(controller: Controller, draft: Draft): void {
  const { store, clock } = controller.options
  const resource = RESOURCES[draft.kind]
  if (resource === undefined) throw new Error(`no controller of ${draft.kind}`)
  const { namespace, name } = draft.metadata
  const before = store.get(resource, namespace, name)
  store.put(resource, { ...draft, ...(before?.status === undefined ? {} : { status: before.status }) })
  const key = keyOf(draft)
  const pods = JSON.stringify(at(draft.spec, 'template') ?? draft.spec ?? {})
  const hash = createHash('sha256').update(pods).digest('hex').slice(0, 10)
  if (hash === (controller.rolling.get(key)?.hash ?? controller.stable.get(key))) return
  const stable = controller.stable.get(key)
  const rolling = { draft, resource, hash, stable, startedAt: clock.now(), isStuck: false }
  controller.rolling.set(key, rolling)
  const work = roll(controller, rolling).finally(() => controller.running.delete(work))
  controller.running.add(work)
}

/** One rolling update, to its end or to where it hangs. A newer one takes over silently. */
async function roll(controller: Controller, rolling: Rolling): Promise<void> {
  const key = keyOf(rolling.draft)
  const isCurrent = () => !controller.isClosed && controller.rolling.get(key) === rolling
  show(controller, rolling, 'progressing')
  await sleep(controller.options.loadMs)
  if (!isCurrent()) return
  const { pods } = behaviourOf(controller, rolling)
  if (pods === 'crashes') {
    rolling.isStuck = true
    return
  }
  if (pods === 'aborts') {
    show(controller, rolling, 'aborted')
    return
  }
  // An old template that serves all the time has nothing to wait for.
  controller.rolling.delete(key)
  controller.stable.set(key, rolling.hash)
  show(controller, rolling, 'complete')
}

function behaviourOf({ behaviours }: Controller, { draft }: Rolling): PodBehaviour {
  const spec = JSON.stringify(draft.spec ?? {})
  return behaviours.findLast(({ when }) => when(spec)) ?? { when: () => true, pods: 'ok' }
}

function giveUpOverdue(controller: Controller): void {
  const now = controller.options.clock.now().getTime()
  for (const rolling of controller.rolling.values()) {
    if (!rolling.isStuck || now - rolling.startedAt.getTime() < DEADLINE_MS) continue
    if (rolling.draft.kind === 'StatefulSet') continue
    rolling.isStuck = false
    show(controller, rolling, 'overdue')
  }
}

function show(controller: Controller, rolling: Rolling, phase: Phase): void {
  const { store, clock } = controller.options
  const { draft, resource, hash, stable } = rolling
  const { namespace, name } = draft.metadata
  const object = store.get(resource, namespace, name)
  if (object === undefined) return
  const { message = 'metric "errors" assessed Failed' } = behaviourOf(controller, rolling)
  const replicas = Number(at(draft.spec, 'replicas') ?? 1)
  const facts: StatusFacts = {
    phase,
    name,
    replicas,
    generation: object.metadata.generation,
    hash,
    stable,
    message,
    now: clock.now(),
  }
  const status = draft.kind === 'LLMInferenceService' ? llmStatus(facts) : STATUS[draft.kind]?.(facts)
  if (draft.kind === 'LLMInferenceService') showPods(store, rolling, facts)
  store.update({ resource, namespace, name }, (now) => ({ ...now, ...(status === undefined ? {} : { status }) }))
}

/** The Deployment of an LLMInferenceService: the model is fetched by its init container. */
function showPods(store: KubernetesStore, { draft }: Rolling, facts: StatusFacts): void {
  const { namespace, name } = draft.metadata
  const uri = String(at(draft.spec, 'model', 'uri') ?? '')
  const spec: JsonObject = {
    replicas: facts.replicas,
    template: {
      spec: {
        containers: [{ name: 'main', image: 'ghcr.io/llm-d/llm-d-cuda:v0.5.0' }],
        initContainers: [
          { name: 'storage-initializer', image: 'kserve/storage-initializer:v0.20.0', args: [uri, '/mnt/models'] },
        ],
      },
    },
  }
  const metadata = { namespace, name: `${name}-kserve` }
  const made = store.put(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
  const status = STATUS['Deployment']?.({ ...facts, name: metadata.name, generation: made.metadata.generation })
  store.put(DEPLOYMENTS, { ...made, ...(status === undefined ? {} : { status }) })
}

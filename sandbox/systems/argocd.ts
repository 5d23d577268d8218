/** Argo CD's application controller in the Kubernetes stand-in: Applications follow the config repository and show each transition of the real one. KServe's half is kserve.ts; the bot's is src/clients/kubernetes/. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import {
  applicationDraft,
  assessed,
  type Comparison,
  compared,
  finished,
  historyAdded,
  started,
  withoutOperation,
} from './argocd-application.ts'
import { type Health, worst } from './argocd-health.ts'
import { type ConfigSource, loadManifests, type Manifests } from './argocd-manifests.ts'
import { applyObjects, healthsOf, INSTANCE } from './argocd-objects.ts'
import { type Behaviour, type Kserve, startKserve } from './kserve.ts'
import { APPLICATIONS, at, type Draft, INFERENCE_SERVICES, type KubeObject } from './kubernetes-objects.ts'
import type { KubernetesStore } from './kubernetes-store.ts'
import { startWorkloads, type Workloads } from './workloads.ts'

/** An Application as a platform team would declare it. `files` are the manifests under `path`; default `inference.yaml`. */
export type ApplicationSpec = {
  readonly name: string
  readonly namespace?: string
  /** `owner/name` of the config repository. */
  readonly repository: string
  readonly repoUrl: string
  readonly branch?: string
  readonly path: string
  readonly files?: readonly string[]
  readonly destination: string
  readonly autoSync?: boolean
}

/** What a story can do to one Application. */
export type Script = {
  readonly autoSync?: boolean
  /** Every sync fails with this message until it is undefined again. */
  readonly syncFails?: string | undefined
  /** Something else in the Application never gets ready: health stays Progressing. */
  readonly neverHealthy?: boolean
  /** The health of something else in the Application; undefined: it has nothing else. */
  readonly otherHealth?: Health | undefined
  /** It hears of no push: it looks at git when its poll comes round, or a refresh is asked for. */
  readonly deaf?: boolean
  /** The branch it tracks instead of its own. */
  readonly branch?: string | undefined
  /** The Application does not exist. */
  readonly missing?: boolean
  /** A deny window: automation does nothing and says nothing; a requested sync waits as Running. */
  readonly syncWindow?: boolean
}

export type ArgoCd = {
  readonly kserve: Kserve
  readonly workloads: Workloads
  behaviour(behaviour: Behaviour): void
  script(application: string, change: Script): void
  /** Compares all Applications that hear of pushes with git now, as a webhook of the config repository does. */
  reconcile(): void
  /** Presses Sync. */
  sync(application: string): void
  /** When nothing is under way. */
  settled(): Promise<void>
  close(): void
}

export type ArgoCdOptions = {
  readonly store: KubernetesStore
  readonly clock: SandboxClock
  readonly source: ConfigSource
  readonly applications: readonly ApplicationSpec[]
  /** Real milliseconds between two transitions, at least and at most; default 5 to 20. */
  readonly delayMs?: readonly [number, number]
  /** Real milliseconds that loading a model takes; default long enough for Argo CD to be seen Progressing. */
  readonly loadMs?: number
  /**
   * KServe takes its time to notice a changed InferenceService, so that Argo CD finds it Healthy from before, and it is
   * Ready with the new URI and the old pods. Happens on real clusters; off by default.
   */
  readonly staleHealth?: boolean
  /** Story time between two looks at git; default 3 minutes, as in Argo CD. */
  readonly pollMs?: number
}

type Managed = {
  readonly spec: ApplicationSpec
  script: Script
  applied: string | undefined
  isBusy: boolean
  /** While the controller itself writes, so that it does not take its own words for somebody's request. */
  isWriting: boolean
  wanted: 'nothing' | 'assess' | 'refresh'
}

type Controller = {
  readonly options: ArgoCdOptions
  readonly kserve: Kserve
  readonly workloads: Workloads
  readonly managed: ReadonlyMap<string, Managed>
  readonly running: Set<Promise<void>>
  readonly pause: () => Promise<void>
  isClosed: boolean
}

/** Creates the Applications and brings each to the head of its branch. */
export function startArgoCd(options: ArgoCdOptions): ArgoCd {
  const { store, clock, applications, delayMs = [5, 20], pollMs = 180_000 } = options
  // two transitions pass between applying and the next look at health
  const { loadMs = 3 * delayMs[1], staleHealth = false } = options
  const kserve = startKserve({ store, clock, loadMs, reactMs: staleHealth ? loadMs : 0 })
  const workloads = startWorkloads({ store, clock, loadMs })
  const controller: Controller = {
    options,
    kserve,
    workloads,
    managed: new Map(applications.map((spec) => [spec.name, manage(spec)])),
    running: new Set(),
    pause: () => sleep(delayMs[0] + Math.random() * (delayMs[1] - delayMs[0])),
    isClosed: false,
  }
  const reconcile = () => {
    for (const managed of controller.managed.values()) wake(controller, managed, 'refresh')
  }
  const pushed = () => {
    for (const managed of controller.managed.values())
      if (managed.script.deaf !== true) wake(controller, managed, 'refresh')
  }
  for (const managed of controller.managed.values()) create(controller, managed)
  const unsubscribe = store.subscribe((event) => {
    if (event.resource === APPLICATIONS && event.type === 'MODIFIED') onApplication(controller, event.object)
    const isOwn = event.object.metadata.labels?.[INSTANCE] !== undefined && workloads.knows(event.object.kind)
    if (event.resource === INFERENCE_SERVICES || isOwn) onService(controller, event.object)
  })
  const stopPolling = poll(clock, pollMs, reconcile)
  reconcile()
  return {
    kserve,
    workloads,
    behaviour: kserve.behaviour,
    script: (name, change) => applyScript(controller, find(controller, name), change),
    reconcile: pushed,
    sync: (name) => requestSync(controller, find(controller, name)),
    settled: () => settled(controller),
    close: () => {
      controller.isClosed = true
      unsubscribe()
      stopPolling()
      kserve.close()
      workloads.close()
    },
  }
}

function manage(spec: ApplicationSpec): Managed {
  return {
    spec,
    script: { autoSync: spec.autoSync ?? true },
    applied: undefined,
    isBusy: false,
    isWriting: false,
    wanted: 'nothing',
  }
}

function find({ managed }: Controller, name: string): Managed {
  const found = managed.get(name)
  if (found === undefined) throw new Error(`no Application ${name}`)
  return found
}

function poll(clock: SandboxClock, everyMs: number, reconcile: () => void): () => void {
  let last = clock.now().getTime()
  return clock.onMove(() => {
    const now = clock.now().getTime()
    if (now - last < everyMs) return
    last = now
    reconcile()
  })
}

const keyOf = ({ spec }: Managed) =>
  ({ resource: APPLICATIONS, namespace: spec.namespace ?? 'argocd', name: spec.name }) as const

const specOf = ({ spec, script: { branch } }: Managed): ApplicationSpec =>
  branch === undefined ? spec : { ...spec, branch }

function create({ options }: Controller, managed: Managed): void {
  options.store.put(APPLICATIONS, applicationDraft(specOf(managed), managed.script.autoSync !== false))
}

function read({ options }: Controller, managed: Managed): KubeObject | undefined {
  const { namespace, name } = keyOf(managed)
  return options.store.get(APPLICATIONS, namespace, name)
}

function write({ options, isClosed }: Controller, managed: Managed, change: (application: KubeObject) => Draft): void {
  if (isClosed) return
  managed.isWriting = true
  options.store.update(keyOf(managed), change)
  managed.isWriting = false
}

function applyScript(controller: Controller, managed: Managed, change: Script): void {
  managed.script = { ...managed.script, ...change }
  const { missing = false, autoSync } = managed.script
  const exists = read(controller, managed) !== undefined
  if (missing) controller.options.store.remove(keyOf(managed))
  if (!missing && !exists) create(controller, managed)
  if (!missing && exists && (change.autoSync !== undefined || 'branch' in change)) {
    const { spec } = applicationDraft(specOf(managed), autoSync !== false)
    write(controller, managed, (application) => ({ ...application, ...(spec === undefined ? {} : { spec }) }))
  }
  wake(controller, managed, 'refresh')
}

function requestSync(controller: Controller, managed: Managed): void {
  const sync = { revision: String(at(read(controller, managed)?.status, 'sync', 'revision') ?? '') }
  const operation = { initiatedBy: { username: 'admin' }, sync }
  controller.options.store.update(keyOf(managed), (application) => ({ ...application, operation }))
}

const REFRESH = 'argocd.argoproj.io/refresh'

/** Reacts to what others write on an Application: a refresh annotation, or an `operation`. */
function onApplication(controller: Controller, application: KubeObject): void {
  const managed = controller.managed.get(application.metadata.name)
  const isAsked = application.operation !== undefined || application.metadata.annotations?.[REFRESH] !== undefined
  if (managed !== undefined && isAsked && !managed.isWriting) wake(controller, managed, 'refresh')
}

function onService(controller: Controller, service: KubeObject): void {
  for (const managed of controller.managed.values()) {
    if (managed.spec.destination === service.metadata.namespace) wake(controller, managed, 'assess')
  }
}

function wake(controller: Controller, managed: Managed, wanted: 'assess' | 'refresh'): void {
  if (controller.isClosed) return
  if (managed.wanted !== 'refresh') managed.wanted = wanted
  if (managed.isBusy) return
  managed.isBusy = true
  const work = turn(controller, managed).finally(() => {
    managed.isBusy = false
    controller.running.delete(work)
  })
  controller.running.add(work)
}

async function turn(controller: Controller, managed: Managed): Promise<void> {
  while (managed.wanted !== 'nothing' && !controller.isClosed) {
    const { wanted } = managed
    managed.wanted = 'nothing'
    await controller.pause()
    if (read(controller, managed) === undefined) continue
    if (wanted === 'refresh') await refresh(controller, managed)
    else write(controller, managed, (application) => assessed(application, facts(controller, managed)))
  }
}

function facts({ options }: Controller, { spec, script }: Managed) {
  const healths = healthsOf(options.store, spec)
  const { neverHealthy, otherHealth } = script
  const others: Health[] = neverHealthy === true ? ['Progressing'] : otherHealth === undefined ? [] : [otherHealth]
  const health = worst([...healths, ...others])
  return { health, now: options.clock.now() }
}

/** Compares with git, and syncs when that is automatic or asked for. */
async function refresh(controller: Controller, managed: Managed): Promise<void> {
  const { options } = controller
  const manifests = await loadManifests(options.source, specOf(managed))
  const comparison = comparisonOf(managed, manifests)
  write(controller, managed, (application) => compared(application, comparison, facts(controller, managed)))
  const application = read(controller, managed)
  if (application === undefined || !('objects' in manifests)) return
  if (application.operation !== undefined) {
    const asked = String(at(application.operation, 'sync', 'revision') ?? manifests.revision)
    const wanted =
      asked === manifests.revision ? manifests : await loadManifests(options.source, specOf(managed), asked)
    if ('objects' in wanted) await synchronise(controller, managed, wanted)
    return
  }
  const { autoSync, syncWindow } = managed.script
  const attempted = at(application.status, 'operationState', 'syncResult', 'revision') === manifests.revision
  if (comparison.status !== 'OutOfSync' || autoSync === false || syncWindow === true || attempted) return
  const sync = { prune: true, revision: manifests.revision }
  const operation = { initiatedBy: { automated: true }, retry: { limit: 5 }, sync }
  write(controller, managed, (current) => ({ ...current, operation }))
  await controller.pause()
  await synchronise(controller, managed, manifests)
}

function comparisonOf(managed: Managed, manifests: Manifests): Comparison {
  const spec = specOf(managed)
  if (!('objects' in manifests))
    return { spec, status: 'Unknown', revision: manifests.revision, error: manifests.error }
  const status = managed.applied === manifests.text ? 'Synced' : 'OutOfSync'
  return { spec, status, revision: manifests.revision, objects: manifests.objects, type: manifests.type }
}

type Loaded = Extract<Manifests, { objects: unknown }>

async function synchronise(controller: Controller, managed: Managed, manifests: Loaded): Promise<void> {
  const { options, pause } = controller
  const now = () => options.clock.now()
  const { syncWindow, syncFails } = managed.script
  const blocked = syncWindow === true ? 'Sync operation blocked by sync window' : ''
  const revision = manifests.revision
  write(controller, managed, (current) => started(current, { revision, message: blocked, now: now() }))
  if (syncWindow === true) return
  await pause()
  if (controller.isClosed) return
  if (syncFails === undefined) {
    applyObjects(controller, managed.spec, { objects: manifests.objects, before: managed.applied })
    managed.applied = manifests.text
    write(controller, managed, (current) => historyAdded(current, { revision, now: now() }))
    await pause()
  }
  const end = { revision, failure: syncFails, objects: manifests.objects, now: now() }
  write(controller, managed, (current) => withoutOperation(finished(current, end)))
  if (managed.wanted === 'nothing' || managed.wanted === 'assess') managed.wanted = 'refresh'
}

async function settled({ running, kserve, workloads }: Controller): Promise<void> {
  do {
    await Promise.all(running)
    await kserve.settled()
    await workloads.settled()
  } while (running.size > 0)
}

/** Hears changes of Applications and InferenceServices, so that a promotion moves on at once instead of by polling. What changed is read again by cluster.ts. */
import { setTimeout as delay } from 'node:timers/promises'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { Log } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import type { ClusterConfig } from './cluster-config.ts'
import type { ClusterConnection } from './connection.ts'
import { resourcePath, type WatchedKind } from './resources.ts'

/** Which namespaces are watched for what, and who is told. */
export type WatchSettings = {
  readonly connection: ClusterConnection
  readonly applications: readonly string[]
  readonly inferenceServices: readonly string[]
  readonly onChange: (kind: WatchedKind, namespace: string, name: string) => void
  readonly log: Log
  /** Waits between attempts, in milliseconds: first, and at most. Default 1 s and 60 s. */
  readonly backOff?: { readonly first: number; readonly most: number }
}

/** A watch that says nothing for this long is taken for dead: API servers send a bookmark about every minute. */
const SILENCE_MS = 150_000

/**
 * Watches until `close()`. Never throws: a missing configuration, right or resource type is logged once and tried again with growing waits.
 * After every failure the objects are listed, and those that changed or vanished meanwhile are told as changes; so is everything at the start.
 * A watch that the server ended in order (it does every few minutes) goes on where it was, without a list.
 */
export function watchCluster(settings: WatchSettings): { close(): void } {
  const stop = new AbortController()
  const targets = [
    ...settings.applications.map((namespace) => ({ kind: 'Application' as const, namespace })),
    ...settings.inferenceServices.map((namespace) => ({ kind: 'InferenceService' as const, namespace })),
  ]
  for (const target of targets) void follow(settings, target, stop.signal)
  return { close: () => stop.abort() }
}

/** A watch that lasted this long was a good one: the next attempt starts with the first wait again. */
const LASTING_MS = 10_000

type Target = { readonly kind: WatchedKind; readonly namespace: string }
/** Resource versions by name, as last told. */
type Seen = Map<string, string>
/** What is known of a target. `version` is where the next watch goes on; undefined: list first. */
type Progress = { readonly seen: Seen; version: string | undefined }

/** Names and versions are enough, and Applications can be large; API servers that cannot leave the rest away give whole objects. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json'

async function follow(settings: WatchSettings, target: Target, signal: AbortSignal): Promise<void> {
  const { first = 1000, most = 60_000 } = settings.backOff ?? {}
  const progress: Progress = { seen: new Map(), version: undefined }
  let wait = first
  let lastProblem: string | undefined
  while (!signal.aborted) {
    const started = performance.now()
    const problem = await listAndWatch(settings, target, { progress, signal })
    const lasted = performance.now() - started > LASTING_MS
    if (lasted) wait = first
    if (problem === undefined && lasted) continue
    if (problem !== undefined && (lasted || problem !== lastProblem) && !signal.aborted)
      settings.log.warn({ ...target, problem }, 'watch of the cluster interrupted')
    lastProblem = problem
    await delay(wait, undefined, { signal, ref: false }).catch(() => undefined)
    if (problem !== undefined) wait = Math.min(most, wait * 2)
  }
}

/** Gives what went wrong; undefined when the server ended the watch in order. */
async function listAndWatch(
  settings: WatchSettings,
  target: Target,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    progress.version ??= await relist(settings, target, progress.seen)
    await watchFrom(settings, target, { version: progress.version, progress, signal })
    return undefined
  } catch (error) {
    // Whatever it was (410: the version is too old), a list puts it right.
    progress.version = undefined
    return error instanceof Error ? error.message : String(error)
  }
}

/** Lists the objects, tells what differs from what was told before, and gives the version to watch from. */
async function relist(settings: WatchSettings, target: Target, seen: Seen): Promise<string> {
  const answer = await settings.connection.ask(resourcePath(target.kind, target.namespace), { accept: METADATA_ONLY })
  if (answer === undefined) throw new Error('no cluster is configured')
  if (answer.status !== 200) throw new Error(`listing was answered with ${answer.status}`)
  const list = answerOf('Kubernetes', answer.body, 'list')
  const now = new Map(
    list.list('items').map((item) => {
      const metadata = item.child('metadata')
      return [metadata.text('name'), metadata.maybeText('resourceVersion') ?? '']
    }),
  )
  for (const name of [...seen.keys()].filter((each) => !now.has(each))) tell(settings, target, { seen, name })
  for (const [name, version] of now) {
    if (seen.get(name) !== version) tell(settings, target, { seen, name, version })
  }
  return list.child('metadata').text('resourceVersion')
}

function tell(
  settings: WatchSettings,
  target: Target,
  change: { readonly seen: Seen; readonly name: string; readonly version?: string },
): void {
  if (change.version === undefined) change.seen.delete(change.name)
  else change.seen.set(change.name, change.version)
  try {
    settings.onChange(target.kind, target.namespace, change.name)
  } catch (error) {
    settings.log.error({ ...target, name: change.name, error: String(error) }, 'a change of the cluster was not taken')
  }
}

/** Resolves when the server ended the watch in order, rejects otherwise. */
async function watchFrom(
  settings: WatchSettings,
  target: Target,
  from: { readonly version: string; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  const config = await settings.connection.config()
  if (config === undefined) throw new Error('no cluster is configured')
  const watch = await openWatch(config)
  const query = { resourceVersion: from.version, allowWatchBookmarks: true, timeoutSeconds: 290 }
  const { signal } = from
  let request: AbortController | undefined
  let stop = (): void => undefined
  const ended = new Promise<void>((resolve, reject) => {
    const onEvent = (type: string, object: unknown) => {
      if (type === 'ERROR') reject(new Error(`the watch ended: ${errorText(object)}`))
      else heard(settings, target, { progress: from.progress, type, object })
    }
    const onDone = (error: unknown) => (error ? reject(error) : resolve())
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
    watch.watch(resourcePath(target.kind, target.namespace), query, onEvent, onDone).then((controller) => {
      request = controller
      if (signal.aborted) controller.abort()
    }, reject)
  })
  try {
    await ended
  } finally {
    signal.removeEventListener('abort', stop)
    request?.abort()
  }
}

/** The client's Watch; only this file of it is loaded, and it uses no more of a configuration than ClusterConfig. */
async function openWatch(config: ClusterConfig) {
  const { Watch } = await import('@kubernetes/client-node/dist/watch.js')
  const watch = new Watch(config as unknown as ConstructorParameters<typeof Watch>[0])
  // Its own 30 s of silence would end every quiet watch.
  Reflect.set(watch, 'requestTimeoutMs', SILENCE_MS)
  return watch
}

function heard(
  settings: WatchSettings,
  target: Target,
  event: { readonly progress: Progress; readonly type: string; readonly object: unknown },
): void {
  const metadata = fieldsOf(fieldsOf(event.object)?.['metadata'])
  const name = metadata?.['name']
  const version = metadata?.['resourceVersion']
  if (typeof version === 'string') event.progress.version = version
  if (event.type === 'BOOKMARK' || typeof name !== 'string') return
  const isGone = event.type === 'DELETED' || typeof version !== 'string'
  tell(settings, target, { seen: event.progress.seen, name, ...(isGone ? {} : { version }) })
}

function errorText(object: unknown): string {
  const status = fieldsOf(object)
  return `${String(status?.['code'] ?? '')} ${String(status?.['reason'] ?? '')}`.trim()
}

/** Objects of the Kubernetes stand-in with one rising resourceVersion and the log of events that watches replay. Served by kubernetes.ts, written by the controllers. */
import { randomUUID } from 'node:crypto'
import { type Draft, type KubeObject, type ObjectMeta, type Resource, timestamp } from './kubernetes-objects.ts'

export type WatchEvent = {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: Resource
  readonly object: KubeObject
}

export type KubernetesStore = {
  /** The newest resourceVersion. */
  version(): number
  /** Events older than this are gone: a watch from before gets 410. */
  oldest(): number
  get(resource: Resource, namespace: string, name: string): KubeObject | undefined
  list(resource: Resource, namespace?: string): readonly KubeObject[]
  /** Creates or replaces. Raises `generation` as the API server does; writes nothing and sends no event when nothing changed. */
  put(resource: Resource, draft: Draft): KubeObject
  /** Replaces what `change` returns for an existing object; absent when there is none. */
  update(key: ObjectKey, change: (object: KubeObject) => Draft): KubeObject | undefined
  remove(key: ObjectKey): boolean
  since(version: number): readonly WatchEvent[]
  /** Forgets all events up to now. */
  compact(): void
  subscribe(listener: (event: WatchEvent) => void): () => void
}

export type ObjectKey = { readonly resource: Resource; readonly namespace: string; readonly name: string }

/** An empty store. `now` stamps what is created. */
export function createStore(now: () => Date): KubernetesStore {
  const objects = new Map<string, KubeObject>()
  const listeners = new Set<(event: WatchEvent) => void>()
  let events: WatchEvent[] = []
  let version = 1000
  let oldest = version
  const record = (type: WatchEvent['type'], resource: Resource, object: KubeObject) => {
    const event = { version, type, resource, object }
    events.push(event)
    for (const listener of [...listeners]) listener(event)
  }
  const put = (resource: Resource, draft: Draft): KubeObject => {
    const key = keyOf(resource, draft.metadata.namespace, draft.metadata.name)
    const before = objects.get(key)
    const metadata = nextMetadata(resource, { before, draft, now: now() })
    if (before !== undefined && same({ ...draft, metadata }, before)) return before
    version += 1
    const object: KubeObject = { ...draft, metadata: { ...metadata, resourceVersion: String(version) } }
    objects.set(key, object)
    record(before === undefined ? 'ADDED' : 'MODIFIED', resource, object)
    return object
  }
  const get: KubernetesStore['get'] = (resource, namespace, name) => objects.get(keyOf(resource, namespace, name))
  return {
    version: () => version,
    oldest: () => oldest,
    get,
    list: (resource, namespace) =>
      [...objects]
        .filter(([key]) => key.startsWith(prefixOf(resource, namespace)))
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([, object]) => object),
    put,
    update: ({ resource, namespace, name }, change) => {
      const object = get(resource, namespace, name)
      return object === undefined ? undefined : put(resource, change(object))
    },
    remove: ({ resource, namespace, name }) => {
      const object = get(resource, namespace, name)
      if (object === undefined) return false
      objects.delete(keyOf(resource, namespace, name))
      version += 1
      const metadata = { ...object.metadata, resourceVersion: String(version) }
      record('DELETED', resource, { ...object, metadata })
      return true
    },
    since: (from) => events.filter((event) => event.version > from),
    compact: () => {
      events = []
      version += 1
      oldest = version
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const prefixOf = ({ group, plural }: Resource, namespace?: string) =>
  namespace === undefined ? `${group}/${plural}/` : `${group}/${plural}/${namespace}/`

const keyOf = (resource: Resource, namespace: string, name: string) => `${prefixOf(resource, namespace)}${name}`

type Change = { readonly before: KubeObject | undefined; readonly draft: Draft; readonly now: Date }

function nextMetadata(resource: Resource, { before, draft, now }: Change): ObjectMeta {
  const { name, namespace, annotations, labels } = draft.metadata
  const generation = before === undefined ? 1 : before.metadata.generation + (isNewer(resource, before, draft) ? 1 : 0)
  const kept = (map: Readonly<Record<string, string>> | undefined) =>
    map !== undefined && Object.keys(map).length > 0 ? map : undefined
  return {
    ...(kept(annotations) === undefined ? {} : { annotations: { ...annotations } }),
    creationTimestamp: before?.metadata.creationTimestamp ?? timestamp(now),
    generation,
    ...(kept(labels) === undefined ? {} : { labels: { ...labels } }),
    name,
    namespace,
    resourceVersion: before?.metadata.resourceVersion ?? '',
    uid: before?.metadata.uid ?? randomUUID(),
  }
}

/** With a status subresource only the rest of the object counts; metadata never does. */
function isNewer(resource: Resource, before: KubeObject, draft: Draft): boolean {
  const counted = (object: KubeObject | Draft) => {
    const { metadata: _, status, ...rest } = object
    return resource.statusSubresource ? rest : { ...rest, status }
  }
  return !same(counted(before), counted(draft))
}

/** Equal whatever the order of keys. */
function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(ordered(left)) === JSON.stringify(ordered(right))
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, ordered(inner)]))
}

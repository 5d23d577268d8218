/** Watches of the Kubernetes stand-in: newline-delimited events over a chunked answer, bookmarks, time-outs, 410 for what is too old. Opened by kubernetes.ts. */
import type { SandboxRequest } from '../http.ts'
import { statusObject } from './kubernetes-access.ts'
import { partial } from './kubernetes-list.ts'
import type { KubeObject, Resource } from './kubernetes-objects.ts'
import type { KubernetesStore, WatchEvent } from './kubernetes-store.ts'

/** Which objects a list or watch is about. */
export type Selection = {
  readonly resource: Resource
  readonly namespace: string | undefined
  readonly matches: (object: KubeObject) => boolean
}

export type WatchOptions = { readonly bookmarkEveryMs: number; readonly faults: Faults }

/** How the API server misbehaves for the time being. */
export type Faults = {
  /** `silent`: open, and nothing comes, as behind a gateway that has forgotten the connection. `closes`: every watch ends at once. `gone`: 410 as HTTP status. */
  watches?: 'silent' | 'closes' | 'gone' | undefined
  /** Every request gets 429 with this Retry-After. */
  throttledForSeconds?: number | undefined
  /** Resource types, by plural, that are not installed. */
  readonly missing: Set<string>
}

/** Streams until the client goes, `timeoutSeconds` pass (default 30 minutes) or the returned function is called. */
export function openWatch(
  store: KubernetesStore,
  request: SandboxRequest,
  selection: Selection,
  { bookmarkEveryMs, faults }: WatchOptions,
): (brokenly?: boolean) => void {
  const { response, query } = request
  if (faults.watches === 'closes') {
    response.writeHead(200, { 'content-type': 'application/json' }).end()
    return () => undefined
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const onlyMetadata = request.headers.accept?.includes('as=PartialObjectMetadata') === true
  const send = (type: string, object: unknown) => {
    if (faults.watches !== 'silent') response.write(`${JSON.stringify({ type, object })}\n`)
  }
  const sendObject = (type: string, object: KubeObject) => send(type, onlyMetadata ? partial(object) : object)
  const relay = (event: WatchEvent) => {
    if (selects(selection, event)) sendObject(event.type, event.object)
  }
  const asked = query.get('resourceVersion') ?? ''
  const from = Number(asked)
  if (asked !== '' && asked !== '0' && from < store.oldest()) {
    const message = `too old resource version: ${asked} (${store.oldest()})`
    send('ERROR', statusObject({ code: 410, reason: 'Expired', message }))
    response.end()
    return () => undefined
  }
  if (asked === '' || asked === '0') {
    for (const object of listSelected(store, selection)) sendObject('ADDED', object)
  } else {
    for (const event of store.since(from)) relay(event)
  }
  const unsubscribe = store.subscribe(relay)
  const bookmark = () => send('BOOKMARK', bookmarkObject(selection.resource, store.version()))
  const wantsBookmarks = /^(true|1)$/.test(query.get('allowWatchBookmarks') ?? '')
  const bookmarks = wantsBookmarks ? setInterval(bookmark, bookmarkEveryMs) : undefined
  const stop = (brokenly = false) => {
    unsubscribe()
    clearInterval(bookmarks)
    clearTimeout(timer)
    if (!brokenly) return void response.end()
    response.write('{"type":"MODIFIED","object":{"kind":"Appl')
    setTimeout(() => response.destroy(), 5)
  }
  const timer = setTimeout(() => stop(), Number(query.get('timeoutSeconds') ?? 1800) * 1000)
  response.once('close', () => stop())
  return stop
}

/** What a list answers. */
export function listSelected(store: KubernetesStore, selection: Selection): readonly KubeObject[] {
  return store.list(selection.resource, selection.namespace).filter(selection.matches)
}

function selects({ resource, namespace, matches }: Selection, event: WatchEvent): boolean {
  const isKind = event.resource === resource
  return isKind && (namespace === undefined || event.object.metadata.namespace === namespace) && matches(event.object)
}

function bookmarkObject({ group, version, kind }: Resource, resourceVersion: number) {
  const metadata = { resourceVersion: String(resourceVersion), creationTimestamp: null }
  return { apiVersion: `${group}/${version}`, kind, metadata }
}

/** Field and label selectors, equality only; absent when one cannot be read. */
export function selector(query: URLSearchParams): ((object: KubeObject) => boolean) | undefined {
  const fields = terms(query.get('fieldSelector'))
  const labels = terms(query.get('labelSelector'))
  if (fields === undefined || labels === undefined) return undefined
  if (fields.some(([key]) => key !== 'metadata.name' && key !== 'metadata.namespace')) return undefined
  return ({ metadata }) =>
    fields.every(([key, value]) => (key === 'metadata.name' ? metadata.name : metadata.namespace) === value) &&
    labels.every(([key, value]) => metadata.labels?.[key] === value)
}

function terms(text: string | null): readonly (readonly [string, string])[] | undefined {
  if (text === null || text === '') return []
  const parsed = text.split(',').map((term) => /^([^=!\s()]+)={1,2}([^=!\s()]*)$/.exec(term))
  return parsed.includes(null) ? undefined : parsed.map((match) => [match?.[1] ?? '', match?.[2] ?? ''] as const)
}

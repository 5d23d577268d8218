/** Follows the objects of one kind in one namespace: lists them (list-names.ts), watches on from there, and begins again after whatever goes wrong. Which are followed, and for whom: wakers.ts. */
import { setTimeout as delay } from 'node:timers/promises'
import { SystemUnavailable } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { ClusterConnection } from './connection.ts'
import { listNames, type Place, Refused, refusalOf } from './list-names.ts'
import { resourcePath } from './resources.ts'

/** Milliseconds. */
export type WatchPatience = {
  /** Between attempts: the first, and the most, doubled in between. */
  readonly first: number
  readonly most: number
  /** Where the API server said no. A missing right or resource type is seldom given within a minute, and each attempt is a line in its audit log. */
  readonly refused: number
  /** A watch that says nothing for this long is taken for dead: API servers send a bookmark about every minute. */
  readonly silence: number
  /** A watch that lasted this long was a good one: the next attempt starts with the first wait again. */
  readonly lasting: number
}

export const WATCH_PATIENCE: WatchPatience = {
  first: 1000,
  most: 30_000,
  refused: 300_000,
  silence: 150_000,
  lasting: 10_000,
}

export type WatchOptions = {
  readonly connection: ClusterConnection
  readonly place: Place
  /** Resource versions by name, as last told or read; kept up. What is listed with another version is told. */
  readonly seen: Map<string, string>
  readonly onChange: (name: string) => void
  /** Hears each problem once, until a watch has lasted. */
  readonly onProblem: (problem: string) => void
  readonly patience: WatchPatience
  readonly signal: AbortSignal
}

/** Until `signal`. Never throws. A watch that the server ended in order (it does every few minutes) goes on where it was, without a list. */
export async function watchObjects(options: WatchOptions): Promise<void> {
  const { patience, signal } = options
  const told = new Set<string>()
  let from: string | undefined
  let wait = patience.first
  const goOn = (version: string | undefined) => {
    from = version
  }
  while (!signal.aborted) {
    const started = performance.now()
    const error = await listAndWatch(options, from, goOn)
    if (signal.aborted) return
    if (performance.now() - started > patience.lasting) {
      wait = patience.first
      told.clear()
      if (error === undefined || error instanceof Expired) continue
    }
    if (error !== undefined && !(error instanceof Expired)) tellOnce(error.message, told, options)
    await delay(spread(waitAfter(error, wait, patience)), undefined, { signal, ref: false }).catch(() => undefined)
    wait = Math.min(patience.most, wait * 2)
  }
}

function tellOnce(problem: string, told: Set<string>, { onProblem }: WatchOptions): void {
  if (told.has(problem)) return
  told.add(problem)
  onProblem(problem)
}

function waitAfter(error: Error | undefined, wait: number, { refused }: WatchPatience): number {
  if (error instanceof Refused) return refused
  const wished = error instanceof SystemUnavailable ? (error.retryAfterSeconds ?? 0) * 1000 : 0
  return Math.max(wait, wished)
}

/** Not all at once when an API server comes back. */
const spread = (milliseconds: number): number => milliseconds * (1 + Math.random() / 5)

/** The version is too old for the server: a list puts it right. */
class Expired extends Error {}

/** Gives what went wrong; undefined when the server ended the watch in order. `goOn` is told where the next one begins; undefined: with a list. */
async function listAndWatch(
  options: WatchOptions,
  from: string | undefined,
  goOn: (version: string | undefined) => void,
): Promise<Error | undefined> {
  try {
    const version = from ?? (await relist(options))
    goOn(version)
    await watchFrom(options, version, goOn)
    return undefined
  } catch (error) {
    goOn(undefined)
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Tells what differs from what was told before, and gives the version to watch from. */
async function relist({ connection, place, seen, onChange }: WatchOptions): Promise<string> {
  const { versions, version } = await listNames(connection, place)
  const changed = [...versions].filter(([name, listed]) => seen.get(name) !== listed).map(([name]) => name)
  const gone = [...seen.keys()].filter((name) => !versions.has(name))
  seen.clear()
  for (const [name, listed] of versions) seen.set(name, listed)
  for (const name of [...changed, ...gone]) onChange(name)
  return version
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json'

/** Resolves when the server ended the watch in order. */
async function watchFrom(options: WatchOptions, version: string, goOn: (version: string) => void): Promise<void> {
  const { connection, place, patience, signal } = options
  const query = new URLSearchParams({
    watch: 'true',
    resourceVersion: version,
    allowWatchBookmarks: 'true',
    timeoutSeconds: '290',
  })
  const path = `${resourcePath(place.kind, place.namespace)}?${query}`
  const stream = await connection.stream(path, { accept: METADATA_ONLY, silenceMs: patience.silence, signal })
  if (stream === undefined || stream.status === 410) throw new Expired()
  // The body is small, and read so that the connection is free again.
  if (stream.status !== 200) {
    for await (const _ of stream.lines);
    throw new Refused(refusalOf('watch', place, stream))
  }
  for await (const line of stream.lines) {
    const event = fieldsOf(JSON.parse(line))
    const object = fieldsOf(event?.['object'])
    if (event?.['type'] === 'ERROR') throw errorOf(object)
    heard(options, event?.['type'], fieldsOf(object?.['metadata']), goOn)
  }
}

function errorOf(status: ReturnType<typeof fieldsOf>): Error {
  if (status?.['code'] === 410) return new Expired()
  return new Error(`the watch ended: ${String(status?.['code'] ?? '')} ${String(status?.['reason'] ?? '')}`.trim())
}

function heard(
  { seen, onChange }: WatchOptions,
  type: unknown,
  metadata: ReturnType<typeof fieldsOf>,
  goOn: (version: string) => void,
): void {
  const { name, resourceVersion: version } = metadata ?? {}
  if (typeof version === 'string') goOn(version)
  if (type === 'BOOKMARK' || typeof name !== 'string') return
  if (type === 'DELETED' || typeof version !== 'string') seen.delete(name)
  else seen.set(name, version)
  onChange(name)
}

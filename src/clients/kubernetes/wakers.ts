/** Who is woken by what: an environment is, by every object that its last looks have read. Objects that nobody looks at are not watched. Reads come from cluster.ts; watches are watch-objects.ts. */
import type { Log, ObjectAt } from '../../services/ports.ts'
import type { Clusters } from './clusters.ts'
import type { ReadKind } from './resources.ts'
import { WATCH_PATIENCE, type WatchPatience, watchObjects } from './watch-objects.ts'

/** Who reads. `name` tells readers apart; `wake` must not throw. */
export type Reader = { readonly name: string; readonly wake: () => void }

export type Wakers = {
  /** Before a read, so that no change between it and the watch is missed. */
  reads(kind: ReadKind, at: ObjectAt, reader: Reader): void
  /** After it. `version` is the object's; undefined where there is none. */
  hasRead(kind: ReadKind, at: ObjectAt, version: string | undefined): void
  /** Ends every watch, for good. */
  close(): void
}

/** Looks that still matter come more often than this, woken or not. */
const KEPT_MS = 15 * 60_000

type Waiting = { readonly wake: () => void; readonly readAt: number }

type Watched = {
  readonly kind: ReadKind
  readonly at: Omit<ObjectAt, 'name'>
  /** By the object's name, then by the reader's. */
  readonly readers: Map<string, Map<string, Waiting>>
  readonly seen: Map<string, string>
  readonly stop: AbortController
  started: boolean
}

export type WakersOptions = {
  readonly clusters: Clusters
  readonly log: Log
  readonly patience?: WatchPatience
  readonly keptMs?: number
}

/** Opens nothing before the first read. */
export function createWakers({ clusters, log, patience = WATCH_PATIENCE, keptMs = KEPT_MS }: WakersOptions): Wakers {
  const places = new Map<string, Watched>()
  let isClosed = false
  const sweep = setInterval(() => forgetOld(places, performance.now() - keptMs), keptMs / 15)
  sweep.unref()
  const placeOf = (kind: ReadKind, { cluster, namespace }: ObjectAt): Watched => {
    const key = JSON.stringify([cluster, kind, namespace])
    const known = places.get(key)
    if (known !== undefined) return known
    const at = { cluster, namespace }
    const place = { kind, at, readers: new Map(), seen: new Map(), stop: new AbortController(), started: false }
    places.set(key, place)
    return place
  }
  return {
    reads: (kind, at, { name, wake }) => {
      const { readers } = placeOf(kind, at)
      const ofObject = readers.get(at.name) ?? new Map<string, Waiting>()
      readers.set(at.name, ofObject.set(name, { wake, readAt: performance.now() }))
    },
    hasRead: (kind, at, version) => {
      const place = placeOf(kind, at)
      const connection = clusters.named(at.cluster)
      if (connection === undefined || isClosed) return
      if (version !== undefined && !place.seen.has(at.name)) place.seen.set(at.name, version)
      if (place.started) return
      place.started = true
      const about = { ...place.at, kind }
      void watchObjects({
        connection,
        place: { kind, namespace: at.namespace },
        seen: place.seen,
        onChange: (name) => wakeAll(place, name),
        onProblem: (problem) =>
          log.warn({ ...about, problem }, 'changes in the cluster are not heard; it is looked at from time to time'),
        patience,
        signal: place.stop.signal,
      })
    },
    close: () => {
      isClosed = true
      clearInterval(sweep)
      for (const { stop } of places.values()) stop.abort()
    },
  }
}

function wakeAll({ readers }: Watched, name: string): void {
  for (const { wake } of readers.get(name)?.values() ?? []) wake()
}

function forgetOld(places: Map<string, Watched>, since: number): void {
  for (const [key, { readers, stop }] of places) {
    for (const [object, waiting] of readers) {
      for (const [reader, { readAt }] of waiting) if (readAt < since) waiting.delete(reader)
      if (waiting.size === 0) readers.delete(object)
    }
    if (readers.size > 0) continue
    stop.abort()
    places.delete(key)
  }
}

/** Hears changes of Applications from the API of Argo CD and wakes who has read them, as kubernetes/wakers.ts does for objects of clusters. One stream per server, opened at the first read. */
import { setTimeout as delay } from 'node:timers/promises'
import { fieldsOf } from '../domain/json-fields.ts'
import type { ArgoCdAt, Log } from '../services/ports.ts'
import type { ArgoCdConnection } from './argocd-connection.ts'

export type ApplicationWakers = {
  /** Before a read, so that no change between it and the stream is missed. */
  reads(at: ArgoCdAt, reader: { readonly name: string; readonly wake: () => void }): void
  close(): void
}

export type StreamOptions = {
  readonly connections: ReadonlyMap<string, ArgoCdConnection>
  readonly log: Log
  readonly backOff?: { readonly first: number; readonly most: number }
}

/** Looks that still matter come more often than this, woken or not. */
const KEPT_MS = 15 * 60_000
/** A stream that lasted this long was a good one: the next attempt starts with the first wait again. */
const LASTING_MS = 10_000

type Waiting = { readonly wake: () => void; readonly readAt: number }
/** By the Application, then by the reader's name. */
type Readers = Map<string, Map<string, Waiting>>

const BACK_OFF = { first: 1000, most: 60_000 }

export function createApplicationWakers({ connections, log, backOff = BACK_OFF }: StreamOptions): ApplicationWakers {
  const stop = new AbortController()
  const servers = new Map<string, Readers>()
  return {
    reads: (at, { name, wake }) => {
      const readers = servers.get(at.server) ?? new Map()
      const key = keyOf(at.namespace, at.name)
      readers.set(key, (readers.get(key) ?? new Map()).set(name, { wake, readAt: performance.now() }))
      const connection = connections.get(at.server)
      if (servers.has(at.server) || connection === undefined || stop.signal.aborted) return
      servers.set(at.server, readers)
      const following = { connection, readers, log, server: at.server, backOff, signal: stop.signal }
      void follow(following).finally(() => servers.delete(at.server))
    },
    close: () => stop.abort(),
  }
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`

type Following = Required<Pick<StreamOptions, 'log' | 'backOff'>> & {
  readonly connection: ArgoCdConnection
  readonly readers: Readers
  readonly server: string
  readonly signal: AbortSignal
}

/** Until nobody waits for anything. Whatever was missed meanwhile is in the list that each stream begins with. */
async function follow(following: Following): Promise<void> {
  const { readers, log, server, backOff, signal } = following
  const seen = new Map<string, string>()
  let wait = backOff.first
  let told: string | undefined
  while (!signal.aborted && isAwaited(readers)) {
    const started = performance.now()
    const problem = await listen(following, seen)
    if (performance.now() - started > LASTING_MS) wait = backOff.first
    if (problem !== undefined && problem !== told && !signal.aborted)
      log.warn({ server, problem }, 'changes in Argo CD are not heard; it is looked at from time to time')
    told = problem
    await delay(wait, undefined, { signal, ref: false }).catch(() => undefined)
    wait = Math.min(backOff.most, wait * 2)
  }
}

/** Only what tells which Application it is, and whether it is another one than before. */
const FIELDS = ['name', 'namespace', 'resourceVersion'].map((field) => `result.application.metadata.${field}`)
const STREAM = `/api/v1/stream/applications?fields=${['result.type', ...FIELDS].join(',')}`

/** Gives what went wrong; undefined when the server ended the stream in order, as proxies do with long answers. */
async function listen(
  { connection, readers, signal }: Following,
  seen: Map<string, string>,
): Promise<string | undefined> {
  const round = AbortSignal.any([signal, AbortSignal.timeout(KEPT_MS)])
  try {
    for await (const line of connection.lines(STREAM, round)) heard(line, readers, seen)
    return undefined
  } catch (error) {
    if (round.aborted) return undefined
    return error instanceof Error ? error.message : String(error)
  }
}

function heard(line: string, readers: Readers, seen: Map<string, string>): void {
  const result = fieldsOf(fieldsOf(JSON.parse(line))?.['result'])
  const metadata = fieldsOf(fieldsOf(result?.['application'])?.['metadata'])
  const [name, namespace, version] = [metadata?.['name'], metadata?.['namespace'], metadata?.['resourceVersion']]
  if (typeof name !== 'string' || typeof namespace !== 'string') return
  const key = keyOf(namespace, name)
  // Each stream begins with all Applications: those that are as they were wake nobody.
  if (typeof version === 'string' && seen.get(key) === version && result?.['type'] !== 'DELETED') return
  seen.set(key, String(version))
  for (const { wake } of readers.get(key)?.values() ?? []) wake()
}

/** Forgets whose last read is long ago. */
function isAwaited(readers: Readers): boolean {
  const since = performance.now() - KEPT_MS
  for (const [key, waiting] of readers) {
    for (const [reader, { readAt }] of waiting) if (readAt < since) waiting.delete(reader)
    if (waiting.size === 0) readers.delete(key)
  }
  return readers.size > 0
}

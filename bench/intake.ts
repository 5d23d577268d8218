/** How fast a webhook is acknowledged, next to a bare server, Probot's own, and Probot with one insert; each in a process of its own, one after the other, in turns. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startEmbeddedPostgres } from '../src/store/embedded-postgres.ts'
import { SECRET } from './intake-server.ts'
import { load } from './load.ts'
import { quantile } from './numbers.ts'
import type { Section } from './page.ts'
import { headersOf } from './traffic.ts'

const KINDS = ['bare', 'probot', 'probot-insert', 'lockkeeper'] as const
type Kind = (typeof KINDS)[number]

const NAMES: Readonly<Record<Kind, string>> = {
  bare: '`node:http` and HMAC, kept nowhere',
  probot: "Probot's server, kept nowhere",
  'probot-insert': "Probot's server and one insert",
  lockkeeper: 'Lockkeeper, stored',
}
const SIZES = [20, 200]
const CONNECTIONS = [1, 10, 64]
const ROUNDS = 3

type Measured = { readonly rate: number; readonly p50: number; readonly p99: number }

/** `seconds`: of each server, size, number of connections and round. */
export async function intake({ seconds }: { readonly seconds: number }): Promise<Section> {
  const dataDir = mkdtempSync(join(tmpdir(), 'intake-'))
  chmodSync(dataDir, 0o711)
  const nothing = () => {}
  const postgres = await startEmbeddedPostgres({
    dataDir,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  })
  const servers = await Promise.all(KINDS.map((kind) => startServer(kind, postgres.connectionString)))
  try {
    const rows: string[][] = []
    for (const size of SIZES)
      for (const connections of CONNECTIONS) rows.push(...(await compare(servers, { size, connections, seconds })))
    return {
      title: 'A webhook is acknowledged',
      about: `Promised: p50 ≤ 5 ms and p99 ≤ 100 ms under load on two cores. The sender runs on the same machine. Each row is the middle of ${ROUNDS} rounds of ${seconds} s, the servers in turns; PostgreSQL writes to the disk before it answers (\`fsync\`). The last column is Lockkeeper's own goal: how much longer than the least that any server does.`,
      head: ['body, connections', 'server', 'per second', 'p50 ms', 'p99 ms', 'p50, times bare'],
      rows,
    }
  } finally {
    for (const { stop } of servers) stop()
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

type Running = { readonly kind: Kind; readonly url: string; stop(): void }

async function startServer(kind: Kind, databaseUrl: string): Promise<Running> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'intake-server.ts'), kind, databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { kind, url: `${url}/api/github/webhooks`, stop: () => child.kill() }
}

async function compare(
  servers: readonly Running[],
  shape: { readonly size: number; readonly connections: number; readonly seconds: number },
): Promise<string[][]> {
  const { size, connections, seconds } = shape
  const body = Buffer.from(JSON.stringify({ action: 'created', comment: { body: 'x'.repeat(size * 1000) } }))
  const measured = new Map<Kind, Measured[]>(KINDS.map((kind) => [kind, []]))
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { kind, url } of servers) {
      const result = await measure({ url, body, connections, seconds: round === 0 ? seconds / 4 : seconds })
      if (round > 0) measured.get(kind)?.push(result)
    }
  }
  const middle = (kind: Kind, of: keyof Measured) =>
    quantile(
      (measured.get(kind) ?? []).map((one) => one[of]),
      0.5,
    )
  return KINDS.map((kind) => [
    `${size} kB, ${connections}`,
    NAMES[kind],
    middle(kind, 'rate').toFixed(0),
    middle(kind, 'p50').toFixed(1),
    middle(kind, 'p99').toFixed(1),
    (middle(kind, 'p50') / middle('bare', 'p50')).toFixed(1),
  ])
}

async function measure(at: {
  readonly url: string
  readonly body: Buffer
  readonly connections: number
  readonly seconds: number
}): Promise<Measured> {
  const { url, body, connections, seconds } = at
  const end = performance.now() + seconds * 1000
  const signed = () => ({ body, headers: headersOf({ event: 'issue_comment', body, secret: SECRET }) })
  const accepted = (status: number) => status === 200 || status === 202
  const next = () => (performance.now() < end ? signed() : undefined)
  const times = await load({ url, connections, next, accepted })
  return { rate: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

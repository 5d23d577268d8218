/** How fast a webhook is durably acknowledged: server, queue and embedded PostgreSQL (fsync on), load from the same machine. `node bench/intake.ts` */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../src/intake/server.ts'
import { createIntake, WEBHOOK_PATH } from '../src/intake/webhooks.ts'
import { startEmbeddedPostgres } from '../src/store/embedded-postgres.ts'
import { createQueue } from '../src/store/queue.ts'

const SECONDS = 5
const BODY = JSON.stringify({ action: 'created', comment: { body: randomBytes(10_000).toString('hex') } })

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: console.warn, error: console.error }
const secret = randomBytes(32).toString('hex')
const signature = `sha256=${createHmac('sha256', secret).update(BODY).digest('hex')}`

const dataDir = mkdtempSync(join(tmpdir(), 'lockkeeper-bench-'))
chmodSync(dataDir, 0o711)
const postgres = await startEmbeddedPostgres({ dataDir, log })
const queue = await createQueue({ connectionString: postgres.connectionString, log })
const routes = { [`POST ${WEBHOOK_PATH}`]: createIntake({ queue, secrets: [secret], log }) }
const server = await startServer({ host: '127.0.0.1', port: 0, routes, log })
try {
  await measure(8, 1)
  console.log(`${cpus().length} cores, node ${process.version}, ${BODY.length} byte bodies, ${SECONDS} s each`)
  console.log('connections   req/s   p50 ms   p99 ms   max ms')
  for (const connections of [1, 10, 64]) {
    const times = await measure(connections, SECONDS)
    const at = (share: number) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1)
    const columns = [connections, Math.round(times.length / SECONDS), at(0.5), at(0.99), at(1)]
    console.log(columns.map((value, index) => String(value).padStart(index === 0 ? 11 : 8)).join(' '))
  }
} finally {
  await server.close(0)
  await queue.stop({ graceSeconds: 1 })
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

/** The sorted times of all requests, in milliseconds. */
async function measure(connections: number, seconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  const client = async () => {
    while (performance.now() < end) {
      const begin = performance.now()
      await post(agent)
      times.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  agent.destroy()
  return times.toSorted((a, b) => a - b)
}

function post(agent: Agent): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'content-length': BODY.length,
    'x-github-event': 'issue_comment',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signature,
  }
  return new Promise((resolve, reject) => {
    const sent = request(server.url + WEBHOOK_PATH, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 202) resolve()
        else reject(new Error(`answered ${response.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end(BODY)
  })
}

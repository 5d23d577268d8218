/**
 * One of the servers that intake.ts compares, as a process of its own: `node bench/intake-server.ts KIND DATABASE`. Prints its address.
 * What each does before it acknowledges: `bare` checks the signature; `probot` is Probot as it comes, with a handler that does nothing;
 * `probot-insert` the same, and its handler stores the payload; `lockkeeper` is ours, which stores it and works on it later.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import pg from 'pg'
import { Probot, Server } from 'probot'
import { startServer } from '../src/intake/server.ts'
import { createIntake, WEBHOOK_PATH } from '../src/intake/webhooks.ts'
import { createQueue } from '../src/store/queue.ts'

export const SECRET = 'a-secret-of-a-benchmark'

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: nothing, error: console.error }

async function bare(): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await bytesOf(request)
    const expected = Buffer.from(`sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`)
    const given = Buffer.from(String(request.headers['x-hub-signature-256']))
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected)
    response.writeHead(isSigned ? 202 : 401).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function probot(databaseUrl: string | undefined): Promise<string> {
  const pool = databaseUrl === undefined ? undefined : new pg.Pool({ connectionString: databaseUrl, max: 10 })
  await pool?.query('create table if not exists inserted (id uuid primary key, event text, body jsonb)')
  // `log` is pino's; its level keeps it from writing a line for each request, as ours is silent here.
  const { pino } = await import('pino')
  const silent = pino({ level: 'silent' })
  const server = new Server({
    Probot: Probot.defaults({ appId: 1, privateKey: 'none', secret: SECRET, log: silent }),
    log: silent,
    port: await freePort(),
    host: '127.0.0.1',
  })
  await server.load((app) => {
    app.onAny(async ({ id, name, payload }) => {
      await pool?.query('insert into inserted values ($1, $2, $3)', [id, name, JSON.stringify(payload)])
    })
  })
  await server.start()
  return `http://127.0.0.1:${server.port}`
}

/** Probot takes 0 for its own default. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function lockkeeper(databaseUrl: string): Promise<string> {
  const queue = await createQueue({ connectionString: databaseUrl, log })
  const routes = { [`POST ${WEBHOOK_PATH}`]: createIntake({ queue, secrets: [SECRET], log }) }
  return (await startServer({ host: '127.0.0.1', port: 0, routes, log })).url
}

const [kind, databaseUrl = ''] = process.argv.slice(2)
if (import.meta.main && kind !== undefined) {
  const start = {
    bare,
    probot: () => probot(undefined),
    'probot-insert': () => probot(databaseUrl),
    lockkeeper: () => lockkeeper(databaseUrl),
  }[kind]
  if (start === undefined) throw new Error(`no server is called ${kind}`)
  console.log(await start())
}

/** What a container platform learns from the two health addresses. */
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpServer, startServer } from '../../src/intake/server.ts'
import { type HealthOptions, healthRoutes } from '../../src/web/health.ts'
import { silentLog } from '../support/log.ts'

let server: HttpServer | undefined
afterEach(() => server?.close(0))

async function get(path: string, options: HealthOptions) {
  server = await startServer({ host: '127.0.0.1', port: 0, routes: healthRoutes(options), log: silentLog })
  const response = await fetch(server.url + path)
  const body: unknown = await response.json()
  return { status: response.status, body }
}

const works = async () => {}
const fails = () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:5432'))

describe('/healthz', () => {
  it('is fine as long as the process answers, whatever else is down', async () => {
    expect(await get('/healthz', { checks: { database: fails } })).toEqual({ status: 200, body: { status: 'ok' } })
  })
})

describe('/readyz', () => {
  it('is ready when everything works', async () => {
    expect(await get('/readyz', { checks: { database: works, queue: works } })).toEqual({
      status: 200,
      body: { status: 'ready', checks: { database: 'ok', queue: 'ok' } },
    })
  })

  it('says what does not work, and why', async () => {
    expect(await get('/readyz', { checks: { database: fails, queue: works } })).toEqual({
      status: 503,
      body: { status: 'not ready', checks: { database: 'connect ECONNREFUSED 127.0.0.1:5432', queue: 'ok' } },
    })
  })

  it('does not wait for a check that hangs', async () => {
    const hangs = () => new Promise<void>(() => {})
    expect(await get('/readyz', { checks: { queue: hangs }, timeoutMs: 50 })).toEqual({
      status: 503,
      body: { status: 'not ready', checks: { queue: 'no answer within 50 ms' } },
    })
  })

  it('turns traffic away while the server stops', async () => {
    expect(await get('/readyz', { checks: {}, isStopping: () => true })).toEqual({
      status: 503,
      body: { status: 'stopping' },
    })
  })
})

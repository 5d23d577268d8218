/** What GitHub, a forger and a flood get from the webhook address. */
import { createHmac, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpServer, type ServerOptions, startServer } from '../../src/intake/server.ts'
import { createIntake, type IntakeOptions, WEBHOOK_PATH } from '../../src/intake/webhooks.ts'
import type { Delivery } from '../../src/store/queue.ts'
import { recordingLog, silentLog } from '../support/log.ts'

const secret = '8f1c2e7a94b05d36e1f7a2c9084b6d5e'
const previous = '0b6d5e3f9a1b7c2d8e4f608f1c2e7a94'
const MIB = 1024 * 1024

let server: HttpServer | undefined
afterEach(() => server?.close(0))

type StartOptions = Partial<IntakeOptions> & { timeouts?: ServerOptions['timeouts'] }

async function start({ timeouts, ...options }: StartOptions = {}): Promise<{ url: string; stored: Delivery[] }> {
  const stored: Delivery[] = []
  const known = new Set<string>()
  const queue = {
    storeDelivery: async (delivery: Delivery) => {
      if (known.has(delivery.id)) return 'duplicate' as const
      known.add(delivery.id)
      stored.push(delivery)
      return 'stored' as const
    },
  }
  const intake = createIntake({ queue, secrets: [secret], log: silentLog, ...options })
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    routes: { [`POST ${WEBHOOK_PATH}`]: intake },
    log: silentLog,
    timeouts: timeouts ?? { headersMs: 300, requestMs: 1000 },
  })
  return { url: server.url + WEBHOOK_PATH, stored }
}

function sign(body: string | Buffer, key = secret): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`
}

function headersOf(body: string | Buffer, change: Record<string, string | undefined> = {}): Record<string, string> {
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'issue_comment',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': sign(body),
    ...change,
  }
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

async function post(url: string, body: string | Buffer, change: Record<string, string | undefined> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: headersOf(body, change),
  })
  const answer: unknown = await response.json()
  return { status: response.status, answer, headers: response.headers }
}

describe('a delivery that GitHub signed', () => {
  it('is stored as it was sent, then accepted', async () => {
    const now = new Date('2026-11-17T10:00:00Z')
    const { url, stored } = await start({ now: () => now })
    const body = '{"action":"created","text":"ä\\u0000🚢"}\n'
    const id = randomUUID()
    const { status, answer } = await post(url, body, { 'x-github-delivery': id })
    expect({ status, answer }).toEqual({ status: 202, answer: { code: 'stored', message: 'Stored.' } })
    expect(stored).toEqual([{ id, event: 'issue_comment', body, receivedAt: now }])
  })

  it('is accepted again when it comes again', async () => {
    const { url, stored } = await start()
    const id = randomUUID()
    await post(url, '{}', { 'x-github-delivery': id })
    const again = await post(url, '{}', { 'x-github-delivery': id })
    expect([again.status, again.answer]).toEqual([202, { code: 'duplicate', message: 'Known already; nothing to do.' }])
    expect(stored).toHaveLength(1)
  })

  it('is stored unparsed, also when it is no JSON', async () => {
    const { url, stored } = await start()
    expect((await post(url, '{"a":')).status).toBe(202)
    expect(stored[0]?.body).toBe('{"a":')
  })

  it('may be signed with the old secret while it is being changed', async () => {
    const { url, stored } = await start({ secrets: [secret, previous] })
    expect((await post(url, '{}', { 'x-hub-signature-256': sign('{}', previous) })).status).toBe(202)
    expect((await post(url, '{}')).status).toBe(202)
    expect(stored).toHaveLength(2)
  })

  it('may be as large as GitHub sends them', async () => {
    const { url, stored } = await start()
    const body = JSON.stringify('x'.repeat(24 * MIB))
    expect((await post(url, body)).status).toBe(202)
    expect(stored[0]?.body).toHaveLength(body.length)
  })

  it('gets 503 and a time to come back when it cannot be stored', async () => {
    const log = recordingLog()
    const queue = { storeDelivery: () => Promise.reject(new Error('the database is down')) }
    const { url } = await start({ queue, log })
    const { status, answer, headers } = await post(url, '{}')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('10')
    expect(answer).toMatchObject({ code: 'store_unavailable' })
    expect(JSON.stringify(answer)).not.toContain('database is down')
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
  })
})

describe('anything else', () => {
  const wrong = sign('{}', 'another secret')
  it.each([
    ['no signature', { 'x-hub-signature-256': undefined }, 401, 'signature_missing'],
    ['an empty signature', { 'x-hub-signature-256': '' }, 401, 'signature_missing'],
    ['a forged signature', { 'x-hub-signature-256': wrong }, 401, 'signature_invalid'],
    ['a signature of SHA-1', { 'x-hub-signature-256': `sha1=${'a'.repeat(40)}` }, 401, 'signature_invalid'],
    ['a signature in capitals', { 'x-hub-signature-256': sign('{}').toUpperCase() }, 401, 'signature_invalid'],
    ['the signature of another body', { 'x-hub-signature-256': sign('{ }') }, 401, 'signature_invalid'],
    ['the signature of an unknown secret', { 'x-hub-signature-256': sign('{}', previous) }, 401, 'signature_invalid'],
    ['no event', { 'x-github-event': undefined }, 400, 'event_missing'],
    ['an odd event', { 'x-github-event': '../push' }, 400, 'event_missing'],
    ['no delivery id', { 'x-github-delivery': undefined }, 400, 'delivery_missing'],
    ['a delivery id that is no UUID', { 'x-github-delivery': '1; drop table' }, 400, 'delivery_missing'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'content_type'],
  ])('with %s is refused in one line of JSON', async (_, change, status, code) => {
    const { url, stored } = await start()
    const refused = await post(url, '{}', change)
    expect(refused).toMatchObject({ status, answer: { code, message: expect.stringMatching(/\.$/) } })
    expect(stored).toEqual([])
  })

  it('never shows the secret or the right signature in answer or log', async () => {
    const log = recordingLog()
    const { url } = await start({ log })
    const { answer } = await post(url, '{}', { 'x-hub-signature-256': wrong })
    expect(JSON.stringify([answer, log.lines])).not.toMatch(new RegExp(`${secret}|${sign('{}')}`))
  })

  it('that is announced as too large is refused before it is read', async () => {
    const { url, stored } = await start()
    const answered = await announce(url, 400 * MIB)
    expect(answered).toContain('HTTP/1.1 413')
    expect(answered).toContain('"code":"body_too_large"')
    expect(stored).toEqual([])
  })

  it('that is a little too large without announcement is refused and not kept', async () => {
    const { url, stored } = await start()
    const before = process.memoryUsage().rss
    expect(await stream(url, 26)).toBe(413)
    expect(stored).toEqual([])
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MIB)
  })

  it('that never ends is cut off after a while', async () => {
    const { url } = await start({ timeouts: { headersMs: 60_000, requestMs: 60_000 } })
    const sent = await endless(url, 500 * MIB)
    expect(sent).toBeGreaterThan(25 * MIB)
    expect(sent).toBeLessThan(40 * MIB)
  })

  it('that is too much at once is asked to come back', async () => {
    const { url, stored } = await start({ limits: { maxBytes: MIB, maxTotalBytes: MIB } })
    const held = connect(Number(new URL(url).port), '127.0.0.1')
    const body = 'x'.repeat(1_000_000)
    held.write(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n${rawHeaders(body)}\r\n${body}`)
    await sleep(100)
    const { status, headers } = await post(url, 'x'.repeat(800_000))
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
    held.destroy()
    await sleep(100)
    expect((await post(url, 'x'.repeat(800_000))).status).toBe(202)
    expect(stored).toHaveLength(1)
  })

  it('cannot keep out ordinary deliveries, however much unsigned clients send', async () => {
    const { url, stored } = await start({ limits: { maxBytes: MIB, maxTotalBytes: MIB } })
    const body = 'x'.repeat(MIB - 1)
    const held = connect(Number(new URL(url).port), '127.0.0.1')
    const head = `POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: ${MIB}\r\n${rawHeaders('forged')}\r\n`
    held.write(head + body)
    await sleep(100)
    expect((await post(url, 'x'.repeat(800_000))).status).toBe(503)
    expect((await post(url, 'x'.repeat(256 * 1024))).status).toBe(202)
    expect(stored).toHaveLength(1)
    held.destroy()
  })
})

describe('the server', () => {
  it.each([
    ['GET', WEBHOOK_PATH, 405],
    ['PUT', WEBHOOK_PATH, 405],
    ['POST', '/', 404],
    ['POST', '/webhooks', 404],
    ['POST', `${WEBHOOK_PATH}/`, 404],
    ['GET', '/__proto__', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    const { url } = await start()
    const response = await fetch(new URL(path, url), { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null)
    expect(await response.json()).toHaveProperty('code')
  })

  it.each([
    ['headers', 'POST / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['a body', `POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n${rawHeaders('{}')}\r\n{`],
  ])('cuts off a client that sends %s byte by byte', async (_, begin) => {
    const { url } = await start()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(begin)
    const drip = setInterval(() => socket.write('x'), 100)
    const closed = await Promise.race([
      new Promise((resolve) => socket.once('close', () => resolve('closed'))),
      sleep(6000),
    ])
    clearInterval(drip)
    socket.destroy()
    expect(closed).toBe('closed')
  })

  it('finishes the request that is under way when it stops', async () => {
    const release = Promise.withResolvers<'stored'>()
    const { url } = await start({ queue: { storeDelivery: () => release.promise } })
    const answered = post(url, '{}')
    await sleep(50)
    const closing = server?.close(5)
    await sleep(50)
    release.resolve('stored')
    expect((await answered).status).toBe(202)
    await closing
    await expect(fetch(url)).rejects.toThrow()
  })

  it('routes to the longest path and answers 500 when a page fails', async () => {
    const page = (text: string) => (_: unknown, response: { end(text: string): void }) => response.end(text)
    const routes = {
      'GET /pages/*': page('any'),
      'GET /pages/deep/*': page('deep'),
      'GET /pages/exact': page('exact'),
      'GET /fails': () => Promise.reject(new Error('secret detail')),
    }
    server = await startServer({ host: '127.0.0.1', port: 0, routes, log: silentLog })
    const get = async (path: string) => (await fetch(`${server?.url}${path}`)).text()
    expect(await Promise.all(['/pages/a?b', '/pages/deep/c', '/pages/exact'].map(get))).toEqual([
      'any',
      'deep',
      'exact',
    ])
    expect(await get('/fails')).not.toContain('secret detail')
  })
})

function rawHeaders(body: string): string {
  return Object.entries(headersOf(body))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** Announces a body of that many bytes and sends almost nothing of it. */
function announce(url: string, bytes: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.write(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n${rawHeaders('{}')}\r\n{`)
  })
}

/** Sends that many MiB in chunks; gives the status, or `cut off`. */
function stream(url: string, mebibytes: number): Promise<number | string> {
  return new Promise((resolve) => {
    const request = httpRequest(url, { method: 'POST', headers: headersOf('{}') }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', () => resolve('cut off'))
    const chunk = Buffer.alloc(MIB, 'x')
    let sent = 0
    const next = (): void => {
      sent += 1
      if (sent > mebibytes) request.end()
      else request.write(chunk, (error) => (error ? undefined : next()))
    }
    next()
  })
}

/** Sends a chunked body without end; gives how many bytes it got rid of before the connection was cut. */
function endless(url: string, most: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 'x'), Buffer.from('\r\n')])
    let sent = 0
    const next = (error?: Error | null): void => {
      if (error || sent > most) return void socket.destroy()
      sent += MIB
      socket.write(chunk, next)
    }
    socket.on('error', () => {})
    socket.on('close', () => resolve(sent))
    socket.resume()
    socket.write(
      `POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n${rawHeaders('{}')}\r\n`,
      next,
    )
  })
}

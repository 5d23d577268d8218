/** An HTTP check sees what is there, and reaches nothing that it should not. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { getGlobalDispatcher, ProxyAgent, setGlobalDispatcher } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpProbe } from '../../src/clients/http-probe.ts'
import type { Resolve } from '../../src/clients/safe-address.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
})

/** A service on this machine, reached through the policy's routes as `https://churn.example.com`. */
async function service(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const probeOf = (port: number, more: { readonly timeoutMs?: number; readonly resolve?: Resolve } = {}) => {
  const probe = createHttpProbe({
    routes: [{ from: 'https://*.example.com', to: `http://127.0.0.1:${port}` }],
    userAgent: 'lockkeeper/test',
    ...more,
  })
  return { ask: probe.ask, get: (url: string) => probe.ask({ url, method: 'GET' }) }
}

const READY = 'https://churn.example.com/v2/health/ready'

describe('a check', () => {
  it('tells status and time, and asks under the original name', async () => {
    const seen: (string | undefined)[] = []
    const port = await service((request, response) => {
      seen.push(request.method, request.url, request.headers.host, request.headers['user-agent'])
      response.end('{}')
    })
    const answer = await probeOf(port).get(READY)
    expect(answer).toMatchObject({ kind: 'answer', status: 200 })
    expect(seen).toEqual(['GET', '/v2/health/ready', 'churn.example.com', 'lockkeeper/test'])
  })

  it('takes a redirect and an error as the answers that they are', async () => {
    const port = await service((request, response) => {
      response.writeHead(request.url === '/moved' ? 302 : 503, { location: 'http://169.254.169.254/' }).end()
    })
    expect(await probeOf(port).get('https://churn.example.com/moved')).toMatchObject({ kind: 'answer', status: 302 })
    expect(await probeOf(port).get('https://churn.example.com/')).toMatchObject({ kind: 'answer', status: 503 })
  })

  it('stops reading an answer that does not end', async () => {
    let written = 0
    const port = await service((_, response) => {
      const write = (): void => {
        if (response.destroyed) return
        written += 16_384
        response.write(Buffer.alloc(16_384))
        setImmediate(write)
      }
      write()
    })
    expect(await probeOf(port).get(READY)).toMatchObject({ kind: 'answer', status: 200 })
    expect(written).toBeLessThan(50_000_000)
  })

  it('fails with a reason when nothing answers in time, refuses or breaks off', async () => {
    const silent = await service(() => undefined)
    expect(await probeOf(silent, { timeoutMs: 200 }).get(READY)).toEqual({
      kind: 'failed',
      reason: 'no answer within 0.2 s',
    })
    let asked = 0
    const broken = await service((request) => {
      asked += 1
      request.socket.destroy()
    })
    expect(await probeOf(broken).get(READY)).toMatchObject({ kind: 'failed', reason: /connection (broken|reset)/ })
    expect(asked).toBe(1)
    expect(await probeOf(1).get(READY)).toEqual({ kind: 'failed', reason: 'connection refused' })
  })

  it.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0:PORT/',
    'http://127.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0x7f.0.0.1:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://１２７.0.0.1:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[::ffff:a9fe:a9fe]/latest/meta-data/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://churn.example.com@127.0.0.1:PORT/',
    'http://0xa9fea9fe/latest/meta-data/',
    'http://169.254.169.254./',
    'http://169.254.169.254/latest/meta-data/',
  ])('of this machine or of the cloud is not made: %s', async (url) => {
    let asked = 0
    const port = await service((_, response) => {
      asked += 1
      response.end()
    })
    const answer = await probeOf(port).get(url.replace('PORT', String(port)))
    expect(answer).toMatchObject({ kind: 'failed', reason: /loopback, link-local or metadata address/ })
    expect(asked).toBe(0)
  })

  it('of a name is made to the address that was looked at, not to what the name says next', async () => {
    let asked = 0
    const port = await service((_, response) => {
      asked += 1
      response.end()
    })
    const resolved: string[] = []
    const resolve: Resolve = async (host) => {
      resolved.push(host)
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const answer = await probeOf(port, { resolve }).get(`http://rebound.attacker.org:${port}/`)
    expect(answer).toEqual({
      kind: 'failed',
      reason:
        "rebound.attacker.org is at 127.0.0.1, a loopback, link-local or metadata address: name it in the policy's routes",
    })
    expect({ asked, resolved }).toEqual({ asked: 0, resolved: ['rebound.attacker.org'] })
  })

  it.each(['ftp://churn.example.com/', 'file:///etc/passwd', 'nonsense', ''])('is not made of %s', async (url) => {
    expect(await probeOf(1).get(url)).toEqual({ kind: 'failed', reason: 'not an http or https address' })
  })
})

describe('a request', () => {
  const bodies = async (headers: Record<string, string>, body: string | Buffer) => {
    const port = await service((_, response) => {
      response.writeHead(200, headers).end(body)
    })
    return probeOf(port).ask({ url: READY, method: 'GET', readBody: true })
  }

  it('sends JSON, and its own headers win over those of the check', async () => {
    const seen: unknown[] = []
    const port = await service(async (asked, response) => {
      let text = ''
      for await (const chunk of asked) text += String(chunk)
      const { host, accept, 'content-type': type, 'user-agent': agent, 'accept-encoding': encoding } = asked.headers
      seen.push(asked.method, text, host, accept, type, agent, encoding)
      response.end('{"predictions":[1]}')
    })
    const headers = ['host', 'user-agent', 'accept-encoding', 'accept'].map((name) => ({ name, value: 'x' }))
    const json = { instances: [[1, 2]] }
    const answer = await probeOf(port).ask({ url: READY, method: 'POST', json, headers, readBody: true })
    expect(answer).toMatchObject({ kind: 'answer', status: 200, body: '{"predictions":[1]}' })
    expect(seen).toEqual([
      'POST',
      '{"instances":[[1,2]]}',
      'churn.example.com',
      'x',
      'application/json',
      'lockkeeper/test',
      'identity',
    ])
  })

  it.each([
    [
      'is compressed',
      { 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(50_000_000)),
      'the body is compressed, although that was not asked for',
    ],
    ['is larger than is read', {}, Buffer.alloc(1024 * 1024 + 1, 97), 'the body is larger than 1 MiB'],
    ['is no text', {}, Buffer.of(0xff, 0xfe, 0x00), 'the body is no text'],
  ] as const)('whose answer %s is not looked into', async (_, headers, body, bodyProblem) => {
    expect(await bodies(headers, body)).toMatchObject({ kind: 'answer', status: 200, bodyProblem })
  })

  it('ends in time however slowly the answer comes', async () => {
    const port = await service((_, response) => {
      const drip = setInterval(() => response.write('a'), 20)
      response.on('close', () => clearInterval(drip))
    })
    const started = performance.now()
    const answer = await probeOf(port).ask({ url: READY, method: 'GET', readBody: true, timeoutMs: 200 })
    expect(answer).toEqual({ kind: 'failed', reason: 'no answer within 0.2 s' })
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('ends at headers without end', async () => {
    const port = await service((_, response) => {
      response.writeHead(200, Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`x-${at}`, 'a'.repeat(1000)])))
      response.end()
    })
    expect(await probeOf(port).get(READY)).toMatchObject({ kind: 'failed' })
  })

  it('carries no header that its address was to smuggle in', async () => {
    const seen: unknown[] = []
    const port = await service((asked, response) => {
      seen.push(asked.url, asked.headers['x-injected'])
      response.end()
    })
    await probeOf(port).get('https://churn.example.com/a\r\nx-injected: 1\r\n/%0d%0ax-injected:%201')
    expect(seen).toEqual(['/ax-injected:%201/%0d%0ax-injected:%201', undefined])
  })

  it('goes past no proxy of the process, which would look the name up by itself', async () => {
    const usual = getGlobalDispatcher()
    let proxied = 0
    const proxy = await service((_, response) => {
      proxied += 1
      response.end()
    })
    setGlobalDispatcher(new ProxyAgent(`http://127.0.0.1:${proxy}`))
    try {
      const port = await service((_, response) => response.end())
      expect(await probeOf(port).get(READY)).toMatchObject({ kind: 'answer', status: 200 })
      const metadata = await probeOf(port).get('http://169.254.169.254/')
      expect(metadata).toMatchObject({ kind: 'failed', reason: /metadata address/ })
      expect(proxied).toBe(0)
    } finally {
      setGlobalDispatcher(usual)
    }
  })

  it('looks the name up anew each time, and keeps no connection to what it was', async () => {
    const addresses = ['10.255.255.1', '127.0.0.1']
    const resolved: string[] = []
    const resolve: Resolve = async () => {
      const address = addresses[resolved.length] ?? '127.0.0.1'
      resolved.push(address)
      return [{ address, family: 4 }]
    }
    const probe = probeOf(1, { resolve, timeoutMs: 150 })
    await probe.get('http://rebound.attacker.org/')
    expect(await probe.get('http://rebound.attacker.org/')).toMatchObject({ reason: /loopback/ })
    expect(resolved).toEqual(addresses)
  })

  it('is not made when one of several addresses is unsafe', async () => {
    const resolve: Resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '::ffff:169.254.169.254', family: 6 },
    ]
    const answer = await probeOf(1, { resolve }).get('http://many.attacker.org/')
    expect(answer).toMatchObject({ kind: 'failed', reason: /at ::ffff:169.254.169.254, a loopback, link-local/ })
  })
})

/** An HTTP check sees what is there, and reaches nothing that it should not. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
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

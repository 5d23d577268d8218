/** Model endpoints behind one address, told apart by Host header: the inference protocol's health and infer routes. Health checks of the bot reach it through the policy's `routes`. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

/** What an endpoint answers at a moment. `status` 200 unless told; `drop` cuts the connection. */
export type EndpointAnswer = {
  readonly status?: number
  readonly delayMs?: number
  readonly drop?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A request as a rule sees it; `storageUri` is the model that is live behind the host, `count` starts at 1 and counts per host. */
export type EndpointRequest = {
  readonly host: string
  readonly path: string
  readonly method: string
  readonly storageUri: string | undefined
  readonly count: number
  readonly now: Date
}

export type EndpointSandbox = {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  /** Serves a host. `live` tells which model is loaded behind it (e.g. KServe's `liveUri`); without any, 503. */
  host(host: string, live: () => string | undefined): void
  /** Changes what a host answers; `undefined` from the rule means the ordinary answer. */
  script(host: string, rule: (request: EndpointRequest) => EndpointAnswer | undefined): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

type Host = {
  readonly live: () => string | undefined
  rule: (request: EndpointRequest) => EndpointAnswer | undefined
  count: number
}

export type EndpointOptions = { readonly clock: SandboxClock; readonly port?: number }

export async function startEndpoint({ clock, ...listening }: EndpointOptions): Promise<EndpointSandbox> {
  const hosts = new Map<string, Host>()
  const handler: SandboxHandler = async (request) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    const known = hosts.get(host)
    if (known === undefined) return { status: 404, headers: { server: 'envoy' } }
    known.count += 1
    const storageUri = known.live()
    const { path, method } = request
    const seen = { host, path, method, storageUri, count: known.count, now: clock.now() }
    const scripted = known.rule(seen)
    if (scripted === undefined) return ordinary(request, storageUri)
    return perform(scripted, request, ordinary(request, storageUri))
  }
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  return {
    url: server.url,
    requests: server.requests,
    host: (host, live) => {
      hosts.set(host, { live, rule: () => undefined, count: 0 })
    },
    script: (host, rule) => {
      const known = hosts.get(host)
      if (known === undefined) throw new Error(`no endpoint for ${host}`)
      known.rule = rule
    },
    down: server.down,
    up: server.up,
    close: server.close,
  }
}

async function perform(answer: EndpointAnswer, request: SandboxRequest, usual: SandboxResponse) {
  const { status, delayMs = 0, drop = false, headers, body } = answer
  if (delayMs > 0) await sleep(delayMs)
  if (drop) {
    request.raw.socket.destroy()
    return undefined
  }
  const said = body === undefined ? (status === undefined || status === usual.status ? usual.body : undefined) : body
  return { ...usual, status: status ?? usual.status, ...(headers === undefined ? {} : { headers }), body: said }
}

/** The open inference protocol (v2), as KServe's servers answer it. */
function ordinary({ method, path, body }: SandboxRequest, storageUri: string | undefined): SandboxResponse {
  if (storageUri === undefined) return { status: 503, body: 'no healthy upstream' }
  if (method === 'GET' && path === '/v2/health/live') return { status: 200, body: { live: true } }
  if (method === 'GET' && path === '/v2/health/ready') return { status: 200, body: { ready: true } }
  const [, model, action] = /^\/v2\/models\/([^/]+)\/(ready|infer)$/.exec(path) ?? []
  if (model !== undefined && action === 'ready' && method === 'GET')
    return { status: 200, body: { name: model, ready: true } }
  if (model !== undefined && action === 'infer' && method === 'POST') return infer(model, body, storageUri)
  return { status: 404, body: { detail: 'Not Found' } }
}

function infer(model: string, body: Buffer, storageUri: string): SandboxResponse {
  const rows = rowsOf(body)
  if (rows === undefined) return { status: 400, body: { error: 'Failed to decode the request: inputs are missing' } }
  const output = { name: 'output-0', shape: [rows], datatype: 'FP64', data: Array.from({ length: rows }, () => 0.5) }
  const parameters = { storage_uri: storageUri }
  return { status: 200, body: { model_name: model, id: '0', parameters, outputs: [output] } }
}

function rowsOf(body: Buffer): number | undefined {
  try {
    const { inputs } = JSON.parse(body.toString('utf8')) as { inputs?: { shape?: number[] }[] }
    return inputs?.[0]?.shape?.[0]
  } catch {
    return undefined
  }
}

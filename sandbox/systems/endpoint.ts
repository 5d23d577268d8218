/** Model endpoints behind one address, told apart by Host header: the health and inference routes of both protocols, V1 and V2. Health checks of the bot reach it through the policy's `routes`. */
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

/** `storageUri` is what is live: another model may predict otherwise. */
export type Predict = (row: readonly number[], storageUri: string) => number

export type EndpointSandbox = {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  /** Serves a host. `live` tells which model is loaded behind it (e.g. KServe's `liveUri`); without any, 503. */
  host(host: string, live: () => string | undefined): void
  /** The model behind a host: one number for each row. At first a logistic of the row's mean, whatever is live. */
  model(host: string, predict: Predict): void
  /** Changes what a host answers; `undefined` from the rule means the ordinary answer. */
  script(host: string, rule: (request: EndpointRequest) => EndpointAnswer | undefined): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

type Host = {
  readonly live: () => string | undefined
  predict: Predict
  rule: (request: EndpointRequest) => EndpointAnswer | undefined
  count: number
}

export type EndpointOptions = { readonly clock: SandboxClock; readonly port?: number }

export async function startEndpoint({ clock, ...listening }: EndpointOptions): Promise<EndpointSandbox> {
  const hosts = new Map<string, Host>()
  const handler: SandboxHandler = async (request) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    const served = hosts.get(host)
    if (served === undefined) return { status: 404, headers: { server: 'envoy' } }
    served.count += 1
    const storageUri = served.live()
    const { path, method } = request
    const seen = { host, path, method, storageUri, count: served.count, now: clock.now() }
    const scripted = served.rule(seen)
    const usual = ordinary(request, storageUri, served.predict)
    return scripted === undefined ? usual : perform(scripted, request, usual)
  }
  const known = (host: string): Host => {
    const one = hosts.get(host)
    if (one === undefined) throw new Error(`no endpoint for ${host}`)
    return one
  }
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  return {
    url: server.url,
    requests: server.requests,
    host: (host, live) => {
      hosts.set(host, { live, predict: logistic, rule: () => undefined, count: 0 })
    },
    model: (host, predict) => {
      known(host).predict = predict
    },
    script: (host, rule) => {
      known(host).rule = rule
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

/** The inference protocols V1 and V2 (the open one), as KServe's servers answer them. */
function ordinary(
  { method, path, body }: SandboxRequest,
  storageUri: string | undefined,
  predict: Predict,
): SandboxResponse {
  if (storageUri === undefined) return { status: 503, body: 'no healthy upstream' }
  if (method === 'GET' && path === '/v2/health/live') return { status: 200, body: { live: true } }
  if (method === 'GET' && path === '/v2/health/ready') return { status: 200, body: { ready: true } }
  const [, model, action] = /^\/v2\/models\/([^/]+)\/(ready|infer)$/.exec(path) ?? []
  if (model !== undefined && action === 'ready' && method === 'GET')
    return { status: 200, body: { name: model, ready: true } }
  const one = (row: readonly number[]): number => predict(row, storageUri)
  if (model !== undefined && action === 'infer' && method === 'POST') return infer(model, body, { one, storageUri })
  if (method === 'POST' && /^\/v1\/models\/[^/]+:predict$/.test(path)) return predictV1(body, one)
  return { status: 404, body: { detail: 'Not Found' } }
}

const logistic: Predict = (row) =>
  1 / (1 + Math.exp(-row.reduce((sum, value) => sum + value, 0) / Math.max(1, row.length)))

function predictV1(body: Buffer, one: (row: readonly number[]) => number): SandboxResponse {
  const instances = parsed(body)?.['instances']
  if (!Array.isArray(instances)) return { status: 400, body: { error: 'Expected "instances" to be a list' } }
  return { status: 200, body: { predictions: instances.map((row) => one([row].flat())) } }
}

type Model = { readonly one: (row: readonly number[]) => number; readonly storageUri: string }

/** One input: its rows, whether its data is written flat or nested. */
function infer(model: string, body: Buffer, { one, storageUri }: Model): SandboxResponse {
  const inputs = parsed(body)?.['inputs'] as { shape?: number[]; data?: unknown[] }[] | undefined
  const rows = inputs?.[0]?.shape?.[0]
  if (rows === undefined) return { status: 400, body: { error: 'Failed to decode the request: inputs are missing' } }
  const flat = (inputs?.[0]?.data ?? []).flat(Number.POSITIVE_INFINITY) as number[]
  const width = Math.floor(flat.length / Math.max(1, rows))
  const data = Array.from({ length: rows }, (_, row) => one(flat.slice(row * width, (row + 1) * width)))
  const output = { name: 'output-0', shape: [rows], datatype: 'FP64', data }
  return {
    status: 200,
    body: { model_name: model, id: '0', parameters: { storage_uri: storageUri }, outputs: [output] },
  }
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

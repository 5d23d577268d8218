/** The bot's HTTP server: a route table over node:http with the limits that a port on the internet needs. What is behind a route is its owner's: webhooks.ts, ../web/. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Log } from '../store/log.ts'
import { answer } from './answer.ts'

export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/** `GET /healthz`, `POST /api/github/webhooks`, or `GET /dashboard/*` for everything below a path. GET answers HEAD, too. */
export type Routes = Readonly<Record<string, RouteHandler>>

export type HttpServer = {
  /** As a browser on this machine would write it. */
  readonly url: string
  readonly port: number
  /** Takes no new connection, lets requests finish, cuts off what is left after `graceSeconds` (default 5). */
  close(graceSeconds?: number): Promise<void>
}

export type ServerOptions = {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly routes: Routes
  readonly log: Log
  /** For tests: how long a client may take. Defaults: 10 s for the headers, 30 s for the whole request. */
  readonly timeouts?: { readonly headersMs: number; readonly requestMs: number }
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Longer than the idle time of the usual load balancers (60 s), so that they never send into a connection that we close. */
const KEEP_ALIVE_MS = 65_000

/** Each may hold some hundred kilobytes of a request that is not whole yet. */
const MAX_CONNECTIONS = 500

/** Listens, and resolves when it does. Rejects when the address is taken or not ours. */
export async function startServer(options: ServerOptions): Promise<HttpServer> {
  const headersTimeout = options.timeouts?.headersMs ?? HEADERS_TIMEOUT_MS
  const requestTimeout = options.timeouts?.requestMs ?? REQUEST_TIMEOUT_MS
  const server = createServer(
    {
      headersTimeout,
      requestTimeout,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // How soon a client that is too slow is noticed.
      connectionsCheckingInterval: Math.min(1000, headersTimeout),
    },
    (request, response) => void route(options, request, response),
  )
  boundConnections(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const name = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${name === '0.0.0.0' || name === '[::]' ? 'localhost' : name}:${port}`,
    port,
    close: (graceSeconds = 5) => close(server, graceSeconds),
  }
}

/**
 * One connection too many costs the one that has gone longest without an answer. Whoever fills the server with slow requests loses them first;
 * refusing new connections would keep GitHub out instead.
 */
function boundConnections(server: Server): void {
  const byAnswer = new Set<IncomingMessage['socket']>()
  server.on('connection', (socket) => {
    byAnswer.add(socket)
    socket.once('close', () => byAnswer.delete(socket))
    const [longest] = byAnswer
    if (byAnswer.size > MAX_CONNECTIONS) longest?.destroy()
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    response.once('finish', () => {
      if (byAnswer.delete(socket)) byAnswer.add(socket)
    })
  })
}

async function route(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
    const handler = find(options.routes, method, path)
    if (handler !== undefined) await handler(request, response)
    else refuse(response, allowedMethods(options.routes, path))
  } catch (error) {
    options.log.error({ err: error, method: request.method, url: request.url }, 'a request failed')
    if (response.headersSent) response.destroy()
    else answer(response, 500, { code: 'internal', message: 'The request failed; the reason is in the log.' })
  }
}

function refuse(response: ServerResponse, allowed: readonly string[]): void {
  if (allowed.length === 0) answer(response, 404, { code: 'not_found', message: 'There is nothing at this address.' })
  else {
    const message = `Use ${allowed.join(' or ')} here.`
    answer(response, 405, { code: 'method_not_allowed', message }, { allow: allowed.join(', ') })
  }
}

function find(routes: Routes, method: string, path: string): RouteHandler | undefined {
  const exact = Object.hasOwn(routes, `${method} ${path}`) ? routes[`${method} ${path}`] : undefined
  if (exact !== undefined) return exact
  const below = Object.keys(routes)
    .filter((key) => key.endsWith('/*') && `${method} ${path}`.startsWith(key.slice(0, -1)))
    .toSorted((a, b) => b.length - a.length)[0]
  return below === undefined ? undefined : routes[below]
}

function allowedMethods(routes: Routes, path: string): string[] {
  const methods = new Set(Object.keys(routes).map((key) => key.split(' ', 1)[0] ?? ''))
  return [...methods].filter((method) => find(routes, method, path) !== undefined)
}

async function close(server: Server, graceSeconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000)
  await closed
  clearTimeout(timer)
}

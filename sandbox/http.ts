/** The one HTTP server helper of the sandbox: a route table over node:http, JSON in and out. Each stand-in system is one such server on a loopback port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as a stand-in sees it: `path` without the query, `body` raw, `json` parsed when it parses. */
export type SandboxRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly raw: IncomingMessage
  readonly response: ServerResponse
}

/** What a stand-in answers. `body` is sent as JSON unless it is a string or Buffer. `undefined` from a handler means it has written to `response` itself (streams, long polls). */
export type SandboxResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type SandboxHandler = (
  request: SandboxRequest,
) => Promise<SandboxResponse | undefined> | SandboxResponse | undefined

export type SandboxServer = {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Listens on 127.0.0.1 (`port` 0 = any free one) and answers every request through `handler`; a throw becomes 500 with the message. */
export async function listen(handler: SandboxHandler, port = 0): Promise<SandboxServer> {
  const server = createServer((raw, response) => {
    void answer(handler, raw, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close: () => close(server) }
}

async function answer(handler: SandboxHandler, raw: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of raw) chunks.push(chunk as Buffer)
    const url = new URL(raw.url ?? '/', 'http://sandbox')
    const result = await handler({
      method: raw.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: raw.headers,
      body: Buffer.concat(chunks),
      raw,
      response,
    })
    if (result !== undefined) send(response, result)
  } catch (error) {
    if (!response.headersSent) send(response, { status: 500, body: { message: `sandbox: ${String(error)}` } })
    else response.end()
  }
}

function send(response: ServerResponse, { status, headers, body }: SandboxResponse): void {
  const isText = typeof body === 'string' || Buffer.isBuffer(body)
  const payload = body === undefined ? '' : isText ? body : JSON.stringify(body)
  const type = body === undefined || isText ? {} : { 'content-type': 'application/json; charset=utf-8' }
  response.writeHead(status, { ...type, ...headers })
  response.end(payload)
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

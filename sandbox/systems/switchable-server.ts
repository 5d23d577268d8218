/** A stand-in's server that can be taken down and brought up again on the same port, and that logs its requests. Used by every stand-in of this folder. */
import { listen, type SandboxHandler, type SandboxRequest, type SandboxResponse } from '../http.ts'

/** How a system is down: nobody listens, or a proxy in front of it answers 503. */
export type Outage = 'refused' | 'unavailable'

/** One request that a stand-in got. `status` is 0 while the answer is still being written (watches). */
export type LoggedRequest = {
  readonly at: Date
  readonly method: string
  readonly path: string
  readonly query: string
  readonly host: string
  readonly body: string
  readonly status: number
}

export type SwitchableServer = {
  readonly url: string
  readonly port: number
  readonly requests: readonly LoggedRequest[]
  /** Takes the system down; `up` brings it back on the same port. Open connections are cut. */
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export type SwitchableOptions = { readonly now: () => Date; readonly port?: number }

/** Listens on loopback. `now` stamps the request log. */
export async function listenSwitchable(handler: SandboxHandler, options: SwitchableOptions): Promise<SwitchableServer> {
  const requests: LoggedRequest[] = []
  let outage: Outage | undefined
  const answer = async (request: SandboxRequest): Promise<SandboxResponse | undefined> => {
    const entry = { ...describe(request), at: options.now(), status: 0 }
    requests.push(entry)
    const result = outage === undefined ? await handler(request) : UNAVAILABLE
    entry.status = result?.status ?? request.response.statusCode
    return result
  }
  let server = await listen(answer, options.port ?? 0)
  let listening = true
  const { url, port } = server
  const stop = async () => {
    if (listening) await server.close()
    listening = false
  }
  return {
    url,
    port,
    requests,
    down: async (kind = 'refused') => {
      outage = kind
      if (kind === 'refused') await stop()
    },
    up: async () => {
      outage = undefined
      if (!listening) server = await listen(answer, port)
      listening = true
    },
    close: stop,
  }
}

const UNAVAILABLE: SandboxResponse = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>\n',
}

function describe(request: SandboxRequest) {
  return {
    method: request.method,
    path: request.path,
    query: request.query.toString(),
    host: request.headers.host ?? '',
    body: request.body.toString('utf8'),
  }
}

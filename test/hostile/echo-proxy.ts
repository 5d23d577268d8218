/** Stands before a system and lets everything pass; when told to, it answers with all that it was sent, as servers do that are debugged, or attack. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type EchoProxy = {
  readonly url: string
  /** From now on every answer has this status and quotes the request; undefined: requests pass again. */
  echo(status: number | undefined): void
  /** Requests that came with credentials: without one, a test of what becomes of them proves nothing. */
  authorised(): number
  close(): Promise<void>
}

/** Before the server at `target`. */
export async function startEchoProxy(target: string): Promise<EchoProxy> {
  let echoed: number | undefined
  let authorised = 0
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming)
    const { method, url = '/', headers } = incoming
    if (headers.authorization !== undefined) authorised += 1
    if (echoed === undefined) {
      const passed = request(
        new URL(url, target),
        { method, headers: { ...headers, host: new URL(target).host } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        },
      )
      passed.on('error', () => outgoing.destroy())
      passed.end(body)
      return
    }
    const said = `you sent ${JSON.stringify(incoming.rawHeaders)} and ${body.toString()}`
    const answer = {
      error_code: 'BAD_REQUEST',
      message: said,
      error: said,
      errors: [{ code: 'DENIED', message: said }],
      kind: 'Status',
      reason: said,
      status: 'error',
    }
    outgoing.writeHead(echoed, {
      'content-type': 'application/json',
      'www-authenticate': `Basic realm="${encodeURIComponent(said)}"`,
    })
    outgoing.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    echo: (status) => {
      echoed = status
    },
    authorised: () => authorised,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Sends signed webhooks over a fixed number of connections and takes the time of each answer. traffic.ts makes them. */
import { Agent, request } from 'node:http'
import type { Signed } from './traffic.ts'

export type LoadOptions = {
  readonly url: string
  readonly connections: number
  /** The next one, or undefined when no more are to be sent. */
  next(): Signed | undefined | Promise<Signed | undefined>
  /** Whether this status acknowledges; 202 does when absent. What is not stored (503) is sent again, as GitHub's log is asked for it later. */
  accepted?(status: number): boolean
  onBusy?(): void
}

/** Sends until `next` has no more; gives the milliseconds of each answer, in their order. Throws when one is not acknowledged. */
export async function load({
  url,
  connections,
  next,
  accepted = (status) => status === 202,
  onBusy = () => {},
}: LoadOptions): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  const client = async () => {
    for (let signed = await next(); signed !== undefined; signed = await next()) {
      const begin = performance.now()
      let status = await post({ url, agent, signed })
      times.push(performance.now() - begin)
      for (; status === 503; status = await post({ url, agent, signed })) onBusy()
      if (!accepted(status)) throw new Error(`answered ${status}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, client))
  } finally {
    agent.destroy()
  }
  return times
}

function post({
  url,
  agent,
  signed,
}: {
  readonly url: string
  readonly agent: Agent
  readonly signed: Signed
}): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: signed.headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(signed.body)
  })
}

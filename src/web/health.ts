/** `/healthz` (the process answers) and `/readyz` (it can do its work), for container platforms and load balancers. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export type HealthOptions = {
  /** By name, what must work before traffic is sent here; each throws with the reason when it does not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** From the first signal to stop on: not ready, though alive. */
  readonly isStopping?: () => boolean
  /** How long a check may take; default 2000. */
  readonly timeoutMs?: number
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
type Readiness = { readonly isReady: boolean; readonly checks: Readonly<Record<string, string>> }

const LONGEST_REASON = 200

/** Routes for the server; nobody must be signed in, so they tell names and reasons, no settings. */
export function healthRoutes(options: HealthOptions): Readonly<Record<'GET /healthz' | 'GET /readyz', Handler>> {
  let running: Promise<Readiness> | undefined
  // Callers that ask at the same time share one round of checks.
  const checkOnce = () => {
    running ??= check(options).finally(() => {
      running = undefined
    })
    return running
  }
  return {
    'GET /healthz': (_request, response) => send(response, 200, { status: 'ok' }),
    'GET /readyz': async (_request, response) => {
      if (options.isStopping?.() === true) return send(response, 503, { status: 'stopping' })
      const { isReady, checks } = await checkOnce()
      send(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', checks })
    },
  }
}

async function check({ checks, timeoutMs = 2000 }: HealthOptions): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, run]) => [name, await reasonOf(run, timeoutMs)] as const),
  )
  return { isReady: results.every(([, reason]) => reason === 'ok'), checks: Object.fromEntries(results) }
}

async function reasonOf(run: () => Promise<void>, timeoutMs: number): Promise<string> {
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => late.resolve(`no answer within ${timeoutMs} ms`), timeoutMs)
  try {
    return await Promise.race([run().then(() => 'ok'), late.promise])
  } catch (error) {
    const text = error instanceof Error ? error.message || error.name : String(error)
    return text.slice(0, LONGEST_REASON)
  } finally {
    clearTimeout(timer)
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}

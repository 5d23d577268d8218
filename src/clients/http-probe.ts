/** HTTP checks of a rollout, and looks for an artefact: one request, no redirects, a bound on every phase. Which hosts a repository may have asked is decided before, by the policy. */
import { Agent, type Dispatcher, request } from 'undici'
import type { HttpProbe, HttpRequest, ProbeAnswer } from '../services/ports.ts'
import { networkReason } from './network-failure.ts'
import { type Route, routeRequest } from './routes.ts'
import { createGuardedDispatcher, type Resolve, refuseUnsafeHost } from './safe-address.ts'

/** A body that nobody looks into is read up to here, so that an endless answer ends. */
const UNREAD_BODY_BYTES = 64 * 1024
/** One that is looked into may not be longer. */
const MAX_BODY_BYTES = 1024 * 1024
const TIMEOUT_MS = 5000

/** `userAgent` is what the checked service sees in its log. */
export type HttpProbeSettings = {
  readonly routes: readonly Route[]
  readonly userAgent: string
  readonly timeoutMs?: number
  readonly resolve?: Resolve
}

type Session = HttpProbeSettings & { readonly guarded: Dispatcher; readonly plain: Dispatcher }

/**
 * No request is ever repeated: a broken connection is what a check is there to see. Both dispatchers are its own, since the
 * process' default one may go through a proxy (HTTP_PROXY), which would look the name up by itself.
 */
export function createHttpProbe(settings: HttpProbeSettings): HttpProbe {
  const guarded = createGuardedDispatcher(settings.resolve === undefined ? {} : { resolve: settings.resolve })
  const session = { ...settings, guarded, plain: new Agent({ pipelining: 0 }) }
  return { ask: (asked) => probe(session, asked) }
}

async function probe(session: Session, asked: HttpRequest): Promise<ProbeAnswer> {
  const timeoutMs = asked.timeoutMs ?? session.timeoutMs ?? TIMEOUT_MS
  const parsed = URL.canParse(asked.url) ? new URL(asked.url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    return { kind: 'failed', reason: 'not an http or https address' }
  const { url, host, isRouted } = routeRequest(session.routes, parsed)
  const started = performance.now()
  try {
    if (!isRouted) refuseUnsafeHost(url)
    const response = await request(url, {
      method: asked.method,
      // A route is the operator's word that this address may be asked.
      dispatcher: isRouted ? session.plain : session.guarded,
      headers: headersOf(asked, { host, userAgent: session.userAgent }),
      ...(asked.json === undefined ? {} : { body: JSON.stringify(asked.json) }),
      // From the connection to the last byte, however slowly they come.
      signal: AbortSignal.timeout(timeoutMs),
    })
    const read = asked.readBody === true ? await readText(response) : await skip(response)
    const { statusCode: status, headers } = response
    const location = typeof headers['location'] === 'string' ? headers['location'] : undefined
    return { kind: 'answer', status, milliseconds: Math.round(performance.now() - started), location, ...read }
  } catch (error) {
    const reason = networkReason(error)
    return {
      kind: 'failed',
      reason: reason === 'no answer in time' ? `no answer within ${timeoutMs / 1000} s` : reason,
    }
  }
}

/** Not compressed: what is capped is then what was sent, and there is nothing to unpack. */
function headersOf(
  { headers = [], json }: HttpRequest,
  { host, userAgent }: { readonly host: string; readonly userAgent: string },
): Record<string, string> {
  return {
    accept: '*/*',
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    host,
  }
}

type Body = { readonly body?: string; readonly bodyProblem?: string }

async function skip({ body }: Dispatcher.ResponseData): Promise<Body> {
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size >= UNREAD_BODY_BYTES) break
  }
  return {}
}

async function readText(response: Dispatcher.ResponseData): Promise<Body> {
  const { body, headers } = response
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    await skip(response)
    return { bodyProblem: 'the body is compressed, although that was not asked for' }
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return { bodyProblem: 'the body is larger than 1 MiB' }
    chunks.push(chunk)
  }
  try {
    return { body: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) }
  } catch {
    return { bodyProblem: 'the body is no text' }
  }
}

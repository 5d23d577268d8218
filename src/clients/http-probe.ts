/** HTTP checks of a rollout, and looks for an artefact: one GET or HEAD, no redirects, five seconds. Which hosts a repository may have asked is decided before, by the policy. */
import { type Dispatcher, getGlobalDispatcher, request } from 'undici'
import type { HttpProbe, ProbeAnswer } from '../services/ports.ts'
import { networkReason } from './network-failure.ts'
import { type Route, routeRequest } from './routes.ts'
import { createGuardedDispatcher, type Resolve, refuseUnsafeHost } from './safe-address.ts'

/** The body is read up to here, so that an endless answer ends. */
const MAX_BODY_BYTES = 64 * 1024

/** `userAgent` is what the checked service sees in its log. */
export type HttpProbeSettings = {
  readonly routes: readonly Route[]
  readonly userAgent: string
  readonly timeoutMs?: number
  readonly resolve?: Resolve
}

/** No request is ever repeated: a broken connection is what a check is there to see. */
export function createHttpProbe(settings: HttpProbeSettings): HttpProbe {
  const guarded = createGuardedDispatcher(settings.resolve === undefined ? {} : { resolve: settings.resolve })
  return {
    get: (url) => probe(settings, guarded, { method: 'GET', text: url }),
    head: (url) => probe(settings, guarded, { method: 'HEAD', text: url }),
  }
}

async function probe(
  settings: HttpProbeSettings,
  guarded: Dispatcher,
  { method, text }: { readonly method: 'GET' | 'HEAD'; readonly text: string },
): Promise<ProbeAnswer> {
  const timeoutMs = settings.timeoutMs ?? 5000
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    return { kind: 'failed', reason: 'not an http or https address' }
  const { url, host, isRouted } = routeRequest(settings.routes, parsed)
  const started = performance.now()
  try {
    if (!isRouted) refuseUnsafeHost(url)
    const { statusCode, body } = await request(url, {
      method,
      // A route is the operator's word that this address may be asked.
      dispatcher: isRouted ? getGlobalDispatcher() : guarded,
      headers: { host, 'user-agent': settings.userAgent, accept: '*/*' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    await readAtMost(body, MAX_BODY_BYTES)
    return { kind: 'answer', status: statusCode, milliseconds: Math.round(performance.now() - started) }
  } catch (error) {
    const reason = networkReason(error)
    return {
      kind: 'failed',
      reason: reason === 'no answer in time' ? `no answer within ${timeoutMs / 1000} s` : reason,
    }
  }
}

async function readAtMost(body: AsyncIterable<Buffer> & { destroy(): unknown }, limit: number): Promise<void> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size >= limit) break
  }
}

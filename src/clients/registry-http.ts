/** One request to a registry or its token service: routes, guarded addresses, time limit, size cap. registry.ts asks, registry-tokens.ts signs in. */
import { type Dispatcher, getGlobalDispatcher, request } from 'undici'
import { SystemUnavailable } from '../domain/failure.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import { networkReason, sendTwiceIfBroken } from './network-failure.ts'
import { readAtMost } from './read-at-most.ts'
import { retryAfterSeconds } from './retry-after.ts'
import { type Route, routeRequest } from './routes.ts'
import { createGuardedDispatcher, refuseUnsafeHost, UnsafeAddress } from './safe-address.ts'

export type RegistryAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export type RegistryRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Throws SystemUnavailable for 429, 5xx and network trouble. */
export type RegistrySend = (request: RegistryRequest) => Promise<RegistryAnswer>

export type RegistryHttpSettings = {
  readonly routes: readonly Route[]
  readonly userAgent: string
  readonly timeoutMs?: number
}

/** The specification lets registries refuse manifests above 4 MiB; so do we. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Every request here only reads, so that a broken connection is tried once more. */
export function createRegistrySend(settings: RegistryHttpSettings): RegistrySend {
  const guarded = createGuardedDispatcher()
  const timeoutMs = settings.timeoutMs ?? 10_000
  return async ({ method, url: original, headers, body: sent }) => {
    const { url, host, isRouted } = routeRequest(settings.routes, original)
    const dispatcher: Dispatcher = isRouted ? getGlobalDispatcher() : guarded
    try {
      if (!isRouted) refuseUnsafeHost(url)
      const answer = await sendTwiceIfBroken(() =>
        request(url, {
          method,
          dispatcher,
          headers: { ...headers, host, 'user-agent': settings.userAgent },
          signal: AbortSignal.timeout(timeoutMs),
          ...(sent === undefined ? {} : { body: sent }),
        }),
      )
      const body = await readAtMost(answer.body, MAX_BODY_BYTES)
      if (answer.statusCode === 429 || answer.statusCode >= 500)
        throw unavailable(original, `answers ${answer.statusCode}`, answer.headers['retry-after'])
      return { status: answer.statusCode, headers: answer.headers, body }
    } catch (error) {
      if (error instanceof SystemUnavailable) throw error
      throw unavailable(original, error instanceof UnsafeAddress ? error.message : networkReason(error))
    }
  }
}

/** The JSON object that an answer is; undefined for anything else. */
export function jsonOf(answer: RegistryAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(answer.body.toString('utf8')))
  } catch {
    return undefined
  }
}

function unavailable(url: URL, why: string, retryAfter?: string | string[]): SystemUnavailable {
  const seconds = retryAfterSeconds(retryAfter, new Date())
  const wish = seconds === undefined ? {} : { retryAfterSeconds: seconds }
  return new SystemUnavailable(`registry ${url.host}`, why, wish)
}

/** Access tokens of OAuth's client credentials grant (RFC 6749, 4.4), kept until shortly before they expire. Used by mlflow-sign-in.ts. */
import { fetch } from 'undici'
import { fieldsOf } from '../domain/json-fields.ts'
import { recordOf, refused, unavailable } from './mlflow-refusal.ts'
import { networkReason } from './network-failure.ts'
import { readAtMost } from './read-at-most.ts'
import { retryAfterSeconds } from './retry-after.ts'
import { withoutSecrets } from './without-secrets.ts'

export type TokenRequest = {
  /** Who gives the token, for messages. */
  readonly from: string
  readonly url: string
  readonly form: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Taken out of everything that is said. */
  readonly secrets: readonly string[]
}

export type AccessTokens = {
  /** One that is good for a while. Those who ask at the same time wait for the same request. Throws UserError `mlflow_refused`, SystemUnavailable. */
  current(signal: AbortSignal): Promise<string>
  /** The server did not take the current one; true when another may be had. */
  forget(): boolean
  /** The one that is kept, for whoever must not print it. */
  seen(): readonly string[]
}

const MAX_BYTES = 64 * 1024
/** A token is replaced this long before its end: clocks differ, and a comparison takes its time. */
const SPARE_SECONDS = 300
/** Of servers that do not say how long theirs is good. */
const USUAL_LIFE_SECONDS = 600
/** A token that was refused younger than this would be refused again. */
const YOUNG_MS = 30_000
const MAX_WORDS = 200

/** `server` is the name of the MLflow server that the tokens are for; `now` is in milliseconds. */
export function accessTokens(server: string, request: TokenRequest, now: () => number = Date.now): AccessTokens {
  let kept: { readonly token: string; readonly since: number; readonly until: number } | undefined
  let asking: Promise<string> | undefined
  const ask = async (signal: AbortSignal): Promise<string> => {
    const { token, lifeSeconds } = await requestToken(server, request, signal)
    const spare = Math.min(SPARE_SECONDS, lifeSeconds / 2)
    kept = { token, since: now(), until: now() + (lifeSeconds - spare) * 1000 }
    return token
  }
  return {
    current: (signal) => {
      if (kept !== undefined && now() < kept.until) return Promise.resolve(kept.token)
      asking ??= ask(signal).finally(() => {
        asking = undefined
      })
      return asking
    },
    forget: () => {
      if (kept === undefined || now() - kept.since < YOUNG_MS) return false
      kept = undefined
      return true
    },
    seen: () => (kept === undefined ? [] : [kept.token]),
  }
}

type Given = { readonly token: string; readonly lifeSeconds: number }

async function requestToken(name: string, request: TokenRequest, signal: AbortSignal): Promise<Given> {
  const server = { name }
  let status: number
  let text: string
  let retryAfter: number | undefined
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers: { accept: 'application/json', 'user-agent': 'lockkeeper', ...request.headers },
      body: new URLSearchParams(request.form),
      redirect: 'manual',
      signal,
    })
    status = response.status
    retryAfter = retryAfterSeconds(response.headers.get('retry-after'), new Date())
    text = (await readAtMost(response.body, MAX_BYTES)).toString('utf8')
  } catch (error) {
    throw unavailable(server, `no token from ${request.from}: ${networkReason(error)}`)
  }
  const body = recordOf(text)
  const token = body?.['access_token']
  if (status === 200 && typeof token === 'string' && isHeaderText(token))
    return { token, lifeSeconds: lifeOf(body?.['expires_in']) }
  if (status === 429 || status >= 500)
    throw unavailable(server, `no token from ${request.from}: it answers ${status}`, {
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    })
  throw refused(
    server,
    `${request.from} gives no token: ${reasonOf(body, request.secrets) ?? `it answers ${status}`}`,
    'Check id and secret of the service principal (`sign_in` in LOCKKEEPER_POLICY): secrets of service principals expire.',
  )
}

/** Azure writes the number as text in its older answers. */
function lifeOf(value: unknown): number {
  const seconds = Number(value)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : USUAL_LIFE_SECONDS
}

const isHeaderText = (token: string): boolean => /^[\x21-\x7e]+$/.test(token)

/** `invalid_client: AADSTS7000215: Invalid client secret provided.`, or what Databricks calls it. */
function reasonOf(body: Readonly<Record<string, unknown>> | undefined, secrets: readonly string[]): string | undefined {
  if (body === undefined) return undefined
  const code = body['error'] ?? body['error_code'] ?? body['errorCode']
  const words = body['error_description'] ?? body['message'] ?? body['errorSummary'] ?? fieldsOf(code)?.['message']
  const parts = [code, words].filter((part) => typeof part === 'string')
  // What follows the first line are ids of the request.
  const said = parts.map((part) => part.split(/[\r\n]/)[0] ?? '').join(': ')
  return said === '' ? undefined : withoutSecrets(secrets, said).slice(0, MAX_WORDS)
}

/** One request to MLflow's REST API: sign-in, retries, one deadline for all of it, size cap, and every shape of refusal told apart. The calls themselves: mlflow.ts, mlflow-unity-catalog.ts. */
import { fetch, type Response } from 'undici'
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import type { SignIn } from '../domain/sign-in.ts'
import { type Answer, answerOf } from './answer.ts'
import { accessRefused, notMlflow, recordOf, refused, unavailable, wordsOf } from './mlflow-refusal.ts'
import type { MlflowSignIn } from './mlflow-sign-in.ts'
import { networkReason } from './network-failure.ts'
import { callPatiently, type Outcome, PATIENCE, type Patience, temporary } from './patient-call.ts'
import { AnswerTooLarge, readAtMost } from './read-at-most.ts'

export { refused } from './mlflow-refusal.ts'

export type MlflowCredentials = SignIn<string>

/** `url` is the base address with any prefix of a proxy, without a trailing slash. */
export type MlflowServer = {
  readonly name: string
  readonly url: string
  readonly signIn: MlflowSignIn
}

export type MlflowRequest = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Default: `api/2.0/mlflow`. */
  readonly api?: string
  /** Below `api`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
  /** Older and hosted servers lack this call: their 404 is a reply with the code `ENDPOINT_NOT_FOUND`. */
  readonly isOptional?: boolean
  /** What may not be done twice is not sent again where the answer is lost. */
  readonly isOnce?: boolean
}

/** An answer, or MLflow's own error that the caller may expect (`RESOURCE_DOES_NOT_EXIST`…). */
export type MlflowReply =
  | { readonly ok: true; readonly body: Answer }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string }

export type MlflowTransport = Patience
export const DEFAULT_TRANSPORT: MlflowTransport = PATIENCE

const MAX_BYTES = 32 * 1024 * 1024
const MAX_CODE_LENGTH = 100

/** Throws SystemUnavailable for outages (after at most three retries, within `deadlineMs`) and UserError `mlflow_refused` where a person has to change something. */
export async function callMlflow(
  server: MlflowServer,
  request: MlflowRequest,
  transport: MlflowTransport = DEFAULT_TRANSPORT,
): Promise<MlflowReply> {
  // All others may be repeated, as MLflow's own client does it: reads, and setting an alias.
  const patience = request.isOnce === true ? { ...transport, retries: 0 } : transport
  return callPatiently((timeoutMs) => send(server, request, timeoutMs), patience)
}

async function send(server: MlflowServer, request: MlflowRequest, timeoutMs: number): Promise<Outcome<MlflowReply>> {
  const signal = AbortSignal.timeout(timeoutMs)
  let response: Response
  let text: string
  try {
    const url = addressOf(server, request)
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const headers = {
      accept: 'application/json',
      'user-agent': 'lockkeeper',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const { method } = request
    const signature = await within(signal, server.signIn.headersFor({ method, url, headers, body }, signal))
    response = await fetch(url, {
      method,
      headers: { ...headers, ...signature },
      ...(body === undefined ? {} : { body }),
      // A proxy's login page would answer 200.
      redirect: 'manual',
      signal,
    })
    text = await readCapped(response, server)
  } catch (error) {
    if (error instanceof UserError) throw error
    if (error instanceof SystemUnavailable) return { kind: 'failed', failure: error }
    return { kind: 'failed', failure: unavailable(server, networkReason(error), { cause: error }) }
  }
  const { status } = response
  // Another token may be had: at most once, since a new one is never forgotten.
  if (status === 401 && server.signIn.forget()) return { kind: 'again' }
  const wish = temporary(response)
  if (wish !== undefined) {
    return { kind: 'failed', failure: unavailable(server, `it answers ${status}${wordsOf(server, text)}`, wish) }
  }
  if (isCut(status, text)) return { kind: 'failed', failure: unavailable(server, 'its answer was cut off') }
  if (request.isOptional === true && isMissingRoute(response, text)) {
    return { kind: 'reply', reply: { ok: false, status: 404, code: 'ENDPOINT_NOT_FOUND', message: '' } }
  }
  return { kind: 'reply', reply: readReply(server, response, text) }
}

/** Whatever a sign-in does (AWS may run a program, or ask the instance), the attempt ends in time. */
function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => late.reject(signal.reason), { once: true })
  return Promise.race([promise, late.promise])
}

/** Of JSON that begins well the rest is missing; a page of something else begins otherwise. */
const isCut = (status: number, text: string): boolean =>
  status >= 200 && status < 300 && text.trimStart().startsWith('{') && recordOf(text) === undefined

/** MLflow's own 404 has a code; a route that is not there is answered by a page, or by nothing. */
function isMissingRoute({ status }: Response, text: string): boolean {
  const code = recordOf(text)?.['error_code']
  return status === 404 && (typeof code !== 'string' || code === 'ENDPOINT_NOT_FOUND')
}

function readReply(server: MlflowServer, response: Response, text: string): MlflowReply {
  const { status } = response
  const body = recordOf(text)
  if (status >= 200 && status < 300) {
    // Some servers say nothing, or "200 OK", after a write.
    if (['', '"200 OK"', '200 OK'].includes(text.trim())) return { ok: true, body: answerOf('MLflow', {}) }
    if (body === undefined) throw notMlflow(server, 'a page that is not JSON')
    return { ok: true, body: answerOf('MLflow', body) }
  }
  if (status >= 300 && status < 400)
    throw notMlflow(server, `a redirect to ${hostOf(response.headers.get('location'))}`)
  if (status === 401 || status === 403) throw accessRefused(server, status, text)
  const code = typeof body?.['error_code'] === 'string' ? body['error_code'] : undefined
  if (code === undefined || code === 'ENDPOINT_NOT_FOUND') {
    if (status === 404) throw notMlflow(server, '404: it does not know the address')
    throw refused(server, `it answers ${status}${wordsOf(server, text)}`, 'Look into the log of the MLflow server.')
  }
  return { ok: false, status, code: code.slice(0, MAX_CODE_LENGTH), message: wordsOf(server, text).slice(2) }
}

function addressOf(server: MlflowServer, { api = 'api/2.0/mlflow', path, query = {} }: MlflowRequest): string {
  const search = Object.entries(query).map(([key, value]) => `${percentEncoded(key)}=${percentEncoded(value)}`)
  return `${server.url}/${api}/${path}${search.length === 0 ? '' : `?${search.join('&')}`}`
}

/** As RFC 3986 has it, and as it is signed for AWS: also what encodeURIComponent leaves. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

async function readCapped(response: Response, server: MlflowServer): Promise<string> {
  try {
    return (await readAtMost(response.body, MAX_BYTES)).toString('utf8')
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error
    throw refused(
      server,
      `an answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
      'Log fewer metrics per run, or use fewer runs per commit.',
    )
  }
}

function hostOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? new URL(location).host : 'another address'
}

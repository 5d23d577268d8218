/** One request to MLflow's REST API: authentication, retries, size cap, and every shape of refusal told apart. The calls themselves: mlflow.ts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fetch, type Response } from 'undici'
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { type Answer, answerOf, asRecord } from './answer.ts'
import { networkReason } from './network-failure.ts'
import { AnswerTooLarge, readAtMost } from './read-at-most.ts'
import { retryAfterSeconds } from './retry-after.ts'

export type MlflowCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }

/** `url` is the base address with any prefix of a proxy, without a trailing slash. */
export type MlflowServer = {
  readonly name: string
  readonly url: string
  readonly credentials: MlflowCredentials | undefined
}

export type MlflowRequest = {
  readonly method: 'GET' | 'POST'
  /** Below `/api/2.0/mlflow`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

/** An answer, or MLflow's own error that the caller may expect (`RESOURCE_DOES_NOT_EXIST`…). */
export type MlflowReply =
  | { readonly ok: true; readonly body: Answer }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string }

export type MlflowTransport = {
  readonly timeoutMs: number
  /** Waits between attempts; tests pass one that does not. */
  readonly wait: (milliseconds: number) => Promise<unknown>
}

export const DEFAULT_TRANSPORT: MlflowTransport = { timeoutMs: 20_000, wait: (milliseconds) => sleep(milliseconds) }

const MAX_RETRIES = 3
const MAX_WAIT_SECONDS = 10
const MAX_BYTES = 32 * 1024 * 1024
/** What of MLflow's own words reaches logs and people: a stack trace may follow. Long enough for an alias and that it was not found. */
const MAX_MESSAGE_LENGTH = 300
// As MLflow's own client does it. Every request here may be repeated: reads, and setting an alias.
const RETRYABLE = new Set([408, 429, 500, 502, 503, 504])

/** Throws SystemUnavailable for outages (after at most three retries) and UserError `mlflow_refused` where a person has to change something. */
export async function callMlflow(
  server: MlflowServer,
  request: MlflowRequest,
  transport: MlflowTransport = DEFAULT_TRANSPORT,
): Promise<MlflowReply> {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await send(server, request, transport)
    if (outcome.kind === 'reply') return outcome.reply
    const { failure } = outcome
    const seconds = failure.retryAfterSeconds ?? 0.3 * 2 ** attempt * (1 + Math.random())
    if (attempt >= MAX_RETRIES || seconds > MAX_WAIT_SECONDS) throw failure
    await transport.wait(seconds * 1000)
  }
}

type Outcome =
  | { readonly kind: 'reply'; readonly reply: MlflowReply }
  | { readonly kind: 'failed'; readonly failure: SystemUnavailable }

async function send(server: MlflowServer, request: MlflowRequest, { timeoutMs }: MlflowTransport): Promise<Outcome> {
  let response: Response
  let text: string
  try {
    response = await fetch(addressOf(server, request), {
      method: request.method,
      headers: headersOf(server, request),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      // A proxy's login page would answer 200.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    text = await readCapped(response, server)
  } catch (error) {
    if (error instanceof UserError) throw error
    return { kind: 'failed', failure: unavailable(server, networkReason(error), { cause: error }) }
  }
  if (RETRYABLE.has(response.status)) {
    const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), new Date())
    const failure = unavailable(server, `it answers ${response.status}`, {
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    })
    return { kind: 'failed', failure }
  }
  return { kind: 'reply', reply: readReply(server, response, text) }
}

function readReply(server: MlflowServer, response: Response, text: string): MlflowReply {
  const { status } = response
  const body = parseBody(text)
  if (status >= 200 && status < 300) {
    // Some servers say nothing, or "200 OK", after a write.
    if (text.trim() === '' || text.trim() === '"200 OK"' || text.trim() === '200 OK') {
      return { ok: true, body: answerOf('MLflow', {}) }
    }
    if (body === undefined) throw notMlflow(server, 'a page that is not JSON')
    return { ok: true, body: answerOf('MLflow', body) }
  }
  if (status >= 300 && status < 400)
    throw notMlflow(server, `a redirect to ${hostOf(response.headers.get('location'))}`)
  refuseAccess(server, status, text)
  const code = typeof body?.['error_code'] === 'string' ? body['error_code'] : undefined
  if (code === undefined || code === 'ENDPOINT_NOT_FOUND') {
    if (status === 404) throw notMlflow(server, 'that it does not know the address')
    throw refused(server, `it answers ${status}${azureMessage(body)}`, 'Look into the log of the MLflow server.')
  }
  const message = typeof body?.['message'] === 'string' ? body['message'].slice(0, MAX_MESSAGE_LENGTH) : ''
  return { ok: false, status, code: code.slice(0, MAX_MESSAGE_LENGTH), message }
}

/** 401 and 403, with the cause that is hardest to find named: MLflow 3.5+ refuses Host headers it was not told about. */
function refuseAccess(server: MlflowServer, status: number, text: string): void {
  if (status === 401) {
    throw refused(
      server,
      server.credentials === undefined ? 'it wants credentials and none are set' : 'it does not take the credentials',
      'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, on the Lockkeeper server.',
    )
  }
  if (status !== 403) return
  if (/invalid host header/i.test(text)) {
    const { host } = new URL(server.url)
    throw refused(
      server,
      `it refuses the host name ${host} (its protection against DNS rebinding)`,
      `Start MLflow with --allowed-hosts ${host} or set MLFLOW_SERVER_ALLOWED_HOSTS=${host}; /health answers all the same, so probes do not show it.`,
    )
  }
  throw refused(
    server,
    'it answers 403: these credentials may not do that',
    'Give the Lockkeeper user read access to the experiment and the registered model.',
  )
}

/** A UserError about a server as it is set up. Names the server by its name in the policy, never by an address with secrets. */
export function refused(server: MlflowServer, what: string, hint: string): UserError {
  return new UserError('mlflow_refused', `The MLflow server ${server.name} cannot be used: ${what}`, hint)
}

function notMlflow(server: MlflowServer, answer: string): UserError {
  return refused(
    server,
    `it answers with ${answer}`,
    'Check its address in LOCKKEEPER_POLICY or MLFLOW_TRACKING_URI: it must be the final one, with the prefix of a proxy if there is one, and not behind a login page.',
  )
}

function unavailable(
  server: MlflowServer,
  what: string,
  options: { retryAfterSeconds?: number; cause?: unknown },
): SystemUnavailable {
  return new SystemUnavailable(`MLflow server ${server.name}`, what, options)
}

function addressOf(server: MlflowServer, { path, query }: MlflowRequest): string {
  const search = new URLSearchParams(query).toString().replaceAll('+', '%20')
  return `${server.url}/api/2.0/mlflow/${path}${search === '' ? '' : `?${search}`}`
}

function headersOf({ credentials }: MlflowServer, { body }: MlflowRequest): Record<string, string> {
  const authorization =
    credentials === undefined
      ? undefined
      : credentials.kind === 'token'
        ? `Bearer ${credentials.token}`
        : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  return {
    accept: 'application/json',
    'user-agent': 'lockkeeper',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(authorization === undefined ? {} : { authorization }),
  }
}

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

function parseBody(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Azure ML's own shape: `{"error": {"code", "message"}}`. */
function azureMessage(body: Readonly<Record<string, unknown>> | undefined): string {
  const message = asRecord(body?.['error'])?.['message']
  return typeof message === 'string' ? `: ${message.slice(0, 200)}` : ''
}

function hostOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? new URL(location).host : 'another address'
}

/** Requests to one cluster's API server. How they are signed in: session.ts; which clusters there are: clusters.ts. */
import { fetch, type RequestInit, type Response } from 'undici'
import { SystemUnavailable } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import { linesOf } from '../lines-of.ts'
import { isStumble, networkReason, sendTwiceIfBroken } from '../network-failure.ts'
import { readAtMost } from '../read-at-most.ts'
import { retryAfterSeconds } from '../retry-after.ts'
import { withoutSecrets } from '../without-secrets.ts'
import { type Lifetime, lifetimeOf } from './bearer-token.ts'
import type { ClusterSettings } from './cluster-config.ts'
import { openSessions, type Session, type Sessions } from './session.ts'

/** The parsed body when it is JSON. */
export type ClusterAnswer = { readonly status: number; readonly body: unknown }

export type ClusterRequest = {
  readonly method?: 'GET' | 'PATCH' | 'POST'
  /** What to ask for instead of plain JSON. */
  readonly accept?: string
  readonly body?: { readonly type: string; readonly json: unknown }
}

/** An answer that goes on: `lines` ends when the server ends it, and throws SystemUnavailable when it breaks off or is silent. */
export type ClusterStream = { readonly status: number; readonly lines: AsyncIterable<string> }

export type ClusterConnection = {
  /**
   * undefined when nothing is configured. Throws when what is configured cannot be read, and SystemUnavailable when the
   * API server does not answer, or with 429 or 5xx, or with more than 32 MiB. Only reads are sent again when the connection broke.
   */
  ask(path: string, request?: ClusterRequest): Promise<ClusterAnswer | undefined>
  /** As `ask`, without a bound in time. A stream that says nothing for `silenceMs` is dead. */
  stream(
    path: string,
    options: { readonly accept: string; readonly silenceMs: number; readonly signal: AbortSignal },
  ): Promise<ClusterStream | undefined>
  /** Of the token in use; undefined where there is none, or it does not say. Throws as `ask` does for what is configured. */
  lifetime(): Promise<Lifetime | undefined>
}

/** What a person is told where the cluster is needed and not configured. */
export const NOT_CONFIGURED =
  'no cluster is configured: set KUBECONFIG, or run Lockkeeper in the cluster with a service account'

/** Opens nothing yet; the configuration is read on first use and again after it was missing. */
export function connectCluster(settings: ClusterSettings): ClusterConnection {
  const sessions = openSessions(settings)
  const timeoutMs = settings.timeoutMs ?? 10_000
  return {
    ask: async (path, { method = 'GET', accept = 'application/json', body } = {}) => {
      const send = async () => {
        const response = await sendSigned(sessions, path, () => ({
          method,
          headers: { accept, ...(body && { 'content-type': body.type }) },
          signal: AbortSignal.timeout(timeoutMs),
          ...(body && { body: JSON.stringify(body.json) }),
        }))
        return response && { response, bytes: await readAtMost(response.body, MAX_BODY_BYTES) }
      }
      // One look that failed for a moment would begin the time anew for which a rollout has to hold.
      const stumbled = (sent: Awaited<ReturnType<typeof send>>) => sent !== undefined && isStumble(sent.response.status)
      const answer = await outage(method === 'GET' ? sendTwiceIfBroken(send, stumbled) : send())
      if (answer === undefined) return undefined
      refuseOutage(answer.response)
      const { status } = answer.response
      const text = answer.bytes.toString('utf8')
      return { status, body: parseBody(status < 300 ? text : await withoutCredentials(text, sessions)) }
    },
    stream: async (path, { accept, silenceMs, signal }) => {
      const silence = watchdog(signal, timeoutMs)
      try {
        const response = await outage(
          sendSigned(sessions, path, () => ({ headers: { accept }, signal: silence.signal })),
        )
        if (response === undefined) return undefined
        refuseOutage(response)
        return { status: response.status, lines: linesHeard(response, () => silence.expect(silenceMs), silence.end) }
      } catch (error) {
        silence.end()
        throw error
      }
    },
    lifetime: async () => lifetimeOf((await signedIn(sessions.current()))?.headers['Authorization']),
  }
}

/** What is wrong with a configuration stays as it is: it says more than "no answer". For operators, not for comments: it names files. */
export class Unsigned extends Error {
  override readonly name = 'Unsigned'
}

async function sendSigned(
  sessions: Sessions,
  path: string,
  init: () => RequestInit & { readonly headers: Record<string, string> },
): Promise<Response | undefined> {
  const session = await signedIn(sessions.current())
  if (session === undefined) return undefined
  const send = ({ server, headers, dispatcher }: Session) => {
    const given = init()
    return fetch(server + path, {
      ...given,
      headers: { ...headers, ...given.headers },
      // Client certificates and bodies are for this server alone.
      redirect: 'manual',
      ...(dispatcher && { dispatcher }),
    })
  }
  const response = await send(session)
  if (response.status !== 401) return response
  const renewed = await signedIn(sessions.renew(session))
  if (renewed === undefined) return response
  await response.body?.cancel().catch(() => undefined)
  return send(renewed)
}

/** A refusal may repeat what was sent, as servers do that are debugged. Empty where what is to be hidden is not known any more. */
async function withoutCredentials(text: string, sessions: Sessions): Promise<string> {
  try {
    const header = (await sessions.current())?.headers['Authorization'] ?? ''
    return withoutSecrets([header.slice(header.indexOf(' ') + 1)], text)
  } catch {
    return ''
  }
}

async function signedIn<T>(signing: Promise<T>): Promise<T> {
  try {
    return await signing
  } catch (error) {
    throw new Unsigned(withoutContent(error))
  }
}

/** Parsers quote the lines around a mistake, and those of a kubeconfig hold tokens and keys. */
function withoutContent(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof SyntaxError) return 'what a plug-in or a file gives is no JSON'
  if (error.name !== 'YAMLException') return error.message.trim()
  const line = fieldsOf(fieldsOf(error)?.['mark'])?.['line']
  return `the kubeconfig is no YAML${typeof line === 'number' ? `, from line ${line + 1} on` : ''}`
}

/** A namespace with thousands of Applications stays below this. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

async function outage<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof Unsigned ? error : new SystemUnavailable('Kubernetes', networkReason(error))
  }
}

function refuseOutage({ status, headers }: Response): void {
  if (status !== 429 && status < 500) return
  const wished = retryAfterSeconds(headers.get('retry-after'), new Date())
  const options = wished === undefined ? {} : { retryAfterSeconds: wished }
  throw new SystemUnavailable('Kubernetes', `the API server answered ${status}`, options)
}

type Watchdog = { readonly signal: AbortSignal; expect(withinMs: number): void; end(): void }

/** Aborts when nothing has come within the time that was last given. */
function watchdog(outer: AbortSignal, firstMs: number): Watchdog {
  const controller = new AbortController()
  const stop = () => controller.abort()
  outer.addEventListener('abort', stop, { once: true })
  let timer: NodeJS.Timeout | undefined
  const expect = (withinMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(stop, withinMs)
    timer.unref()
  }
  expect(firstMs)
  if (outer.aborted) stop()
  const end = () => {
    clearTimeout(timer)
    outer.removeEventListener('abort', stop)
    stop()
  }
  return { signal: controller.signal, expect, end }
}

async function* linesHeard({ body }: Response, heard: () => void, end: () => void): AsyncGenerator<string> {
  try {
    heard()
    yield* linesOf(body, heard)
  } catch (error) {
    throw new SystemUnavailable('Kubernetes', networkReason(error))
  } finally {
    end()
  }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

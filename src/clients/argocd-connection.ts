/** Requests to the API of one Argo CD: a bearer token, grpc-gateway's errors, a private authority. What is asked: argocd-api.ts; changes: argocd-stream.ts. */
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { Agent, fetch } from 'undici'
import { fieldsOf } from '../domain/json-fields.ts'
import { linesOf } from './lines-of.ts'
import { networkReason, sendTwiceIfBroken } from './network-failure.ts'
import { readAtMost } from './read-at-most.ts'
import { withoutSecrets } from './without-secrets.ts'

export type ArgoCdServer = {
  /** With the root path, without a slash at its end. */
  readonly url: string
  readonly token: string
  readonly caFile?: string
}

/** `failed`: nothing was answered, or nothing that can be read. */
export type ArgoCdAnswer =
  | { readonly kind: 'answer'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly isLate: boolean }

export type ArgoCdConnection = {
  ask(path: string, body?: Readonly<Record<string, unknown>>): Promise<ArgoCdAnswer>
  /** The lines of an answer that goes on until it is ended. Throws what fetch throws, and Error for another status than 200. */
  lines(path: string, signal: AbortSignal): AsyncGenerator<string>
}

/** An Application with thousands of resources stays below this. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** Opens nothing yet, and reads the file of certificates at the first request. */
export function connectArgoCd({ url, token, caFile }: ArgoCdServer, timeoutMs = 10_000): ArgoCdConnection {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  let opening: Promise<Common> | undefined
  const common = (): Promise<Common> => {
    opening ??= trusting(caFile).then((dispatcher) => ({
      headers,
      redirect: 'manual',
      ...(dispatcher && { dispatcher }),
    }))
    // A file that was not there may come.
    opening.catch(() => {
      opening = undefined
    })
    return opening
  }
  const send = async (path: string, body: Readonly<Record<string, unknown>> | undefined): Promise<ArgoCdAnswer> => {
    const posted = body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, 'content-type': 'application/json' },
    }
    const response = await fetch(url + path, { ...(await common()), signal: AbortSignal.timeout(timeoutMs), ...posted })
    const parsed = parseJson(await readAtMost(response.body, MAX_BODY_BYTES))
    if (response.status === 200 && parsed !== undefined) return { kind: 'answer', body: parsed }
    return { kind: 'refused', status: response.status, message: messageOf(parsed, token) }
  }
  return {
    ask: async (path, body) => {
      try {
        return await (body === undefined ? sendTwiceIfBroken(() => send(path, undefined)) : send(path, body))
      } catch (error) {
        const isLate = error instanceof Error && error.name === 'TimeoutError'
        const reason = error instanceof UnreadableCertificates ? error.message : networkReason(error)
        return { kind: 'failed', reason, isLate }
      }
    },
    lines: async function* (path, signal) {
      const response = await fetch(url + path, { ...(await common()), signal })
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new Error(`the stream was answered with ${response.status}`)
      }
      yield* linesOf(response.body)
    },
  }
}

type Common = {
  readonly headers: Readonly<Record<string, string>>
  readonly redirect: 'manual'
  readonly dispatcher?: Agent
}

/** Nothing is wrong with the network. */
class UnreadableCertificates extends Error {}

/** undefined: those that everybody trusts. */
async function trusting(caFile: string | undefined): Promise<Agent | undefined> {
  if (caFile === undefined) return undefined
  const own = await readFile(caFile, 'utf8').catch((error: unknown) => {
    throw new UnreadableCertificates(`its ca_file ${caFile} cannot be read`, { cause: error })
  })
  return new Agent({ connect: { ca: [...rootCertificates, own] } })
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** What of Argo CD's own words people read. */
const MAX_MESSAGE = 300

/** grpc-gateway writes `{ error, code, message }`; proxies in front of it write anything. */
function messageOf(body: unknown, token: string): string {
  const fields = fieldsOf(body)
  const message = fields?.['message'] ?? fields?.['error']
  return typeof message === 'string' ? withoutSecrets([token], message).slice(0, MAX_MESSAGE) : ''
}

/** What went wrong on the way to a server, in words and without its data. Shared by the clients of plain HTTP systems. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fieldsOf } from '../domain/json-fields.ts'
import { AnswerTooLarge } from './read-at-most.ts'
import { UnsafeAddress } from './safe-address.ts'

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  UND_ERR_SOCKET: 'connection broken',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host name could not be resolved',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  CERT_HAS_EXPIRED: 'certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate authority is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate authority is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another host',
}

/** `connection refused`, `no answer in time`… for what fetch and undici throw. */
export function networkReason(error: unknown): string {
  const chain = causes(error)
  const unsafe = chain.find((each) => each instanceof UnsafeAddress)
  if (unsafe instanceof UnsafeAddress) return unsafe.message
  const large = chain.find((each) => each instanceof AnswerTooLarge)
  if (large instanceof AnswerTooLarge) return large.message
  if (chain.some((each) => each instanceof Error && /^(Timeout|Abort)Error$/.test(each.name)))
    return 'no answer in time'
  const code = chain.map(codeOf).find((each) => each !== undefined)
  return code === undefined ? 'no answer' : (REASONS[code] ?? code)
}

/** True for connections that broke before an answer was whole: worth one repetition of a read. */
function isBrokenConnection(error: unknown): boolean {
  return causes(error).some((each) => BROKEN.test(codeOf(each) ?? ''))
}

const BROKEN = /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/

/** Statuses of a gateway whose server is gone for a moment, or of a server that stumbled. */
export const isStumble = (status: number): boolean => [500, 502, 503, 504].includes(status)

const MOMENT_MS = 200

/** Sends a read, and once more when the connection broke, or a moment later when the answer is one that seldom stays. */
export async function sendTwiceIfBroken<T>(
  send: () => Promise<T>,
  seldomStays: (answer: T) => boolean = () => false,
): Promise<T> {
  try {
    const answer = await send()
    if (!seldomStays(answer)) return answer
    await sleep(MOMENT_MS)
  } catch (error) {
    if (!isBrokenConnection(error)) throw error
  }
  return send()
}

function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (
    let each = error;
    each !== undefined && chain.length < 5;
    each = each instanceof Error ? each.cause : undefined
  ) {
    chain.push(each)
    if (each instanceof AggregateError) chain.push(...each.errors)
  }
  return chain
}

function codeOf(error: unknown): string | undefined {
  const code = fieldsOf(error)?.['code']
  return typeof code === 'string' ? code : undefined
}

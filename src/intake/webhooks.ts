/** Takes GitHub's webhooks: size, signature over the raw bytes, durable store, 202. Nothing is parsed or decided here; the queue's delivery handler does that. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../store/log.ts'
import type { Queue } from '../store/queue.ts'
import { type AnswerBody, answer } from './answer.ts'
import { type BodyReader, createBodyReader } from './body.ts'
import type { RouteHandler } from './server.ts'

/** The one address; the App's webhook URL ends with it. */
export const WEBHOOK_PATH = '/api/github/webhooks'

/** GitHub sends nothing larger. https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
const MAX_BYTES = 25 * 1024 * 1024
const MAX_TOTAL_BYTES = 128 * 1024 * 1024
/** GitHub gives up after 10 s. */
const STORE_TIMEOUT_MS = 9000

const SIGNATURE = /^sha256=[\da-f]{64}$/
const EVENT = /^[a-z\d_]{1,100}$/
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export type IntakeOptions = {
  readonly queue: Pick<Queue, 'storeDelivery'>
  /** Any of them is accepted, so that a secret can be changed without a gap. Never empty. */
  readonly secrets: readonly [string, ...string[]]
  readonly log: Log
  /** When a delivery arrived; machine time. */
  readonly now?: () => Date
  readonly limits?: { readonly maxBytes: number; readonly maxTotalBytes: number }
}

type Headers = { readonly id: string; readonly event: string; readonly signature: string }
type Received = { readonly id: string; readonly event: string; readonly text: string }
type Refusal = { readonly status: number; readonly body: AnswerBody; readonly headers?: Record<string, string> }

/** The handler of `POST /api/github/webhooks`. */
export function createIntake(options: IntakeOptions): RouteHandler {
  const bodies = createBodyReader(options.limits ?? { maxBytes: MAX_BYTES, maxTotalBytes: MAX_TOTAL_BYTES })
  return async (request, response) => {
    // Whoever cannot have signed is turned away before the body is read.
    const headers = readHeaders(request)
    const outcome = 'status' in headers ? headers : await receive(options, bodies, request, headers)
    if (outcome === undefined) return
    if ('status' in outcome) {
      refuse(options.log, request, response, outcome)
      bodies.discard(request)
    } else {
      await store(options, outcome, response)
    }
  }
}

async function receive(
  { secrets }: IntakeOptions,
  bodies: BodyReader,
  request: IncomingMessage,
  { id, event, signature }: Headers,
): Promise<Received | Refusal | undefined> {
  const body = await bodies.read(request)
  switch (body.kind) {
    case 'aborted':
      return undefined
    case 'too-large':
      return refusal(413, 'body_too_large', 'The body is larger than the 25 MiB that GitHub sends at most.')
    case 'busy':
      return { ...refusal(503, 'busy', 'Too much is arriving at once. Try again.'), headers: { 'retry-after': '5' } }
    case 'complete':
      if (!isSigned(body.bytes, signature, secrets)) {
        return refusal(
          401,
          'signature_invalid',
          "The signature does not match. Compare the App's webhook secret with WEBHOOK_SECRET.",
        )
      }
      return { id, event, text: body.bytes.toString('utf8') }
  }
}

async function store(options: IntakeOptions, { id, event, text }: Received, response: ServerResponse): Promise<void> {
  const receivedAt = options.now?.() ?? new Date()
  const timer = Promise.withResolvers<never>()
  const timeout = setTimeout(() => timer.reject(new Error(`not stored after ${STORE_TIMEOUT_MS} ms`)), STORE_TIMEOUT_MS)
  try {
    const outcome = await Promise.race([
      options.queue.storeDelivery({ id, event, body: text, receivedAt }),
      timer.promise,
    ])
    options.log.info({ delivery: id, event, characters: text.length, outcome }, 'webhook received')
    const message = outcome === 'stored' ? 'Stored.' : 'Known already; nothing to do.'
    answer(response, 202, { code: outcome, message })
  } catch (error) {
    options.log.error({ err: error, delivery: id, event }, 'a webhook could not be stored')
    const message = 'The delivery could not be stored. Lockkeeper will ask GitHub for it later.'
    answer(response, 503, { code: 'store_unavailable', message }, { 'retry-after': '10' })
  } finally {
    clearTimeout(timeout)
  }
}

function readHeaders(request: IncomingMessage): Headers | Refusal {
  const { 'x-hub-signature-256': signature, 'x-github-event': event, 'x-github-delivery': id } = request.headers
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (typeof signature !== 'string' || signature === '') {
    return refusal(
      401,
      'signature_missing',
      "X-Hub-Signature-256 is missing. Set a webhook secret in the App's settings.",
    )
  }
  if (!SIGNATURE.test(signature))
    return refusal(401, 'signature_invalid', 'X-Hub-Signature-256 is not sha256=<64 hex digits>.')
  if (typeof event !== 'string' || !EVENT.test(event)) {
    return refusal(400, 'event_missing', 'X-GitHub-Event is missing or not the name of an event.')
  }
  if (typeof id !== 'string' || !UUID.test(id)) {
    return refusal(400, 'delivery_missing', 'X-GitHub-Delivery is missing or not a UUID.')
  }
  if (type !== 'application/json') {
    return refusal(415, 'content_type', "Set the webhook's content type to application/json.")
  }
  return { id, event, signature }
}

function isSigned(bytes: Buffer, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature)
  const matches = secrets.map((secret) => {
    const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`)
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  return matches.includes(true)
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, body: { code, message } }
}

function refuse(
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers }: Refusal,
): void {
  const from = request.socket.remoteAddress
  log.warn({ status, code: body.code, from, delivery: request.headers['x-github-delivery'] }, 'webhook refused')
  answer(response, status, body, headers)
}

/** Delivers events to the App's hook: signed, one after the other, logged, never retried by itself. Events come from events.ts. */
import { createHmac, randomUUID } from 'node:crypto'
import type { DeliveryAttempt, OutgoingEvent } from './delivery-record.ts'
import type { Contract } from './ports.ts'
import type { GitHubState } from './state.ts'
import { timestamp } from './state.ts'

type Hook = { readonly id: number; readonly url: string; readonly secret: string }

/**
 * What becomes of one delivery: `deliver`; `drop` (logged as failed, so that a sweep can find it); `lose` (not even
 * logged); `later` (after everything that is waiting now); or so many times, each under the same GUID.
 */
type DeliveryDecision = 'deliver' | 'drop' | 'lose' | 'later' | { readonly times: number }

/** Decides about each new delivery. Redeliveries are not asked about. */
export type DeliveryModifier = (delivery: {
  readonly guid: string
  readonly event: string
  readonly action: string | null
  readonly payload: OutgoingEvent['payload']
}) => DeliveryDecision | undefined

export type Deliverer = {
  setHook(hook: Hook | undefined): void
  setModifier(modifier: DeliveryModifier | undefined): void
  /** Resolves when nothing is waiting or in flight. */
  delivered(): Promise<void>
  /** Stops: what is waiting is forgotten, what is in flight is cut off. */
  close(): void
}

const TIMEOUT_MS = 10_000
const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024

type Waiting = { readonly event: OutgoingEvent; readonly guid: string; readonly hook: Hook; readonly isRepeat: boolean }

/** Takes over `state.emit`. Every payload is checked against the contract when it is emitted. */
export function createDeliverer(
  state: GitHubState,
  contract: Contract,
  report: (violation: string) => void,
): Deliverer {
  const queue: Waiting[] = []
  const idle = new Set<() => void>()
  const stop = new AbortController()
  let hook: Hook | undefined
  let modifier: DeliveryModifier | undefined
  let isRunning = false

  const run = async () => {
    isRunning = true
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [decision, again] = decide(next, modifier)
      if (decision === 'later' && queue.length > 0) {
        queue.push({ ...next, isRepeat: true })
        continue
      }
      if (decision === 'lose') continue
      for (let time = 0; time < again && !stop.signal.aborted; time += 1)
        state.deliveries.push(await attempt(state, next, { isDropped: decision === 'drop', signal: stop.signal }))
    }
    isRunning = false
    for (const resolve of idle) resolve()
    idle.clear()
  }

  state.emit = (event) => {
    for (const problem of event.redeliveryOf === undefined ? contract.webhook(event.event, event.payload) : [])
      report(`webhook ${event.event}${event.action === null ? '' : `.${event.action}`}: ${problem}`)
    if (hook === undefined || stop.signal.aborted) return
    queue.push({
      event,
      guid: event.redeliveryOf ?? randomUUID(),
      hook,
      isRepeat: event.redeliveryOf !== undefined,
    })
    // Not at once: an operation's answer must not wait for the receiver, and its state must be whole before.
    if (!isRunning) {
      isRunning = true
      setImmediate(() => void run())
    }
  }

  return {
    setHook: (given) => {
      hook = given
    },
    setModifier: (given) => {
      modifier = given
    },
    delivered: () => (isRunning ? new Promise((resolve) => idle.add(resolve)) : Promise.resolve()),
    close: () => {
      queue.length = 0
      stop.abort()
    },
  }
}

function decide(
  { event, guid, isRepeat }: Waiting,
  modifier: DeliveryModifier | undefined,
): [DeliveryDecision, number] {
  const { event: name, action, payload } = event
  const decision = isRepeat ? 'deliver' : (modifier?.({ guid, event: name, action, payload }) ?? 'deliver')
  return [decision, typeof decision === 'object' ? decision.times : 1]
}

/** The headers of a delivery; signatures are over exactly `body`. */
function deliveryHeaders(
  state: GitHubState,
  {
    hook,
    guid,
    event,
    body,
  }: { readonly hook: Hook; readonly guid: string; readonly event: string; readonly body: string },
): Readonly<Record<string, string>> {
  const sign = (algorithm: string) => `${algorithm}=${createHmac(algorithm, hook.secret).update(body).digest('hex')}`
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/stand-in',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-id': String(state.app.id),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': sign('sha1'),
    'x-hub-signature-256': sign('sha256'),
  }
}

async function attempt(
  state: GitHubState,
  { event, guid, hook }: Waiting,
  { isDropped, signal }: { readonly isDropped: boolean; readonly signal: AbortSignal },
): Promise<DeliveryAttempt> {
  const body = JSON.stringify(event.payload)
  const requestHeaders = deliveryHeaders(state, { hook, guid, event: event.event, body })
  const deliveredAt = timestamp(state)
  const start = performance.now()
  const outcome =
    isDropped || Buffer.byteLength(body) > MAX_PAYLOAD_BYTES
      ? { status: 'failed to connect to host', statusCode: 502, responseHeaders: {}, responseBody: '' }
      : await send(hook.url, { headers: requestHeaders, body, signal })
  const { redeliveryOf, ...record } = event
  return {
    ...record,
    ...outcome,
    id: state.nextId(),
    guid,
    deliveredAt,
    redelivery: redeliveryOf !== undefined,
    durationSeconds: Math.round(performance.now() - start) / 1000,
    url: hook.url,
    requestHeaders,
  }
}

type Outcome = Pick<DeliveryAttempt, 'status' | 'statusCode' | 'responseHeaders' | 'responseBody'>

async function send(
  url: string,
  {
    headers,
    body,
    signal,
  }: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    const responseBody = await response.text()
    return {
      status: response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`,
      statusCode: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody,
    }
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError'
    return {
      status: isTimeout ? 'timed out' : 'failed to connect to host',
      statusCode: isTimeout ? 504 : 502,
      responseHeaders: {},
      responseBody: '',
    }
  }
}

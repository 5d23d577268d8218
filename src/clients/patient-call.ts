/** One call over HTTP that may be repeated: when, how often, and how long altogether. Shared by the clients that read (mlflow-http.ts, wandb.ts). */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Response } from 'undici'
import type { SystemUnavailable } from '../domain/failure.ts'
import { retryAfterSeconds } from './retry-after.ts'

export type Patience = {
  /** Of one attempt. */
  readonly timeoutMs: number
  /** Of one call with its sign-in, retries and waits: nobody waits longer for it, whatever the server does. */
  readonly deadlineMs: number
  /** After a failure, at most; default 3. */
  readonly retries?: number
  /** Waits between attempts; tests pass one that does not. */
  readonly wait: (milliseconds: number) => Promise<unknown>
}

export const PATIENCE: Patience = {
  timeoutMs: 20_000,
  deadlineMs: 45_000,
  wait: (milliseconds) => sleep(milliseconds),
}

export type Outcome<Reply> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** May be better a little later. */
  | { readonly kind: 'failed'; readonly failure: SystemUnavailable }
  /** May be better at once; the sender sees to it that this ends. */
  | { readonly kind: 'again' }

const MAX_RETRIES = 3
const MAX_WAIT_SECONDS = 10
const RETRYABLE = new Set([408, 429, 500, 502, 503, 504])

/** Sends until there is a reply. Throws the last failure after the retries, or when the server wants more time than there is. */
export async function callPatiently<Reply>(
  send: (timeoutMs: number) => Promise<Outcome<Reply>>,
  patience: Patience,
): Promise<Reply> {
  const deadline = Date.now() + patience.deadlineMs
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await send(Math.max(1, Math.min(patience.timeoutMs, deadline - Date.now())))
    if (outcome.kind === 'reply') return outcome.reply
    if (outcome.kind === 'again') continue
    const { failure } = outcome
    const seconds = failure.retryAfterSeconds ?? 0.3 * 2 ** attempt * (1 + Math.random())
    const isTooLate = Date.now() + seconds * 1000 >= deadline
    if (attempt >= (patience.retries ?? MAX_RETRIES) || seconds > MAX_WAIT_SECONDS || isTooLate) throw failure
    await patience.wait(seconds * 1000)
  }
}

/** Whether the status says that a repetition may help, with the server's wish for SystemUnavailable; undefined: it does not. */
export function temporary({ status, headers }: Response): { readonly retryAfterSeconds?: number } | undefined {
  if (!RETRYABLE.has(status)) return undefined
  const seconds = retryAfterSeconds(headers.get('retry-after'), new Date())
  return seconds === undefined ? {} : { retryAfterSeconds: seconds }
}

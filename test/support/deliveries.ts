/** Deliveries sent by hand: a recorded one again, or one of our own making with whatever is wrong with it. */
import { createHmac, randomUUID } from 'node:crypto'
import type { DeliveryAttempt } from '../../sandbox/github/delivery-record.ts'
import { WEBHOOK_SECRET } from '../../sandbox/world/index.ts'
import type { Story } from './bot.ts'

const hookOf = ({ bot }: Story): string => `${bot.url}/api/github/webhooks`

/** The same delivery once more, as GitHub sends it: same GUID, same body. */
export async function sendAgain(story: Story, { requestHeaders, payload }: DeliveryAttempt): Promise<number> {
  const { status } = await fetch(hookOf(story), {
    method: 'POST',
    headers: requestHeaders,
    body: JSON.stringify(payload),
  })
  return status
}

export type Letter = {
  readonly body: string
  readonly event?: string
  /** Default: the right one; null: none. */
  readonly signature?: string | null
}

/** A delivery of our own making; gives `status code` of the answer. */
export async function send(story: Story, { body, event = 'ping', signature }: Letter): Promise<string> {
  const right = `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`
  const headers = {
    'content-type': 'application/json',
    'x-github-delivery': randomUUID(),
    'x-github-event': event,
    ...(signature === null ? {} : { 'x-hub-signature-256': signature ?? right }),
  }
  const response = await fetch(hookOf(story), { method: 'POST', headers, body })
  const answer = (await response.json()) as { readonly code?: string }
  return `${response.status} ${answer.code ?? ''}`
}

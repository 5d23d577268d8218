/** Deliveries sent by hand: a recorded one again, or one of our own making with whatever is wrong with it. */
import { createHmac, randomUUID } from 'node:crypto'
import type { DeliveryAttempt } from '../../sandbox/github/delivery-record.ts'
import { MODELS, WEBHOOK_SECRET } from '../../sandbox/world/index.ts'
import type { Story } from './bot.ts'
import type { Tale } from './story.ts'

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

/** alice's comment on the newest model pull request, whose event is lost on its way; `arrives` hands it over late, and gives the reply. */
export async function lost(story: Tale, body: string) {
  const { github } = story.world
  github.onDelivery(() => 'drop')
  const comment = github.comment(MODELS, github.pullRequests(MODELS).at(-1)?.number ?? 0, body, { by: 'alice' })
  await github.delivered()
  github.onDelivery(undefined)
  const attempt = github.deliveries.findLast(({ event }) => event === 'issue_comment')
  if (attempt === undefined) throw new Error('nothing was sent')
  return {
    arrives: async () => {
      await sendAgain(story, attempt)
      await story.settle()
      return story.replyTo(comment)
    },
  }
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

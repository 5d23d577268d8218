/** Carries GitHub's deliveries as bad networks and bad days do: late, several times, in any order, or not at all. Of deliveries-*.test.ts; the sandbox's own deliverer is sandbox/github/webhooks.ts. */
import { createHmac } from 'node:crypto'
import type { DeliveryModifier } from '../../sandbox/github/webhooks.ts'
import { WEBHOOK_SECRET, type World } from '../../sandbox/world/index.ts'
import type { Random } from './fault-plans.ts'

/**
 * What becomes of one delivery: the minutes after which a copy arrives, each under the same GUID. Without any it is dropped: GitHub's log says that it
 * failed, and only the sweep finds it.
 */
export type Fate = { readonly after: readonly number[] }

export const PROMPT: Fate = { after: [0] }

export const isPrompt = ({ after }: Fate): boolean => after.length === 1 && after[0] === 0

/** As a person would tell it. */
export function wordsOf({ after: [first, ...others] }: Fate): string {
  if (first === undefined) return 'is dropped'
  const minutes = (late: number) => (late === 0 ? 'at once' : `after ${late} min`)
  return ['comes', [minutes(first), ...others.map((late) => `again ${minutes(late)}`)].join(', ')].join(' ')
}

/** The event and what it is about, on one line. */
export function titleOf({ event, action, payload }: Envelope): string {
  const about = ABOUT.flatMap(([part, field]) => {
    const inner = part === undefined ? payload : payload[part]
    const value = typeof inner === 'object' && inner !== null ? Reflect.get(inner, field) : undefined
    return typeof value === 'string' ? [JSON.stringify((value.split('\n')[0] ?? '').slice(0, 70))] : []
  })
  return [`${event}${action === null ? '' : `.${action}`}`, ...about].join(' ')
}

const ABOUT = [
  ['comment', 'body'],
  ['review', 'state'],
  ['check_run', 'name'],
  ['pull_request', 'title'],
  [undefined, 'ref'],
] as const

export type Envelope = Parameters<DeliveryModifier>[0]

export type Postman = {
  /** Hands over everything that is due by the story's clock, at once and in any order. */
  deliver(): Promise<void>
  /** Whether anything is still on its way. */
  isWaiting(): boolean
  /** How many were handed over, and how many were dropped. */
  counts(): { readonly carried: number; readonly dropped: number }
}

/** So many at once: of more than 500 connections the bot lets some go, and what GitHub then sends again is not in this bag. */
const CARRIERS = 64

type Letter = Envelope & { readonly due: number }

/** Takes over the world's deliveries. Undefined as a fate: carried promptly. */
export function startPostman(
  world: World,
  {
    url,
    fateOf,
    random,
  }: { readonly url: string; readonly fateOf: (envelope: Envelope) => Fate; readonly random: Random },
): Postman {
  let bag: Letter[] = []
  let carried = 0
  let dropped = 0
  world.github.onDelivery((envelope) => {
    const { after } = fateOf(envelope)
    if (after.length === 0) {
      dropped += 1
      return 'drop'
    }
    const now = world.clock.now().getTime()
    bag.push(...after.map((minutes) => ({ ...envelope, due: now + minutes * 60_000 })))
    return 'lose'
  })
  return {
    deliver: async () => {
      const now = world.clock.now().getTime()
      const due = shuffled(
        bag.filter((letter) => letter.due <= now),
        random,
      )
      bag = bag.filter((letter) => letter.due > now)
      carried += due.length
      const carriers = Array.from({ length: CARRIERS }, async () => {
        for (let letter = due.shift(); letter !== undefined; letter = due.shift()) await handOver(url, letter)
      })
      await Promise.all(carriers)
    },
    isWaiting: () => bag.length > 0,
    counts: () => ({ carried, dropped }),
  }
}

/** One delivery as GitHub sends it. Throws when it is not taken. */
export async function handOver(url: string, { guid, event, payload }: Omit<Envelope, 'action'>): Promise<void> {
  const body = JSON.stringify(payload)
  const response = await fetch(`${url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-hub-signature-256': `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`,
    },
    body,
  })
  await response.body?.cancel()
  if (response.status !== 202) throw new Error(`the bot answers ${response.status} to ${event} ${guid}`)
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items]
  const drawn: Item[] = []
  while (left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1))
  return drawn
}

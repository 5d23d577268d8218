/** GitHub's own log of webhook deliveries, read with the App's JWT: how deliveries missed while we were down are found. */
import type { GitHub } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'

type FailedDelivery = Awaited<ReturnType<GitHub['failedDeliveries']>>[number]

/** 100 pages of 100 reach three days back at 140 deliveries an hour; beyond that the state is read from the API anyway. */
const MAX_PAGES = 100

/** `GitHub.failedDeliveries`. A GUID with any successful attempt has arrived. Oldest first. */
export async function failedDeliveries(
  caller: Pick<Caller, 'restAsApp' | 'log'>,
  since: Date,
): Promise<readonly FailedDelivery[]> {
  const arrived = new Set<string>()
  const failed = new Map<string, FailedDelivery>()
  // GitHub tells whole seconds: a delivery of the same second must not fall out.
  const from = Math.floor(since.getTime() / 1000) * 1000
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, headers } = await caller.restAsApp('GET /app/hook/deliveries', {
      per_page: 100,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const attempts = answerOf('GitHub', { deliveries: data }).list('deliveries')
    const recent = attempts.filter((attempt) => attempt.date('delivered_at').getTime() >= from)
    for (const attempt of recent) {
      const delivery = parseAttempt(attempt)
      if (succeeded(attempt)) arrived.add(delivery.guid)
      else if (!failed.has(delivery.guid)) failed.set(delivery.guid, delivery)
    }
    cursor = recent.length < attempts.length ? undefined : cursorOfNextPage(headers['link'])
    if (cursor === undefined) break
  }
  if (cursor !== undefined)
    caller.log.warn({ pages: MAX_PAGES, since }, 'there are more webhook deliveries than are looked through')
  return [...failed.values()].filter(({ guid }) => !arrived.has(guid)).reverse()
}

/** `GitHub.readDelivery`. */
export async function readDelivery(
  caller: Caller,
  id: string,
): Promise<{ readonly guid: string; readonly event: string; readonly body: string }> {
  const { data } = await caller.restAsApp('GET /app/hook/deliveries/{delivery_id}', { delivery_id: id })
  const delivery = answerOf('GitHub', data)
  const payload = delivery.child('request').raw['payload']
  return { guid: delivery.text('guid'), event: delivery.text('event'), body: toJson(payload) }
}

function parseAttempt(attempt: Answer): FailedDelivery {
  return {
    id: String(attempt.raw['id']),
    guid: attempt.text('guid'),
    event: attempt.text('event'),
    action: attempt.maybeText('action'),
    deliveredAt: attempt.date('delivered_at'),
  }
}

function succeeded(attempt: Answer): boolean {
  const status = attempt.maybeInteger('status_code')
  return status === undefined ? attempt.maybeText('status') === 'OK' : status >= 200 && status < 300
}

const cursorOfNextPage = (link: unknown): string | undefined => {
  const next = /<([^<>]+)>;\s*rel="next"/.exec(String(link ?? ''))?.[1]
  return next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined)
}

/** JSON text with 64-bit numbers written out: Octokit parses those beyond 2^53 as bigint, which JSON.stringify refuses. */
function toJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${toJson(member)}`)
  return `{${members.join(',')}}`
}

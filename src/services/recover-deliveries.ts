/** Finds deliveries that GitHub could not hand over while the bot was away, and stores them as if they had just come. At start and every five minutes. */
import { SystemUnavailable } from '../domain/failure.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import type { Clock, GitHub, Log } from './ports.ts'

/** GitHub keeps deliveries for three days (7 on GHES). */
const WINDOW_MS = 3 * 86_400_000
/** Looked at again by the next sweep: GitHub lists a delivery some time after it failed, and its clock is not ours. */
const OVERLAP_MS = 30 * 60_000

export type Inbox = {
  knows(deliveryId: string): Promise<boolean>
  storeDelivery(delivery: {
    readonly id: string
    readonly event: string
    readonly body: string
    readonly receivedAt: Date
  }): Promise<unknown>
}

/** Until when nothing is missing any more; kept over restarts, shared by replicas. Undefined before the first sweep. */
export type Sweeps = {
  sweptUntil(): Promise<Date | undefined>
  saveSweptUntil(until: Date): Promise<void>
}

type Recovery = {
  readonly github: Pick<GitHub, 'failedDeliveries' | 'readDelivery'>
  readonly inbox: Inbox
  readonly sweeps: Sweeps
  readonly clock: Clock
  readonly log: Log
  /** Whether anything follows from such a delivery; others are not read. */
  readonly isHeard: (event: string, action: string | undefined) => boolean
}

/** How many deliveries were recovered. One that cannot be read is logged, holds up no other, and is asked for again by the next sweep. */
export async function recoverDeliveries(recovery: Recovery): Promise<number> {
  const { github, inbox, sweeps, clock } = recovery
  const now = clock.now()
  let sweptUntil = now
  let recovered = 0
  for (const failed of await github.failedDeliveries(sinceOf(await sweeps.sweptUntil(), now))) {
    if (!recovery.isHeard(failed.event, failed.action) || (await inbox.knows(failed.guid))) continue
    const delivery = await read(recovery, failed)
    if (delivery === undefined) {
      if (failed.deliveredAt < sweptUntil) sweptUntil = failed.deliveredAt
      continue
    }
    const { guid, event, body } = delivery
    if (isOldClick(delivery, failed.deliveredAt, now)) {
      recovery.log.warn(
        { delivery: guid, deliveredAt: failed.deliveredAt },
        'a click on a button came too late, and was left',
      )
      continue
    }
    await inbox.storeDelivery({ id: guid, event, body, receivedAt: now })
    recovery.log.info({ delivery: guid, event }, 'recovered a delivery that had not arrived')
    recovered += 1
  }
  await sweeps.saveSweptUntil(sweptUntil)
  return recovered
}

/** As late as this a command is refused as stale; a click tells no time of its own, and would be taken for one of this moment. */
const STALE_CLICK_MS = 15 * 60_000

function isOldClick({ event, body }: { readonly event: string; readonly body: string }, at: Date, now: Date): boolean {
  if (event !== 'check_run' || now.getTime() - at.getTime() <= STALE_CLICK_MS) return false
  return fieldsOf(parsed(body))?.['action'] === 'requested_action'
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** A clock that was set back must not leave a gap: never from later than now. */
function sinceOf(sweptUntil: Date | undefined, now: Date): Date {
  const oldest = now.getTime() - WINDOW_MS
  if (sweptUntil === undefined) return new Date(oldest)
  return new Date(Math.max(oldest, Math.min(sweptUntil.getTime(), now.getTime()) - OVERLAP_MS))
}

type Failed = Awaited<ReturnType<GitHub['failedDeliveries']>>[number]

async function read({ github, log }: Recovery, { id, guid, event }: Failed) {
  try {
    return await github.readDelivery(id)
  } catch (error) {
    // GitHub wants us to wait: the others would be refused, too.
    if (error instanceof SystemUnavailable && error.retryAfterSeconds !== undefined) throw error
    log.warn({ err: error, delivery: guid, event }, 'a delivery that had not arrived cannot be read')
    return undefined
  }
}

/** Finds deliveries that GitHub could not hand over while the bot was away, and stores them as if they had just come. At start and every five minutes. */
import type { Clock, GitHub, Log } from './ports.ts'

/** GitHub keeps deliveries for three days (7 on GHES). */
const WINDOW_MS = 3 * 86_400_000

export type Inbox = {
  knows(deliveryId: string): Promise<boolean>
  storeDelivery(delivery: {
    readonly id: string
    readonly event: string
    readonly body: string
    readonly receivedAt: Date
  }): Promise<unknown>
}

/** How many deliveries were recovered. */
export async function recoverDeliveries({
  github,
  inbox,
  clock,
  log,
}: {
  readonly github: GitHub
  readonly inbox: Inbox
  readonly clock: Clock
  readonly log: Log
}): Promise<number> {
  const now = clock.now()
  let recovered = 0
  for (const failed of await github.failedDeliveries(new Date(now.getTime() - WINDOW_MS))) {
    if (await inbox.knows(failed.guid)) continue
    const { guid, event, body } = await github.readDelivery(failed.id)
    await inbox.storeDelivery({ id: guid, event, body, receivedAt: now })
    log.info({ delivery: guid, event }, 'recovered a delivery that had not arrived')
    recovered += 1
  }
  return recovered
}

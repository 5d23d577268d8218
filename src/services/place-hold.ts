/** Sets a hold without weakening one that is there: a short `/lock` must not lift what a rollback set for good. */
import type { Deps } from './deps.ts'
import type { HoldRecord } from './ledger.ts'

export async function placeHold(hold: HoldRecord, { ledger, clock }: Pick<Deps, 'ledger' | 'clock'>): Promise<void> {
  const held = await ledger.hold(hold)
  const isOver = held?.until !== undefined && held.until <= clock.now()
  if (held === undefined || isOver || held.reason === hold.reason) return ledger.setHold(hold)
  const until = held.until === undefined || hold.until === undefined ? undefined : later(held.until, hold.until)
  const by = held.by === hold.by ? hold.by : `${held.by}, ${hold.by}`
  return ledger.setHold({ ...hold, by, reason: `${held.reason}; ${hold.reason}`, since: held.since, until })
}

const later = (one: Date, other: Date): Date => (one > other ? one : other)

/** Wake-ups at a time of the bot's clock. They are jobs of their own: a delayed job in the reconcile queue would swallow the hints that come before it. */
import type { PgBoss } from 'pg-boss'
import type { Clock } from '../services/ports.ts'
import type { WakeOptions } from './queue.ts'
import { SCHEMA, WAKE } from './queue-definitions.ts'

/** What the job of a timer holds. */
export type Timer = { readonly subject: string; readonly at: string }

export type Timers = {
  wakeAt(subject: string, at: Date, options?: WakeOptions): Promise<void>
  /** `wakeAt` relative to now. */
  wakeIn(subject: string, seconds: number, options?: WakeOptions): Promise<void>
  /** Computes every waiting timer's delay again. */
  resetAll(): Promise<void>
}

/** The timers of `boss`. */
export function createTimers(boss: PgBoss, clock: Clock): Timers {
  // A number of seconds and not a time: it then counts by the database's clock, whatever the difference to this machine's.
  const delayOf = (at: Date) => Math.max(0, (at.getTime() - clock.now().getTime()) / 1000)

  const wakeAt: Timers['wakeAt'] = async (subject, at, { name } = {}) => {
    const timer: Timer = { subject, at: at.toISOString() }
    const singletonKey = name === undefined ? `${subject} at ${timer.at}` : `${subject} for ${name}`
    await boss.upsert(WAKE, timer, { singletonKey, startAfter: delayOf(at) })
  }

  return {
    wakeAt,
    wakeIn: (subject, seconds, options) => wakeAt(subject, new Date(clock.now().getTime() + seconds * 1000), options),
    resetAll: async () => {
      // One statement over the job table: thousands of timers are moved at once, and keep their retention relative to the new start.
      await boss.getDb().executeSql(
        `update ${SCHEMA}.job
         set start_after = now() + greatest(0, extract(epoch from (data->>'at')::timestamptz - $1::timestamptz)) * interval '1 s',
             keep_until = now() + greatest(0, extract(epoch from (data->>'at')::timestamptz - $1::timestamptz)) * interval '1 s'
                          + (keep_until - start_after)
         where name = $2 and state < 'active'`,
        [clock.now().toISOString(), WAKE],
      )
    },
  }
}

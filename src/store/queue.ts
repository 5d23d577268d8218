/**
 * The work queue, on pg-boss: webhooks in, one job per subject to reconcile, timers, regular jobs. Policy of each queue: queue-definitions.ts.
 * Its halves: -inbox (group commit), -timers (wake-ups by the bot's clock), -workers (who runs what, and what happens when it throws).
 */
import type { Transaction } from 'kysely'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Clock } from '../services/ports.ts'
import type { Log } from './log.ts'
import { createQueues, RECONCILE, SCHEMA } from './queue-definitions.ts'
import { createInbox } from './queue-inbox.ts'
import { createTimers } from './queue-timers.ts'
import { createWorkers, type WorkHandlers } from './queue-workers.ts'
import { SteadyClient } from './steady-client.ts'

/** A webhook as GitHub sent it. `body` is the raw text, not parsed: a payload may hold what a JSON column refuses. */
export type Delivery = {
  /** X-GitHub-Delivery, a UUID. */
  readonly id: string
  /** X-GitHub-Event. */
  readonly event: string
  readonly body: string
  readonly receivedAt: Date
}

export type HintOptions<Tables = never> = {
  /** The hint then becomes visible with the transaction's commit, and its run sees what was written. Keep the transaction short. */
  readonly db?: Transaction<Tables>
  /** Higher runs first; absent: what `placeOf` says. */
  readonly priority?: number
}

export type WakeOptions = {
  /** Timers of one name of one subject replace each other (a poll that moves on with each run). Without it: one per deadline. */
  readonly name?: string
}

export type Queue = {
  /** Durable when it resolves. `duplicate`: this id was stored within the last 14 days. */
  storeDelivery(delivery: Delivery): Promise<'stored' | 'duplicate'>
  /** Wakes `reconcile(subject)` soon. Hints coalesce, and a hint is never lost: a run starts after it, also when one is under way. */
  hint<Tables>(subject: string, options?: HintOptions<Tables>): Promise<void>
  /** `hint(subject)` at about this time of the bot's clock; it may come early, never more than about a second late. */
  wakeAt(subject: string, at: Date, options?: WakeOptions): Promise<void>
  /** Starts the workers. Runs of one subject never overlap, on any number of replicas. */
  work(handlers: WorkHandlers): Promise<void>
  /** Runs `handler` now and then every `seconds` after its end, on one replica at a time. A throw is logged. */
  every(name: string, seconds: number, handler: () => Promise<void>): Promise<void>
  knows(deliveryId: string): Promise<boolean>
  /** Nothing runs and nothing could run now: no delivery, no hint, no timer that is due. For tests and the demo. */
  isIdle(): Promise<boolean>
  /** After the bot's clock was moved: every timer is set anew, and those whose time has come fire now. */
  wakeAll(): Promise<void>
  /** Throws when the queue cannot take or give work (for /readyz). */
  check(): Promise<void>
  /** Takes no new work, waits for what runs, and gives back what is not finished after `graceSeconds` (at least 1). */
  stop(options: { readonly graceSeconds: number }): Promise<void>
}

export type QueueOptions = {
  readonly connectionString: string
  readonly log: Log
  /** The clock that deadlines are told in. Default: the machine's. */
  readonly clock?: Clock
  /** Connections of the queue, at most; one more listens. Default 10. */
  readonly maxConnections?: number
  /** The priority of one more run of a subject: higher runs first. Default: all 0, in the order of their arrival. */
  readonly placeOf?: (subject: string) => number
}

/** Connects and brings the queue's own schema (`pgboss`) up to date. Replicas may start together. */
export async function createQueue(options: QueueOptions): Promise<Queue> {
  const { log } = options
  const clock = options.clock ?? { now: () => new Date() }
  // pg-boss hands all of this to its pool, also what its type does not name.
  const pool = { connectionString: options.connectionString, Client: SteadyClient }
  const boss = new PgBoss({
    ...pool,
    application_name: 'lockkeeper-queue',
    schema: SCHEMA,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 10_000,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    // How soon what is past its `deleteAfterSeconds` goes; a day at pg-boss's default.
    maintenanceIntervalSeconds: 60,
    // What a worker knows of a queue. At the default of a minute, a regular job whose process was killed would wait that long.
    queueCacheIntervalSeconds: 1,
  })
  boss.on('error', (error) => log.error({ err: error }, 'the queue reports an error'))
  boss.on('warning', (warning) => log.warn({ warning }, 'the queue reports a warning'))
  await boss.start()
  await createQueues(boss)

  const { placeOf = () => 0 } = options
  const hint = async <Tables>(subject: string, { db, priority = placeOf(subject) }: HintOptions<Tables> = {}) => {
    await boss.upsert(RECONCILE, null, {
      singletonKey: subject,
      group: { id: subject },
      startAfter: 0,
      priority,
      ...(db && { db: fromKysely(db) }),
    })
  }
  const inbox = createInbox(boss)
  const timers = createTimers(boss, clock)
  const workers = createWorkers({ boss, log, hint, timers, inbox })
  return {
    storeDelivery: inbox.store,
    hint,
    wakeAt: timers.wakeAt,
    work: workers.start,
    every: workers.every,
    knows: inbox.knows,
    isIdle: async () => !inbox.isStoring() && !(await hasRunnable(boss)),
    wakeAll: async () => {
      await timers.resetAll()
      workers.lookForTimers()
    },
    check: async () => {
      await boss.getDb().executeSql('select 1')
    },
    stop: ({ graceSeconds }) => boss.stop({ graceful: true, timeout: graceSeconds * 1000, close: true }),
  }
}

/** Asks the job table itself: the counts that pg-boss offers are cached. */
async function hasRunnable(boss: PgBoss): Promise<boolean> {
  const { rows } = await boss.getDb().executeSql(
    `select 1 from ${SCHEMA}.job
     where name = any($1) and (state = 'active' or (state < 'active' and start_after <= now())) limit 1`,
    [['inbox', 'reconcile', 'wake']],
  )
  return rows.length > 0
}

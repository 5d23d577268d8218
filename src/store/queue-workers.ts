/** Who runs the jobs of queue.ts, and what becomes of one whose handler throws. */
import type { JobResult, JobWithMetadata, PgBoss, WorkOptions } from 'pg-boss'
import { Deferred } from '../domain/failure.ts'
import { type Claim, remembered, underClaim } from './claims.ts'
import type { Log } from './log.ts'
import type { Delivery } from './queue.ts'
import {
  createRegularQueue,
  HEARTBEAT_SECONDS,
  INBOX,
  RECONCILE,
  regularQueue,
  SCHEMA,
  WAKE,
} from './queue-definitions.ts'
import { type Inbox, readDelivery, type StoredDelivery } from './queue-inbox.ts'
import type { Timer, Timers } from './queue-timers.ts'

export type WorkHandlers = {
  /** A throw is retried with back-off (eight times, over about five minutes), then the delivery is kept in the `dead` queue for 14 days. */
  delivery(delivery: Delivery): Promise<void>
  /** A throw is logged and run again after 1 s, 2 s, … 5 min, or after the error's `retryAfterSeconds`. */
  reconcile(subject: string): Promise<void>
}

export type Workers = {
  start(handlers: WorkHandlers): Promise<void>
  /** Looks for due timers now instead of at the next poll. */
  lookForTimers(): void
  every(name: string, seconds: number, handler: () => Promise<void>): Promise<void>
}

type WorkerOptions = {
  readonly boss: PgBoss
  readonly log: Log
  readonly hint: (subject: string) => Promise<void>
  readonly timers: Timers
  readonly inbox: Pick<Inbox, 'forgetHandled'>
}

const INBOX_WORKERS = 2
/** One statement fetches so many deliveries and one settles them, each by its own outcome. */
const INBOX_BATCH = 10
const RECONCILE_WORKERS = 5
const WAKE_WORKERS = 2
/** NOTIFY wakes workers for what is runnable at once; delayed and retried jobs wait for the poll. */
const POLLING = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5, heartbeatRefreshSeconds: 3 }
/** Payloads hold what people wrote in private repositories: they are kept no longer than they are needed. */
const FORGET_SECONDS = 60
const LONGEST_BACKOFF_SECONDS = 300
/** The wish is a foreign server's: it may delay work, and never end it. */
const LONGEST_WISH_SECONDS = 3600
const REMEMBERED_FAILURES = 10_000

/** The workers of `boss`; they do nothing before `start`. */
export function createWorkers({ boss, log, hint, timers, inbox }: WorkerOptions): Workers {
  const failures = new Map<string, number>()
  const wakers: string[] = []

  const reconcile = async (subject: string, handler: WorkHandlers['reconcile']) => {
    try {
      await handler(subject)
      failures.delete(subject)
    } catch (error) {
      if (error instanceof Deferred) {
        const { retryAfterSeconds = 1 } = error
        log.info({ subject, reason: error.message, retryInSeconds: retryAfterSeconds }, 'reconciling was put off')
        return await timers.wakeIn(subject, retryAfterSeconds, { name: 'retry' })
      }
      const count = remember(failures, subject)
      const seconds = retryAfter(error) ?? Math.min(2 ** (count - 1), LONGEST_BACKOFF_SECONDS)
      log.error(
        { err: error, subject, failures: count, retryInSeconds: seconds },
        'reconciling failed; it will be tried again',
      )
      // Through the timers and not by pg-boss's retry: that has one place per key, and a job that finds it taken is given up.
      await timers.wakeIn(subject, seconds, { name: 'retry' })
    }
  }

  return {
    start: async (handlers) => {
      for (let count = 0; count < INBOX_WORKERS; count += 1) {
        await workInbox(boss, (job) => deliver(job, handlers.delivery, log))
      }
      for (let count = 0; count < RECONCILE_WORKERS; count += 1) {
        await workOne(boss, RECONCILE, { ...POLLING, groupConcurrency: 1 }, async (job) => {
          const { groupId } = job
          if (typeof groupId !== 'string') return
          await underClaim(claimOn(job, boss), () => reconcile(groupId, handlers.reconcile))
        })
      }
      for (let count = 0; count < WAKE_WORKERS; count += 1) {
        wakers.push(await workOne<Timer>(boss, WAKE, POLLING, ({ data }) => hint(data.subject)))
      }
      await runRegularly({ boss, log }, 'forget-bodies', { seconds: FORGET_SECONDS, handler: inbox.forgetHandled })
    },
    lookForTimers: () => {
      for (const id of wakers) boss.notifyWorker(id)
    },
    every: (name, seconds, handler) => runRegularly({ boss, log }, name, { seconds, handler }),
  }
}

/**
 * One worker with one job at a time; gives its id. pg-boss's own `localConcurrency` gives them one id, and a worker would sleep until its next poll
 * after each job although more are waiting: telling it at the end of each job that there may be another keeps it going.
 */
async function workOne<Data>(
  boss: PgBoss,
  queue: string,
  options: WorkOptions,
  run: (job: JobWithMetadata<Data>) => Promise<void>,
): Promise<string> {
  let id: string | undefined
  id = await boss.work<Data, void, WorkOptions & { includeMetadata: true }>(
    queue,
    { ...options, includeMetadata: true },
    async (jobs: JobWithMetadata<Data>[]) => {
      try {
        for (const job of jobs) await run(job)
      } finally {
        if (id !== undefined) boss.notifyWorker(id)
      }
    },
  )
  return id
}

/** One worker for a batch of deliveries at a time. Their order means nothing, so that they are handled at once. */
async function workInbox(
  boss: PgBoss,
  run: (job: JobWithMetadata<StoredDelivery>) => Promise<JobResult>,
): Promise<void> {
  const options = { includeMetadata: true, perJobResults: true, batchSize: INBOX_BATCH } as const
  let id: string | undefined
  id = await boss.work(INBOX, { ...POLLING, ...options }, async (jobs: JobWithMetadata<StoredDelivery>[]) => {
    const results = await Promise.all(jobs.map(run))
    if (id !== undefined) boss.notifyWorker(id)
    return results
  })
}

async function deliver(
  job: JobWithMetadata<StoredDelivery>,
  handler: WorkHandlers['delivery'],
  log: Log,
): Promise<JobResult> {
  try {
    await handler(readDelivery(job.id, job.data))
    return { id: job.id, status: 'completed' }
  } catch (error) {
    const fields = { err: error, delivery: job.id, event: job.data.event, attempt: job.retryCount + 1 }
    if (job.retryCount < job.retryLimit) log.warn(fields, 'handling a delivery failed; it will be tried again')
    else log.error(fields, 'handling a delivery failed for good; it is kept in the queue "dead"')
    return { id: job.id, status: 'failed', output: error }
  }
}

async function runRegularly(
  { boss, log }: Pick<WorkerOptions, 'boss' | 'log'>,
  name: string,
  job: { readonly seconds: number; readonly handler: () => Promise<void> },
): Promise<void> {
  const queue = regularQueue(name)
  await createRegularQueue(boss, name)
  await workOne(boss, queue, POLLING, async (claimed) => {
    try {
      await underClaim(claimOn(claimed, boss), job.handler)
    } catch (error) {
      log.error({ err: error, job: name }, 'a regular job failed; it will run again at its time')
    }
    await boss.upsert(queue, null, { singletonKey: name, startAfter: job.seconds })
  })
  await boss.upsert(queue, null, { singletonKey: name, startAfter: 0 })
}

/** A yes is good for half of the time in which nobody else may take the job: what is begun then is done before another run can begin. */
const CLAIM_MS = (HEARTBEAT_SECONDS * 1000) / 2

/** The job is this process's as long as this very attempt of it runs; asking is a heartbeat. */
function claimOn({ name, id, retryCount }: JobWithMetadata<unknown>, boss: PgBoss): Claim {
  const statement = `update ${SCHEMA}.job set heartbeat_on = ${SCHEMA}.job_now()
    where name = $1 and id = $2 and state = 'active' and retry_count = $3 returning id`
  const claim = async () => (await boss.getDb().executeSql(statement, [name, id, retryCount])).rows.length > 0
  return remembered(claim, CLAIM_MS)
}

function retryAfter(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterSeconds' in error)) return undefined
  const { retryAfterSeconds: seconds } = error
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return undefined
  return Math.min(seconds, LONGEST_WISH_SECONDS)
}

/** Counts in this process only: the count shapes a delay and nothing else. The oldest subjects are forgotten. */
function remember(failures: Map<string, number>, subject: string): number {
  const count = (failures.get(subject) ?? 0) + 1
  failures.delete(subject)
  failures.set(subject, count)
  const [oldest] = failures.keys()
  if (failures.size > REMEMBERED_FAILURES && oldest !== undefined) failures.delete(oldest)
  return count
}

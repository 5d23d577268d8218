/**
 * Very many signed deliveries through one process and its embedded database: how fast each is acknowledged, what memory does meanwhile, whether all of them
 * are worked off. soak.ts runs it and writes the page; test/attacks/soak.test.ts runs a short one.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openChurnPullRequest, startTraining } from '../sandbox/world/acts.ts'
import { MODELS, WEBHOOK_SECRET } from '../sandbox/world/index.ts'
import { INSPECTED, type Inspector, openInspector } from './inspector.ts'
import { load } from './load.ts'
import { quantile } from './numbers.ts'
import { type Bench, prepareBench, residentMb, settle } from './process.ts'
import { createTraffic, type Signed } from './traffic.ts'

/** What was seen at one point of the run; times are of the deliveries since the point before. */
export type Sample = {
  readonly sent: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** p50 of the least that keeping a delivery takes on this machine right then: one row of that size, written by as many connections. */
  readonly insertMs: number
  /** Of the Node process. */
  readonly residentMb: number
  /** What a full collection leaves. */
  readonly heapMb: number
  readonly databaseMb: number
  /** Rows in the queue's tables. */
  readonly jobs: number
  /** Deliveries that are not handled yet. */
  readonly waiting: number
  /** Milliseconds of a processor that the process itself took for each delivery. */
  readonly processorMs: number
}

export type Soak = {
  readonly samples: readonly Sample[]
  /** Deliveries that somebody had to answer, among those that were sent. */
  readonly relevant: number
  /** Deliveries that were answered with 503 first, since they could not be stored in time. */
  readonly sentAgain: number
  /** Lines of the log at `error` or above. */
  readonly errors: readonly string[]
  /** Rows by table, largest first, when all was done. */
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly mb: number }[]
  readonly drainedAfterSeconds: number
  /** Ids of deliveries that the database knows, handled or not; those of the stand-in's own acts too. */
  readonly kept: number
}

export type SoakOptions = {
  readonly deliveries: number
  /** A sample after so many. */
  readonly every: number
  readonly connections: number
  /** Node's own, for the process. */
  readonly nodeArguments?: readonly string[]
  onSample?(sample: Sample): void
  /** Whether no more are to be sent, asked at each sample. */
  isOver?(): boolean
}

/** One in so many is a command or a check of a pull request that is compared. */
const RELEVANT_EVERY = 500
/** The sender waits while more than this wait in the inbox. */
const MOST_WAITING = 2000

export async function soak(options: SoakOptions): Promise<Soak> {
  const bench = await prepareBench({ nodeArguments: [...INSPECTED, ...(options.nodeArguments ?? [])] })
  try {
    await bench.bot.start()
    const inspector = await openInspector(bench.logFile)
    try {
      return await run(options, { ...bench, inspector })
    } finally {
      inspector.close()
    }
  } finally {
    await bench.close()
  }
}

type Inspected = Bench & { readonly inspector: Inspector }

async function run(options: SoakOptions, bench: Inspected): Promise<Soak> {
  const { world, bot } = bench
  const pool = new pg.Pool({ connectionString: bench.databaseUrl, max: options.connections })
  pool.on('error', () => {})
  const churn = openChurnPullRequest(world, 'better')
  startTraining(world, churn)
  const traffic = createTraffic({
    secret: WEBHOOK_SECRET,
    repository: MODELS,
    installation: world.github.installations()[0]?.id ?? 0,
  })
  const samples: Sample[] = []
  let sent = 0
  let relevant = 0
  let sentAgain = 0
  const next = async (): Promise<Signed | undefined> => {
    if (sent >= options.deliveries) return undefined
    sent += 1
    if (sent % RELEVANT_EVERY === 0) {
      relevant += 1
      if (relevant % 2 === 0) world.github.comment(MODELS, churn.number, '/status', { by: 'dave' })
      else world.github.reportCheck(MODELS, churn.headSha, { name: 'lint', status: 'completed', conclusion: 'success' })
    }
    return traffic(sent)
  }
  const begin = performance.now()
  try {
    while (sent < options.deliveries && options.isOver?.() !== true) {
      const until = Math.min(options.deliveries, sent + options.every)
      const times = await load({
        url: `${bot.url}/api/github/webhooks`,
        connections: options.connections,
        onBusy: () => {
          sentAgain += 1
        },
        next: async () => (sent >= until ? undefined : await next()),
      })
      for (let waiting = await waitingIn(pool); waiting > MOST_WAITING; waiting = await waitingIn(pool))
        await sleep(100)
      const sample = await look({ pool, bench, sent, times, options, seconds: (performance.now() - begin) / 1000 })
      samples.push(sample)
      options.onSample?.(sample)
    }
    const ended = performance.now()
    await settle(bench)
    return {
      samples,
      relevant,
      sentAgain,
      errors: errorsIn(bench.logFile),
      tables: await tablesOf(pool),
      kept: await known(pool),
      drainedAfterSeconds: (performance.now() - ended) / 1000,
    }
  } finally {
    await pool.end()
  }
}

async function look(at: {
  readonly pool: pg.Pool
  readonly bench: Inspected
  readonly sent: number
  readonly times: readonly number[]
  readonly options: SoakOptions
  readonly seconds: number
}): Promise<Sample> {
  const { pool, bench, sent, times, options, seconds } = at
  const { rows } = await pool.query<{ bytes: string; jobs: string }>(
    'select pg_database_size(current_database()) as bytes, (select count(*) from pgboss.job) as jobs',
  )
  return {
    sent,
    seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    insertMs: await timeOfInsert(pool, options.connections),
    residentMb: residentMb(bench.bot.pid() ?? 0),
    heapMb: await bench.inspector.liveHeapMb(),
    databaseMb: Number(rows[0]?.bytes) / 1024 ** 2,
    jobs: Number(rows[0]?.jobs),
    waiting: await waitingIn(pool),
    processorMs: (processorSeconds(bench.bot.pid() ?? 0) * 1000) / sent,
  }
}

/** As `ps` tells it, `[[dd-]hh:]mm:ss`. */
function processorSeconds(pid: number): number {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  return text
    .split(/[-:]/)
    .reduce((sum, part, index, all) => sum + Number(part) * (UNITS.at(index - all.length) ?? 0), 0)
}

const UNITS = [86_400, 3600, 60, 1]

const INSERTS = 25

async function timeOfInsert(pool: pg.Pool, connections: number): Promise<number> {
  await pool.query('create table if not exists soak_reference (id bigserial primary key, body text)')
  const times: number[] = []
  const body = 'x'.repeat(13_000)
  const write = async () => {
    for (let count = 0; count < INSERTS; count += 1) {
      const begin = performance.now()
      await pool.query('insert into soak_reference (body) values ($1)', [body])
      times.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: connections }, write))
  await pool.query('drop table soak_reference')
  return quantile(times, 0.5)
}

async function waitingIn(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `select count(*) from pgboss.job where name = 'inbox' and state < 'active'`,
  )
  return Number(rows[0]?.count)
}

function errorsIn(logFile: string): string[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => /"level":(?:50|60|"error"|"fatal")/.test(line))
}

async function tablesOf(pool: pg.Pool): Promise<Soak['tables']> {
  const { rows } = await pool.query<{ table: string; rows: string; bytes: string }>(
    `select schemaname || '.' || relname as table, n_live_tup as rows, pg_total_relation_size(relid) as bytes
     from pg_stat_user_tables order by pg_total_relation_size(relid) desc limit 6`,
  )
  return rows.map(({ table, rows: count, bytes }) => ({ table, rows: Number(count), mb: Number(bytes) / 1024 ** 2 }))
}

async function known(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `select (select count(*) from pgboss.handled_delivery) + (select count(*) from pgboss.job where name = 'inbox') as count`,
  )
  return Number(rows[0]?.count)
}

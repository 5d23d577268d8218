/** The real bot as a child process, as an operator runs it (`lockkeeper serve`): started, killed, restarted, and asked through its database whether it has work. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../recordings/processes.ts'
import { WEBHOOK_SECRET, type World } from '../world/index.ts'

export type BotProcess = {
  readonly url: string
  readonly databaseUrl: string
  /** Undefined while it is down. */
  pid(): number | undefined
  /** Starts it and resolves when it takes webhooks. Throws, with the end of its log, when it ends before that. */
  start(): Promise<void>
  /** SIGTERM, and waits for its clean end. */
  stop(): Promise<void>
  /** SIGKILL: it cannot finish anything. Resolves when it is gone. */
  kill(): Promise<void>
  /** Nothing runs and nothing could run at the story's time: no delivery, no hint, no timer that is due. */
  isIdle(): Promise<boolean>
  /** The jobs that keep it from being idle, one line each. */
  describeWork(): Promise<string>
  /** Lets this much time pass for the jobs of a process that is gone (those begun before `since`, by the machine's clock; default: all): others take them over when their heartbeat is old. */
  ageOrphans(seconds: number, since?: Date): Promise<void>
  /** Lets the time pass for which jobs wait that a crash ended; gives how many there were. */
  hastenRetries(): Promise<number>
  /** The last lines of its log. */
  logTail(lines?: number): string
  /** Ends it if it runs, and closes the connection to its database. */
  close(): Promise<void>
}

export type BotProcessOptions = {
  /** Without it, `dataDir` says where the embedded database of its own lies. */
  readonly databaseUrl?: string
  /** Short enough for a socket below it. */
  readonly dataDir?: string
  readonly logFile: string
  /** Default `info`. */
  readonly logLevel?: 'debug' | 'info' | 'silent'
  /** Node's own, `--trace-gc`. */
  readonly nodeArguments?: readonly string[]
}

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const START_DEADLINE_MS = 90_000

/** Prepares the process (its port stays the same over restarts) and points the world's webhooks to it. */
export async function createBotProcess(world: World, options: BotProcessOptions): Promise<BotProcess> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const databaseUrl = addressOf(options)
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  pool.on('error', () => {})
  const environment = environmentOf(world, options, port)
  let child: ChildProcess | undefined
  const start = async () => {
    if (child !== undefined) throw new Error('the bot runs already')
    child = launch(environment, options)
    await answers(child, url, options.logFile)
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const ending = child
    child = undefined
    if (ending !== undefined) await ended(ending, signal)
  }
  // A story that ends by an exception must not leave a bot behind.
  const killAtExit = () => void child?.kill('SIGKILL')
  process.once('exit', killAtExit)
  world.github.setWebhook({ url: `${url}/api/github/webhooks`, secret: WEBHOOK_SECRET })
  return {
    url,
    databaseUrl,
    pid: () => child?.pid,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    isIdle: async () => child !== undefined && (await workOf(pool, world.clock.now())).length === 0,
    describeWork: async () =>
      child === undefined ? 'the bot is down' : (await workOf(pool, world.clock.now())).join('\n'),
    ageOrphans: (seconds, since = new Date()) => ageOrphans(pool, seconds, since),
    hastenRetries: () => hastenRetries(pool),
    logTail: (lines = 30) => tail(options.logFile, lines),
    close: async () => {
      await end('SIGTERM')
      process.off('exit', killAtExit)
      await pool.end()
    },
  }
}

/** The embedded database lets the machine's users in through its socket. */
const addressOf = ({ databaseUrl, dataDir = '' }: BotProcessOptions): string =>
  databaseUrl ??
  `postgresql://lockkeeper@localhost/lockkeeper?host=${encodeURIComponent(join(dataDir, 'postgres/socket'))}`

function environmentOf(world: World, options: BotProcessOptions, port: number): NodeJS.ProcessEnv {
  // Nothing of the caller's own settings: a real MLflow's address or AWS profile must not leak into the sandbox.
  const { PATH, HOME, TMPDIR } = process.env
  return {
    ...{ PATH, HOME, TMPDIR, TZ: 'UTC' },
    ...world.variables,
    ...(options.databaseUrl === undefined
      ? { LOCKKEEPER_DATA_DIR: options.dataDir }
      : { DATABASE_URL: options.databaseUrl }),
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: options.logLevel ?? 'info',
  }
}

function launch(
  environment: NodeJS.ProcessEnv,
  { logFile, nodeArguments = [] }: Pick<BotProcessOptions, 'logFile' | 'nodeArguments'>,
): ChildProcess {
  const log = openSync(logFile, 'a')
  try {
    return spawn(process.execPath, [...nodeArguments, MAIN, 'serve'], { env: environment, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
}

async function answers(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS
  while (!(await isReady(url))) {
    const isGone = child.exitCode !== null || child.signalCode !== null
    if (isGone || Date.now() > deadline)
      throw new Error(`the bot ${isGone ? 'ended at its start' : 'does not get ready'}:\n${tail(logFile, 30)}`)
    await sleep(25)
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
}

/** Timers are due by the story's clock: the bot may not have heard yet that it was moved. */
async function workOf(pool: pg.Pool, storyNow: Date): Promise<string[]> {
  const { rows } = await pool.query<{ job: string }>(
    `select concat_ws(' ', name, state, singleton_key, data->>'event', 'from', start_after, 'heartbeat', heartbeat_on) as job
     from pgboss.job
     where state = 'active'
        or (state < 'active' and start_after <= now() and name <> 'dead')
        or (state < 'active' and name = 'wake' and (data->>'at')::timestamptz <= $1)`,
    [storyNow.toISOString()],
  )
  return rows.map(({ job }) => job)
}

async function ageOrphans(pool: pg.Pool, seconds: number, since: Date): Promise<void> {
  await pool.query(
    `update pgboss.job
     set heartbeat_on = heartbeat_on - $1 * interval '1 s', started_on = started_on - $1 * interval '1 s'
     where state = 'active' and started_on < $2`,
    [seconds, since],
  )
}

async function hastenRetries(pool: pg.Pool): Promise<number> {
  const waits = `state = 'retry' and start_after > now()`
  const { rowCount } = await pool.query(`update pgboss.job set start_after = now() where ${waits}`)
  return rowCount ?? 0
}

function tail(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return '(no log)'
  }
}

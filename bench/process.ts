/** The bot as an operator runs it, for benches: in a world of the sandbox, with a database embedded or outside; and what its process takes. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BotProcess, createBotProcess } from '../sandbox/demo/bot-process.ts'
import { startWorld, type World } from '../sandbox/world/index.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/store/embedded-postgres.ts'

export type Bench = {
  readonly world: World
  readonly bot: BotProcess
  readonly logFile: string
  readonly databaseUrl: string
  close(): Promise<void>
}

export type BenchOptions = {
  /** A server of its own beside the bot, in place of the embedded one. */
  readonly outside?: boolean
  readonly nodeArguments?: readonly string[]
  readonly logLevel?: 'info' | 'silent'
}

const nothing = () => {}
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** Everything but the bot's start. */
export async function prepareBench({
  outside = false,
  nodeArguments = [],
  logLevel = 'info',
}: BenchOptions = {}): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-'))
  // mkdtemp keeps others out; as root, the database runs as another user.
  chmodSync(dataDir, 0o711)
  const server: EmbeddedPostgres | undefined = outside
    ? await startEmbeddedPostgres({ dataDir, log: silent })
    : undefined
  const world = await startWorld()
  const logFile = join(dataDir, 'bot.log')
  const where = server === undefined ? { dataDir } : { databaseUrl: server.connectionString }
  const bot = await createBotProcess(world, { ...where, logFile, nodeArguments, logLevel })
  return {
    world,
    bot,
    logFile,
    databaseUrl:
      server?.connectionString ??
      `postgresql://lockkeeper@localhost/lockkeeper?host=${encodeURIComponent(join(dataDir, 'postgres/socket'))}`,
    close: async () => {
      await bot.close()
      await server?.stop()
      await world.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Twice in a row, since between a job and the one that it makes lies a moment without work. */
export async function settle({ world, bot }: Pick<Bench, 'world' | 'bot'>): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    await world.github.delivered()
    await sleep(20)
    quiet = (await bot.isIdle()) ? quiet + 1 : 0
  }
}

/** Of one process, in MB. */
export const residentMb = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024

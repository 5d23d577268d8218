/** The stage of the demo: a database, the world, and the real bot as a process of its own. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts'
import { startWorld, type World, type WorldOptions } from '../world/index.ts'
import { type BotProcess, createBotProcess } from './bot-process.ts'

export type Stage = {
  readonly world: World
  readonly bot: BotProcess
  /** The bot's log. */
  readonly logFile: string
  readonly databaseUrl: string
  /** Ends everything and removes what it left. Safe to call twice. */
  close(): Promise<void>
}

/** Tuesday 2026-11-24, 10:00 in Berlin: in the morning, far from the freeze of the weekend. */
export const STORY_START = new Date('2026-11-24T09:00:00Z')

/** The next request does not list yet what the last one made, unless the story went on for longer than GitHub's lists lag. */
export const STORY_LAG = { requests: 1, seconds: 10 }

/** Starts everything; what was started is ended again when a part cannot be. */
export async function raiseStage(options: WorldOptions = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-demo-'))
  // mkdtemp keeps others out; as root, the database runs as another user.
  chmodSync(directory, 0o711)
  const logFile = join(directory, 'bot.log')
  const endings: (() => Promise<void> | void)[] = [() => rmSync(directory, { recursive: true, force: true })]
  const end = async () => {
    for (const ending of endings.splice(0).reverse()) await ending()
  }
  try {
    const database = await startEmbeddedPostgres({ dataDir: directory, log: silent })
    endings.push(() => database.stop())
    const world = await startWorld({ start: STORY_START, ...options })
    endings.push(() => world.close())
    const bot = await createBotProcess(world, { databaseUrl: database.connectionString, logFile })
    endings.push(() => bot.close())
    await bot.start()
    return { world, bot, logFile, databaseUrl: database.connectionString, close: end }
  } catch (error) {
    await end()
    throw error
  }
}

const nothing = () => {}
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }

const SETTLE_DEADLINE_MS = 60_000

/** Until no delivery, rollout or job is under way, twice in a row: between a rollout's end and the hint it gives lies a moment without work. */
export async function settleAll(
  { world, bot }: Pick<Stage, 'world' | 'bot'>,
  withinMs: number = SETTLE_DEADLINE_MS,
): Promise<void> {
  const deadline = Date.now() + withinMs
  for (let quiet = 0; quiet < 2; ) {
    if (Date.now() > deadline) throw new Error(`the story does not settle: ${await bot.describeWork()}`)
    await world.github.delivered()
    await world.argocd.settled()
    await sleep(20)
    quiet = (await bot.isIdle()) ? quiet + 1 : 0
  }
}

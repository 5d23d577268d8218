/** A world, the proxy before it and the real bot as a process, told as a story: what fault-flows.ts plays, with the faults that fault-run.ts orders. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_LAG, STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { CONFIG, MODELS, startWorld, type World, type WorldOptions } from '../../sandbox/world/index.ts'
import { freshDatabase } from './database.ts'
import { type Director, type OutsideProxy, startOutsideProxy } from './outside-proxy.ts'
import { type Acting, type Acts, acts } from './story-acts.ts'
import { type Reading, reading } from './story-reading.ts'

/** A system that the world does not have: its address in the policy, and what ends it. */
export type FurtherSystem = { readonly url: string; close(): Promise<void> }

export type StageOptions = WorldOptions & {
  /** Further systems by name. */
  readonly systems?: (world: World) => Promise<Readonly<Record<string, FurtherSystem>>>
  /** The policy, and variables of the bot, with the real addresses in them. */
  readonly settings?: (
    policy: string,
    systems: Readonly<Record<string, FurtherSystem>>,
  ) => { readonly policy: string; readonly variables?: Readonly<Record<string, string>> }
}

/** A story that is played under faults. */
export type FaultTale = Acting &
  Acts &
  Reading & {
    readonly proxy: OutsideProxy
    readonly systems: Readonly<Record<string, FurtherSystem>>
    /** Lets time pass until nothing is under way any more: no promotion, no command, no release to be made. */
    calm(minutes?: number): Promise<void>
    /** Approves whatever waits in the config repository; bob, if nobody is named. */
    approves(by?: string): Promise<void>
    /** SIGTERM and a new start. */
    restart(): Promise<void>
    /** From now on nothing is under way only when no repetition of something failed is either: time passes until then. */
    waitForRetries(shall: boolean): void
  }

export type FaultStage = FaultTale & {
  readonly databaseUrl: string
  readonly bot: BotProcess
  close(): Promise<void>
}

const STRIDE_MS = 120_000
/** A busy machine has little time for each of them. */
const SETTLE_MS = 600_000
/** So many repetitions in a row come to nothing. */
const MOST_RETRIES = 40

/** `hangs`: some call is never answered. Only then are the bot's deadlines shorter: a busy machine needs all of them. */
export type Staging = { readonly director: Director | undefined; readonly hangs: boolean }

export async function raiseFaultStage(options: StageOptions, { director, hangs }: Staging): Promise<FaultStage> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-faults-'))
  const world = await startWorld({ start: STORY_START, lag: STORY_LAG, ...options })
  giveTime(world)
  const systems = (await options.systems?.(world)) ?? {}
  const { policy, variables = {} } = options.settings?.(world.policyText, systems) ?? { policy: world.policyText }
  const addresses = Object.fromEntries(Object.entries(systems).map(([name, { url }]) => [name, url]))
  const proxy = await startOutsideProxy(world, { systems: addresses, policyText: policy })
  const databaseUrl = await freshDatabase()
  const bot = await createBotProcess(
    { ...world, variables: { ...proxy.variables, ...proxiedOf(variables, systems, proxy) } },
    { databaseUrl, logFile: join(directory, 'bot.log'), nodeArguments: hangs ? ['--import', SHORT_TIMEOUTS] : [] },
  )
  const db = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  db.on('error', () => undefined)
  let isPatient = true
  const settle = async () => {
    await settleAll({ world, bot }, SETTLE_MS)
    for (let count = 0; isPatient && count < MOST_RETRIES; count += 1) {
      const due = await nextRetry(db)
      if (due === undefined) return
      world.clock.advance(Math.max(0, due.getTime() - world.clock.now().getTime()) + 1000)
      await settleAll({ world, bot }, SETTLE_MS)
    }
  }
  const pass = async (milliseconds: number, step = STRIDE_MS) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      world.clock.advance(Math.min(step, milliseconds - passed))
      await settle()
    }
  }
  const acting: Acting = { world, settle, pass }
  const start = () => supervised(bot)
  proxy.direct(director)
  try {
    await start()
    await settle()
  } catch (error) {
    await bot.close()
    throw error
  }
  return {
    ...acting,
    ...acts(acting),
    ...reading(world),
    proxy,
    systems,
    databaseUrl,
    bot,
    waitForRetries: (shall) => {
      isPatient = shall
    },
    calm: async (minutes = 210) => {
      for (let passed = 0; passed < minutes * 60_000 && (await isUnderWay(db)); passed += STRIDE_MS)
        await pass(STRIDE_MS)
    },
    approves: async (by = 'bob') => {
      for (const { number, state } of world.github.pullRequests(CONFIG))
        if (state === 'open') world.github.review(CONFIG, number, { by, state: 'APPROVED' })
      await settle()
    },
    restart: async () => {
      await bot.stop()
      await start()
      await settle()
    },
    close: async () => {
      await bot.close()
      await db.end()
      await proxy.close()
      await Promise.all(Object.values(systems).map((system) => system.close()))
      await world.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Rollouts have three hours to be proven: each fault of a look begins the time anew for which all have to hold. */
function giveTime({ github }: World): void {
  const path = '.github/lockkeeper.yml'
  const text = (github.file(MODELS, 'main', path) ?? '').replace(/(verify:\n {6}within: )\d+m/g, '$13h')
  github.commit(MODELS, 'main', { message: 'More time', files: { [path]: text }, by: 'carol' })
}

const SHORT_TIMEOUTS = join(import.meta.dirname, 'short-timeouts.ts')

/** The addresses of further systems, as the proxy has them. */
function proxiedOf(
  variables: Readonly<Record<string, string>>,
  systems: Readonly<Record<string, FurtherSystem>>,
  proxy: OutsideProxy,
): Readonly<Record<string, string>> {
  const names = Object.values(systems).map(({ url }) => [url, proxy.addressOf(url)] as const)
  const replaced = (value: string) => names.reduce((text, [from, to]) => text.replaceAll(from, to), value)
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, replaced(value)]))
}

/** Without GitHub it does not start; whoever runs it starts it again. */
async function supervised(bot: BotProcess, attempts = 5): Promise<void> {
  try {
    await bot.start()
  } catch (error) {
    if (attempts === 0) throw error
    await bot.kill()
    await supervised(bot, attempts - 1)
  }
}

/** When the first repetition of something failed is due, by the story's time. */
async function nextRetry(db: pg.Pool): Promise<Date | undefined> {
  const { rows } = await db.query<{ at: string }>(
    `select data->>'at' as at from pgboss.job where name = 'wake' and state < 'active' and singleton_key like '% for retry'
     order by 1 limit 1`,
  )
  return rows[0] === undefined ? undefined : new Date(rows[0].at)
}

async function isUnderWay(db: pg.Pool): Promise<boolean> {
  const { rowCount } = await db.query(
    `select 1 from promotions where active union all select 1 from commands where state <> 'done'
     union all select 1 from releases where state = 'pending' limit 1`,
  )
  return rowCount !== 0
}

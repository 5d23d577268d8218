/** The bot in the test's own process, over a world of the sandbox and a database of its own. */

import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { STORY_LAG } from '../../sandbox/demo/stage.ts'
import { startWorld, WEBHOOK_SECRET, type World, type WorldOptions } from '../../sandbox/world/index.ts'
import { type Env, readEnv } from '../../src/config/env.ts'
import { parsePolicy } from '../../src/config/policy-file.ts'
import type { ServerPolicy } from '../../src/domain/server-policy.ts'
import { type Lockkeeper, startLockkeeper } from '../../src/main.ts'
import { freshDatabase } from './database.ts'

export type Story = {
  readonly world: World
  readonly bot: Lockkeeper
  /** What it was started with, as `lockkeeper serve` reads it. */
  readonly settings: BotSettings
  /** Until nothing is under way any more: no delivery, no job, no rollout. */
  settle(): Promise<void>
  /** Moves the clock in steps, settling after each, as time would pass. */
  pass(milliseconds: number, step?: number): Promise<void>
  /** Stops the bot, and starts another on the same database once `meanwhile` is done, or on the one whose URL that gives. */
  restart(meanwhile?: (settings: BotSettings) => Promise<string>): Promise<void>
  end(): Promise<void>
}

export type BotSettings = { readonly env: Env; readonly policy: ServerPolicy | undefined }

export type StoryOptions = WorldOptions & {
  readonly policy?: (text: string) => string | undefined
  readonly listening?: boolean
  /** How far its machine's clock is ahead of GitHub's. */
  readonly aheadMs?: number
  /** A URL whose user may create databases; default: the suite's server. */
  readonly databaseServer?: string
}

/** Tuesday 2026-11-24, 10:00 in Berlin, with the lag of lists that GitHub has. */
export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const world = await startWorld({ lag: STORY_LAG, ...options })
  const databaseUrl = await freshDatabase(options.databaseServer)
  let settings = botSettings(world, databaseUrl, options)
  const now = () => new Date(world.clock.now().getTime() + (options.aheadMs ?? 0))
  const clock = { now, onMove: world.clock.onMove, close: () => {} }
  const start = async () => {
    const asked = world.github.requests.length
    const started = await startLockkeeper({ ...settings, clock, log: pino({ level: settings.env.logLevel }) })
    await searched(world, asked)
    return started
  }
  let bot = await start()
  const hook = () => world.github.setWebhook({ url: `${bot.url}/api/github/webhooks`, secret: WEBHOOK_SECRET })
  hook()
  const settle = () => settled(world, () => bot)
  await settle()
  return {
    world,
    get settings() {
      return settings
    },
    get bot() {
      return bot
    },
    settle,
    pass: async (milliseconds, step = milliseconds) => {
      for (let passed = 0; passed < milliseconds; passed += step) {
        world.clock.advance(Math.min(step, milliseconds - passed))
        await settle()
      }
    },
    restart: async (meanwhile) => {
      await bot.stop()
      const moved = await meanwhile?.(settings)
      if (moved !== undefined) settings = { ...settings, env: { ...settings.env, database: { url: moved } } }
      bot = await start()
      hook()
    },
    end: async () => {
      await bot.stop()
      await world.close()
    },
  }
}

function botSettings(world: World, databaseUrl: string, options: StoryOptions): BotSettings {
  // The AWS SDK reads its settings from the process.
  Object.assign(
    process.env,
    Object.fromEntries(Object.entries(world.variables).filter(([name]) => name.startsWith('AWS_'))),
  )
  const read = readEnv({
    ...world.variables,
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: process.env['LOCKKEEPER_TEST_LOG'] ?? 'silent',
  })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const policyText = options.policy === undefined ? world.policyText : options.policy(world.policyText)
  const policy = policyText === undefined ? undefined : parsePolicy(policyText, { file: 'policy.yml' })
  if (policy?.ok === false) throw new Error(JSON.stringify(policy.problems))
  return { env: read.env, policy: policy?.policy }
}

/** Until the search for lost deliveries, which every start begins with, is under way. */
async function searched({ github }: World, asked: number): Promise<void> {
  const deadline = Date.now() + 5000
  const isUnderWay = () => github.requests.slice(asked).some(({ path }) => path === '/app/hook/deliveries')
  while (!isUnderWay() && Date.now() < deadline) await sleep(10)
}

async function settled(world: World, bot: () => Lockkeeper): Promise<void> {
  const deadline = Date.now() + 45_000
  // Twice in a row: between a rollout's end and the hint it gives lies a moment in which nothing is under way.
  for (let quiet = 0; quiet < 2; ) {
    if (Date.now() > deadline) throw new Error('the story does not settle')
    await world.github.delivered()
    await world.argocd.settled()
    const asked = world.github.requests.length
    await sleep(30)
    // What runs beside the queue, as the search for lost deliveries does, shows in what it asks of GitHub.
    const isQuiet = (await bot().isIdle()) && world.github.requests.length === asked
    quiet = isQuiet ? quiet + 1 : 0
  }
}

/** A world and the bot as a process of its own, with the proxy between them: whoever directs the proxy kills the bot, and it is started again at once, as an operator's supervisor would. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_LAG, STORY_START } from '../../sandbox/demo/stage.ts'
import { MODELS, startWorld, type World, type WorldOptions } from '../../sandbox/world/index.ts'
import { killServer } from './kill-server.ts'
import { type OutsideCall, type OutsideProxy, startOutsideProxy } from './outside-proxy.ts'
import type { Acting } from './story-acts.ts'

/** pg-boss takes a job from a dead process when its heartbeat is ten seconds old. */
const TAKE_OVER_SECONDS = 60
const SETTLE_DEADLINE_MS = 300_000
const SUPERVISED_STARTS = 20
/** Whoever looks for what a lost answer has made waits for twenty seconds of the story, until GitHub lists it (listed-yet.ts); people see that the bot is gone, and wait as well. */
const AFTER_A_CRASH_MS = 60_000
/** A search for lost deliveries that fails, on a machine too busy for the database, is repeated by the bot after minutes of the story. */
const SEARCHED_WITHIN_MS = 30_000

export type CrashStage = Acting & {
  readonly proxy: OutsideProxy
  readonly bot: BotProcess
  readonly databaseUrl: string
  /** Why and when the bot was killed, oldest first. */
  readonly kills: readonly string[]
  /** Kills the bot after so many milliseconds, unless a start is under way then, and starts it again. */
  crashIn(milliseconds: number): void
  close(): Promise<void>
}

export type CrashStageOptions = {
  /** Its database's address; without it the bot has an embedded database, which dies with it. */
  readonly databaseUrl?: string
  readonly world?: WorldOptions
  /** Besides those of the world. */
  readonly variables?: Readonly<Record<string, string>>
  /** Before the bot is started. Systems that it starts are named to the proxy; its policy replaces the world's. */
  readonly prepare?: (world: World) => Promise<Prepared>
}

export type Prepared = {
  readonly systems?: Readonly<Record<string, string>>
  readonly policyText?: string
  readonly variables?: Readonly<Record<string, string>>
  close?(): Promise<void>
}

export async function raiseCrashStage(options: CrashStageOptions = {}): Promise<CrashStage> {
  const directory = mkdtempSync(join(tmpdir(), 'lk-crash-'))
  // mkdtemp keeps others out; as root, the database runs as another user.
  chmodSync(directory, 0o711)
  const world = await startWorld({ start: STORY_START, lag: STORY_LAG, ...options.world })
  const prepared: Prepared = (await options.prepare?.(world)) ?? {}
  const kills: string[] = []
  const timers = new Set<NodeJS.Timeout>()
  const life: Life = { restarting: undefined, startedAtCall: 0, upSince: 0, failure: undefined }
  const proxy = await startOutsideProxy(world, {
    ...prepared,
    killBot: () => killBoth(bot, embedded),
    onKilled: (call, when) => {
      kills.push(`${when} ${call.name}`)
      // One that dies while it starts is started again by whoever starts it.
      life.restarting ??= restarted()
    },
  })
  const embedded = options.databaseUrl === undefined ? directory : undefined
  const bot = await createBotProcess(
    { ...world, variables: { ...proxy.variables, ...prepared.variables, ...options.variables } },
    {
      ...(options.databaseUrl === undefined ? { dataDir: directory } : { databaseUrl: options.databaseUrl }),
      logFile: join(directory, 'bot.log'),
    },
  )
  const restarted = async (): Promise<void> => {
    try {
      do await supervised(bot, () => proxy.calls.length, life)
      while (bot.pid() === undefined)
      life.upSince = Date.now()
      life.restarting = undefined
    } catch (error) {
      life.failure = error
    }
  }
  const rest = () => settled({ world, bot, proxy, life, restart: () => killBoth(bot, embedded).then(restarted) })
  const settle = patiently(rest, { world, kills })
  await restarted()
  await settle()
  return {
    world,
    proxy,
    bot,
    databaseUrl: bot.databaseUrl,
    kills,
    settle,
    pass: async (milliseconds, step = milliseconds) => {
      for (let passed = 0; passed < milliseconds; passed += step) {
        world.clock.advance(Math.min(step, milliseconds - passed))
        await settle()
      }
    },
    crashIn: (milliseconds) => {
      const crash = () => {
        timers.delete(timer)
        if (life.restarting !== undefined) return
        kills.push(`${milliseconds} ms after ${proxy.calls.at(-1)?.name}`)
        life.restarting = killBoth(bot, embedded).then(restarted)
      }
      const timer = setTimeout(crash, milliseconds)
      timers.add(timer)
    },
    close: async () => {
      proxy.direct(undefined)
      for (const timer of timers) clearTimeout(timer)
      await life.restarting
      await bot.close()
      await proxy.close()
      await prepared.close?.()
      await world.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Time passes after a crash. */
function patiently(
  rest: () => Promise<void>,
  { world, kills }: { readonly world: World; readonly kills: readonly string[] },
): () => Promise<void> {
  let borne = 0
  return async () => {
    await rest()
    while (borne < kills.length) {
      borne = kills.length
      world.clock.advance(AFTER_A_CRASH_MS)
      await rest()
    }
  }
}

/** Longer than the checks of prod have to hold, shorter than what the bot takes for its own absence. */
const STRIDE_MS = 120_000
/** So many strides a rollout and its way back take at most, where the bot was gone meanwhile. */
const STRIDES = 40

/** Until every rollout has ended, and what it was followed by. One that does not end shows in what the story comes to. */
export async function ends({ world, pass }: Pick<CrashStage, 'world' | 'pass'>): Promise<void> {
  const isUnderWay = () =>
    world.github.deployments(MODELS).some(({ statuses }) => [undefined, 'in_progress'].includes(statuses.at(-1)?.state))
  // Twice in a row: a way back begins after an end.
  for (let strides = 0, quiet = 0; quiet < 2 && strides < STRIDES; strides += 1) {
    await pass(STRIDE_MS)
    quiet = isUnderWay() ? 0 : quiet + 1
  }
}

type Life = {
  /** A start is under way. */
  restarting: Promise<void> | undefined
  /** The number of calls when it was started last. */
  startedAtCall: number
  upSince: number
  failure: unknown
}

async function killBoth(bot: BotProcess, embedded: string | undefined): Promise<void> {
  const gone = bot.kill()
  if (embedded !== undefined) killServer(join(embedded, 'postgres/data'))
  await gone
}

/** It does not start without GitHub, and may be killed before it is there; whoever runs it starts it again. */
async function supervised(bot: BotProcess, calls: () => number, life: Life): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const since = new Date()
    life.startedAtCall = calls()
    try {
      await bot.start()
      return await bot.ageOrphans(TAKE_OVER_SECONDS, since)
    } catch (error) {
      if (attempt === SUPERVISED_STARTS) throw error
      await bot.kill()
    }
  }
}

type Settling = {
  readonly world: World
  readonly bot: BotProcess
  readonly proxy: { readonly calls: readonly OutsideCall[] }
  readonly life: Life
  restart(): Promise<void>
}

/** Until no delivery, rollout, job, start or search for lost deliveries is under way, twice in a row. */
async function settled({ world, bot, proxy, life, restart }: Settling): Promise<void> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS
  for (let quiet = 0; quiet < 2; ) {
    if (life.failure !== undefined) throw life.failure
    if (Date.now() > deadline) {
      const work = await bot.describeWork().catch(String)
      throw new Error(`the story does not settle: ${work}\n${bot.logTail(12)}`)
    }
    await world.github.delivered()
    await world.argocd.settled()
    const made = proxy.calls.length
    await sleep(25)
    const isUp = life.restarting === undefined
    const hasSearched = proxy.calls.slice(life.startedAtCall).some(({ path }) => path.endsWith('/app/hook/deliveries'))
    if (isUp && !hasSearched && Date.now() - life.upSince > SEARCHED_WITHIN_MS) life.restarting = restart()
    const isIdle = isUp && hasSearched && (await isAtRest(bot))
    const isQuiet = isIdle && proxy.calls.length === made
    quiet = isQuiet ? quiet + 1 : 0
  }
}

/** Its database may be on its way up. What a crash ended is to be done again, and soon. */
async function isAtRest(bot: BotProcess): Promise<boolean> {
  try {
    return (await bot.hastenRetries()) === 0 && (await bot.isIdle())
  } catch {
    return false
  }
}

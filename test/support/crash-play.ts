/** Plays a story of crash-stories.ts, with the bot killed where somebody says so, and gives what it came to: at the sandbox, and in the ledger. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnv } from '../../src/config/env.ts'
import { rebuild } from '../../src/rebuilding.ts'
import { type CrashStage, raiseCrashStage } from './crash-stage.ts'
import type { CrashStory } from './crash-stories.ts'
import { freshDatabase } from './database.ts'
import { type Boundary, nameBoundaries } from './effect-boundaries.ts'
import { endState } from './end-state.ts'
import { ledgerState } from './ledger-state.ts'
import type { OutsideCall } from './outside-proxy.ts'
import { promised } from './rebuilt.ts'

/** `later`: so many milliseconds after the call was passed on, wherever the bot then is. */
export type Kill = 'before' | 'after' | { readonly later: number }

/** Whether the bot dies at this call. `boundary`: of an effect, see effect-boundaries.ts. */
export type Killer = (call: OutsideCall, boundary: Boundary | undefined) => Kill | undefined

export type Played = {
  /** Comparable with `toEqual`. */
  readonly ended: { readonly world: unknown; readonly ledger: unknown }
  /** How many calls were made. */
  readonly calls: number
  readonly boundaries: readonly Boundary[]
  /** One line for each, oldest first. */
  readonly kills: readonly string[]
  /** The ledger as far as a rebuild promises it, and what a rebuild made of GitHub alone. Only where it was asked for. */
  readonly rebuilt?: { readonly from: unknown; readonly to: unknown }
}

/** What Node has compiled once: half of what a start costs. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), 'lockkeeper-compiled') }

export type PlayOptions = {
  readonly isEmbedded?: boolean
  readonly killer?: Killer
  /** At the end the database is lost, and another one is rebuilt. */
  readonly isRebuilt?: boolean
}

/** `isEmbedded`: the bot's database is its own, and dies with it. Throws, with the kills and the end of the bot's log, when the story cannot be played to its end. */
export async function playCrashed(
  story: CrashStory,
  { isEmbedded = false, killer, isRebuilt = false }: PlayOptions = {},
): Promise<Played> {
  const stage = await raiseCrashStage({
    ...story.stage,
    variables: COMPILED,
    ...(isEmbedded ? {} : { databaseUrl: await freshDatabase() }),
  })
  const names = nameBoundaries()
  stage.proxy.direct((call) => {
    const boundary = names.of(call)
    const kill = killer?.(call, boundary)
    if (typeof kill === 'object') stage.crashIn(kill.later)
    return kill === undefined || typeof kill === 'object' ? undefined : { do: 'kill', when: kill }
  })
  try {
    await story.play(stage, names.flow)
    await stage.settle()
    return {
      ended: { world: endState(stage.world), ledger: await ledgerState(stage.databaseUrl) },
      calls: stage.proxy.calls.length,
      boundaries: [...names.seen],
      kills: stage.kills,
      ...(isRebuilt ? { rebuilt: await rebuiltFrom(stage) } : {}),
    }
  } catch (error) {
    throw told(error, stage)
  } finally {
    await stage.close()
  }
}

async function rebuiltFrom({ world, proxy, bot, databaseUrl }: CrashStage) {
  proxy.direct(undefined)
  const from = promised(await ledgerState(databaseUrl, { exact: true }))
  await bot.stop()
  const url = await freshDatabase()
  const read = readEnv({ ...proxy.variables, DATABASE_URL: url, LOG_LEVEL: 'silent' })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  await rebuild({ env: read.env, isCheck: false, clock: world.clock, onRead: () => {} })
  return { from, to: promised(await ledgerState(url, { exact: true })) }
}

function told(error: unknown, { kills, bot }: CrashStage): Error {
  const words = error instanceof Error ? error.stack : String(error)
  return new Error(`${words}\nkilled: ${kills.join('; ')}\n${bot.logTail(12)}`)
}

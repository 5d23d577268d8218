/** Plays a story of crash-stories.ts, with the bot killed where somebody says so, and gives what it came to: at the sandbox, and in the ledger. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CrashStage, raiseCrashStage } from './crash-stage.ts'
import type { CrashStory } from './crash-stories.ts'
import { freshDatabase } from './database.ts'
import { type Boundary, nameBoundaries } from './effect-boundaries.ts'
import { endState } from './end-state.ts'
import { ledgerState } from './ledger-state.ts'
import type { OutsideCall } from './outside-proxy.ts'

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
}

/** What Node has compiled once: half of what a start costs. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), 'lockkeeper-compiled') }

/** `isEmbedded`: the bot's database is its own, and dies with it. Throws, with the kills and the end of the bot's log, when the story cannot be played to its end. */
export async function playCrashed(
  story: CrashStory,
  { isEmbedded = false, killer }: { readonly isEmbedded?: boolean; readonly killer?: Killer } = {},
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
    }
  } catch (error) {
    throw told(error, stage)
  } finally {
    await stage.close()
  }
}

function told(error: unknown, { kills, bot }: CrashStage): Error {
  const words = error instanceof Error ? error.stack : String(error)
  return new Error(`${words}\nkilled: ${kills.join('; ')}\n${bot.logTail(12)}`)
}

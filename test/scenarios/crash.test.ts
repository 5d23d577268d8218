/**
 * `kill -9` of the bot at any moment of the demo's story: after a restart the story ends as if nothing had happened.
 * LOCKKEEPER_TEST_SEED repeats a run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { playStory } from '../../sandbox/demo/script.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { startWorld } from '../../sandbox/world/index.ts'
import { freshDatabase } from '../support/database.ts'
import { endState } from '../support/end-state.ts'

const RUNS = 10
const SEED = Number(process.env['LOCKKEEPER_TEST_SEED'] ?? Date.now() % 1_000_000)
/** As long as the bot may go without a look at a rollout: the story is the same, and played sooner. */
const STRIDE_MS = 150_000
/** pg-boss takes a job from a dead process when its heartbeat is ten seconds old. */
const TAKE_OVER_SECONDS = 60

type Played = { readonly state: ReturnType<typeof endState>; readonly milliseconds: number }

let undisturbed: Played
beforeAll(async () => {
  undisturbed = await play()
}, 120_000)

/** Two stories at a time: each is two processes and a database server that is shared. */
const places = [Promise.resolve(), Promise.resolve()]

describe.concurrent(`killed at a random moment (seed ${SEED})`, () => {
  test.each(moments(SEED))('run %i: at %f of the story', { timeout: 300_000 }, async (run, share) => {
    const place = run % places.length
    const playing = (places[place] ?? Promise.resolve()).then(() => play(share * undisturbed.milliseconds))
    places[place] = playing.then(
      () => undefined,
      () => undefined,
    )
    const { state } = await playing
    expect(state).toEqual(undisturbed.state)
  })
})

/** Plays the whole story; `killAfterMs` of the machine after its beginning the bot is killed and started again. */
async function play(killAfterMs?: number): Promise<Played> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-crash-'))
  const world = await startWorld({ start: STORY_START, lag: { requests: 1 } })
  const bot = await createBotProcess(world, {
    databaseUrl: await freshDatabase(),
    logFile: join(directory, 'bot.log'),
  })
  try {
    await bot.start()
    const started = Date.now()
    const crash = killAfterMs === undefined ? undefined : crashAfter(killAfterMs, bot)
    await playStory(world, {
      settle: () => settleAll({ world, bot }),
      onStep: () => {},
      stride: STRIDE_MS,
      deadlineMs: 60_000,
    })
    await crash
    await settleAll({ world, bot })
    return { state: endState(world), milliseconds: Date.now() - started }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${bot.logTail(12)}`)
  } finally {
    await bot.close()
    await world.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function crashAfter(milliseconds: number, bot: BotProcess): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  await bot.kill()
  await bot.ageOrphans(TAKE_OVER_SECONDS)
  await bot.start()
}

/** [run, share of the story], the same for the same seed (mulberry32). */
function moments(seed: number): [number, number][] {
  let state = seed
  return Array.from({ length: RUNS }, (_, run) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return [run + 1, ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32]
  })
}

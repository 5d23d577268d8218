/** `kill -9` of the bot while a head's release is made or its promotion is under way: the same end as without. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { finishTraining, openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { MODELS, startWorld } from '../../sandbox/world/index.ts'
import { freshDatabase } from '../support/database.ts'
import { endState } from '../support/end-state.ts'
import { builds, commitDev, DEV_WORLD } from '../support/preview-story.ts'

const MINUTE = 60_000
/** pg-boss takes a job from a dead process when its heartbeat is ten seconds old. */
const TAKE_OVER_SECONDS = 60

test('killed at any moment between the command and the verified head', { timeout: 600_000 }, async () => {
  const undisturbed = await play()
  expect(undisturbed.state.promotions.map(({ title, state }) => `${title} ${state}`)).toEqual([
    'Promote churn PR 1 at <hash> to dev merged by lockkeeper[bot]',
  ])
  for (const share of [0.2, 0.5, 0.8]) {
    const { state } = await play(share * undisturbed.milliseconds)
    expect(state, `killed at ${share}`).toEqual(undisturbed.state)
  }
})

/** alice deploys a head whose image comes a minute later; `killAfterMs` of the machine after her comment the bot is killed and started again. */
async function play(killAfterMs?: number) {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-preview-'))
  const world = await startWorld({ start: STORY_START, lag: { requests: 1 }, ...DEV_WORLD })
  const bot = await createBotProcess(world, { databaseUrl: await freshDatabase(), logFile: join(directory, 'bot.log') })
  const pass = async () => {
    world.clock.advance(MINUTE)
    await settleAll({ world, bot })
  }
  try {
    await bot.start()
    commitDev(world)
    const pull = openChurnPullRequest(world, 'better')
    finishTraining(world, pull)
    await pass()
    const started = Date.now()
    world.github.comment(MODELS, pull.number, '/deploy dev', { by: 'alice' })
    const crash = (async () => {
      if (killAfterMs === undefined) return
      await sleep(killAfterMs)
      await bot.kill()
      await bot.ageOrphans(TAKE_OVER_SECONDS)
      await bot.start()
    })()
    await sleep(300)
    builds({ world }, pull)
    world.clock.advance(MINUTE)
    await crash
    await settleAll({ world, bot })
    const milliseconds = Date.now() - started
    await pass()
    await pass()
    return { state: endState(world), milliseconds }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${bot.logTail(12)}`)
  } finally {
    await bot.close()
    await world.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Deliveries that come too often, in the wrong order, not at all, or from somebody else. */
import { expect } from 'vitest'
import { finishTraining, openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { lost, send, sendAgain } from '../support/deliveries.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

/** What one release leaves behind, however often the bot was told of it. */
function traces(story: Tale) {
  const bodies = story.world.github.comments(MODELS, 1).map(({ body }) => body)
  return {
    comments: bodies.map((body) => /^<!-- lockkeeper:(\w+)/.exec(body)?.[1] ?? body),
    promotions: story.promotions(),
    deployments: story.deployments(),
    merges: story.world.github.log('acme/ml-config', 'main').length - 1,
  }
}

const ONCE = {
  comments: ['comparison', 'thread', '/deploy prod', 'reply'],
  promotions: ['Promote churn v12 to staging (merged)', 'Promote churn v12 to prod (merged)'],
  deployments: ['staging/churn: in_progress, success', 'prod/churn: in_progress, success'],
  merges: 2,
}

scenario('each delivery five times: one comment, one pull request, one merge, one deployment', async (story) => {
  story.world.github.onDelivery(() => ({ times: 5 }))
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  expect(traces(story)).toEqual(ONCE)
  expect(story.world.mlflow.alias('champion')).toBe('12')
})

scenario('the same five in reverse order, with others between: the same', async (story) => {
  const { github } = story.world
  github.onDelivery(() => 'drop')
  /** What happened since is delivered newest first, all of it five times. */
  const backwards = async (act: () => unknown) => {
    const before = github.deliveries.length
    await act()
    await github.delivered()
    const missed = github.deliveries.slice(before).toReversed()
    for (let time = 0; time < 5; time += 1) for (const attempt of missed) await sendAgain(story, attempt)
    await story.settle()
  }
  await backwards(() => story.proposes('better'))
  await backwards(() => story.merges({ number: 1, headSha: '', candidate: 'better' }))
  await story.pass(HOUR)
  await backwards(() => story.says('/deploy prod'))
  await backwards(() => story.reviews('bob'))
  await story.verifies()
  expect(traces(story)).toEqual(ONCE)
})

scenario('what is not from GitHub is turned away, and nothing happens', async (story) => {
  const before = story.world.github.requests.length
  const body = '{"action":"created"}'
  expect(await send(story, { body, signature: `sha256=${'0'.repeat(64)}` })).toBe('401 signature_invalid')
  expect(await send(story, { body, signature: 'sha1=12' })).toBe('401 signature_invalid')
  expect(await send(story, { body, signature: null })).toBe('401 signature_missing')
  expect(await send(story, { body: 'x'.repeat(30 * 1024 * 1024) })).toBe('413 body_too_large')
  expect(await send(story, { body: '{"action":', event: 'issue_comment' })).toBe('202 stored')
  expect(await send(story, { body, event: 'nobody_knows_this' })).toBe('202 stored')
  await story.settle()
  expect(story.world.github.requests.length).toBe(before)
})

scenario('deliveries that are lost while the bot is down are found when it starts', async (story) => {
  await story.bot.stop()
  const pull = openChurnPullRequest(story.world, 'better')
  finishTraining(story.world, pull)
  await story.world.github.delivered()
  await story.restart()
  await story.settle()
  expect(story.headline(pull)).toBe('### 🔒 churn — ✅ better than champion v11, all 3 gates pass')
})

scenario('a command that nobody could read for a quarter of an hour is not run any more', async (story) => {
  await story.releases('better')
  await story.bot.stop()
  const comment = story.world.github.comment(MODELS, 1, '/rollback staging', { by: 'alice' })
  await story.world.github.delivered()
  story.world.clock.advance(16 * MINUTE)
  await story.restart()
  await story.settle()
  expect(story.replyTo(comment)).toMatchInlineSnapshot(`
    👎 **Refused** (\`stale_command\`): this command was written 16 minutes before Lockkeeper could read it.
    Write it again if it is still meant.
  `)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('a lock that arrives after the unlock that was written behind it holds nothing', async (story) => {
  await story.releases('better')
  const lock = await lost(story, '/lock staging churn a look')
  expect(await story.says('/unlock staging churn')).toMatch('was not held')
  expect(await lock.arrives()).toMatchInlineSnapshot(`
    👎 **Refused** (\`overtaken\`): alice wrote \`/unlock staging churn\` after this, and that was answered first.
    Look at what is there now; write it again if it is still meant.
  `)
  expect(await story.says('/status staging')).not.toMatch('a look')
})

scenario('an unlock that arrives after the lock that was written behind it lifts nothing', async (story) => {
  await story.releases('better')
  const unlock = await lost(story, '/unlock staging churn')
  expect(await story.says('/lock staging churn incident')).toMatch('🔒')
  expect(await unlock.arrives()).toMatch(
    '👎 **Refused** (`overtaken`): alice wrote `/lock staging churn incident` after',
  )
  expect(await story.says('/status staging')).toMatch('incident')
})

scenario('an unlock that is read first, and held up until the lock behind it holds, lifts nothing', async (story) => {
  const { github } = story.world
  await story.releases('better')
  const unlock = github.comment(MODELS, 1, '/unlock staging churn', { by: 'alice' })
  github.fail(({ body }) => JSON.stringify(body)?.includes(`comment=${unlock}`) === true, { status: 502, times: 99 })
  await story.settle()
  const lock = github.comment(MODELS, 1, '/lock staging churn incident', { by: 'alice' })
  await story.pass(2 * MINUTE, MINUTE / 6)
  expect(story.replyTo(lock)).toMatch('🔒')
  github.clearFaults()
  await story.pass(5 * MINUTE, MINUTE)
  expect(story.replyTo(unlock)).toMatchInlineSnapshot(`
    👎 **Refused** (\`overtaken\`): alice wrote \`/lock staging churn incident\` after this, and that was answered first.
    Look at what is there now; write it again if it is still meant.
  `)
  expect(await story.says('/status staging')).toMatch('incident')
})

scenario('a deployment that arrives after the cancel that was written behind it is not begun', async (story) => {
  await story.releases('better')
  await story.pass(HOUR)
  const first = await lost(story, '/deploy prod')
  expect(await story.says('/cancel prod', { by: 'erin' })).toMatch('(`nothing_to_do`)')
  expect(await first.arrives()).not.toMatch('overtaken')
  expect(story.promotions()).toHaveLength(2)
  await story.says('/cancel prod')
  const second = await lost(story, '/deploy prod')
  expect(await story.says('/cancel prod')).toMatch('(`nothing_to_do`)')
  expect(await second.arrives()).toMatch('(`overtaken`): alice wrote `/cancel prod` after this')
  expect(story.promotions()).toHaveLength(2)
})

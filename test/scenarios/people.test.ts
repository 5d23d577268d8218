/** People who get ahead of Lockkeeper, or in its way: what they did is respected, and watched. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

/** carol commits to the default branch what the promotion pull request would have changed. */
async function writesTheSame(story: Tale, environment: string): Promise<void> {
  const { files, headSha } = story.promotion(environment)
  for (const { path } of files) await story.writes(path, story.world.github.file(CONFIG, headSha, path) ?? null)
}

scenario('values written by hand are not a way around the approval', async (story) => {
  await story.releases('better')
  const champion = story.world.mlflow.alias('champion')
  await story.pass(HOUR)
  await story.says('/deploy prod')
  await writesTheSame(story, 'prod')
  expect(await story.says('/deploy prod')).toContain('it waits: needs 1 approval')
  await story.verifies()
  expect(story.world.mlflow.alias('champion')).toBe(champion)
  expect(story.deployments().some((line) => line.startsWith('prod/'))).toBe(false)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
})

scenario('values written by hand wait for a hold like a pull request does', async (story) => {
  const path = 'environments/staging/fraud/inference.yaml'
  const pull = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.81 })
  await story.says('/lock staging fraud "an audit"')
  await story.writes(path, story.manifest(path).replace('0d1c9b2a', pull.headSha))
  await story.merges(pull)
  expect(story.thread(pull)).toContain('on its way to staging')
  expect(story.deployments()).toEqual([])
  await story.says('/unlock staging fraud')
  await story.pass(MINUTE)
  expect(story.thread(pull)).toContain('live in staging')
})

scenario('a rollback that GitHub does not merge has failed after half an hour, and stays open', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const second = await story.releases('better-2')
  await story.deploys()
  await story.verifies()
  story.world.github.protectBranch(CONFIG, 'main', { approvals: 1 })
  await story.says('/rollback prod')
  await story.pass(31 * MINUTE, 10 * MINUTE)
  expect(story.promotions().at(-1)).toMatch(/v12.* \(open\)$/)
  expect(story.report(second)).toContain(
    '**v13, which was to be left, still runs in prod:** the way back to v12 is not in Git',
  )
  expect(story.reply(second)).toContain('its promotion pull request was not merged: it waited for 30m')
})

scenario('pushed to by a person and then merged by one: watched to the end, and flagged', async (story) => {
  const pull = await story.waitsForApproval()
  const { number, headRef } = story.promotion('prod')
  const files = { 'environments/prod/churn/NOTES.md': 'Watch the latency.\n' }
  story.world.github.commit(CONFIG, headRef, { message: 'And this', files, by: 'bob' })
  await story.settle()
  expect(story.reply(pull)).toContain('it is theirs now')
  story.world.github.merge(CONFIG, number, { by: 'bob', method: 'squash' })
  await story.settle()
  await story.verifies()
  expect(story.reply(pull)).toContain('merged by bob although these rules did not hold: approvals')
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
})

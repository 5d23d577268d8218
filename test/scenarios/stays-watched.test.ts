/** A configuration that is broken, or no longer has what is under way, stops no deadline and no rollback. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

const broken = (text: string) => text.replace('version: 1', 'version: one')
const mended = (text: string) => text.replace('version: one', 'version: 1')

scenario('broken while a release waits for its image, then mended: it goes on', async (story) => {
  const pull = await story.proposes('better')
  story.world.registry.down()
  await story.merges(pull)
  await story.configures(broken)
  await story.pass(2 * MINUTE, MINUTE)
  await story.configures(mended)
  await story.world.registry.up()
  await story.pass(5 * MINUTE, MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('broken for longer than a release may wait: given up, and told so', async (story) => {
  const pull = await story.proposes('better')
  story.world.registry.down()
  await story.merges(pull)
  await story.configures(broken)
  await story.pass(3 * HOUR, HOUR)
  expect(story.thread(pull)).toContain('no release was made')
})

scenario(
  'broken while prod is verified: the deadline holds, and it is rolled back once it is mended',
  async (story) => {
    const pull = await story.releases('better')
    story.prodSlowsDown()
    await story.deploys()
    await story.configures(broken)
    await story.pass(25 * MINUTE, MINUTE)
    expect(story.report(pull)).toContain('churn v12 failed in prod')
    story.prodRecovers()
    await story.configures(mended)
    await story.pass(20 * MINUTE, MINUTE)
    expect(story.report(pull)).toContain('Rolled back to as found')
  },
)

scenario('the environment is taken out while its promotion waits: refused, with words', async (story) => {
  const pull = await story.waitsForApproval()
  const { number } = story.promotion('prod')
  await story.configures((text) => text.replace('environments: [staging, prod] ', 'environments: [staging] '))
  story.world.github.review(CONFIG, number, { by: 'bob', state: 'APPROVED' })
  await story.pass(2 * MINUTE)
  expect(story.promotion('prod')).toMatchObject({ state: 'closed', merged: false })
  expect(story.reply(pull)).toContain('`churn` has no environment `prod`')
  expect(await story.calls(() => story.pass(HOUR, 10 * MINUTE))).toEqual([])
})

scenario('the environment is taken out after the merge: watched to its end all the same', async (story) => {
  const pull = await story.releases('better')
  await story.deploys()
  await story.configures((text) => text.replace('environments: [staging, prod] ', 'environments: [staging] '))
  await story.verifies()
  expect(story.reply(pull)).toContain('✅ **churn v12 → prod**: verified')
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
})

scenario('GitHub refuses the Deployment: the rollout goes on, and is told', async (story) => {
  story.world.github.fail({ operation: 'repos/create-deployment' }, { status: 422, times: 50 })
  const pull = await story.releases('better')
  expect(story.thread(pull)).toContain('✅ live in staging')
  expect(story.deployments()).toEqual([])
})

scenario('MLflow is away when prod is verified: told at once, and the alias follows', async (story) => {
  const pull = await story.releases('better')
  await story.deploys()
  await story.pass(8 * MINUTE, 2 * MINUTE)
  await story.world.mlflow.down()
  await story.pass(3 * MINUTE, 1.5 * MINUTE)
  expect(story.reply(pull)).toContain('✅ **churn v12 → prod**: verified')
  expect(story.world.mlflow.alias('champion')).toBe('11')
  await story.world.mlflow.up()
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.world.mlflow.alias('champion')).toBe('12')
  expect(story.reply(pull)).toContain('alias champion → v12')
})

scenario(
  'MLflow is away, and a newer promotion is cancelled meanwhile: the alias is that of what is live',
  async (story) => {
    await story.releases('better')
    await story.deploys()
    const second = await story.releases('better-2')
    await story.pass(8 * MINUTE, 2 * MINUTE)
    await story.world.mlflow.down()
    await story.pass(3 * MINUTE, 1.5 * MINUTE)
    await story.pass(HOUR)
    await story.says('/deploy prod', { on: second.number })
    story.world.github.closePullRequest(CONFIG, story.promotion('prod').number, { by: 'carol' })
    await story.settle()
    expect(story.promotions().at(-1)).toBe('Promote churn v13 to prod (closed)')
    await story.world.mlflow.up()
    await story.pass(2 * MINUTE, MINUTE)
    expect(story.world.mlflow.alias('champion')).toBe('12')
  },
)

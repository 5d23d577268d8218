/** Promotions that wait, and configurations that change under them: none is lost, none spins, and what waits costs GitHub next to nothing. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

const day = (story: Tale) => story.calls(() => story.pass(20 * HOUR, 2 * HOUR))

scenario('waiting for a review costs nothing', async (story) => {
  await story.waitsForApproval()
  await story.pass(10 * MINUTE, MINUTE)
  expect(await day(story)).toEqual([])
})

scenario(
  'waiting for the end of a lock and of GitHub’s wait timer costs nothing, and then it goes on by itself',
  async (story) => {
    story.world.github.setEnvironment(MODELS, 'prod', { wait: 240 })
    await story.waitsForApproval()
    await story.says('/lock prod churn for 6h')
    await story.reviews('bob')
    await story.pass(10 * MINUTE, MINUTE)
    expect(await story.calls(() => story.pass(HOUR, 10 * MINUTE))).toEqual([])
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
    await story.pass(5 * HOUR, HOUR)
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  },
)

scenario('waiting behind what somebody pushed costs nothing', async (story) => {
  await story.waitsForApproval()
  const push = { message: 'Mine', files: { a: 'a' }, by: 'bob' }
  story.world.github.commit(CONFIG, 'lockkeeper/acme/models/churn/prod', push)
  await story.settle()
  await story.says('/deploy prod')
  await story.pass(10 * MINUTE, MINUTE)
  expect(await day(story)).toEqual([])
})

scenario('a required check that does not come: looked at every five minutes at most', async (story) => {
  story.world.github.protectBranch(CONFIG, 'main', { checks: ['lint'] })
  await story.releases('better')
  await story.pass(10 * MINUTE, MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (open)'])
  const calls = await story.calls(() => story.pass(2 * HOUR, MINUTE))
  expect(calls.length).toBeLessThanOrEqual(24)
})

scenario('its environment is removed from the configuration: closed', async (story) => {
  await story.waitsForApproval()
  await story.configures((text) => text.replace('environments: [staging, prod]  ', 'environments: [staging]  '))
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
})

scenario('the configuration is broken while time opens a rule: it goes on once that is mended', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  await story.says('/lock staging churn for 2h')
  await story.releases('better-3')
  expect(story.promotions().at(-1)).toBe('Promote churn v14 to staging (open)')
  await story.configures((text) => text.replace('version: 1', 'version: [1'))
  await story.pass(20 * HOUR, HOUR)
  expect(story.promotions().at(-1)).toBe('Promote churn v14 to staging (open)')
  await story.configures((text) => text.replace('version: [1', 'version: 1'))
  await story.pass(10 * MINUTE, MINUTE)
  expect(story.promotions().at(-1)).toBe('Promote churn v14 to staging (merged)')
})

scenario('a broken configuration closes nothing that is open, and is looked at rarely', async (story) => {
  await story.waitsForApproval()
  await story.configures((text) => text.replace('version: 1', 'version: [1'))
  await story.reviews('bob')
  await story.pass(10 * MINUTE, MINUTE)
  const calls = await story.calls(() => story.pass(2 * HOUR, MINUTE))
  expect(calls.length).toBeLessThanOrEqual(12)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.configures((text) => text.replace('version: [1', 'version: 1'))
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('`deploy: on-command` comes while what automation proposed is open', async (story) => {
  const pull = await story.proposes('better')
  await story.says('/lock staging churn an audit')
  await story.merges(pull)
  await story.configures((text) => text.replace('deploy: on-merge ', 'deploy: on-command '))
  await story.says('/unlock staging churn')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (closed)'])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** \`/deploy staging\` proposes it.

    - ❌ **staging** by automation: refused (\`not_allowed\`): v12 was proposed by automation, and staging takes only what somebody asks for now (\`deploy: on-command\`)
  `)
})

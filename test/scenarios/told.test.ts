/** Whatever gets in between: every promotion's end is told, once, on its Deployment, its reply and its thread. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

const writes = (part: string) => (request: { readonly operation: string | undefined; readonly body: unknown }) =>
  request.operation === 'graphql' && JSON.stringify(request.body).includes(part)

const automatic = (text: string) =>
  text.replace('soak: 1h', 'soak: 0s').replace('deploy: on-command', 'deploy: automatic')

/** How the Deployment of a release to prod ended. */
const endOf = (story: Tale, label: string) =>
  story.world.github
    .deployments(MODELS)
    .find(
      ({ environment, description }) => environment === 'prod/churn' && description?.includes(`${label} (promotion`),
    )
    ?.statuses.at(-1)?.state

scenario('GitHub fails at the moment of the end: told a moment later, and prod goes on', async (story) => {
  await story.configures(automatic)
  story.world.github.fail(writes('"state":"SUCCESS"'), { status: 502, times: 1 })
  const pull = await story.releases('better')
  await story.pass(2 * MINUTE)
  expect(story.deployments()[0]).toBe('staging/churn: in_progress, success')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)', 'Promote churn v12 to prod (open)'])
  expect(story.thread(pull)).toContain('- ✅ **staging** by automation: verified')
})

scenario('the bot ends at the moment of the end: the next start tells it', async (story) => {
  await story.releases('better')
  story.world.github.fail(writes('"state":"SUCCESS"'), { status: 502, times: 50 })
  await story.deploys()
  await story.verifies()
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress')
  story.world.github.clearFaults()
  await story.restart()
  await story.settle()
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
})

scenario('a newer release takes the place of one that waits: both threads and both replies know', async (story) => {
  const first = await story.waitsForApproval()
  const second = await story.releases('better-2')
  await story.pass(HOUR)
  // What tells the first one that it was replaced gets lost once.
  story.world.github.fail(writes('by v13'), { status: 502, times: 1 })
  await story.says('/deploy prod', { on: second.number })
  await story.pass(MINUTE)
  expect(story.reply(first)).toContain('➖ **churn v12 → prod**: replaced 2026-11-24 11:00 UTC by v13.')
  expect(story.reactions(first)).toEqual(['eyes', '-1'])
  expect(story.thread(first)).toContain('replaced before it reached prod')
  expect(story.thread(second)).toContain('on its way to prod')
})

scenario('a rollback takes the place of a rollout: its Deployment ends too', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const second = await story.releases('better-2')
  await story.deploys()
  await story.says('/rollback prod')
  expect(endOf(story, 'v13')).toBe('inactive')
  expect(story.reply({ number: second.number })).toContain('Rollback of churn in prod to v12')
  await story.verifies()
  expect(endOf(story, 'v13')).toBe('inactive')
})

scenario('a command whose comment is deleted runs, and disturbs nothing', async (story) => {
  const pull = await story.releases('better')
  await story.pass(HOUR)
  const id = story.world.github.comment(MODELS, pull.number, '/deploy prod', { by: 'alice' })
  await story.settle()
  story.world.github.deleteComment(MODELS, id, { by: 'alice' })
  await story.reviews('bob')
  await story.verifies()
  expect(story.replyTo(id)).toContain('✅ **churn v12 → prod**: verified')
  expect(await story.calls(() => story.pass(30 * MINUTE, 5 * MINUTE))).toEqual([])
})

scenario('a thread comment that somebody deletes is made anew, once', async (story) => {
  const pull = await story.releases('better')
  const thread = story.world.github
    .comments(MODELS, pull.number)
    .find(({ body }) => body.startsWith('<!-- lockkeeper:thread'))
  story.world.github.deleteComment(MODELS, thread?.id ?? 0, { by: 'carol' })
  await story.deploys()
  await story.verifies()
  await story.pass(MINUTE)
  expect(story.thread(pull)).toContain('✅ live in prod')
})

scenario('a rollback in the middle of a merge waits for it, and then leaves what was merged', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const second = await story.waitsForApproval('better-2')
  story.world.github.fail(writes('mergePullRequest'), { delayMs: 2500, times: 1 })
  story.world.github.review(CONFIG, story.promotion('prod').number, { by: 'bob', state: 'APPROVED' })
  await new Promise((resolve) => setTimeout(resolve, 1200))
  story.world.github.comment(MODELS, second.number, '/rollback prod', { by: 'alice' })
  await story.settle()
  await story.pass(MINUTE)
  await story.verifies()
  expect(story.world.argocd.kserve.liveUri('prod', 'churn')).toBe('s3://acme-models/churn/12')
  expect(story.promotions().slice(-2)).toEqual([
    'Promote churn v13 to prod (merged)',
    'Roll back churn in prod to v12 (merged)',
  ])
})

scenario('one pull request releases two models at once: one thread comment tells of both', async (story) => {
  const pull = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.81 }, { and: 'better' })
  await story.merges(pull)
  await story.pass(MINUTE)
  expect(story.thread(pull)).toContain('🚢 churn v12 — ✅ live in staging')
  expect(story.thread(pull)).toMatch(/🚢 fraud .* — ✅ live in staging/)
})

scenario(
  'comments that GitHub does not let the App edit are tried again ever less often, by all environments',
  async (story) => {
    const { github } = story.world
    const message = 'Resource not accessible by integration'
    github.fail({ graphql: /updateIssueComment/ }, { status: 403, body: { message }, times: 100_000 })
    await story.releases('better')
    await story.deploys()
    await story.verifies()
    const asked = await story.calls(() => story.pass(HOUR, 2 * MINUTE))
    expect(asked.length).toBeLessThan(100)
    github.clearFaults()
    await story.pass(HOUR, 2 * MINUTE)
    expect(story.thread({ number: 1 })).toContain('churn v12 — ✅ live in prod')
  },
)

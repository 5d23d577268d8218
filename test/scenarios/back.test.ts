/** Going back: a rollback lands where it is meant, however often and however it is asked for. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { scenario, type Tale } from '../support/story.ts'

const live = ({ world }: Tale) => world.argocd.kserve.liveUri('prod', 'churn')

/** v12, v13 and v14 were verified in prod, one after the other. */
async function threeReleases(story: Tale): Promise<void> {
  for (const candidate of ['better', 'better-2', 'better-3'] as const) {
    await story.releases(candidate)
    await story.deploys()
    await story.verifies()
  }
}

scenario('a second rollback goes further back, never to what the first one left', async (story) => {
  await threeReleases(story)
  await story.says('/rollback prod')
  await story.verifies()
  expect(live(story)).toBe('s3://acme-models/churn/13')
  await story.says('/rollback prod')
  await story.verifies()
  expect(live(story)).toBe('s3://acme-models/churn/12')
})

scenario(
  'while a rollback is under way, another one without a name is refused, and a named one is obeyed',
  async (story) => {
    await threeReleases(story)
    await story.says('/rollback prod')
    expect(await story.says('/rollback prod')).toContain('a rollback to v13 is on its way to prod')
    await story.says('/rollback prod to v12')
    await story.verifies()
    expect(live(story)).toBe('s3://acme-models/churn/12')
  },
)

scenario('words and options that mean nothing are mistakes, and nothing is done', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const before = story.world.github.requests.length
  expect(await story.says('/rollback prod v11')).toContain('`v11` is no environment and no model')
  expect(await story.says('/rollback sta')).toContain(
    'Did you mean `staging`? For a release: `/rollback <environment> to sta`.',
  )
  expect(await story.says('/unlock prod chrun')).toContain('Did you mean `churn`? Models: churn, fraud.')
  expect(await story.says('/rollback prod --force "now"')).toContain('has no option `--force`')
  expect(await story.says('/deploy prod --dryrun')).toContain('Did you mean `--dry-run`?')
  expect(story.world.github.requests.slice(before).filter(({ graphql }) => graphql === 'ReadPromotionWorld')).toEqual(
    [],
  )
})

scenario('a rollback whose pull request takes long to open is still the asker’s', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const second = await story.releases('better-2')
  await story.deploys()
  await story.verifies()
  story.world.github.fail({ graphql: /createPullRequest/ }, { delayMs: 5600 })
  story.world.github.comment(MODELS, second.number, '/rollback prod', { by: 'alice' })
  await story.settle()
  await story.verifies()
  expect(live(story)).toBe('s3://acme-models/churn/12')
})

scenario('a cancelled rollback leaves nothing: the next one goes to the release that was live', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.releases('better-2')
  await story.deploys()
  story.world.github.protectBranch(CONFIG, 'main', { approvals: 1 })
  await story.says('/rollback prod')
  story.world.github.closePullRequest(CONFIG, story.promotion('prod').number, { by: 'bob' })
  await story.settle()
  story.world.github.protectBranch(CONFIG, 'main', null)
  await story.says('/rollback prod')
  await story.verifies()
  expect(live(story)).toBe('s3://acme-models/churn/12')
})

/** Going back: a rollback lands where it is meant, however often and however it is asked for. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { lost } from '../support/deliveries.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

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

/** v12 was verified in prod, v13 is live there, and GitHub does not merge what goes back before somebody approves. */
async function backIsProtected(story: Tale): Promise<void> {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.releases('better-2')
  await story.deploys()
  story.world.github.protectBranch(CONFIG, 'main', { approvals: 1 })
}

async function closesPromotion(story: Tale): Promise<void> {
  story.world.github.closePullRequest(CONFIG, story.promotion('prod').number, { by: 'bob' })
  await story.settle()
  story.world.github.protectBranch(CONFIG, 'main', null)
}

scenario('a cancelled rollback leaves nothing: the next one goes to the release that was live', async (story) => {
  await backIsProtected(story)
  await story.says('/rollback prod')
  await story.pass(MINUTE)
  await closesPromotion(story)
  await story.says('/rollback prod')
  await story.verifies()
  expect(live(story)).toBe('s3://acme-models/churn/12')
})

scenario('whoever asked for a rollback before another one began is told what became of that', async (story) => {
  await backIsProtected(story)
  const first = await lost(story, '/rollback prod')
  await story.pass(MINUTE)
  await story.says('/rollback prod')
  await closesPromotion(story)
  expect(await first.arrives()).toMatchInlineSnapshot(`
    👎 **Refused** (\`promotion_in_progress\`): churn in prod may not be rolled back now: a rollback to v12 began after the command was written, and has ended since.
    Look at \`/status\`. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | v12 is live: [promotion PR 2](<github>/acme/ml-config/pull/2) since 2026-11-24 10:10 UTC |
    | ✅ | release | complete |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it: not verified in staging yet |
    | ➖ | soak | a rollback does not wait for it: must soak 1h once verified in staging |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it: held by alice: rolled back to v12 by alice; held since 2026-11-24 11:12 UTC |
    | ⏳ | free | a rollback to v12 began after the command was written, and has ended since: [now cancelled](<github>/acme/ml-config/pull/5) |
    | ⏳ | values | not known without a release |
    | ➖ | approvals | a rollback does not wait for it: needs 1 approval by team ml-leads, bob |

    </details>
  `)
  expect(live(story)).toBe('s3://acme-models/churn/13')
})

/** What goes bad in one environment does not go on to the next, and whichever of a deploy and a rollback comes first, the rollback wins. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

scenario('rolled back in staging: its open promotion to prod is closed, with words', async (story) => {
  const pull = await story.waitsForApproval()
  expect(story.promotion('prod').state).toBe('open')
  await story.says('/rollback staging')
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.promotion('prod')).toMatchObject({ state: 'closed', merged: false })
  const [deploy] = story.world.github.comments(MODELS, pull.number).filter(({ body }) => body === '/deploy prod')
  expect(story.replyTo(deploy?.id ?? 0)).toMatchInlineSnapshot(`
    ❌ **churn v12 → prod**: refused (\`order\`): v12 failed or was rolled back in staging, so that it does not go on to prod.
    Mend it in a new release; what is proven in staging by another \`/deploy staging\` may go on from there.
  `)
})

scenario(
  'a deploy and a rollback in the same second: the rollback is merged, the deploy is replaced or held',
  async (story) => {
    await story.releases('better')
    await story.deploys()
    await story.verifies()
    const second = await story.releases('better-2')
    await story.pass(HOUR)
    const { github } = story.world
    const deploy = github.comment(MODELS, second.number, '/deploy prod', { by: 'alice' })
    const rollback = github.comment(MODELS, second.number, '/rollback prod', { by: 'carol' })
    await story.settle()
    // Whoever comes second by a moment looks again.
    await story.pass(15 * MINUTE, 2 * MINUTE)
    expect(story.replyTo(rollback)).toContain('✅ **Rollback of churn in prod to as found**: verified')
    expect(story.replyTo(deploy)).toMatch(/replaced .* by as found|👎 \*\*Refused\*\*/)
    expect(story.world.argocd.kserve.liveUri('prod', 'churn')).toBe('s3://acme-models/churn/11')
    expect(github.pullRequests(CONFIG).filter(({ state }) => state === 'open')).toEqual([])
  },
)

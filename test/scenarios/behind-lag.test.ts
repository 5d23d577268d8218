/** GitHub's lists show later than its events tell: what an event told of counts soon after, and no further event need come. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, scenarios, type Tale } from '../support/story.ts'

/** For that long, whatever is asked meanwhile. */
const behind = (seconds: number) => scenarios({ lag: { seconds, reviews: true } })

/** With the time that everything before takes to show. */
async function waitsForApproval(story: Tale): Promise<void> {
  const pull = await story.proposes('better')
  await story.pass(MINUTE)
  await story.merges(pull)
  await story.pass(HOUR, 20 * MINUTE)
  await story.says('/deploy prod')
  await story.pass(2 * MINUTE, MINUTE)
}

behind(15)('an approving review that shows after fifteen seconds: merged within half a minute', async (story) => {
  await waitsForApproval(story)
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.pass(25_000, 5000)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

behind(50)('the same after fifty seconds', async (story) => {
  await waitsForApproval(story)
  await story.reviews('bob')
  await story.pass(65_000, 5000)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

behind(15)(
  'a required check that shows after fifteen seconds, while a review is missing: not told for long',
  async (story) => {
    story.world.github.protectBranch(CONFIG, 'main', { approvals: 1, checks: ['validate'] })
    const pull = await story.releases('better')
    await story.pass(2 * MINUTE)
    expect(story.thread(pull)).toContain('the required check `validate` is not there yet')
    const { headSha } = story.promotion('staging')
    const report = { name: 'validate', status: 'completed', conclusion: 'success', app: 'kubeconform' } as const
    story.world.github.reportCheck(CONFIG, headSha, report)
    await story.settle()
    await story.pass(25_000, 5000)
    expect(story.thread(pull)).toContain('GitHub does not merge it yet: 1 more approving review is missing')
    expect(story.thread(pull)).not.toContain('validate')
  },
)

scenario(
  'a push that changes the rules of what waits is looked at again, though GitHub may read as before',
  async (story) => {
    await story.waitsForApproval()
    await story.pass(2 * MINUTE, MINUTE)
    await story.configures((text) => `${text}\n# Nothing changes.\n`, CONFIG)
    expect(await story.calls(() => story.pass(65_000, 5000))).toEqual(['ReadPromotionWorld'])
  },
)

scenario(
  'a later commit that GitHub does not know for fifty seconds costs a release that holds no time',
  async (story) => {
    const pull = await story.releases('better')
    await story.deploys()
    await story.pass(5 * MINUTE, MINUTE)
    story.world.github.setLag({ seconds: 50, commits: true })
    await story.writes('README.md', 'Somebody else\u2019s work.\n')
    await story.pass(6 * MINUTE, 5000)
    expect(story.thread(pull)).toContain('by alice: verified 2026-11-24 10:10 UTC')
  },
)

scenarios({ lag: { seconds: 50, merges: true } })(
  'a merge that its commit does not name for fifty seconds: the release is of its pull request',
  async (story) => {
    const pull = await story.proposes('better')
    await story.pass(MINUTE)
    await story.merges(pull)
    await story.pass(2 * MINUTE, 5000)
    expect(story.thread(pull)).toContain('churn v12')
  },
)

/** Which release is the newer one, and which of several automation takes. */
import { expect } from 'vitest'
import { finishTraining, type ModelPullRequest, mergeModel } from '../../sandbox/world/acts.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

scenario('a newer release that is stuck in staging does not keep prod from the older one', async (story) => {
  await story.configures((text) => text.replace('deploy: on-command', 'deploy: automatic'))
  await story.releases('better')
  await story.pass(10 * MINUTE)
  await story.says('/lock staging "an audit"')
  await story.releases('better-2')
  await story.pass(HOUR, 30 * MINUTE)
  expect(story.promotions()).toEqual([
    'Promote churn v12 to staging (merged)',
    'Promote churn v13 to staging (open)',
    'Promote churn v12 to prod (open)',
  ])
})

/** dave's pull request on churn, trained as that candidate; it conflicts with no other. */
function opensOwnFile({ world }: Tale, branch: string, candidate: 'better' | 'better-2'): ModelPullRequest {
  const files = { [`models/churn/${branch}.py`]: 'TREES = 400\n' }
  const headSha = world.github.commit(MODELS, branch, { message: branch, files, by: 'dave', from: 'main' })
  const number = world.github.openPullRequest(MODELS, { title: branch, head: branch, by: 'dave' })
  const pull = { number, headSha, candidate }
  finishTraining(world, pull)
  return pull
}

const staged = ({ world }: Tale) => world.argocd.kserve.liveUri('staging', 'churn')

scenario('merged one after the other, the later one is the newer, in whatever order they are read', async (story) => {
  const first = opensOwnFile(story, 'one', 'better')
  const second = opensOwnFile(story, 'two', 'better-2')
  await story.settle()
  story.world.github.fail({ graphql: 'ReadLanded' }, { delayMs: 2500, times: 2 })
  mergeModel(story.world, first)
  await new Promise((resolve) => setTimeout(resolve, 400))
  mergeModel(story.world, second)
  await story.settle()
  await story.pass(10 * MINUTE, MINUTE)
  expect(staged(story)).toBe('s3://acme-models/churn/13')
  expect(await story.says('/deploy staging', { on: first.number })).toContain('v13, which is newer, is live in staging')
})

scenario(
  'a merge that GitHub does not show on the default branch yet makes its release all the same',
  async (story) => {
    const first = opensOwnFile(story, 'one', 'better')
    const second = opensOwnFile(story, 'two', 'better-2')
    await story.settle()
    // The comparison is asked because the branch has moved on; its answer is of before the merge.
    story.world.github.fail({ path: /\/compare\// }, { status: 404, times: 2 })
    mergeModel(story.world, first)
    mergeModel(story.world, second)
    await story.settle()
    await story.pass(MINUTE, 10_000)
    expect(story.thread(first)).toContain('churn v12')
  },
)

scenario(
  'a newer release whose soak ends while an older one waits for its approval takes its place by itself',
  async (story) => {
    await story.configures((text) => text.replace('deploy: on-command', 'deploy: automatic'))
    await story.releases('better')
    await story.pass(HOUR)
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
    await story.releases('better-2')
    await story.pass(2 * MINUTE, MINUTE)
    await story.pass(HOUR)
    expect(story.promotions()).toContain('Promote churn v13 to prod (open)')
  },
)

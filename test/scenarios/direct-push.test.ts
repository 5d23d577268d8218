/** A model that was pushed to the default branch, past every pull request: whoever pushed it is its author. */
import { expect } from 'vitest'
import { finishTraining } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

scenario('who pushed it gives no approval of it; another approver does', async (story) => {
  const { github, registry } = story.world
  const files = { 'models/churn/train.py': 'CANDIDATE = "better"\n' }
  const headSha = github.commit(MODELS, 'main', { message: 'Tune', files, by: 'bob' })
  registry.push('acme/churn', headSha)
  finishTraining(story.world, { number: 0, headSha, candidate: 'better' })
  await story.settle()
  await story.pass(MINUTE)
  await story.pass(HOUR)
  const on = story.promotion('staging').number
  await story.says('/deploy prod v12', { by: 'alice', on, in: CONFIG })
  await story.pass(MINUTE)
  expect(await story.says('/approve prod', { by: 'bob', on, in: CONFIG })).toContain(
    'bob pushed the model past every pull request',
  )
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.reviews('carol')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

/** Which release is the newer one, and which of several automation takes. */
import { expect } from 'vitest'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

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

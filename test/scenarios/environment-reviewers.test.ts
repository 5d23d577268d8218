/** Required reviewers of GitHub's own environments say yes by `/approve`, too. Other rules of them: github-environment.test.ts. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** Neither repository asks for an approval of its own. */
async function waitsForReviewers(story: Tale): Promise<void> {
  await story.configures((text) => text.replace('prod: { approvals: 1, soak: 30m }', 'prod: { soak: 30m }'), CONFIG)
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 0 '))
  await story.waitsForApproval()
  await story.pass(MINUTE)
}

scenario('one of a team, where nothing else asks for an approval', async (story) => {
  story.world.github.createTeam('acme', 'release-board', { members: ['erin'] })
  story.world.github.setEnvironment(MODELS, 'prod/churn', { reviewers: ['acme/release-board'] })
  await waitsForReviewers(story)
  expect(await story.says('/approve prod', { by: 'erin' })).toContain('**erin approved churn v12 → prod')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('never who asked for it', async (story) => {
  story.world.github.setEnvironment(MODELS, 'prod', { reviewers: ['alice'] })
  await waitsForReviewers(story)
  expect(await story.says('/approve prod', { by: 'alice' })).toContain('(`not_allowed`): alice asked for it')
  await story.reviews('alice')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
})

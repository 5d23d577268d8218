/** Approving reviews of a promotion pull request: who gives them, and that they can be taken back. Every case of whose counts: test/services/judge-approvals.test.ts. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { scenario } from '../support/story.ts'

scenario('an approver of a child team counts as one of the team', async (story) => {
  story.world.github.createTeam('acme', 'ml-leads-emea', { members: ['erin'], parent: 'ml-leads' })
  await story.configures((text) =>
    text.replace('approvers: ["team:ml-leads", "user:bob"]', 'approvers: ["team:ml-leads"]'),
  )
  await story.configures((text) => text.replace('prod: { approvals: 1, soak: 30m }', 'prod: { soak: 30m }'), CONFIG)
  const pull = await story.waitsForApproval()
  await story.reviews('bob')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 1 approval by team ml-leads – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
  await story.reviews('erin')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('two approvals, one of them taken back: it waits for another, and says whose it has', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 2 '))
  const pull = await story.waitsForApproval()
  await story.reviews('bob')
  await story.reviews('bob')
  const { number } = story.promotion('prod')
  story.world.github.review(CONFIG, number, { by: 'bob', state: 'CHANGES_REQUESTED', body: 'One moment' })
  await story.settle()
  await story.reviews('carol')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 2 approvals by team ml-leads, bob, has 1 (carol) – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

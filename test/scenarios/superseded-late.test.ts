/** A newer release comes in the very moment in which the older one is merged: neither is taken for the other, and what is live is watched. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

/** The merge takes effect, and its answer is lost. */
function losesTheMerge(story: Tale): void {
  story.world.github.fail(({ body }) => /mergePullRequest/.test(JSON.stringify(body ?? '')), { drop: 'after' })
}

scenario('alice asks for a newer release while the answer to the merge of the older one is lost', async (story) => {
  const pull = await story.waitsForApproval()
  const next = await story.releases('better-2')
  await story.pass(HOUR)
  losesTheMerge(story)
  const { number } = story.promotion('prod')
  story.world.github.review(CONFIG, number, { by: 'bob', state: 'APPROVED' })
  const asked = story.world.github.comment(MODELS, next.number, '/deploy prod', { by: 'alice' })
  await story.settle()
  await story.pass(30 * MINUTE, 2 * MINUTE)
  expect(story.promotions()).toMatchInlineSnapshot(`
    [
      Promote churn v12 to staging (merged),
      Promote churn v12 to prod (merged),
      Promote churn v13 to staging (merged),
    ]
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in prod
    **Next:** to go back: \`/rollback prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ✅ **prod** by alice: verified 2026-11-24 11:10 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12
  `)
  expect(story.thread(next)).toMatchInlineSnapshot(`
    ### 🚢 churn v13 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 11:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 10:00 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3))
  `)
  // That the answer was lost is noted at once, so that her command is judged by what became of the merge.
  expect(story.replyTo(asked).split('\n\n')[0]).toMatchInlineSnapshot(`
    👎 **Refused** (\`promotion_in_progress\`): churn v13 may not go to prod now: v12 is on its way to prod.
    Wait until that has ended, or \`/rollback prod\`. Then repeat the command.
  `)
})

scenario('carol merges it in the moment in which a newer release is to take its place', async (story) => {
  const pull = await story.proposes('better')
  await story.says('/lock staging churn an audit')
  await story.merges(pull)
  let isMerged = false
  story.world.github.fail(({ body }) => {
    if (isMerged || !/createCommitOnBranch.*\+next/.test(JSON.stringify(body ?? ''))) return false
    isMerged = true
    story.world.github.merge(CONFIG, story.promotion('staging').number, { by: 'carol', method: 'squash' })
    return false
  }, {})
  const next = await story.releases('better-2')
  await story.pass(30 * MINUTE, 2 * MINUTE)
  expect(isMerged).toBe(true)
  expect(story.promotions()).toMatchInlineSnapshot(`
    [
      Promote churn v13 to staging (merged),
      Promote churn v13 to staging (open),
    ]
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)) — ⚠️ merged by carol although these rules did not hold: hold
  `)
  expect(story.thread(next)).toMatchInlineSnapshot(`
    ### 🚢 churn v13 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ❌ **staging** by automation: refused (\`promotion_in_progress\`): v12 was merged in the moment in which v13 was to take its place, and is watched first
    - ⏳ **staging** by automation: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: held by alice: an audit – when the reason is gone: \`/unlock staging churn\`
  `)
})

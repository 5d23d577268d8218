/** What a merge brought is looked at: the base may move in its very moment, and people may change a pull request before they merge it. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const VALUES = 'environments/prod/churn/values.yaml'
const INFERENCE = 'environments/prod/churn/inference.yaml'
const BRANCH = 'lockkeeper/acme/models/churn/prod'

/** carol changes a file on the base branch between the bot's read and its merge; tells how often. */
function changesAtMerge(story: Tale, path: string, [from, to]: readonly [string, string]): () => number {
  let times = 0
  story.world.github.fail(({ body }) => {
    if (times > 0 || !/mergePullRequest/.test(JSON.stringify(body ?? ''))) return false
    times += 1
    const text = story.manifest(path)
    const after = text.replace(from, to)
    if (after === text) throw new Error('the change changes nothing')
    story.world.github.commit(CONFIG, 'main', { message: 'Meanwhile', files: { [path]: after }, by: 'carol' })
    return false
  }, {})
  return () => times
}

scenario(
  'another line of its file changes in the moment of the merge: both are there, and it is proven',
  async (story) => {
    const pull = await story.waitsForApproval()
    const times = changesAtMerge(story, VALUES, ['replicaCount: 5', 'replicaCount: 7'])
    await story.reviews('bob')
    expect(times()).toBe(1)
    expect(story.manifest(VALUES)).toContain('replicaCount: 7')
    await story.verifies()
    expect(story.thread(pull)).toContain('live in prod')
  },
)

scenario(
  'its object gets another name in the moment of the merge: never called live, held, and nothing taken back',
  async (story) => {
    const pull = await story.waitsForApproval()
    changesAtMerge(story, INFERENCE, ['name: churn', 'name: churn2'])
    await story.reviews('bob')
    await story.verifies()
    expect(story.promotions()).toHaveLength(2)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ❌ failed in prod
      **Next:** nothing was put back by itself. To go back: \`/rollback prod\`.

      - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
      - ❌ **prod** by alice: failed 2026-11-24 10:00 UTC: its merge commit \`<sha>\` does not hold all that it was to write: somebody else changed \`environments/prod/churn/inference.yaml\` too
    `)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Its merge commit \`<sha>\` does not hold all that it was to write: somebody else changed \`environments/prod/churn/inference.yaml\` too. Nothing was put back by itself. \`prod\` is held until \`/unlock prod churn\`. To go back: \`/rollback prod\`.

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
    expect(await story.says('/unlock prod')).toMatchInlineSnapshot(`
      🔓 \`prod\` for \`churn\` is free again.

      Lifted:
      - the hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:00 UTC: v12 failed: its merge commit \`<sha>\` does not hold all that it was to write: somebody else changed \\\`environments/prod/churn/inference.yaml\\\` too
    `)
    await story.writes(INFERENCE, story.manifest(INFERENCE).replace('name: churn2', 'name: churn'))
    expect(await story.says('/deploy prod')).toMatchInlineSnapshot(
      `⏳ **churn v12 → prod**: its values are in the files already; it waits: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.`,
    )
  },
)

scenario('somebody writes another value into it and merges it: never called live', async (story) => {
  const pull = await story.waitsForApproval()
  const { number } = story.promotion('prod')
  const text = story.world.github.file(CONFIG, BRANCH, VALUES) ?? ''
  const files = { [VALUES]: text.replace(/tag: .*/, 'tag: mine') }
  story.world.github.commit(CONFIG, BRANCH, { message: 'Mine', files, by: 'bob' })
  story.world.github.merge(CONFIG, number, { by: 'bob', method: 'squash' })
  await story.settle()
  await story.pass(10 * MINUTE, 5 * MINUTE)
  expect(story.manifest(VALUES)).toContain('tag: mine')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ failed in prod
    **Next:** nothing was put back by itself. To go back: \`/rollback prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ❌ **prod** by alice: failed 2026-11-24 10:00 UTC: its merge commit \`<sha>\` does not hold all that it was to write: somebody else changed \`environments/prod/churn/values.yaml\` too — ⚠️ merged by bob although these rules did not hold: approvals
  `)
})

scenario('somebody makes it theirs, with another value, and merges it later: never called live', async (story) => {
  const pull = await story.waitsForApproval()
  const { number } = story.promotion('prod')
  const text = story.world.github.file(CONFIG, BRANCH, VALUES) ?? ''
  const files = { [VALUES]: text.replace(/tag: .*/, 'tag: mine') }
  story.world.github.commit(CONFIG, BRANCH, { message: 'Mine', files, by: 'bob' })
  await story.settle()
  story.world.github.merge(CONFIG, number, { by: 'bob', method: 'squash' })
  await story.settle()
  await story.pass(10 * MINUTE, 5 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ failed in prod
    **Next:** nothing was put back by itself. To go back: \`/rollback prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ❌ **prod** by alice: failed 2026-11-24 10:00 UTC: its merge commit \`<sha>\` does not hold all that it was to write: somebody else changed \`environments/prod/churn/values.yaml\` too — ⚠️ merged by bob although these rules did not hold: approvals
  `)
})

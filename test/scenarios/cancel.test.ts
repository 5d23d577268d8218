/** `/cancel`: what is on its way is stopped before its merge, or was not in time. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

/** alice asked for prod a minute ago; an approval is missing. */
async function waitsForProd(story: Tale) {
  const pull = await story.waitsForApproval()
  await story.pass(MINUTE)
  return pull
}

/** The comment on the promotion pull request that says why it was closed. */
const note = ({ world }: Tale, { number }: { readonly number: number }): string =>
  world.github
    .comments(CONFIG, number)
    .at(-1)
    ?.body.replace(/^<!-- .* -->\n+/, '') ?? '(no comment)'

const CLOSES = /closePullRequest/
type Request = { readonly body: unknown }
const writes = ({ body }: Request, pattern: RegExp): boolean => pattern.test(JSON.stringify(body ?? ''))

scenario('what alice asked for is cancelled by carol: closed, told everywhere, its branch gone', async (story) => {
  const pull = await waitsForProd(story)
  expect(await story.says('/cancel', { by: 'carol' })).toMatchInlineSnapshot(`
    🛑 **Cancelled: churn v12 → prod**; [promotion PR 2](<github>/acme/ml-config/pull/2) is closed. Nothing of it went live.
    It is not proposed there again by itself; a newer release is. To have it: \`/deploy prod churn\`.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
  expect(note(story, story.promotion('prod'))).toMatchInlineSnapshot(`
    ➖ **Closed: churn v12 is not promoted to prod**, and not proposed there again by itself: cancelled by carol.
    To have it again: \`/deploy prod\`. A newer release is proposed all the same.
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ➖ not promoted to prod
    **Next:** if it is still wanted: \`/deploy prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ➖ **prod** by alice: cancelled by carol 2026-11-24 10:01 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2))
  `)
  expect(Object.keys(story.world.github.branches(CONFIG))).toEqual(['main'])
  await story.pass(HOUR)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
})

scenario('what automation proposed is not proposed again by itself, and goes when somebody asks', async (story) => {
  const pull = await story.proposes('better')
  await story.says('/lock staging an audit')
  await story.merges(pull)
  expect(await story.says('/cancel staging', { by: 'carol' })).toMatchInlineSnapshot(`
    🛑 **Cancelled: churn v12 → staging**; [promotion PR 1](<github>/acme/ml-config/pull/1) is closed. Nothing of it went live.
    It is not proposed there again by itself; a newer release is. To have it: \`/deploy staging churn\`.
  `)
  await story.says('/unlock staging')
  await story.pass(HOUR)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (closed)'])
  await story.says('/deploy staging churn')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (closed)', 'Promote churn v12 to staging (merged)'])
})

scenario('who asked may, a deployer may, nobody else', async (story) => {
  await story.configures((text) => text.replace('["team:ml-leads", "user:alice"]', '["user:alice", "user:carol"]'))
  await waitsForProd(story)
  expect(await story.says('/cancel prod', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): bob may not cancel what is on its way to prod; these may: alice, carol.
    Ask one of them.
  `)
  expect(await story.says('/cancel prod --dry-run', { by: 'carol' })).toMatchInlineSnapshot(`
    🔎 **Dry run**, nothing was done: churn v12 → prod would be cancelled.
    It is not proposed there again by itself; a newer release is. To have it: \`/deploy prod churn\`.

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | carol may |
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(await story.says('/cancel prod', { by: 'alice' })).toContain('Cancelled: churn v12 → prod')
})

scenario('what is merged cannot be cancelled', async (story) => {
  await story.releases('better')
  await story.deploys()
  expect(await story.says('/cancel prod', { by: 'carol' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`promotion_in_progress\`): v12 is merged already, and on its way to prod.
    What is merged cannot be cancelled: \`/rollback prod\` takes it out.
  `)
  await story.verifies()
  expect(await story.says('/cancel prod', { by: 'carol' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`nothing_to_do\`): nothing is on its way to prod for churn; the last one, v12, is verified.
    \`/status prod\` says what is there.
  `)
})

scenario('the merge that a person makes in that very moment wins, and is watched', async (story) => {
  const pull = await waitsForProd(story)
  const { number } = story.promotion('prod')
  let merged = false
  story.world.github.fail((request) => {
    if (!merged && writes(request, CLOSES)) {
      merged = true
      story.world.github.merge(CONFIG, number, { by: 'carol' })
    }
    return false
  }, {})
  expect(await story.says('/cancel prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`promotion_in_progress\`): v12 is merged already, and on its way to prod.
    What is merged cannot be cancelled: \`/rollback prod\` takes it out.
  `)
  expect(merged).toBe(true)
  expect(story.thread(pull)).toContain('synced')
  await story.verifies()
  expect(story.thread(pull)).toContain('merged by carol although these rules did not hold: approvals')
})

scenario('bob approves in the same moment: one of the two wins, and both are told the truth', async (story) => {
  const pull = await waitsForProd(story)
  const { github } = story.world
  github.comment(MODELS, pull.number, '/approve prod', { by: 'bob' })
  const cancel = github.comment(MODELS, pull.number, '/cancel prod', { by: 'carol' })
  await story.settle()
  // Whoever comes second by a moment looks again.
  await story.pass(MINUTE)
  const reply = story.replyTo(cancel)
  const isMerged = story.promotions().at(-1)?.endsWith('(merged)')
  expect(reply).toContain(isMerged ? 'promotion_in_progress' : 'Cancelled: churn v12 → prod')
  await story.verifies()
  expect(story.thread(pull)).toContain(isMerged ? 'live in prod' : 'cancelled by carol')
})

for (const drop of ['before', 'after'] as const) {
  scenario(`the connection breaks ${drop} it is closed: cancelled and closed all the same`, async (story) => {
    const pull = await waitsForProd(story)
    let came = 0
    story.world.github.fail(
      (request) => {
        const hit = came === 0 && writes(request, CLOSES)
        if (hit) came += 1
        return hit
      },
      { drop },
    )
    await story.says('/cancel prod', { by: 'carol' })
    await story.pass(5 * MINUTE, MINUTE)
    expect(came).toBe(1)
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
    expect(story.reply(pull)).toContain('Cancelled: churn v12 → prod')
    expect(story.thread(pull)).toContain('cancelled by carol')
  })
}

scenario('out of a merge queue', async (story) => {
  const pull = await story.releases('better')
  await story.pass(HOUR)
  const { github } = story.world
  github.protectBranch(CONFIG, 'main', { checks: ['lockkeeper/promotion', 'slow'], mergeQueue: 'squash' })
  await story.says('/deploy prod')
  const { headSha } = story.promotion('prod')
  github.reportCheck(CONFIG, headSha, { name: 'slow', status: 'completed', conclusion: 'success' })
  await story.reviews('bob')
  expect(story.thread(pull)).toContain('it is in the merge queue')
  expect(await story.says('/cancel prod', { by: 'carol' })).toContain('Cancelled: churn v12 → prod')
  await story.pass(HOUR)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
})

scenario('a rollback that waits: what it was to leave stays, and so does the hold', async (story) => {
  const pull = await story.releases('better')
  await story.releases('better-2')
  story.world.github.protectBranch(CONFIG, 'main', { approvals: 1 })
  await story.says('/rollback staging', { on: pull.number })
  expect(await story.says('/cancel staging', { by: 'carol', on: pull.number })).toMatchInlineSnapshot(`
    🛑 **Cancelled: the rollback of churn in staging to v12**; [promotion PR 3](<github>/acme/ml-config/pull/3) is closed. Nothing of it went live.
    What it was to leave is live still, and \`staging\` stays held until \`/unlock staging churn\`. To go back all the same: \`/rollback staging churn\`.
  `)
  expect(await story.says('/status staging', { on: pull.number })).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`staging\` for \`churn\`: hold by alice after a rollback or a failure since 2026-11-24 09:00 UTC: rolled back to v12 by alice (\`/unlock staging churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v13 since 2026-11-24 09:00 UTC, by automation | – | 🔒 held by alice |
    | fraud | staging | as found | – | – |
  `)
})

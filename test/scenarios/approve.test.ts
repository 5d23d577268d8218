/** `/approve`: four eyes by a comment. Whose counts: test/services/judge-approvals.test.ts; the ledger's part: test/store/approvals.test.ts. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** alice asked for prod a minute ago; an approval is missing. */
async function waitsForProd(story: Tale) {
  const pull = await story.waitsForApproval()
  await story.pass(MINUTE)
  return pull
}

/** The reply to alice, who asked. */
const toldAlice = ({ world }: Tale, { number }: { readonly number: number }): string => {
  const replies = world.github.comments(MODELS, number).filter(({ body }) => body.startsWith('<!-- lockkeeper:reply:'))
  return said(replies[0]?.body ?? '').replace(/^<!-- .* -->\n+/, '')
}

scenario(
  'an approver says yes on the model pull request: it is merged, and both replies and the commit say by whom',
  async (story) => {
    const pull = await waitsForProd(story)
    expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
    expect(await story.says('/approve', { by: 'bob' })).toMatchInlineSnapshot(`
    ✅ **bob approved churn v12 → prod at \`<sha>\`** ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    Nothing is open any more: it is merged by itself.
  `)
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
    expect(said(story.world.github.log(CONFIG, 'main')[0]?.message ?? '')).toContain('Lockkeeper-Approved-By: bob')
  },
)

scenario('on the promotion pull request it needs no names', async (story) => {
  await waitsForProd(story)
  const { number } = story.promotion('prod')
  expect(await story.says('/approve', { by: 'bob', in: CONFIG, on: number })).toMatchInlineSnapshot(`
    ✅ **bob approved churn v12 → prod at \`<sha>\`** ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    Nothing is open any more: it is merged by itself.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('two approvals: a review and a comment count, each person once', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 2 '))
  await waitsForProd(story)
  await story.reviews('bob')
  expect(await story.says('/approve prod', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`nothing_to_do\`): bob has approved v12 already.
    Each person counts once.
  `)
  expect(await story.says('/approve prod', { by: 'carol' })).toMatchInlineSnapshot(`
    ✅ **carol approved churn v12 → prod at \`<sha>\`** ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    Nothing is open any more: it is merged by itself.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('neither whoever asked for it, nor the author, nor a stranger', async (story) => {
  await story.configures((text) =>
    text.replace('approvers: ["team:ml-leads", "user:bob"]', 'approvers: ["user:alice", "user:dave", "user:bob"]'),
  )
  await waitsForProd(story)
  expect(await story.says('/approve prod', { by: 'alice' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): alice asked for it; these may: those of alice, dave, bob who are also among people with write access to the config repository.
    Ask another one of them.
  `)
  expect(await story.says('/approve prod', { by: 'dave' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): dave wrote the model’s pull request; these may: those of alice, dave, bob who are also among people with write access to the config repository.
    Ask another one of them.
  `)
  expect(await story.says('/approve prod', { by: 'erin' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): erin is not among those who may approve for prod; these may: those of alice, dave, bob who are also among people with write access to the config repository.
    Ask another one of them.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
})

scenario('nothing is on its way, nothing is asked, it is merged already', async (story) => {
  const pull = await story.proposes('better')
  expect(await story.says('/approve prod', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`nothing_to_do\`): nothing is on its way to prod for churn.
    \`/status prod\` says what is there.
  `)
  await story.says('/lock staging')
  await story.merges(pull)
  await story.pass(MINUTE)
  expect(await story.says('/approve staging', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`nothing_to_do\`): staging asks for no approval.
    There is nothing to approve.
  `)
  await story.says('/unlock staging')
  expect(await story.says('/approve staging', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`nothing_to_do\`): nothing is on its way to staging for churn; the last one, v12, is verified.
    \`/status staging\` says what is there.
  `)
})

scenario('what was said before the head was there is about another one', async (story) => {
  await waitsForProd(story)
  const path = story.promotion('prod').files[0]?.path ?? ''
  const files = { [path]: `# Changed by hand\n${story.manifest(path)}` }
  story.world.github.commit(CONFIG, 'main', { message: 'Change by hand', files, by: 'carol' })
  expect(await story.says('/approve prod', { by: 'bob' })).toContain('(`head_moved`): ')
  await story.pass(MINUTE)
  expect(await story.says('/approve prod', { by: 'bob' })).toContain('bob approved')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('a head that is made anew voids it', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 2 '))
  const pull = await waitsForProd(story)
  await story.says('/approve prod', { by: 'bob' })
  const path = story.promotion('prod').files[0]?.path ?? ''
  await story.writes(path, `# Changed by hand\n${story.manifest(path)}`)
  await story.pass(MINUTE)
  expect(toldAlice(story, pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 2 approvals by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
  await story.says('/approve prod', { by: 'bob' })
  await story.says('/approve prod', { by: 'carol' })
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('an approver who has lost the right by the merge does not count', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 2 '))
  const pull = await waitsForProd(story)
  await story.says('/approve prod', { by: 'bob' })
  await story.configures((text) => text.replace('["team:ml-leads", "user:bob"]', '["team:ml-leads", "user:erin"]'))
  await story.says('/approve prod', { by: 'carol' })
  expect(toldAlice(story, pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 2 approvals by team ml-leads, erin, has 1 (carol) – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
})

scenario('who asks for changes afterwards has taken it back', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 2 '))
  const pull = await waitsForProd(story)
  await story.says('/approve prod', { by: 'bob' })
  await story.pass(MINUTE)
  const { number } = story.promotion('prod')
  story.world.github.review(CONFIG, number, { by: 'bob', state: 'CHANGES_REQUESTED', body: 'One moment' })
  await story.settle()
  await story.says('/approve prod', { by: 'carol' })
  expect(toldAlice(story, pull)).toContain('has 1 (carol)')
})

scenario('on another pull request it is not what people see there', async (story) => {
  await waitsForProd(story)
  const other = await story.proposesFraud({ auc: 0.95 })
  expect(await story.says('/approve prod churn', { by: 'bob', on: other.number })).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): it is v12 of pull request 1 that is on its way to prod, and nothing of this one.
    Approve it there, or on promotion PR 2.
  `)
})

scenario('a name that is mistyped is no approval', async (story) => {
  await waitsForProd(story)
  expect(await story.says('/approve prod chrun', { by: 'bob' })).toMatchInlineSnapshot(`
    😕 \`chrun\` is no environment and no model.
    Did you mean \`churn\`? Usage: \`/approve [environment] [model] [--dry-run]\`.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
})

scenario('a dry run says what would be open, and approves nothing', async (story) => {
  await waitsForProd(story)
  expect(await story.says('/approve prod --dry-run', { by: 'bob' })).toMatchInlineSnapshot(`
    🔎 **Dry run**, nothing was done: bob would approve churn v12 → prod at \`<sha>\` ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    Nothing would be open any more: it would be merged by itself.

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | approvals | approved by bob |
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
})

scenario('a command in a review is not heard', async (story) => {
  await waitsForProd(story)
  const { number } = story.promotion('prod')
  const before = story.world.github.comments(CONFIG, number).length
  story.world.github.review(CONFIG, number, { by: 'bob', state: 'COMMENTED', body: '/approve' })
  await story.settle()
  expect(story.world.github.comments(CONFIG, number)).toHaveLength(before)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
})

/** The config repository has rules of its own (reviews, code owners, checks, rulesets): they are kept, and what they still want is told. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

type Rules = Parameters<Tale['world']['github']['protectBranch']>[2]

const protects = ({ world }: Tale, rules: Rules): void => world.github.protectBranch(CONFIG, 'main', rules)

async function validates({ world, settle, pass, promotion }: Tale, conclusion: 'success' | 'failure' = 'success') {
  const report = { name: 'validate', status: 'completed', conclusion, app: 'kubeconform' } as const
  world.github.reportCheck(CONFIG, promotion('staging').headSha, report)
  await settle()
  // The first reads may not show it yet.
  await pass(24_000, 6000)
}

async function reviews(
  { world, settle, pass }: Tale,
  by: string,
  state: 'APPROVED' | 'CHANGES_REQUESTED' = 'APPROVED',
) {
  world.github.review(CONFIG, 1, { by, state, body: 'So be it.' })
  await settle()
  await pass(24_000, 6000)
}

/** How GitHub is told to wait, without the frame of the comment. */
const waits = (story: Tale): string | undefined => /yet: (.*)$/m.exec(story.thread({ number: 1 }))?.[1]

scenario('all that is missing is told, of whom, and the last of it merges within one event', async (story) => {
  protects(story, { approvals: 1, codeOwners: ['bob'], checks: ['validate'], conversations: true })
  const pull = await story.releases('better')
  story.world.github.openConversation(CONFIG, 1, { by: 'carol' })
  await story.says('/deploy staging')
  await story.pass(6000)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ➖ **staging** by automation: replaced 2026-11-24 09:00 UTC by a newer request for the same release
    - ⏳ **staging** by alice: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: 1 more approving review is missing, of people with write access; asked as code owners: bob; the required check \`validate\` is not there yet; 1 conversation is not resolved
  `)
  await validates(story)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → staging**: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: 1 more approving review is missing, of people with write access; asked as code owners: bob; 1 conversation is not resolved.
    It goes on by itself once that is settled.
  `)
  await reviews(story, 'carol')
  expect(waits(story)).toMatchInlineSnapshot(
    `an approving review of a code owner is missing; asked as code owners: bob; 1 conversation is not resolved`,
  )
  expect(story.promotionCheck('staging')).toMatchInlineSnapshot(`
    lockkeeper/promotion success: churn v12 → staging: every rule holds

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | approvals | no approval asked |

    GitHub does not merge it yet: an approving review of a code owner is missing; asked as code owners: bob; 1 conversation is not resolved.
  `)
  await reviews(story, 'bob')
  expect(waits(story)).toMatchInlineSnapshot(`1 conversation is not resolved`)
  const last = await story.calls(() => story.world.github.resolveConversations(CONFIG, 1, { by: 'carol' }))
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(last.slice(0, 2)).toEqual(['ReadPromotionWorld', 'Write'])
})

scenario('a refusal by a check or by a person is told with their names', async (story) => {
  protects(story, { approvals: 1, checks: ['validate'], asRuleset: true })
  await story.releases('better')
  expect(waits(story)).toMatchInlineSnapshot(
    `1 more approving review is missing, of people with write access; the required check \`validate\` is not there yet`,
  )
  await validates(story, 'failure')
  await reviews(story, 'carol', 'CHANGES_REQUESTED')
  expect(waits(story)).toMatchInlineSnapshot(
    `changes are requested by carol; the required check \`validate\` has failed, reported by kubeconform`,
  )
  await validates(story)
  await reviews(story, 'carol')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('while GitHub is known to refuse it, no merge is tried, and nothing is written twice', async (story) => {
  protects(story, { approvals: 1 })
  const before = story.world.github.requests.length
  await story.releases('better')
  await story.pass(HOUR, 10 * MINUTE)
  const sent = story.world.github.requests.slice(before).map(({ body }) => JSON.stringify(body))
  expect(sent.filter((body) => body?.includes('mergePullRequest'))).toEqual([])
  const quiet = await story.calls(() => story.pass(10 * MINUTE, 5 * MINUTE))
  expect(new Set(quiet)).toEqual(new Set(['ReadPromotionWorld']))
})

scenario('of the methods that both the repository and its rules allow, one is used', async (story) => {
  protects(story, { methods: ['rebase', 'merge'], linear: true, asRuleset: true })
  await story.releases('better')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  await story.pass(5 * MINUTE)
  expect(story.deployments()).toEqual(['staging/churn: in_progress, success'])
})

scenario('both of our check runs may be required: a promotion is not compared, and says so', async (story) => {
  protects(story, { checks: ['lockkeeper', 'lockkeeper/promotion'] })
  await story.releases('better')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  const runs = story.world.github.checkRuns(CONFIG, story.promotion('staging').headSha)
  expect(runs.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
    'lockkeeper/promotion: success',
    'lockkeeper: neutral',
  ])
})

scenario('a right that is lost while GitHub waits turns the green check run red, without any event', async (story) => {
  protects(story, { approvals: 1, checks: ['validate'] })
  await story.releases('better')
  await story.says('/deploy staging')
  expect(story.promotionCheck('staging')).toContain(
    'lockkeeper/promotion success: churn v12 → staging: every rule holds',
  )
  story.world.github.setCollaborator(CONFIG, 'alice', 'read')
  await story.pass(6 * MINUTE)
  expect(story.promotionCheck('staging')).toContain(
    'lockkeeper/promotion failure: churn v12 → staging: stopped (who-may)',
  )
})

scenario('an App that is exempt keeps the rules all the same; a rollback makes use of it', async (story) => {
  protects(story, null)
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  protects(story, { approvals: 2, bypass: ['lockkeeper[bot]'], asRuleset: true })
  await story.releases('better-2')
  expect(story.promotions().at(-1)).toBe('Promote churn v13 to staging (open)')
  await story.says('/rollback prod')
  expect(story.promotions().at(-1)).toMatchInlineSnapshot(`Roll back churn in prod to as found (merged)`)
})

scenario('an App that may not merge waits for whoever may', async (story) => {
  protects(story, { pushers: ['carol'] })
  const pull = await story.releases('better')
  expect(waits(story)).toMatchInlineSnapshot(
    `the App may not merge in the config repository (You're not authorized to push to this branch. Visit acme/ml-config for more.); whoever may merge there can merge it`,
  )
  story.world.github.merge(CONFIG, 1, { by: 'carol', method: 'squash' })
  await story.settle()
  await story.pass(5 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

scenario('a rollback that the App may not merge stays open for those who may, and calls for them', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const second = await story.releases('better-2')
  await story.deploys()
  await story.verifies()
  protects(story, { pushers: ['carol'] })
  expect(await story.says('/rollback prod')).toMatchInlineSnapshot(`
    ⏳ **Rollback of churn in prod to v12**: [promotion PR 5](<github>/acme/ml-config/pull/5) is open; GitHub does not merge it yet: the App may not merge in the config repository (You're not authorized to push to this branch. Visit acme/ml-config for more.); whoever may merge there can merge it.
    It goes on by itself once that is settled.
  `)
  await story.pass(31 * MINUTE, 10 * MINUTE)
  expect(story.promotions().at(-1)).toMatch(/^Roll back .* \(open\)$/)
  expect(story.report(second)).toMatchInlineSnapshot(`
    ### ❌ The rollback of churn in prod to v12 failed
    Its promotion pull request was not merged: it waited for 30m: GitHub: the App may not merge in the config repository (You're not authorized to push to this branch. Visit acme/ml-config for more.); whoever may merge there can merge it. **v13, which was to be left, still runs in prod:** the way back to v12 is not in Git. \`prod\` is held until \`/unlock prod churn\`. A person has to look.

    **Do:**
    1. Merge [promotion PR 5](<github>/acme/ml-config/pull/5) in the config repository: nothing else is missing.
    2. No other release was verified here: \`/deploy prod\` of a mended one, or a revert in the config repository.
    3. When prod is well: \`/unlock prod churn\`. Until then automation deploys nothing there.

    - promotion [PR 5](<github>/acme/ml-config/pull/5)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('an answer to the merge that was lost is made up for: merged once, and by Lockkeeper', async (story) => {
  story.world.github.fail({ graphql: /mergePullRequest/ }, { drop: 'after' })
  const pull = await story.releases('better')
  await story.pass(10 * MINUTE, MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.thread(pull)).not.toContain('merged by')
  expect(story.deployments()).toEqual(['staging/churn: in_progress, success'])
})

scenario('a freeze that begins while GitHub waits turns the green check run red at once', async (story) => {
  const freeze = '    freeze: [{ from: "Tue 11:00", to: "Tue 12:00", zone: Europe/Berlin, reason: tests }]'
  await story.configures((text) => text.replace(/( {4}deploy: on-merge.*)/, `$1\n${freeze}`))
  protects(story, { approvals: 1 })
  await story.releases('better')
  expect(story.promotionCheck('staging').split('\n')[0]).toMatchInlineSnapshot(
    `lockkeeper/promotion success: churn v12 → staging: every rule holds`,
  )
  await story.pass(61 * MINUTE, 61 * MINUTE)
  expect(story.promotionCheck('staging').split('\n')[0]).toMatchInlineSnapshot(
    `lockkeeper/promotion failure: churn v12 → staging: stopped until 2026-11-24 11:00 UTC (freeze)`,
  )
  await reviews(story, 'bob')
  expect(story.promotion('staging').merged).toBe(false)
  await story.pass(HOUR)
  expect(story.promotion('staging').merged).toBe(true)
})

/** alice has asked for prod, where an approval is missing; somebody merges past that. */
async function mergesPast(story: Tale, merge: (number: number) => void): Promise<string> {
  const pull = await story.waitsForApproval()
  merge(story.promotion('prod').number)
  await story.settle()
  await story.verifies()
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
  return story.reply(pull).split('\n')[0] ?? ''
}

for (const method of ['merge', 'squash', 'rebase'] as const)
  scenario(`merged by a person by ${method} past open rules: followed, and flagged`, async (story) => {
    const said = await mergesPast(story, (number) => story.world.github.merge(CONFIG, number, { by: 'bob', method }))
    expect(said).toContain('⚠️ merged by bob although these rules did not hold: approvals')
  })

scenario('merged past open rules by an administrator, whom the protection does not bind', async (story) => {
  const said = await mergesPast(story, (number) => {
    protects(story, { approvals: 2, bypass: ['carol'] })
    story.world.github.merge(CONFIG, number, { by: 'carol' })
  })
  expect(said).toContain('⚠️ merged by carol although these rules did not hold: approvals')
})

scenario('merged past open rules by another bot', async (story) => {
  const said = await mergesPast(story, (number) => {
    story.world.github.createUser('mergify[bot]', { type: 'Bot' })
    story.world.github.setCollaborator(CONFIG, 'mergify[bot]', 'write')
    story.world.github.merge(CONFIG, number, { by: 'mergify[bot]', method: 'squash' })
  })
  expect(said).toContain('although these rules did not hold: approvals')
})

scenario('merged by a person between our look and our merge: theirs, and watched', async (story) => {
  protects(story, { approvals: 1 })
  const pull = await story.releases('better')
  protects(story, null)
  // Our merge is asked for, and theirs is made first.
  story.world.github.fail(
    ({ graphql, body }) => {
      const isOurs = graphql === 'Write' && JSON.stringify(body).includes('mergePullRequest')
      if (isOurs && !story.promotion('staging').merged)
        story.world.github.merge(CONFIG, 1, { by: 'carol', method: 'squash' })
      return false
    },
    { drop: false },
  )
  story.world.github.review(CONFIG, 1, { by: 'bob', state: 'APPROVED' })
  await story.settle()
  await story.pass(5 * MINUTE)
  expect(story.thread(pull)).toContain('live in staging')
})

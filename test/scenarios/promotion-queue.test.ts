/** Promotions where the config repository merges by GitHub's merge queue, or by itself: it merges later, and asks only what the branch demands. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { HOUR, MINUTE, scenario, scenarios, type Tale } from '../support/story.ts'

const QUEUED = ['lockkeeper/promotion', 'build']

const demands = ({ world }: Tale, checks: readonly string[] = QUEUED): void =>
  world.github.protectBranch(CONFIG, 'main', { checks, mergeQueue: 'squash' })

/** CI of the config repository reports on a commit. */
async function builds({ world, settle, pass }: Tale, sha: string, conclusion: 'success' | 'failure' = 'success') {
  world.github.reportCheck(CONFIG, sha, { name: 'build', status: 'completed', conclusion })
  await settle()
  // The first reads may not show it yet.
  await pass(24_000, 6000)
}

/** The commit that the queue would merge; undefined while nothing is in it. */
const queued = ({ world }: Tale): string | undefined => world.github.mergeQueue(CONFIG)[0]?.sha

/** Released, built, and in the queue. */
async function enters(story: Tale): Promise<string> {
  demands(story)
  await story.releases('better')
  await builds(story, story.promotion('staging').headSha)
  return queued(story) ?? '(not in the queue)'
}

/** Our check runs on a commit, titles only. */
const checks = ({ world }: Tale, sha: string): readonly string[] =>
  world.github
    .checkRuns(CONFIG, sha)
    .filter(({ app }) => app === 'lockkeeper')
    .map((run) => said(`${run.name} ${run.conclusion ?? run.status}: ${run.title}`))

scenario('it enters by itself once GitHub would take it, and is merged as the queue built it', async (story) => {
  demands(story)
  const pull = await story.releases('better')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: the required check \`build\` is not there yet
  `)
  await builds(story, story.promotion('staging').headSha)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: it is in the merge queue
  `)
  const sha = queued(story) ?? ''
  expect(checks(story, sha)).toMatchInlineSnapshot(`
    [
      lockkeeper/promotion success: #1: churn v12 → staging: every rule holds,
    ]
  `)
  await builds(story, sha)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  await story.pass(5 * MINUTE)
  expect(story.deployments()).toEqual(['staging/churn: in_progress, success'])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

scenario('the queue throws out what may not go on any more, and it enters anew once it may', async (story) => {
  const sha = await enters(story)
  await story.says('/lock staging while we look at it')
  expect(checks(story, sha)).toMatchInlineSnapshot(`
    [
      lockkeeper/promotion failure: #1: churn v12 → staging: stopped (hold),
    ]
  `)
  expect([queued(story), story.promotion('staging').merged]).toEqual([undefined, false])
  expect(story.promotionCheck('staging')).toMatchInlineSnapshot(`
    lockkeeper/promotion failure: churn v12 → staging: stopped (hold)

    |  | Rule |  |
    | --- | --- | --- |
    | ➖ | who-may | automation |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ⏳ | hold | held by alice for every model: while we look at it; held since 2026-11-24 09:00 UTC |
    | ✅ | approvals | no approval asked |
  `)
  await story.says('/unlock staging')
  const again = queued(story) ?? ''
  expect(again).not.toBe('')
  await builds(story, again)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('thrown out by another check: told, tried again later, and not for ever', async (story) => {
  await builds(story, await enters(story), 'failure')
  expect(queued(story)).toBeUndefined()
  expect(story.thread({ number: 1 })).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: the merge queue took it out (\`CI_FAILURE\`); it enters again after 5 minutes
  `)
  for (const minutes of [6, 11, 16, 21]) {
    await story.pass(minutes * MINUTE)
    await builds(story, queued(story) ?? '(not in the queue)', 'failure')
  }
  await story.pass(2 * HOUR, 30 * MINUTE)
  expect(queued(story)).toBeUndefined()
  expect(story.thread({ number: 1 })).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: the merge queue took it out (\`CI_FAILURE\`) 5 times; whoever may merge can put it in again
  `)
})

scenario('lost events of the queue are made up for', async (story) => {
  const sha = await enters(story)
  story.world.github.onDelivery(({ event }) => (event === 'pull_request' ? 'drop' : { times: 1 }))
  await builds(story, sha)
  expect(story.promotion('staging').merged).toBe(true)
  await story.pass(10 * MINUTE, 2 * MINUTE)
  expect(story.deployments()).toEqual(['staging/churn: in_progress, success'])
})

scenario('an entry whose answer was lost is not made twice, and counts as ours', async (story) => {
  story.world.github.fail({ graphql: /enqueuePullRequest/ }, { drop: 'after' })
  const sha = await enters(story)
  await story.pass(10 * MINUTE, MINUTE)
  const entered = story.world.github.deliveries.filter(
    ({ event, action }) => `${event}.${action}` === 'pull_request.enqueued',
  )
  expect([entered.length, queued(story)]).toEqual([1, sha])
  await builds(story, sha)
  expect(story.thread({ number: 1 })).not.toContain('merged by')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('what somebody takes out of the queue stays out', async (story) => {
  await enters(story)
  story.world.github.dequeue(CONFIG, 1, { by: 'carol' })
  await story.settle()
  await story.pass(HOUR, 10 * MINUTE)
  expect(queued(story)).toBeUndefined()
  expect(story.thread({ number: 1 })).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: somebody took it out of the merge queue; whoever may merge can put it in again
  `)
})

scenarios({ aheadMs: MINUTE })(
  'the same where our clock is ahead of the one that GitHub dates it by',
  async (story) => {
    await enters(story)
    story.world.github.dequeue(CONFIG, 1, { by: 'carol' })
    await story.settle()
    await story.pass(HOUR, 10 * MINUTE)
    expect(queued(story)).toBeUndefined()
    expect(story.thread({ number: 1 })).toContain('somebody took it out of the merge queue')
  },
)

scenario('a queue that would not ask us is not entered: the thread says what to add', async (story) => {
  demands(story, ['build'])
  await story.releases('better')
  await builds(story, story.promotion('staging').headSha)
  expect(queued(story)).toBeUndefined()
  expect(story.thread({ number: 1 })).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open; GitHub does not merge it yet: \`main\` has a merge queue, which merges later without asking again: it enters only where \`lockkeeper/promotion\` is a required check of \`main\`. Add it to the rules of the branch, or put the pull request into the queue yourself
  `)
  // A person takes it upon themselves.
  const sha = story.world.github.enqueue(CONFIG, 1, { by: 'carol' })
  await story.settle()
  await builds(story, sha)
  await story.pass(5 * MINUTE)
  expect(story.deployments()).toEqual(['staging/churn: in_progress, success'])
})

scenario('a rollback goes through the queue, too', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.releases('better-2')
  await story.deploys()
  await story.verifies()
  demands(story, ['lockkeeper/promotion'])
  await story.says('/rollback prod')
  await story.verifies()
  expect(story.promotions().at(-1)).toMatchInlineSnapshot(`Roll back churn in prod to v12 (merged)`)
})

scenario(
  'somebody lets GitHub merge it where it would not ask us: said at once, followed and flagged',
  async (story) => {
    story.world.github.allowAutoMerge(CONFIG)
    story.world.github.protectBranch(CONFIG, 'main', { approvals: 1 })
    const pull = await story.releases('better')
    await story.says('/lock staging while we look at it')
    story.world.github.enableAutoMerge(CONFIG, 1, { by: 'carol', method: 'squash' })
    await story.settle()
    expect(story.promotionCheck('staging')).toMatchInlineSnapshot(`
      lockkeeper/promotion failure: churn v12 → staging: stopped (hold)

      |  | Rule |  |
      | --- | --- | --- |
      | ➖ | who-may | automation |
      | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
      | ✅ | after | first environment |
      | ✅ | soak | no soak asked |
      | ✅ | freeze | no freeze |
      | ⏳ | hold | held by alice for every model: while we look at it; held since 2026-11-24 09:00 UTC |
      | ✅ | approvals | no approval asked |

      ⚠️ carol lets GitHub merge this by itself, and \`lockkeeper/promotion\` is not a required check of \`main\`: GitHub merges as soon as its own rules hold, whatever the rules above say.
    `)
    await story.reviews('bob', 'staging')
    expect(story.promotion('staging').merged).toBe(true)
    await story.pass(5 * MINUTE)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)) — ⚠️ merged by carol although these rules did not hold: hold
  `)
  },
)

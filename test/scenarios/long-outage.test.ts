/** A system that is away for long, or refuses for good, while a promotion is not merged: whoever asked reads why and what to do, and every wait ends. */
import { expect } from 'vitest'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

const FOR_EVER = { times: 1_000_000 }

/** GitHub answers everything but what a decision stands on. */
const hide = ({ world: { github } }: Tale, status: number) =>
  github.fail(({ graphql }) => graphql === 'ReadStandings' || graphql === 'ReadPromotionWorld', {
    status,
    body: { message: status === 403 ? 'Resource not accessible by integration' : 'Server Error' },
    ...FOR_EVER,
  })

/** It takes no merge from the App, and everything else. */
const refuseMerges = ({ world: { github } }: Tale) =>
  github.fail(({ graphql, body }) => graphql === 'Write' && JSON.stringify(body).includes('mergePullRequest'), {
    status: 403,
    body: { message: 'Resource not accessible by integration' },
    ...FOR_EVER,
  })

scenario(
  'GitHub breaks down for half an hour: the reply says so, and it goes on when GitHub is back',
  async (story) => {
    const pull = await story.waitsForApproval()
    hide(story, 502)
    await story.reviews('bob')
    await story.pass(6 * MINUTE, MINUTE)
    expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
    await story.pass(10 * MINUTE, MINUTE)
    expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open; since 2026-11-24 10:00 UTC every look at it has failed: GitHub: 502 at ReadPromotionWorld.
    It is tried again every few minutes, and goes on by itself. If it lasts: \`lockkeeper doctor\` on the server says what is wrong, and what to do.
  `)
    story.world.github.clearFaults()
    await story.pass(6 * MINUTE, 2 * MINUTE)
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
    await story.verifies()
    expect(story.reply(pull)).toMatchInlineSnapshot(`
      ✅ **churn v12 → prod**: verified 2026-11-24 10:30 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12.
      To go back: \`/rollback prod\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
    `)
  },
)

scenario('the App may not read any more: given up when the patience for it is over', async (story) => {
  const pull = await story.waitsForApproval()
  hide(story, 403)
  await story.pass(25 * HOUR, 30 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ➖ **churn v12 → prod**: cancelled 2026-11-25 10:30 UTC: it waited for 1d: GitHub: answered 403 to ReadPromotionWorld: Resource not accessible by integration ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    If it is still wanted: \`/deploy prod\`.
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
})

scenario(
  'the App may not merge a rollback: said, failed after half an hour, and its pull request waits for people',
  async (story) => {
    const pull = await story.releases('better')
    await story.deploys()
    story.prodSlowsDown()
    refuseMerges(story)
    await story.pass(32 * MINUTE, MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12). Rolling back to as found: [promotion PR 3](<github>/acme/ml-config/pull/3) is open; since 2026-11-24 10:10 UTC every look at it has failed: GitHub: answered 403 to Write: Resource not accessible by integration. \`prod\` is held until \`/unlock prod churn\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ❌ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.31\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
    await story.pass(30 * MINUTE, MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12). **The rollback to as found did not work either**: failed 2026-11-24 10:42 UTC: its promotion pull request was not merged: it waited for 30m: GitHub: answered 403 to Write: Resource not accessible by integration. **v12, which was to be left, still runs in prod:** the way back to what was found there before the first promotion is not in Git. \`prod\` is held until \`/unlock prod churn\`. A person has to look.

      **Do:**
      1. Merge [promotion PR 3](<github>/acme/ml-config/pull/3) in the config repository: nothing else is missing.
      2. No other release was verified here: \`/deploy prod\` of a mended one, or a revert in the config repository.
      3. When prod is well: \`/unlock prod churn\`. Until then automation deploys nothing there.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ❌ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.31\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
    expect(story.promotions().at(-1)).toMatchInlineSnapshot(`Roll back churn in prod to as found (open)`)
    expect(await story.says('/status prod')).toMatchInlineSnapshot(`
      Nothing is under way, 1 held.

      🔒 **Held:**
      - \`prod\` for \`churn\`: hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:10 UTC: v12 failed: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12) (\`/unlock prod churn\` lifts it)

      | Model | Environment | Live | Under way | Stops |
      | --- | --- | --- | --- | --- |
      | churn | prod | ⚠️ v12, not verified | – | 🔒 held by Lockkeeper; next freeze 2026-11-27 15:00 UTC |
    `)
  },
)

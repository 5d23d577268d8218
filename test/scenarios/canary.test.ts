/** A canary release: the traffic moves in steps, each a commit that is proven before the next. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { canaryBegins, shareIn, untimed } from '../support/canary-story.ts'
import { MINUTE, scenario } from '../support/story.ts'

scenario('a release takes the traffic in steps, each with a pull request of its own', async (story) => {
  const { pull, manifest, before, traffic } = await canaryBegins(story)
  expect(traffic()).toEqual(['10 % s3://acme-models/churn/13', '90 % s3://acme-models/churn/12'])
  expect(untimed(story.reply(pull))).toMatchInlineSnapshot(`
    ⏳ **churn v13 → prod**: canary at 10 %, synced 2026-11-24 <time>, checks have held since 2026-11-24 <time>.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/13 by revision churn-predictor-00003, 10 % of the traffic\` | \`Ready\` |
    | ⏳ | \`GET https://churn.example.com/v2/health/ready\` | \`1 of 1 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.002\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
    | ✅ | \`canary: errors{version="13"}\` | \`0.002, stable 0.002\` | \`≤ 0.0022\` |
  `)
  expect(untimed(await story.says('/status prod'))).toMatchInlineSnapshot(`
    1 under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | canary 10 % of v13, 90 % v12 | v13 by alice: canary at 10 %, synced 2026-11-24 <time>, checks have held since 2026-11-24 <time> | next freeze 2026-11-27 <time> |
  `)
  expect(await story.says('/cancel prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`promotion_in_progress\`): v13 is merged already, and on its way to prod.
    What is merged cannot be cancelled: \`/rollback prod\` takes it out.
  `)
  await story.pass(11 * MINUTE, 2 * MINUTE)
  expect(shareIn(manifest())).toBe('50')
  await story.pass(21 * MINUTE, 2 * MINUTE)
  await story.verifies()
  expect(manifest()).toBe(before?.replace('churn/12', 'churn/13'))
  expect(story.promotions().slice(-3)).toMatchInlineSnapshot(`
    [
      Promote churn v13 to prod (canary 10 %) (merged),
      Promote churn v13 to prod (canary 50 %) (merged),
      Promote churn v13 to prod (all of the traffic) (merged),
    ]
  `)
  expect(Object.keys(story.world.github.branches(CONFIG))).toEqual(['main'])
  expect(untimed(await story.says('/status prod'))).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | v13 since 2026-11-24 <time>, by alice | – | next freeze 2026-11-27 <time> |
  `)
})

scenario('a canary that is worse than the stable release is taken back byte for byte', async (story) => {
  const { pull, manifest, before } = await canaryBegins(story)
  story.world.prometheus.answer((query) => (query.includes('errors{version="13"}') ? 0.009 : 0.002))
  await story.pass(32 * MINUTE, 2 * MINUTE)
  await story.verifies()
  await story.verifies()
  expect(untimed(story.report(pull))).toMatchInlineSnapshot(`
    ### ❌ churn v13 failed in prod, at 10 % of the traffic
    Not verified within 30m: 1 of 6 checks did not hold (0.009, stable 0.002, wanted ≤ 0.0022). Rolled back to v12, verified 2026-11-24 <time> ([promotion PR 6](<github>/acme/ml-config/pull/6)), alias champion → v12. \`prod\` is held until \`/unlock prod churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/13 by revision churn-predictor-00003, 10 % of the traffic\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.002\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
    | ❌ | \`canary: errors{version="13"}\` | \`0.009, stable 0.002\` | \`≤ 0.0022\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 4](<github>/acme/ml-config/pull/4)
    - release \`<release>\`, commit \`<sha>\`
  `)
  expect(story.promotions().slice(-3)).toMatchInlineSnapshot(`
    [
      Promote churn v13 to prod (canary 10 %) (merged),
      Roll back churn in prod to v12 (canary 0 %) (merged),
      Roll back churn in prod to v12 (without the canary) (merged),
    ]
  `)
  expect(manifest()).toBe(before)
})

scenario('by hand: a share that stays and is watched, then all of it', async (story) => {
  const { manifest } = await canaryBegins(story)
  expect(await story.says('/canary prod 100')).toMatchInlineSnapshot(`
    😕 the share is a whole number from 1 to 99.
    All of the traffic is \`/promote\`.
  `)
  expect(await story.says('/canary prod 25', { by: 'dave' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): dave may not deploy to prod; these may: team ml-leads, alice.
    Ask one of them.
  `)
  expect(await story.says('/canary prod 25')).toMatchInlineSnapshot(`
    ⏳ **churn v13 → 25 % of the traffic of prod**, as soon as what is under way is synced.
    There it stays, and is watched, until \`/canary prod <percent>\`, \`/promote prod\` or \`/rollback prod\`.
  `)
  await story.pass(30 * MINUTE, 2 * MINUTE)
  expect(shareIn(manifest())).toBe('25')
  expect(untimed(await story.says('/status prod'))).toMatchInlineSnapshot(`
    1 under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | canary 25 % of v13, 75 % v12 | v13 by alice: canary at 25 %, synced 2026-11-24 <time>, checks have held since 2026-11-24 <time>; alice chose this share: it stays until \`/canary prod <percent>\`, \`/promote prod\` or \`/rollback prod\` | next freeze 2026-11-27 <time> |
  `)
  expect(await story.says('/promote prod')).toMatchInlineSnapshot(`
    ⏳ **churn v13 → all of the traffic of prod**, as soon as what is under way is synced.
    The remaining steps are skipped; the checks of \`verify:\` follow.
  `)
  await story.verifies()
  expect(shareIn(manifest())).toBe(undefined)
  expect(untimed(await story.says('/status prod'))).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | v13 since 2026-11-24 <time>, by alice | – | next freeze 2026-11-27 <time> |
  `)
})

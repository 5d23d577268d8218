/** Rollouts that do not go well: what is seen, what is put back, and what is only waited for. */
import { expect } from 'vitest'
import { MINUTE, scenario } from '../support/story.ts'

scenario('a release whose checks fail in prod is rolled back to what was found, and prod is held', async (story) => {
  const pull = await story.releases('better')
  story.prodSlowsDown()
  await story.deploys()
  await story.pass(11 * MINUTE, 2 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ❌ **churn v12 → prod**: failed 2026-11-24 10:10 UTC: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12).
    It is rolled back by itself; the report in this thread says how that went.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ❌ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.31\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
  `)
  story.prodRecovers()
  await story.pass(MINUTE)
  await story.verifies()
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    Not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12). Rolled back to as found, verified 2026-11-24 10:22 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)), alias champion untouched. \`prod\` is held until \`/unlock prod churn\`.

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
  expect(story.patch('prod')).toMatchInlineSnapshot(`
    environments/prod/churn/inference.yaml
    @@ -12,5 +12,5 @@
     spec:
         predictor:
             sklearn:                 # the older shape, still served
    -            storageUri: 's3://acme-models/churn/12'
    +            storageUri: 's3://acme-models/churn/11'
                 resources: {requests: {cpu: 500m}}

    environments/prod/churn/values.yaml
    @@ -3,11 +3,11 @@
     
     image:
       repository: ghcr.io/acme/churn   # no tag here
    -  tag: <sha>@sha256:<digest>
    +  tag: 3f9c2e1d@sha256:<digest>
       pullPolicy: IfNotPresent
     
     podAnnotations:
    -  "lockkeeper.dev/release": "<release>"
    +  "lockkeeper.dev/release": ""
       prometheus.io/scrape: "true"
     
     resources: &res
  `)
  expect(await story.says('/status prod')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:10 UTC: v12 failed: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12) (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | as found since 2026-11-24 10:22 UTC, automatic rollback | – | 🔒 held by Lockkeeper; next freeze 2026-11-27 15:00 UTC |
  `)
})

scenario('a model that cannot be loaded fails at once', async (story) => {
  const pull = await story.releases('better')
  story.world.argocd.behaviour({ storageUri: /churn\/12$/, load: 'fails', message: 'no such key' })
  await story.deploys()
  await story.pass(MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    InferenceService prod/churn: BlockedByFailedLoad: ModelLoadFailed: no such key. Rolling back to as found: synced 2026-11-24 10:00 UTC, checks have held since 2026-11-24 10:00 UTC. \`prod\` is held until \`/unlock prod churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ❌ | \`InferenceService prod/churn\` | \`BlockedByFailedLoad: ModelLoadFailed: no such key\` | \`Ready\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 2](<github>/acme/ml-config/pull/2)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('no Application: waited for until the deadline, then told', async (story) => {
  story.world.argocd.script('churn-staging', { missing: true })
  const pull = await story.releases('better')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** nothing to do, this comment is updated by itself.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, waits for Argo CD to sync \`<sha>\`
  `)
  await story.pass(31 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ failed in staging
    **Next:** its commit is in Git and goes live whenever Argo CD syncs; it is proven then, by itself. \`/rollback staging\` takes it out.

    - ❌ **staging** by automation: failed 2026-11-24 09:31 UTC: not synced within 30m: there is no Application argocd/churn-staging
  `)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    Not synced within 30m: there is no Application argocd/churn-staging. Nothing was rolled back: nothing began to apply it. Its commit is in Git and goes live whenever Argo CD syncs; it is proven then, by itself. \`/rollback staging\` takes it out. \`staging\` is held until \`/unlock staging churn\`.

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('Argo CD cannot apply it: failed, with Argo CD’s own words', async (story) => {
  story.world.argocd.script('churn-staging', { syncFails: 'one or more objects failed to apply' })
  const pull = await story.releases('better')
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    The sync failed at InferenceService/churn: one or more objects failed to apply. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('auto-sync off in prod is blocked, and never rolled back', async (story) => {
  const pull = await story.releases('better')
  story.world.argocd.script('churn-prod', { autoSync: false })
  await story.deploys()
  expect(story.reply(pull)).toMatchInlineSnapshot(
    `⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is merged, blocked: auto-sync is off: somebody has to press Sync in Argo CD.`,
  )
  await story.pass(31 * MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    Not synced within 30m: auto-sync is off: somebody has to press Sync in Argo CD. Nothing was rolled back: the sync was blocked, which is nobody’s failure. Its commit is in Git and goes live whenever Argo CD syncs; it is proven then, by itself. \`/rollback prod\` takes it out.

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 2](<github>/acme/ml-config/pull/2)
    - release \`<release>\`, commit \`<sha>\`
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('a sync that somebody presses in time is verified like any other', async (story) => {
  const pull = await story.releases('better')
  story.world.argocd.script('churn-prod', { autoSync: false })
  await story.deploys()
  await story.pass(10 * MINUTE)
  story.world.argocd.sync('churn-prod')
  await story.settle()
  await story.verifies()
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **churn v12 → prod**: verified 2026-11-24 10:20 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12.
    To go back: \`/rollback prod\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
  `)
})

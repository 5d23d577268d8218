/** Argo CD applies a commit when its promotion has long given up on it: it is proven all the same, or taken back. */
import { expect } from 'vitest'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** prod's sync window stays closed for longer than `sync.within`. */
async function isNotApplied(story: Tale): Promise<void> {
  story.world.argocd.script('churn-prod', { syncWindow: true })
  await story.deploys()
  await story.pass(31 * MINUTE)
}

async function windowOpens(story: Tale, application = 'churn-prod'): Promise<void> {
  story.world.argocd.script(application, { syncWindow: false })
  await story.pass(MINUTE)
}

scenario(
  'a window that opens after the deadline: the release is proven, and what was held for it goes on',
  async (story) => {
    const pull = await story.releases('better')
    await isNotApplied(story)
    await windowOpens(story)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ⏳ churn v12 was applied late in prod
      Not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed. It was applied after all 2026-11-24 10:32 UTC, and is proven like any other: synced 2026-11-24 10:32 UTC, checks have held since 2026-11-24 10:32 UTC.

      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
    await story.verifies()
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ✅ churn v12 was applied late in prod
      Not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed. It was applied after all 2026-11-24 10:32 UTC, and is proven like any other: verified 2026-11-24 10:42 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12.

      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
    expect(story.reply(pull)).toMatchInlineSnapshot(`
      ✅ **churn v12 → prod**: verified 2026-11-24 10:42 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12.
      To go back: \`/rollback prod\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
    `)
    expect(await story.says('/status prod')).toMatchInlineSnapshot(`
      Nothing is under way.

      | Model | Environment | Live | Under way | Stops |
      | --- | --- | --- | --- | --- |
      | churn | prod | v12 since 2026-11-24 10:42 UTC, by alice | – | next freeze 2026-11-27 15:00 UTC |
    `)
  },
)

scenario('a bad release that is applied after the deadline is rolled back, and prod is held', async (story) => {
  const pull = await story.releases('better')
  await isNotApplied(story)
  story.prodSlowsDown()
  await windowOpens(story)
  await story.pass(10 * MINUTE, 2 * MINUTE)
  story.prodRecovers()
  await story.verifies()
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    Not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12). Rolling back to as found: synced 2026-11-24 10:42 UTC, checks have held since 2026-11-24 10:44 UTC. \`prod\` is held until \`/unlock prod churn\`.

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
  expect(await story.says('/status prod')).toMatchInlineSnapshot(`
    1 under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:42 UTC: v12 failed: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12) (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | as found | as found automatic rollback: synced 2026-11-24 10:42 UTC, checks have held since 2026-11-24 10:44 UTC | 🔒 held by Lockkeeper; next freeze 2026-11-27 15:00 UTC |
  `)
})

scenario('a newer release gives way to what Argo CD applied meanwhile, and comes after it', async (story) => {
  story.world.argocd.script('churn-staging', { syncWindow: true })
  await story.releases('better')
  await story.pass(31 * MINUTE)
  const next = await story.releases('better-2')
  expect(story.thread(next)).toMatchInlineSnapshot(`
    ### 🚢 churn v13 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: held by Lockkeeper: v12 failed: not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed – when the reason is gone: \`/unlock staging churn\`
  `)
  await windowOpens(story, 'churn-staging')
  await story.pass(2 * MINUTE)
  expect(story.promotions()).toMatchInlineSnapshot(`
    [
      Promote churn v12 to staging (merged),
      Promote churn v13 to staging (closed),
      Promote churn v13 to staging (merged),
    ]
  `)
  expect(story.thread(next)).toMatchInlineSnapshot(`
    ### 🚢 churn v13 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:33 UTC on; \`/rollback staging\` goes back.

    - ❌ **staging** by automation: refused (\`promotion_in_progress\`): v12, which was not applied in time, is live in staging by now and has to be proven first
    - ✅ **staging** by automation: verified 2026-11-24 09:32 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3))
  `)
})

scenario('a way back that is applied after its deadline is proven, and ends the incident', async (story) => {
  const pull = await story.releases('better')
  await story.deploys()
  await story.verifies()
  story.world.argocd.script('churn-prod', { syncWindow: true })
  await story.says('/rollback prod')
  await story.pass(31 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ❌ **Rollback of churn in prod to as found**: failed 2026-11-24 10:42 UTC: not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed.
    The way back is in Git and goes live whenever Argo CD syncs; it is proven then, by itself.
  `)
  await windowOpens(story)
  await story.verifies()
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in prod to as found**: verified 2026-11-24 10:53 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)), alias champion → version 11, as found.
    \`prod\` is held until \`/unlock prod churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
  `)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ✅ The rollback of churn to as found was applied late in prod
    Not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed. It was applied after all 2026-11-24 10:43 UTC, and is proven like any other: verified 2026-11-24 10:53 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)), alias champion → version 11, as found.

    - promotion [PR 3](<github>/acme/ml-config/pull/3)
  `)
  expect(await story.says('/status prod')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:42 UTC: as found failed: not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | as found since 2026-11-24 10:53 UTC, by alice | – | 🔒 held by Lockkeeper; next freeze 2026-11-27 15:00 UTC |
  `)
})

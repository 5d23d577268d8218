/** What counts as live while others commit, who starts the sync, and Argo CD's own word while the checks hold. */
import { expect } from 'vitest'
import { APPLICATIONS, at } from '../../sandbox/systems/kubernetes-objects.ts'
import { CONFIG } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, scenarios, type Tale } from '../support/story.ts'

const STAGING = 'environments/staging/churn/inference.yaml'
const PROD = 'environments/prod/churn/inference.yaml'

/** carol writes another model by hand. */
const overwrites = async (story: Tale, path: string): Promise<void> => {
  const text = story.world.github.file(CONFIG, 'main', path) ?? ''
  await story.writes(path, text.replace('churn/12', 'churn/9'))
}

scenario(
  'somebody else’s later commit neither keeps a release from being live, nor costs a call at every look',
  async (story) => {
    story.world.argocd.script('churn-staging', { autoSync: false })
    const pull = await story.releases('better')
    await story.writes('README.md', 'Platform team was here.\n')
    const calls = await story.calls(() => story.pass(2 * MINUTE, MINUTE))
    expect(calls).toMatchInlineSnapshot(`
      [
        ReadPullRequest,
      ]
    `)
    story.world.argocd.sync('churn-staging')
    await story.pass(MINUTE)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:04 UTC on; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:03 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    `)
  },
)

scenario(
  'a later commit that changed the model ends the promotion in words, and nobody’s change is taken back',
  async (story) => {
    story.world.argocd.script('churn-staging', { autoSync: false })
    const pull = await story.releases('better')
    await overwrites(story, STAGING)
    await story.pass(MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in staging
      The later commit \`<sha>\` of acme/ml-config changed what it wrote in \`environments/staging/churn/inference.yaml\`. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 1](<github>/acme/ml-config/pull/1)
      - release \`<release>\`, commit \`<sha>\`
    `)
    expect(story.promotions()).toMatchInlineSnapshot(`
      [
        Promote churn v12 to staging (merged),
      ]
    `)
  },
)

scenario('the same while its checks hold', async (story) => {
  const pull = await story.releases('better')
  await story.deploys()
  await story.pass(4 * MINUTE, 2 * MINUTE)
  await overwrites(story, PROD)
  await story.pass(MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    The later commit \`<sha>\` of acme/ml-config changed what it wrote in \`environments/prod/churn/inference.yaml\`. Nothing was put back by itself. \`prod\` is held until \`/unlock prod churn\`. To go back: \`/rollback prod\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ❌ | \`Application argocd/churn-prod\` | \`at a later commit that changed its values\` | \`synced and healthy\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 2](<github>/acme/ml-config/pull/2)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('Argo CD that hears of no push is asked to look at the merge', async (story) => {
  story.world.argocd.script('churn-staging', { deaf: true })
  const pull = await story.releases('better')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

const requesting = (text: string): string =>
  text.replace('namespace: argocd, sync: auto }', 'namespace: argocd, sync: request }')

scenarios({
  policy: (text) => text.replace('applications: ["churn-*", "fraud-*"]', 'applications: ["churn-*"], sync: true'),
})('where auto-sync is off and the team wants it, Lockkeeper starts the sync, once', async (story) => {
  story.world.argocd.script('churn-staging', { autoSync: false })
  await story.configures(requesting)
  const pull = await story.releases('better')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
  const application = story.world.kubernetes.store.get(APPLICATIONS, 'argocd', 'churn-staging')
  expect(at(application?.status, 'operationState', 'operation', 'initiatedBy')).toEqual({ username: 'lockkeeper' })
  expect(at(application?.status, 'history', '1', 'id')).toBeUndefined()
})

scenario('a sync that the operator does not let Lockkeeper start waits for a person, and says why', async (story) => {
  story.world.argocd.script('churn-staging', { autoSync: false })
  await story.configures(requesting)
  const pull = await story.releases('better')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ⏳ on its way to staging
      **Next:** see what it waits for; it goes on by itself once that is settled.

      - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: auto-sync is off, and Lockkeeper cannot start the sync (acme/models may not use the Argo CD Application churn-staging in the namespace argocd, and tell it to sync: the operator's policy (LOCKKEEPER\\_POLICY) has no entry for it): somebody has to press Sync in Argo CD
    `)
})

scenario(
  'healthy, then degraded while its checks hold: it does not count as verified, and goes back',
  async (story) => {
    const pull = await story.releases('better')
    await story.deploys()
    await story.pass(4 * MINUTE, 2 * MINUTE)
    story.world.argocd.script('churn-prod', { otherHealth: 'Degraded' })
    await story.pass(30 * MINUTE, 2 * MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not verified within 20m: 1 of 5 checks did not hold (Application is Degraded, wanted synced and healthy). Rolling back to as found: [promotion PR 3](<github>/acme/ml-config/pull/3) is merged, waits for Argo CD to sync \`<sha>\`. \`prod\` is held until \`/unlock prod churn\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ❌ | \`Application argocd/churn-prod\` | \`Application is Degraded\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

scenario('health that flaps once begins the time anew, and no more', async (story) => {
  const pull = await story.releases('better')
  await story.deploys()
  await story.pass(4 * MINUTE, 2 * MINUTE)
  story.world.argocd.script('churn-prod', { otherHealth: 'Degraded' })
  await story.settle()
  story.world.argocd.script('churn-prod', { otherHealth: undefined })
  await story.pass(14 * MINUTE, 2 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **churn v12 → prod**: verified 2026-11-24 10:16 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12.
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

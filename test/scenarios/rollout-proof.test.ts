/** Rollouts that look well and are not, or look bad and are well: what the pods say decides. Rollouts that fail plainly: rollout.test.ts. */
import { expect } from 'vitest'
import { BOT } from '../../sandbox/systems/kubernetes-access.ts'
import { MINUTE, scenario, scenarios } from '../support/story.ts'

const TWELVE = 's3://acme-models/churn/12'

scenario('a server that crashes behind old pods is not verified in staging', async (story) => {
  story.world.argocd.behaviour({ storageUri: TWELVE, load: 'crash-loops' })
  const pull = await story.releases('better')
  await story.pass(9 * MINUTE, 3 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** nothing to do, this comment is updated by itself.

    - ⏳ **staging** by automation: synced 2026-11-24 09:00 UTC, checks do not hold yet
  `)
  await story.pass(2 * MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    InferenceService staging/churn: new pods did not become available: ReplicaSet "churn-predictor-<hash>" has timed out progressing. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ❌ | \`Application argocd/churn-staging\` | \`Application is Degraded\` | \`synced and healthy\` |
    | ❌ | \`InferenceService staging/churn\` | \`new pods did not become available: ReplicaSet "churn-predictor-<hash>" has timed out progressing\` | \`Ready\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('a server that crashes behind old pods is rolled back in prod, where nobody noticed', async (story) => {
  const pull = await story.releases('better')
  story.world.argocd.behaviour({ storageUri: TWELVE, load: 'crash-loops' })
  await story.deploys()
  expect(story.world.argocd.kserve.liveUri('prod', 'churn')).toBe('s3://acme-models/churn/11')
  await story.pass(11 * MINUTE)
  await story.verifies()
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    InferenceService prod/churn: new pods did not become available: ReplicaSet "churn-predictor-<hash>" has timed out progressing. Rolled back to as found, verified 2026-11-24 10:21 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)), alias champion untouched. \`prod\` is held until \`/unlock prod churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ❌ | \`Application argocd/churn-prod\` | \`Application is Degraded\` | \`synced and healthy\` |
    | ❌ | \`InferenceService prod/churn\` | \`new pods did not become available: ReplicaSet "churn-predictor-<hash>" has timed out progressing\` | \`Ready\` |
    | ⏳ | \`GET https://churn.example.com/v2/health/ready\` | \`1 of 1 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 2](<github>/acme/ml-config/pull/2)
    - release \`<release>\`, commit \`<sha>\`
  `)
  expect(story.manifest('environments/prod/churn/inference.yaml')).toContain('s3://acme-models/churn/11')
})

scenario(
  'a download that never ends fails when Kubernetes gives up, long before Argo CD would say so',
  async (story) => {
    story.world.argocd.behaviour({ storageUri: TWELVE, load: 'hangs' })
    const pull = await story.releases('better')
    await story.pass(11 * MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in staging
      InferenceService staging/churn: new pods did not become available: ReplicaSet "churn-predictor-<hash>" has timed out progressing. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ❌ | \`InferenceService staging/churn\` | \`new pods did not become available: ReplicaSet "churn-predictor-<hash>" has timed out progressing\` | \`Ready\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 1](<github>/acme/ml-config/pull/1)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

scenario('an account that may not read Deployments proves nothing, and says what it lacks', async (story) => {
  const { kubernetes } = story.world
  kubernetes.grant(
    BOT.token,
    BOT.rules.map((rule) => ({ ...rule, resources: rule.resources.filter((one) => one !== 'deployments') })),
  )
  const pull = await story.releases('better')
  await story.pass(16 * MINUTE, 2 * MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    Not verified within 15m: no data for 1 of 2 checks (Lockkeeper's account in the cluster may not get deployments.apps in namespace staging, wanted Ready). Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ❓ | \`InferenceService staging/churn\` | \`Lockkeeper's account in the cluster may not get deployments.apps in namespace staging\` | \`Ready\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

const lateKserve = scenarios({ staleHealth: true })

lateKserve('a release counts once its own pods run, not while Argo CD still sees the old ones well', async (story) => {
  const pull = await story.releases('better')
  await story.pass(MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
  expect(story.world.argocd.kserve.liveUri('staging', 'churn')).toBe(TWELVE)
})

lateKserve('a model that cannot be loaded is not verified by the health of the one before', async (story) => {
  story.world.argocd.behaviour({ storageUri: TWELVE, load: 'fails', message: 'no such key' })
  const pull = await story.releases('better')
  await story.pass(MINUTE)
  // Whether Argo CD has noticed, too, when the pods are looked at is a matter of milliseconds.
  const noticed = '| ❌ | `Application argocd/churn-staging` | `Application is Degraded` | `synced and healthy` |\n'
  expect(story.report(pull).replace(noticed, '')).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    InferenceService staging/churn: BlockedByFailedLoad: ModelLoadFailed: no such key. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ❌ | \`InferenceService staging/churn\` | \`BlockedByFailedLoad: ModelLoadFailed: no such key\` | \`Ready\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

lateKserve('a way back is not failed by what it undoes', async (story) => {
  story.world.argocd.behaviour({ storageUri: TWELVE, load: 'fails', message: 'no such key' })
  const pull = await story.releases('better')
  await story.pass(MINUTE)
  await story.says('/rollback staging')
  await story.pass(MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in staging to as found**: verified 2026-11-24 09:01 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    \`staging\` is held until \`/unlock staging churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |
  `)
})

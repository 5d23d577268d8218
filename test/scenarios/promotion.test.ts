/** From the merge to a verified release in staging: promotion pull requests, their bytes, and the thread that tells of them. What goes wrong: promotion-refused.test.ts, people.test.ts. */
import { expect } from 'vitest'
import { scenario } from '../support/story.ts'

scenario('a merged model goes to staging by itself and is verified there', async (story) => {
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.body('staging')).toMatchInlineSnapshot(`
    <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

    ### 🚢 churn v12 → staging
    By automation. Every rule holds, so that Lockkeeper merges it at once; nothing to do.

    #### ✅ Better than champion v11, all 3 gates pass

    |  | Metric | champion v11 | v12 | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.3426 ±0.0264 (5) | −0.0318 (−8.5%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8419 ±0.0916 (5) | −0.1483 (−15%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | v12 | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9475 ±0.0030 (5) | +0.0202 (+2.2%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9472 ±0.0076 (5) | +0.0690 (+7.9%) | – |

    </details>

    > Compared 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)) with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.

    #### What changes

    \`\`\`diff
    @@ environments/staging/churn/inference.yaml spec.predictor.model.storageUri @@
    -s3://acme-models/churn/11
    +s3://acme-models/churn/12
    @@ environments/staging/churn/kustomization.yaml images[name=ghcr.io/acme/churn].digest @@
    -sha256:<digest>
    +sha256:<digest>
    \`\`\`

    #### Lineage

    - release \`<release>\`
    - commit \`acme/models@<sha>\` from [pull request 1 of acme/models](<github>/acme/models/pull/1)
    - model \`models:/churn/12\`
    - artefact \`s3://acme-models/churn/12\`
    - image \`ghcr.io/acme/churn:<sha>@sha256:<digest>\`
    - runs \`<run>\`, \`<run>\`, \`<run>\`, \`<run>\`, \`<run>\`
    - data \`churn-training:a26f30e2\`

    <details><summary>Rules when this was written: all held</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ➖ | who-may | automation |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | approvals | no approval asked |

    </details>

    The check run \`lockkeeper/promotion\` has them as they are now.

    To go back by hand: \`/rollback staging\`.
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

for (const method of ['rebase', 'merge', 'squash'] as const) {
  scenario(`merged by ${method}, the release carries the image of the landed commit`, async (story) => {
    const pull = await story.proposes('better')
    const landed = await story.merges(pull, method)
    expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
    expect(story.promotion('staging').body).toContain(`ghcr.io/acme/churn:${landed}@sha256:`)
  })
}

scenario('staging of churn: exactly two scalars change', async (story) => {
  await story.releases('better')
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/inference.yaml
    @@ -11,6 +11,6 @@
         minReplicas: 1
         model:
           modelFormat: { name: sklearn }
    -      storageUri: "s3://acme-models/churn/11"   # <- the promoted version
    +      storageUri: "s3://acme-models/churn/12"   # <- the promoted version
           resources:
             limits: {cpu: "1", memory: 2Gi}

    environments/staging/churn/kustomization.yaml
    @@ -4,6 +4,6 @@
     - inference.yaml
     images:
     - name: ghcr.io/acme/churn
    -  digest: sha256:<digest>   # churn API server
    +  digest: sha256:<digest>   # churn API server
     - name: busybox
       newTag: "1.36"
  `)
  expect(story.message('staging')).toMatchInlineSnapshot(`
    Promote churn v12 to staging

    Lockkeeper-Repository: acme/models
    Lockkeeper-Model: churn
    Lockkeeper-Environment: staging
    Lockkeeper-Kind: promotion
    Lockkeeper-Release: <release>
    Lockkeeper-Commit: <sha>
    Lockkeeper-Pull-Request: 1
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Model-Version: 12
    Lockkeeper-Image-Digest: sha256:<digest>
    Lockkeeper-Data-Digest: churn-training:a26f30e2
    Lockkeeper-Requested-By: lockkeeper
    Lockkeeper-Record: <record>
  `)
})

scenario(
  'prod of churn: exactly three scalars change, in the styles that were there (the image repository is the same)',
  async (story) => {
    await story.releases('better')
    await story.deploys()
    expect(story.patch('prod')).toMatchInlineSnapshot(`
    environments/prod/churn/inference.yaml
    @@ -12,5 +12,5 @@
     spec:
         predictor:
             sklearn:                 # the older shape, still served
    -            storageUri: 's3://acme-models/churn/11'
    +            storageUri: 's3://acme-models/churn/12'
                 resources: {requests: {cpu: 500m}}

    environments/prod/churn/values.yaml
    @@ -3,11 +3,11 @@
     
     image:
       repository: ghcr.io/acme/churn   # no tag here
    -  tag: 3f9c2e1d@sha256:<digest>
    +  tag: <sha>@sha256:<digest>
       pullPolicy: IfNotPresent
     
     podAnnotations:
    -  "lockkeeper.dev/release": ""
    +  "lockkeeper.dev/release": "<release>"
       prometheus.io/scrape: "true"
     
     resources: &res
  `)
  },
)

scenario('staging of fraud, in flow style: exactly one scalar changes', async (story) => {
  const pull = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.81 })
  await story.merges(pull)
  expect(story.patch('staging', 'fraud')).toMatchInlineSnapshot(`
    environments/staging/fraud/inference.yaml
    @@ -3,4 +3,4 @@
     metadata: {name: fraud, namespace: staging}
     spec:
       predictor:
    -    model: {modelFormat: {name: xgboost}, storageUri: s3://acme-models/fraud/0d1c9b2a}  # one line, flow style
    +    model: {modelFormat: {name: xgboost}, storageUri: s3://acme-models/fraud/<sha>}  # one line, flow style
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 fraud \`<sha>\` — ✅ live in staging
    **Next:** to go back: \`/rollback staging\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

scenario('prod of churn waits for an approval, and says so', async (story) => {
  await story.waitsForApproval()
  expect(story.body('prod')).toMatchInlineSnapshot(`
    <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

    ### 🚢 churn v12 → prod
    Asked for by alice. **Open:** needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`. Lockkeeper merges this by itself when nothing is open any more.

    #### ✅ Better than champion v11, all 3 gates pass

    |  | Metric | champion v11 | v12 | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.3426 ±0.0264 (5) | −0.0318 (−8.5%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8419 ±0.0916 (5) | −0.1483 (−15%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | v12 | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9475 ±0.0030 (5) | +0.0202 (+2.2%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9472 ±0.0076 (5) | +0.0690 (+7.9%) | – |

    </details>

    > Compared 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)) with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.

    #### What changes

    \`\`\`diff
    @@ environments/prod/churn/inference.yaml spec.predictor.sklearn.storageUri @@
    -s3://acme-models/churn/11
    +s3://acme-models/churn/12
    @@ environments/prod/churn/values.yaml image.tag @@
    -3f9c2e1d@sha256:<digest>
    +<sha>@sha256:<digest>
    @@ environments/prod/churn/values.yaml podAnnotations."lockkeeper.dev/release" @@
    +<release>
    \`\`\`

    #### Lineage

    - release \`<release>\`
    - commit \`acme/models@<sha>\` from [pull request 1 of acme/models](<github>/acme/models/pull/1)
    - model \`models:/churn/12\`
    - artefact \`s3://acme-models/churn/12\`
    - image \`ghcr.io/acme/churn:<sha>@sha256:<digest>\`
    - runs \`<run>\`, \`<run>\`, \`<run>\`, \`<run>\`, \`<run>\`
    - data \`churn-training:a26f30e2\`

    <details><summary>Rules when this was written: 1 of 7 open</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>

    The check run \`lockkeeper/promotion\` has them as they are now.

    If it is not verified in time, Lockkeeper goes back by itself. To go back by hand: \`/rollback prod\`.
  `)
  expect(story.promotionCheck('prod')).toMatchInlineSnapshot(`
    lockkeeper/promotion in_progress: churn v12 → prod: waits (approvals)

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
  `)
})

scenario('a release whose gates fail is promoted by nobody', async (story) => {
  const pull = await story.proposes('regression')
  await story.merges(pull)
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v15 — ❌ not promoted, 2 gates fail
    **Next:** fix \`auc\`, \`log_loss\` in a new pull request: a release whose gates fail goes nowhere.
  `)
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`gates_failed\`): churn v15 may not go to staging now: gates fail: auc, log\\_loss.
    Fix the gates in a new pull request: a release whose gates fail goes nowhere.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ❌ | gates | gates fail: auc, log\\_loss; [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ✅ | approvals | no approval asked |

    </details>
  `)
})

/** `/override`: one gate is waived for one head, by somebody who may, and everybody sees by whom and why. */
import { expect } from 'vitest'
import { MINUTE, scenario } from '../support/story.ts'

scenario('a maintainer waives the gate that fails, and what is released says so', async (story) => {
  const pull = await story.proposes('slow')
  await story.pass(MINUTE)
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: better than champion v11 on 2 metrics, worse on 1; 1 gate fails (p95_latency_ms)`,
  )
  expect(
    await story.says('/override p95_latency_ms the new machines come in May', { by: 'carol' }),
  ).toMatchInlineSnapshot(`
    ⚠️ **Waived** for \`<sha>\` alone: \`p95_latency_ms\` of \`churn\`, because: the new machines come in May
    The check run is judged again by itself; a new commit needs a new waiver. To take it back: \`/override --revoke p95_latency_ms\`.
  `)
  expect(story.reactions(pull)).toEqual(['eyes', 'rocket'])
  expect(story.check(pull)).toMatchInlineSnapshot(
    `success: churn: better than champion v11 on 2 metrics, worse on 1; 2 of 3 gates pass, 1 waived`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ✅ better than champion v11 on 2 metrics, worse on 1; 2 of 3 gates pass, 1 waived
    **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ⚠️ | \`p95_latency_ms\` ↓ | 1.0 ±0.2 (5) | 219.6 | +218.6 (+22080%) | **≤ 120** — waived by \`carol\`: the new machines come in May |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9760 | +0.0683 (+7.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.2148 | −0.1596 (−43%) | rise ≤ 2% |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9760 | +0.0683 (+7.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9897 | +0.0623 (+6.7%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9549 | +0.0767 (+8.7%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    <details><summary>3 parameters changed</summary>

    | Parameter | before | after |
    | --- | --- | --- |
    | \`C\` | \`1.0\` | \`None\` |
    | \`algorithm\` | \`Pipeline\` | \`RandomForestClassifier\` |
    | \`trees\` | – | \`3000\` |

    </details>

    <details><summary>Training data changed</summary>

    \`churn-training:aaf6cc70\` (before: \`churn-training:100fbf37\`)

    </details>
  `)
  await story.merges(pull)
  expect(story.promotions()).toMatchInlineSnapshot(`
    [
      Promote churn v17 to staging (merged),
    ]
  `)
  expect(story.body('staging')).toMatchInlineSnapshot(`
    <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

    ### 🚢 churn v17 → staging
    By automation. Every rule holds, so that Lockkeeper merges it at once; nothing to do.

    #### ✅ Better than champion v11 on 2 metrics, worse on 1; 2 of 3 gates pass, 1 waived

    |  | Metric | champion v11 | v17 | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ⚠️ | \`p95_latency_ms\` ↓ | 1.0 ±0.2 (5) | 219.6 | +218.6 (+22080%) | **≤ 120** — waived by \`carol\`: the new machines come in May |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9760 | +0.0683 (+7.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.2148 | −0.1596 (−43%) | rise ≤ 2% |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | v17 | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9760 | +0.0683 (+7.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9897 | +0.0623 (+6.7%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9549 | +0.0767 (+8.7%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    #### What changes

    \`\`\`diff
    @@ environments/staging/churn/inference.yaml spec.predictor.model.storageUri @@
    -s3://acme-models/churn/11
    +s3://acme-models/churn/17
    @@ environments/staging/churn/kustomization.yaml images[name=ghcr.io/acme/churn].digest @@
    -sha256:<digest>
    +sha256:<digest>
    \`\`\`

    #### Lineage

    - release \`<release>\`
    - commit \`acme/models@<sha>\` from [pull request 1 of acme/models](<github>/acme/models/pull/1)
    - model \`models:/churn/17\`
    - artefact \`s3://acme-models/churn/17\`
    - image \`ghcr.io/acme/churn:<sha>@sha256:<digest>\`
    - runs \`<run>\`
    - data \`churn-training:aaf6cc70\`

    <details><summary>Rules when this was written: all held</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ➖ | who-may | automation |
    | ✅ | gates | gates pass: [waived: \`p95_latency_ms\`](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | approvals | no approval asked |

    </details>

    The check run \`lockkeeper/promotion\` has them as they are now.

    To go back by hand: \`/rollback staging\`.
  `)
})

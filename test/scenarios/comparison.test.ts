/** The comparison on a model pull request, once everything is there: what dave and his reviewers read. While it is not: comparison-waiting.test.ts. */
import { expect } from 'vitest'
import { scenario } from '../support/story.ts'

scenario('a better model is said to be better', async (story) => {
  const pull = await story.proposes('better')
  expect(story.check(pull)).toMatchInlineSnapshot(`success: churn: better than champion v11, all 3 gates pass`)
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ✅ better than champion v11, all 3 gates pass
    **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.3426 ±0.0264 (5) | −0.0318 (−8.5%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8419 ±0.0916 (5) | −0.1483 (−15%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9475 ±0.0030 (5) | +0.0202 (+2.2%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9472 ±0.0076 (5) | +0.0690 (+7.9%) | – |

    </details>

    > Compared 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)) with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.

    <details><summary>1 parameter changed</summary>

    | Parameter | before | after |
    | --- | --- | --- |
    | \`features\` | \`3\` | \`5\` |

    </details>

    <details><summary>Training data changed</summary>

    \`churn-training:a26f30e2\` (before: \`churn-training:100fbf37\`)

    </details>
  `)
})

scenario('a model that is worse fails its gates by name', async (story) => {
  const pull = await story.proposes('regression')
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: better than champion v11 on 1 metric, worse on 2; 2 gates fail (auc, log_loss)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ better than champion v11 on 1 metric, worse on 2; 2 gates fail
    **Next:** fix \`auc\`, \`log_loss\`, then push; the comparison runs again by itself. Or a maintainer may \`/override auc <reason>\`, \`/override log_loss <reason>\`. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.8626 | −0.0451 (−5.0%) | ≥ 0.8, **drop ≤ 0.5%** |
    | ❌ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.4441 | +0.0697 (+19%) | **rise ≤ 2%** |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.9801 | −0.0102 (−1.0%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.8626 | −0.0451 (−5.0%) | ≥ 0.8, **drop ≤ 0.5%** |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.8846 | −0.0428 (−4.6%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.8295 | −0.0486 (−5.5%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    <details><summary>Training data changed</summary>

    \`churn-training:34457bbf\` (before: \`churn-training:100fbf37\`)

    </details>
  `)
})

scenario('a metric that is not a number fails closed, by name', async (story) => {
  const pull = await story.proposes('nan')
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: better than champion v11 on 1 metric, worse on 1; 1 gate fails (log_loss)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ better than champion v11 on 1 metric, worse on 1; 1 gate fails
    **Next:** log a finite \`log_loss\`, then push; the comparison runs again by itself. Or a maintainer may \`/override log_loss <reason>\`. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | **NaN** | – | rise ≤ 2% — **not a finite number**, fails |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9448 | +0.0371 (+4.1%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.99025 ±0.18976 (5) | 0.99051 | +0.00027 (+0.027%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9448 | +0.0371 (+4.1%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9481 | +0.0207 (+2.2%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9341 | +0.0560 (+6.4%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    <details><summary>2 parameters changed</summary>

    | Parameter | before | after |
    | --- | --- | --- |
    | \`C\` | \`1.0\` | \`0.5\` |
    | \`features\` | \`3\` | \`5\` |

    </details>

    <details><summary>Training data changed</summary>

    \`churn-training:a26f30e2\` (before: \`churn-training:100fbf37\`)

    </details>
  `)
})

scenario('a model that is too slow fails however good it is', async (story) => {
  const pull = await story.proposes('slow')
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: better than champion v11 on 2 metrics, worse on 1; 1 gate fails (p95_latency_ms)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ better than champion v11 on 2 metrics, worse on 1; 1 gate fails
    **Next:** fix \`p95_latency_ms\`, then push; the comparison runs again by itself. Or a maintainer may \`/override p95_latency_ms <reason>\`. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`p95_latency_ms\` ↓ | 1.0 ±0.2 (5) | 219.6 | +218.6 (+22080%) | **≤ 120** |
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
})

scenario('metrics in a file are compared with the same file of the base branch', async (story) => {
  const pull = await story.proposesFraud({ f1: 0.823, 'f1/segment=eu': 0.7611, precision: 0.851 })
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: fraud: better than main at 6f886e7 on 1 metric, worse on 1; 1 gate fails (f1/segment=eu)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 fraud — ❌ better than main at \`<sha>\` on 1 metric, worse on 1; 1 gate fails
    **Next:** fix \`f1/segment=eu\`, then push; the comparison runs again by itself. Or a maintainer may \`/override f1/segment=eu <reason>\`. · \`/help\`

    |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`f1\` ↑ | 0.8112 | 0.8230 | +0.0118 (+1.5%) | ≥ 0.7, drop ≤ 0.01 |
    | ❌ | ↳ \`segment=eu\` ↑ | 0.7904 | 0.7611 | −0.0293 (−3.7%) | **drop ≤ 2%** |
    | ➖ | \`precision\` | 0.8450 | 0.8510 | +0.0060 (+0.71%) | – |

    > Compared \`models/fraud/metrics.json\` at \`<sha>\` with the same file of main at \`<sha>\`.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.
  `)
})

scenario(
  'two models in one pull request share the comment and the check run, and one failure fails both',
  async (story) => {
    const pull = await story.proposesFraud({ f1: 0.65, 'f1/segment=eu': 0.79 }, { and: 'better' })
    expect(story.check(pull)).toMatchInlineSnapshot(
      `failure: fraud: worse than main at 6f886e7, and 1 gate fails (f1) · churn: better than champion v11, all 3 gates pass`,
    )
    expect(story.comparison(pull)).toMatchInlineSnapshot(`
      <!-- lockkeeper:comparison:v1 -->
      ## 🔒 ❌ 2 models: fraud fails

      ### 🔒 fraud — ❌ worse than main at \`<sha>\`, and 1 gate fails
      **Next:** fix \`f1\`, then push; the comparison runs again by itself. Or a maintainer may \`/override f1 fraud <reason>\`. · \`/help\`

      |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ❌ | \`f1\` ↑ | 0.8112 | 0.6500 | −0.1612 (−20%) | **≥ 0.7**, **drop ≤ 0.01** |
      | ➖ | \`precision\` | 0.8450 | – | gone | – |

      <details><summary>1 slice, 1 with a gate that passes</summary>

      |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ❌ | \`f1\` ↑ | 0.8112 | 0.6500 | −0.1612 (−20%) | **≥ 0.7**, **drop ≤ 0.01** |
      | ✅ | ↳ \`segment=eu\` ↑ | 0.79040 | 0.79000 | −0.00040 (−0.051%) | drop ≤ 2% |

      </details>

      > Compared \`models/fraud/metrics.json\` at \`<sha>\` with the same file of main at \`<sha>\`.
      >
      > One run on a side: changes are judged by tolerance alone, not against noise.

      ### 🔒 churn — ✅ better than champion v11, all 3 gates pass
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
      | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.3426 ±0.0264 (5) | −0.0318 (−8.5%) | rise ≤ 2% |
      | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8419 ±0.0916 (5) | −0.1483 (−15%) | ≤ 120 |

      <details><summary>2 slices</summary>

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
      | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9475 ±0.0030 (5) | +0.0202 (+2.2%) | – |
      | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9472 ±0.0076 (5) | +0.0690 (+7.9%) | – |

      </details>

      > Compared 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)) with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
      >
      > ± is the 95% interval of the mean; in brackets, the number of seeds.

      <details><summary>1 parameter changed</summary>

      | Parameter | before | after |
      | --- | --- | --- |
      | \`features\` | \`3\` | \`5\` |

      </details>

      <details><summary>Training data changed</summary>

      \`churn-training:a26f30e2\` (before: \`churn-training:100fbf37\`)

      </details>
    `)
  },
)

scenario('the first model has nothing to be compared with, and its absolute gates still hold', async (story) => {
  await story.configures((text) => text.replace('alias: champion }', 'alias: live }'))
  const pull = await story.proposes('better')
  expect(story.check(pull)).toMatchInlineSnapshot(
    `success: churn: first model, nothing to compare with yet, all 3 gates pass`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ✅ first model, nothing to compare with yet, all 3 gates pass
    **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

    |  | Metric | this PR | Gate |
    | :-: | --- | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9485 ±0.0024 (5) | ≥ 0.8, drop ≤ 0.5% — first model |
    | ✅ | \`log_loss\` ↓ | 0.3426 ±0.0264 (5) | rise ≤ 2% — first model |
    | ✅ | \`p95_latency_ms\` ↓ | 0.8419 ±0.0916 (5) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | this PR | Gate |
    | :-: | --- | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9485 ±0.0024 (5) | ≥ 0.8, drop ≤ 0.5% — first model |
    | ➖ | ↳ \`segment:eu\` | 0.9475 ±0.0030 (5) | – |
    | ➖ | ↳ \`segment:us\` | 0.9472 ±0.0076 (5) | – |

    </details>

    > Measured 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > The registered model churn has no version with the alias live: there is nothing to compare with, and limits on regressions pass.

    <details><summary>Training data</summary>

    \`churn-training:a26f30e2\`

    </details>
  `)
})

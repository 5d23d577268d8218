/** The comparison while something is not there yet, or no longer true: training, MLflow, the head of the pull request. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

scenario('while training runs the check run is in progress, and says what it waits for', async (story) => {
  const pull = await story.opens('better')
  expect(story.check(pull)).toMatchInlineSnapshot(`in_progress: churn: waiting for train`)
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ⏳ waiting for train
    **Next:** nothing to do, this comment is updated by itself; what is not there by 2026-11-24 15:01 UTC counts as missing. · \`/help\`
  `)
})

scenario('when training has finished the same comment is edited', async (story) => {
  const pull = await story.opens('better')
  await story.trains(pull)
  expect(story.headline(pull)).toMatchInlineSnapshot(`### 🔒 churn — ✅ better than champion v11, all 3 gates pass`)
  expect(story.world.github.comments(MODELS, pull.number).map(({ edits }) => edits.length)).toEqual([1])
})

scenario('what has not changed is not written again', async (story) => {
  const pull = await story.proposes('better')
  const calls = await story.calls(() =>
    story.world.github.reportCheck(MODELS, pull.headSha, {
      name: 'lint',
      status: 'completed',
      conclusion: 'success',
    }),
  )
  expect(calls).toEqual(['ReadPullRequest'])
})

scenario('when the head moves the old verdict is not shown as the new one', async (story) => {
  const pull = await story.proposes('better')
  const headSha = story.world.github.commit(MODELS, 'tune-regularisation', {
    message: 'Once more',
    files: { 'models/churn/train.py': 'C = 2\n' },
    by: 'dave',
  })
  await story.settle()
  expect(story.check({ headSha })).toMatchInlineSnapshot(`in_progress: churn: waiting for train`)
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ⏳ waiting for train
    **Next:** nothing to do, this comment is updated by itself; what is not there by 2026-11-24 15:01 UTC counts as missing. · \`/help\`

    ---

    > ⚠️ The head has moved to \`<sha>\`; below are the metrics of \`<sha>\`.

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

scenario('MLflow down: said as nobody’s fault, and read by itself once it is up', async (story) => {
  const pull = await story.opens('better')
  await story.world.mlflow.down()
  await story.trains(pull)
  expect(story.check(pull)).toMatchInlineSnapshot(`in_progress: churn: the metrics cannot be read just now`)
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ⚠️ the metrics cannot be read just now
    **Next:** nothing to do here: it is asked again by itself. Whoever runs it should have a look. · \`/help\`

    > MLflow server default: connection refused (\`mlflow_unavailable\`)
  `)
  await story.world.mlflow.up()
  await story.pass(2 * MINUTE)
  expect(story.headline(pull)).toMatchInlineSnapshot(`### 🔒 churn — ✅ better than champion v11, all 3 gates pass`)
})

scenario('training finished without a run in MLflow fails closed, and says how to get one', async (story) => {
  const pull = await story.opens('better')
  story.world.github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await story.settle()
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: no metrics found, 3 gates fail (auc, log_loss, p95_latency_ms)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ no metrics found, 3 gates fail
    **Next:** train this commit; the run needs the tag mlflow.source.git.commit with the full commit id, which MLflow sets by itself inside a Git checkout. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | – | gone | ≥ 0.8, drop ≤ 0.5% — **missing**, fails |
    | ❌ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | – | gone | rise ≤ 2% — **missing**, fails |
    | ❌ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | – | gone | ≤ 120 — **missing**, fails |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | – | gone | ≥ 0.8, drop ≤ 0.5% — **missing**, fails |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | – | gone | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | – | gone | – |

    </details>

    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > The experiment churn has no run of \`<sha>\` (\`artefact_missing\`)
  `)
})

scenario('training failed: the failed check is named', async (story) => {
  const pull = await story.opens('better')
  story.world.github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'failure' })
  await story.settle()
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: no metrics found, 3 gates fail (auc, log_loss, p95_latency_ms)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ no metrics found, 3 gates fail
    **Next:** look into why \`train\` failed, then push or train again. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | – | gone | ≥ 0.8, drop ≤ 0.5% — **missing**, fails |
    | ❌ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | – | gone | rise ≤ 2% — **missing**, fails |
    | ❌ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | – | gone | ≤ 120 — **missing**, fails |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | – | gone | ≥ 0.8, drop ≤ 0.5% — **missing**, fails |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | – | gone | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | – | gone | – |

    </details>

    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > The experiment churn has no run of \`<sha>\` (\`artefact_missing\`)
    >
    > \`train\` failed.
  `)
})

scenario('a run that is still at work is waited for', async (story) => {
  const pull = await story.opens('running')
  await story.trains(pull)
  expect(story.check(pull)).toMatchInlineSnapshot(`in_progress: churn: a training run is still at work`)
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ⏳ a training run is still at work
    **Next:** nothing to do, this comment is updated by itself; what is not there by 2026-11-24 15:01 UTC counts as missing. · \`/help\`
  `)
})

scenario('training that never ends counts as missing when its time is over', async (story) => {
  const pull = await story.opens('better')
  await story.pass(6 * HOUR + MINUTE, 2 * HOUR)
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: no metrics found, 3 gates fail (auc, log_loss, p95_latency_ms)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ no metrics found, 3 gates fail
    **Next:** train this commit; the run needs the tag mlflow.source.git.commit with the full commit id, which MLflow sets by itself inside a Git checkout. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | – | gone | ≥ 0.8, drop ≤ 0.5% — **missing**, fails |
    | ❌ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | – | gone | rise ≤ 2% — **missing**, fails |
    | ❌ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | – | gone | ≤ 120 — **missing**, fails |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | – | gone | ≥ 0.8, drop ≤ 0.5% — **missing**, fails |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | – | gone | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | – | gone | – |

    </details>

    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > The experiment churn has no run of \`<sha>\` (\`artefact_missing\`)
  `)
})

scenario('Re-evaluate reads the metrics again', async (story) => {
  const pull = await story.opens('better')
  story.world.github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await story.settle()
  story.world.mlflow.attach('better', pull.headSha)
  await story.clicks(pull, 're-evaluate')
  expect(story.check(pull)).toMatchInlineSnapshot(`success: churn: better than champion v11, all 3 gates pass`)
})

scenario('a repository that the App may not read for hours: the comparison comes once it may', async (story) => {
  const { github } = story.world
  const errors = [{ type: 'FORBIDDEN', path: ['repository'], message: 'Resource not accessible by integration' }]
  const refused = { status: 200, body: { data: { repository: null }, errors }, times: 1000 }
  github.fail({ graphql: /ReadPullRequest/ }, refused)
  const pull = await story.opens('better')
  await story.trains(pull)
  const asked = await story.calls(() => story.pass(6 * HOUR, 20 * MINUTE))
  expect(story.check(pull)).toBe('(no check run)')
  expect(asked.length).toBeLessThan(15)
  github.clearFaults()
  await story.pass(2 * HOUR, 20 * MINUTE)
  expect(story.check(pull)).toMatch(/^success/)
})

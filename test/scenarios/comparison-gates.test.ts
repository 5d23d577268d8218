/** What else a comparison judges by: checks of others, the release that is live, the commit where the branch began; and what it shows of champions before. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

const withCoverage = (text: string): string =>
  text.replace('    gates:\n      auc: ', '    checks: [{ name: coverage, app: codecov }]\n    gates:\n      auc: ')
const coverage = (conclusion?: 'success' | 'failure') => ({
  ...{ name: 'coverage', app: 'codecov' },
  ...(conclusion === undefined ? { status: 'in_progress' as const } : { status: 'completed' as const, conclusion }),
})

scenario('coverage is a gate: waited for, failed, and mended', async (story) => {
  await story.configures(withCoverage)
  const pull = await story.proposes('better')
  expect(story.check(pull)).toMatchInlineSnapshot(`in_progress: churn: better than champion v11, 1 gate is still open`)
  story.world.github.reportCheck(MODELS, pull.headSha, coverage('failure'))
  await story.settle()
  // GitHub's lists lag behind its webhooks: it is looked at again, and once more where that look was the first.
  await story.pass(4 * MINUTE, 2 * MINUTE)
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: better than champion v11, but 1 gate fails (check/coverage)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ better than champion v11, but 1 gate fails
    **Next:** fix \`check/coverage\`, then push; the comparison runs again by itself. Or a maintainer may \`/override check/coverage <reason>\`. · \`/help\`

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

    |  | Check | Result |
    | :-: | --- | --- |
    | ❌ | [\`check/coverage\`](<github>/acme/models/runs/1037) | **failure** |

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
  story.world.github.reportCheck(MODELS, pull.headSha, coverage('success'))
  await story.pass(MINUTE)
  expect(story.check(pull)).toMatchInlineSnapshot(`success: churn: better than champion v11, all 4 gates pass`)
})

scenario('a check that nobody reports fails closed when its time is over', async (story) => {
  await story.configures(withCoverage)
  const pull = await story.proposes('better')
  story.world.github.reportCheck(MODELS, pull.headSha, { name: 'coverage', status: 'completed', conclusion: 'success' })
  await story.pass(6 * HOUR + MINUTE, 2 * HOUR)
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: better than champion v11, but 1 gate fails (check/coverage)`,
  )
})

scenario('what was merged with a failed check is released and goes nowhere', async (story) => {
  await story.configures(withCoverage)
  const pull = await story.proposes('better')
  story.world.github.reportCheck(MODELS, pull.headSha, coverage('failure'))
  await story.merges(pull)
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted, 1 gate fails
    **Next:** fix \`check/coverage\` in a new pull request: a release whose gates fail goes nowhere.
  `)
})

scenario('a release waits for a check that is still at work', async (story) => {
  await story.configures(withCoverage)
  const pull = await story.proposes('better')
  story.world.github.reportCheck(MODELS, pull.headSha, coverage())
  await story.merges(pull)
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_pending\`): churn \`<sha>\` may not go to staging now: it waits for \`check/coverage\` of \`<sha>\`: still at work.
    Lockkeeper keeps looking. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | it waits for \`check/coverage\` of \`<sha>\`: still at work |
    | ⏳ | gates | judged when the release is there |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  story.world.github.reportCheck(MODELS, pull.headSha, coverage('success'))
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('a file is compared with what it was where the branch began, whatever main became since', async (story) => {
  const pull = await story.proposesFraud({ f1: 0.823, 'f1/segment=eu': 0.801 })
  const before = story.comparison(pull)
  story.world.github.commit(MODELS, 'main', {
    message: 'Retrain fraud',
    files: { 'models/fraud/metrics.json': '{ "f1": 0.99, "f1/segment=eu": 0.99 }\n' },
    by: 'carol',
  })
  await story.settle()
  await story.clicks({ ...pull }, 're-evaluate')
  expect(story.comparison(pull)).toBe(before)
  expect(before).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 fraud — ✅ better than main at \`<sha>\`, both gates pass
    **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

    |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`f1\` ↑ | 0.8112 | 0.8230 | +0.0118 (+1.5%) | ≥ 0.7, drop ≤ 0.01 |
    | ➖ | \`precision\` | 0.8450 | – | gone | – |

    <details><summary>1 slice, 1 with a gate that passes</summary>

    |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`f1\` ↑ | 0.8112 | 0.8230 | +0.0118 (+1.5%) | ≥ 0.7, drop ≤ 0.01 |
    | ✅ | ↳ \`segment=eu\` ↑ | 0.7904 | 0.8010 | +0.0106 (+1.3%) | drop ≤ 2% |

    </details>

    > Compared \`models/fraud/metrics.json\` at \`<sha>\` with the same file of main at \`<sha>\`.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.
  `)
})

scenario('with the release that is live in prod, and the champions before it', async (story) => {
  await story.configures((text) => text.replace('mlflow: { model: churn, alias: champion }', 'environment: prod'))
  const first = await story.proposes('better')
  expect(story.headline(first)).toMatchInlineSnapshot(
    `### 🔒 churn — ✅ first model, nothing to compare with yet, all 3 gates pass`,
  )
  for (const candidate of ['better', 'better-2'] as const) {
    const pull = candidate === 'better' ? first : await story.proposes(candidate)
    await story.merges(pull)
    await story.deploys()
    await story.verifies()
  }
  const pull = await story.proposes('regression')
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ worse than prod (v13), and 2 gates fail
    **Next:** fix \`auc\`, \`log_loss\`, then push; the comparison runs again by itself. Or a maintainer may \`/override auc <reason>\`, \`/override log_loss <reason>\`. · \`/help\`

    |  | Metric | prod (v13) | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9596 | 0.8626 | −0.0970 (−10%) | ≥ 0.8, **drop ≤ 0.5%** |
    | ❌ | \`log_loss\` ↓ | 0.2687 | 0.4441 | +0.1754 (+65%) | **rise ≤ 2%** |
    | ✅ | \`p95_latency_ms\` ↓ | 0.8150 | 0.9801 | +0.1651 (+20%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | prod (v13) | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`auc\` ↑ | 0.9596 | 0.8626 | −0.0970 (−10%) | ≥ 0.8, **drop ≤ 0.5%** |
    | ➖ | ↳ \`segment:eu\` | 0.9766 | 0.8846 | −0.0921 (−9.4%) | – |
    | ➖ | ↳ \`segment:us\` | 0.9369 | 0.8295 | −0.1074 (−11%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/13\`](<mlflow>/#/models/churn/versions/13).
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    <details><summary>Trend: the last 2 champions and this PR</summary>

    \`auc\` ↑: from 0.9485 (v12) to 0.9596 (v13), this PR 0.8626.

    \`\`\`mermaid
    %%{init: {"xyChart": {"width": 700, "height": 240}, "themeVariables": {"xyChart": {"plotColorPalette": "#2fa36b"}}}}%%
    xychart-beta
        x-axis ["v12", "v13", "PR"]
        y-axis 0.85290 --> 0.96933
        line [0.9485, 0.9596, 0.8626]
    \`\`\`

    \`log_loss\` ↓: from 0.3426 (v12) to 0.2687 (v13), this PR 0.4441.

    \`\`\`mermaid
    %%{init: {"xyChart": {"width": 700, "height": 240}, "themeVariables": {"xyChart": {"plotColorPalette": "#2fa36b"}}}}%%
    xychart-beta
        x-axis ["v12", "v13", "PR"]
        y-axis 0.25119 --> 0.46163
        line [0.3426, 0.2687, 0.4441]
    \`\`\`

    \`p95_latency_ms\` ↓: from 0.8419 (v12) to 0.8150 (v13), this PR 0.9801.

    \`\`\`mermaid
    %%{init: {"xyChart": {"width": 700, "height": 240}, "themeVariables": {"xyChart": {"plotColorPalette": "#2fa36b"}}}}%%
    xychart-beta
        x-axis ["v12", "v13", "PR"]
        y-axis 0.79845 --> 0.99659
        line [0.8419, 0.8150, 0.9801]
    \`\`\`

    </details>

    <details><summary>1 parameter changed</summary>

    | Parameter | before | after |
    | --- | --- | --- |
    | \`features\` | \`2\` | \`3\` |

    </details>

    <details><summary>Training data changed</summary>

    \`churn-training:34457bbf\` (before: \`churn-training:b510ea74\`)

    </details>
  `)
})

scenario('where no model is touched the check run says so, as the team chose', async (story) => {
  await story.configures((text) => text.replace('version: 1\n', 'version: 1\nnothing_to_compare: action_required\n'))
  const { github } = story.world
  const headSha = github.commit(MODELS, 'readme', {
    message: 'Words',
    files: { 'README.md': '# Models\n' },
    by: 'dave',
  })
  const number = github.openPullRequest(MODELS, { title: 'Words', head: 'readme', by: 'dave' })
  await story.settle()
  expect(story.check({ headSha })).toMatchInlineSnapshot(`action_required: No model is touched`)
  expect(story.comparison({ number })).toBe('(no comment)')
})

scenario(
  'an outage of MLflow that outlasts training ends the check run, which follows once it is over',
  async (story) => {
    const pull = await story.opens('better')
    await story.world.mlflow.down()
    await story.trains(pull)
    await story.pass(6 * HOUR + MINUTE, 2 * HOUR)
    expect(story.check(pull)).toMatchInlineSnapshot(
      `failure: churn: the metrics cannot be read just now (auc, log_loss, p95_latency_ms)`,
    )
    expect(story.comparison(pull)).toMatchInlineSnapshot(`
      <!-- lockkeeper:comparison:v1 -->
      ### 🔒 churn — ❌ the metrics cannot be read just now
      **Next:** nothing to do here: it is asked again every ten minutes while this pull request is open, and at once by the button Re-evaluate of the check run. Whoever runs it should have a look. · \`/help\`

      > MLflow server default: connection refused (\`mlflow_unavailable\`)
    `)
    await story.world.mlflow.up()
    await story.pass(11 * MINUTE)
    expect(story.check(pull)).toMatchInlineSnapshot(`success: churn: better than champion v11, all 3 gates pass`)
  },
)

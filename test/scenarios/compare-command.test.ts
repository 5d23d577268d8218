/** `/compare`: the head compared anew, or with something else than the configuration says. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenario } from '../support/story.ts'

scenario('an open pull request is compared anew where its comparison stands', async (story) => {
  const pull = await story.proposes('slow')
  await story.says('/status')
  const calls = await story.calls(() => story.says('/compare', { by: 'dave' }))
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    🔄 \`<sha>\` is compared anew; the comparison of this pull request and its check run say what it comes to.
    Until now: churn: \`p95_latency_ms\` fails.
  `)
  expect(story.reactions(pull)).toEqual(['eyes', 'rocket', 'eyes', 'rocket'])
  // Two for the reply, one for the right; the comparison itself is read once, and says what it said.
  expect(calls.toSorted()).toEqual(['ReadPullRequest', 'ReadStandings', 'Write', 'Write'])
})

scenario('with a version, an alias, an environment and a commit, in the reply alone', async (story) => {
  const first = await story.releases('better')
  const pull = await story.proposes('better-2')
  await story.pass(MINUTE)
  const shown = [story.comparison(pull), story.check(pull)]
  expect(await story.says('/compare with v11')).toMatchInlineSnapshot(`
    ✅ **churn** at \`<sha>\` against \`v11\`: better than v11, all 3 gates pass.

    |  | Metric | v11 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9596 | +0.0519 (+5.7%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.2687 | −0.1057 (−28%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8150 | −0.1753 (−18%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | v11 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9596 | +0.0519 (+5.7%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9766 | +0.0492 (+5.3%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9369 | +0.0588 (+6.7%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    This reply alone compares with \`v11\`: the comparison of the pull request and its check run stay as they are.
  `)
  expect(await story.says('/compare churn with staging')).toMatchInlineSnapshot(`
    ✅ **churn** at \`<sha>\` against \`staging\`: better than staging (v12), all 3 gates pass.

    |  | Metric | staging (v12) | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9485 ±0.0024 (5) | 0.9596 | +0.0111 (+1.2%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3426 ±0.0264 (5) | 0.2687 | −0.0739 (−22%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.8419 ±0.0916 (5) | 0.8150 | −0.0269 (−3.2%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | staging (v12) | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9485 ±0.0024 (5) | 0.9596 | +0.0111 (+1.2%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9475 ±0.0030 (5) | 0.9766 | +0.0291 (+3.1%) | – |
    | ➖ | ↳ \`segment:us\` | 0.9472 ±0.0076 (5) | 0.9369 | −0.0102 (−1.1%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/12\`](<mlflow>/#/models/churn/versions/12) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    This reply alone compares with \`staging\`: the comparison of the pull request and its check run stay as they are.
  `)
  expect(await story.says('/compare with @champion')).toMatchInlineSnapshot(`
    ✅ **churn** at \`<sha>\` against \`@champion\`: better than champion v11, all 3 gates pass.

    |  | Metric | champion v11 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9596 | +0.0519 (+5.7%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.2687 | −0.1057 (−28%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8150 | −0.1753 (−18%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9596 | +0.0519 (+5.7%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9766 | +0.0492 (+5.3%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9369 | +0.0588 (+6.7%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    This reply alone compares with \`@champion\`: the comparison of the pull request and its check run stay as they are.
  `)
  expect(await story.says(`/compare with ${first.headSha.slice(0, 8)}`)).toMatchInlineSnapshot(`
    ✅ **churn** at \`<sha>\` against \`v12\`: better than v12, all 3 gates pass.

    |  | Metric | v12 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9485 ±0.0024 (5) | 0.9596 | +0.0111 (+1.2%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3426 ±0.0264 (5) | 0.2687 | −0.0739 (−22%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.8419 ±0.0916 (5) | 0.8150 | −0.0269 (−3.2%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | v12 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9485 ±0.0024 (5) | 0.9596 | +0.0111 (+1.2%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9475 ±0.0030 (5) | 0.9766 | +0.0291 (+3.1%) | – |
    | ➖ | ↳ \`segment:us\` | 0.9472 ±0.0076 (5) | 0.9369 | −0.0102 (−1.1%) | – |

    </details>

    > Compared run [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>) at \`<sha>\` with [\`models:/churn/12\`](<mlflow>/#/models/churn/versions/12) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    This reply alone compares with \`v12\`: the comparison of the pull request and its check run stay as they are.
  `)
  const calls = await story.calls(() => story.says('/compare with v12'))
  expect(calls).toEqual(['Write', 'ReadPullRequest', 'ReadStandings', 'Write'])
  expect([story.comparison(pull), story.check(pull)]).toEqual(shown)
})

scenario('what names no baseline is refused with what there is', async (story) => {
  await story.releases('better')
  await story.proposes('better-2')
  expect(await story.says('/compare with v99')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): The registered model churn has no version 99.
    There is: \`v12\`, \`@champion\`, \`staging\`; or a commit of the base branch.
  `)
  expect(await story.says('/compare with stagin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): there are no metrics of \`stagin\`.
    Did you mean \`with staging\`? There is: \`v12\`, \`@champion\`, \`staging\`; or a commit of the base branch.
  `)
  expect(await story.says('/compare with prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): nothing is live in prod yet.
    There is: \`v12\`, \`@champion\`, \`staging\`; or a commit of the base branch.
  `)
  expect(await story.says('/compare with 1234567')).toMatchInlineSnapshot(`
    😕 \`<sha>\` could be a version or a commit.
    Write \`with v1234567\` or \`with <sha>\`, the commit with all its 40 digits.
  `)
  expect(await story.says('/compare with "`@dave` <b>|x"')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): \`@dave ¦x\` names no baseline.
    There is: \`v12\`, \`@champion\`, \`staging\`; or a commit of the base branch.
  `)
  expect(await story.says('/compare nothing with v12')).toMatchInlineSnapshot(`
    👎 **Refused** (\`model_unknown\`): there is no model \`nothing\`.
    Models: churn, fraud. A baseline stands after \`with\`. Usage: \`/compare [model] [with <version, alias, environment or commit>]\`.
  `)
  expect(await story.says('/compare with')).toMatchInlineSnapshot(`
    😕 with what?
    Usage: \`/compare [model] [with <version, alias, environment or commit>]\`.
  `)
})

scenario('a commit is read only from the history of the base branch and of the pull request', async (story) => {
  const { github } = story.world
  const landed = github.commit(MODELS, 'main', { message: 'Notes', files: { 'README.md': '# Notes\n' }, by: 'carol' })
  const metrics = { 'models/fraud/metrics.json': '{ "f1": 0.99 }\n' }
  const elsewhere = github.commit(MODELS, 'elsewhere', { message: 'Secret', files: metrics, by: 'carol' })
  const pull = await story.proposesFraud({ f1: 0.82 }, { and: 'better' })
  expect(await story.says(`/compare fraud with ${landed}`)).toMatchInlineSnapshot(`
    ❌ **fraud** at \`<sha>\` against \`<sha>\`: better than \`<sha>\`, but 1 gate fails.

    |  | Metric | \`<sha>\` | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`f1\` ↑ | 0.8112 | 0.8200 | +0.0088 (+1.1%) | ≥ 0.7, drop ≤ 0.01 |
    | ❌ | ↳ \`segment=eu\` ↑ | 0.7904 | – | gone | drop ≤ 2% — **missing**, fails |
    | ➖ | \`precision\` | 0.8450 | – | gone | – |

    > Compared \`models/fraud/metrics.json\` at \`<sha>\` with the same file of \`<sha>\`.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.

    This reply alone compares with \`<sha>\`: the comparison of the pull request and its check run stay as they are.
  `)
  expect(await story.says(`/compare fraud with ${elsewhere}`)).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): there is no commit \`<sha>\` on \`main\` nor in this pull request.
    Only commits of the base branch are there yet.
  `)
  expect(await story.says(`/compare fraud with ${pull.headSha}`)).toMatchInlineSnapshot(`
    😕 \`<sha>\` is the head itself.
    Name what it is to be compared with.
  `)
  expect(await story.says('/compare fraud with v12')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): fraud has no versions and aliases with metrics of their own.
    Only commits of the base branch are there yet.
  `)
  expect(await story.says(`/compare with ${landed}`)).toMatchInlineSnapshot(`
    😕 which model? It changes churn, fraud.
    Name one: \`/compare churn …\`.
  `)
})

scenario('on a promotion pull request it is said where models are compared', async (story) => {
  await story.releases('better')
  const { number } = story.promotion('staging')
  expect(await story.says('/compare', { in: CONFIG, on: number })).toMatchInlineSnapshot(`
    😕 models are compared where they are changed.
    Comment on pull request 1 of acme/models. What a promotion rests on stands in its description.
  `)
})

scenario('nothing that the operator does not allow is read for it', async (story) => {
  await story.proposes('better')
  await story.configures((text) => text.replace('mlflow: churn\n', 'mlflow: payroll\n'))
  expect(await story.says('/compare with v11')).toMatchInlineSnapshot(`
    👎 **Refused** (\`policy_missing\`): acme/models may not use the registered model payroll on the MLflow server default: the operator's policy (LOCKKEEPER\\_POLICY) has no entry for it.
    Whoever runs this Lockkeeper adds to LOCKKEEPER\\_POLICY what is below.
    \`\`\`yaml
      - { repositories: ["acme/models"], mlflow: [{ server: default, models: [payroll] }] }
    \`\`\`
  `)
})

scenario('who may not spend the server’s credentials is refused', async (story) => {
  const pull = await story.proposes('better')
  expect(await story.says('/compare with v11', { by: 'erin' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): erin may not ask for comparisons; these may: people with triage access to the model repository; and dave.
    Ask one of them.
  `)
  expect(story.reactions(pull)).toEqual(['eyes', '-1'])
})

scenario('a merged pull request is compared in the reply', async (story) => {
  await story.releases('better')
  expect(await story.says('/compare')).toMatchInlineSnapshot(`
    ✅ **churn** at \`<sha>\`: better than champion v11, all 3 gates pass.

    |  | Metric | champion v11 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.3426 ±0.0264 (5) | −0.0318 (−8.5%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8419 ±0.0916 (5) | −0.1483 (−15%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | \`<sha>\` | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9475 ±0.0030 (5) | +0.0202 (+2.2%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9472 ±0.0076 (5) | +0.0690 (+7.9%) | – |

    </details>

    > Compared 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)) with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.

    What was judged at release does not change by this.
  `)
})

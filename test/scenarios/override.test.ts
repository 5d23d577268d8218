/** `/override`: one gate is waived for one head, by somebody who may, and everybody sees by whom and why. */
import { expect } from 'vitest'
import type { ModelPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

scenario('a maintainer waives the gate that fails, and what is released says so', async (story) => {
  const pull = await story.proposes('slow')
  await story.pass(MINUTE)
  expect(said(story.check(pull))).toMatchInlineSnapshot(
    `failure: churn: better than champion v11 on 2 metrics, worse on 1; 1 gate fails (p95_latency_ms)`,
  )
  expect(
    await story.says('/override p95_latency_ms the new machines come in May', { by: 'carol' }),
  ).toMatchInlineSnapshot(`
    ⚠️ **Waived** for \`<sha>\` alone: \`p95_latency_ms\` of \`churn\`, because: the new machines come in May
    The check run is judged again by itself; a new commit needs a new waiver. To take it back: \`/override --revoke p95_latency_ms\`.
  `)
  expect(story.reactions(pull)).toEqual(['eyes', 'rocket'])
  expect(said(story.check(pull))).toMatchInlineSnapshot(
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

/** fraud fails both of its gates; a minute passes, so that no push falls into the second of a comment. */
async function failing(story: Tale, metrics = { f1: 0.6, 'f1/segment=eu': 0.5 }): Promise<ModelPullRequest> {
  const pull = await story.proposesFraud(metrics)
  await story.pass(MINUTE)
  return pull
}

scenario('what cannot be waived is said with its reason, and nothing is waived', async (story) => {
  const pull = await failing(story, { f1: 0.85, 'f1/segment=eu': 0.5 })
  const says = (body: string, by = 'carol') => story.says(`/override ${body}`, { by })
  expect(await says('f1/segmnet=eu outage')).toMatchInlineSnapshot(`
    👎 **Refused** (\`gate_unknown\`): pull request 1 has no gate \`f1/segmnet=eu\`.
    Did you mean \`f1/segment=eu\`? Failing: \`f1/segment=eu\`.
  `)
  expect(await says('precision outage')).toMatchInlineSnapshot(`
    👎 **Refused** (\`gate_unknown\`): pull request 1 has no gate \`precision\`.
    Failing: \`f1/segment=eu\`.
  `)
  expect(await says('f1 outage')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_waivable\`): \`f1\` of fraud passes at \`<sha>\`.
    There is nothing to waive.
  `)
  expect(await says('f1/segment=eu')).toMatchInlineSnapshot(`
    😕 a waiver needs a reason: people read it before they promote.
    Usage: \`/override <gate> [model] <reason> [--dry-run] [--head "<sha>"] [--revoke]\`.
  `)
  expect(await says('f1/segment=eu fraud …')).toMatchInlineSnapshot(`
    😕 a waiver needs a reason: people read it before they promote.
    Usage: \`/override <gate> [model] <reason> [--dry-run] [--head "<sha>"] [--revoke]\`.
  `)
  expect(await says('')).toMatchInlineSnapshot(`
    😕 which gate?
    Failing: \`f1/segment=eu\`. Usage: \`/override <gate> [model] <reason> [--dry-run] [--head "<sha>"] [--revoke]\`.
  `)
  expect(await says('f1/segment=eu outage', 'alice')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): alice may not waive gates of fraud; these may: people with maintain access to the model repository.
    Ask one of them.
  `)
  expect(await says('f1/segment=eu outage --dry-run')).toMatchInlineSnapshot(`
    🔎 **Dry run**, nothing was done. Without \`--dry-run\`:

    ⚠️ **Waived** for \`<sha>\` alone: \`f1/segment=eu\` of \`fraud\`, because: outage
    The check run is judged again by itself; a new commit needs a new waiver. To take it back: \`/override --revoke f1/segment=eu\`.

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | carol may |
  `)
  expect(await says('--revoke f1/segment=eu')).toMatchInlineSnapshot(
    `\`f1/segment=eu\` of \`fraud\` was not waived for \`<sha>\`: there is nothing to take back.`,
  )
  expect(said(story.check(pull))).toMatchInlineSnapshot(
    `failure: fraud: better than main at <sha> on 1 metric, worse on 1; 1 gate fails (f1/segment=eu)`,
  )
})

scenario(
  'four eyes: whoever wrote the pull request waives nothing on it, unless the list names them',
  async (story) => {
    const role = (who: string) => (text: string) =>
      text.replace('    environments: [staging]\n', `    environments: [staging]\n    overriders: [${who}]\n`)
    await story.configures(role('"role:write"'))
    await failing(story)
    expect(await story.says('/override f1 outage', { by: 'dave' })).toMatchInlineSnapshot(`
      👎 **Refused** (\`not_allowed\`): dave wrote the pull request, and waives none of its own gates; of others these may: people with write access to the model repository.
      Ask one of them; or name \`user:dave\` among the \`overriders\` of fraud.
    `)
    await story.configures((text) => text.replace('"role:write"', '"user:dave"'))
    expect(await story.says('/override f1 outage', { by: 'dave' })).toMatch('**Waived**')
    expect(await story.says('/override f1/segment=eu outage', { by: 'carol' })).toMatchInlineSnapshot(`
      👎 **Refused** (\`not_allowed\`): carol may not waive gates of fraud; these may: dave.
      Ask one of them.
    `)
  },
)

scenario('two people waive two gates at the same time: both count', async (story) => {
  await story.configures((text) =>
    text.replace(
      '    environments: [staging]\n',
      '    environments: [staging]\n    overriders: ["user:bob", "user:carol"]\n',
    ),
  )
  const pull = await failing(story)
  const { github } = story.world
  const one = github.comment(MODELS, pull.number, '/override f1 new labels', { by: 'carol' })
  const other = github.comment(MODELS, pull.number, '/override f1/segment=eu one *bad* <b>week</b> @alice', {
    by: 'bob',
  })
  await story.settle()
  expect(story.replyTo(one)).toMatch('**Waived**')
  expect(story.replyTo(other)).toMatchInlineSnapshot(`
    ⚠️ **Waived** for \`<sha>\` alone: \`f1/segment=eu\` of \`fraud\`, because: one \\*bad\\* week ⁠@⁠alice
    The check run is judged again by itself; a new commit needs a new waiver. To take it back: \`/override --revoke f1/segment=eu\`.
  `)
  expect(said(story.check(pull))).toMatchInlineSnapshot(
    `success: fraud: worse than main at <sha>, but all 2 gates are waived`,
  )
  expect(await story.says('/override f1 me too', { by: 'carol' })).toMatchInlineSnapshot(
    `\`f1\` of \`fraud\` is waived for \`<sha>\` already, by \`carol\`: new labels`,
  )
})

scenario('a waiver is taken back, and the gate counts again', async (story) => {
  const pull = await failing(story)
  const both = '/override f1 outage\n/override f1/segment:eu the same outage'
  await story.says(both, { by: 'carol' })
  expect(story.check(pull)).toMatch('success')
  expect(await story.says('/override --revoke f1', { by: 'carol' })).toMatchInlineSnapshot(
    `\`f1\` of \`fraud\` counts again for \`<sha>\`: its waiver is taken back, and the check run is judged again by itself.`,
  )
  expect(said(story.check(pull))).toMatchInlineSnapshot(
    `failure: fraud: worse than main at <sha>, and 1 gate fails (f1)`,
  )
})

scenario('a commit that was pushed one second after the comment has no waiver', async (story) => {
  const pull = await failing(story)
  const { clock, github } = story.world
  clock.set(new Date(Math.ceil(clock.now().getTime() / 1000) * 1000))
  const comment = github.comment(MODELS, pull.number, '/override f1 known outage', { by: 'carol' })
  clock.advance(1000)
  const files = { 'models/fraud/metrics.json': '{ "f1": 0.1, "f1/segment=eu": 0.79 }\n' }
  const headSha = github.commit(MODELS, 'fraud-depth', { message: 'Worse', files, by: 'dave' })
  await story.settle()
  // Whichever is looked at first: the new commit, or the comment.
  expect(story.replyTo(comment)).toMatch(
    /nothing was judged yet on pull request 1|head_moved|\*\*Waived\*\* for `<sha>` alone/,
  )
  expect(said(story.check({ headSha }))).toMatchInlineSnapshot(
    `failure: fraud: worse than main at <sha>, and 1 gate fails (f1)`,
  )
  await story.pass(MINUTE)
  expect(await story.says(`/override f1 --head ${pull.headSha} known outage`, { by: 'carol' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): the check run of pull request 1 judges \`<sha>\`, not \`<sha>\`.
    If the check run shows what you mean, write \`/override f1 --head <sha> known outage\`.
  `)
  expect(await story.says(`/override f1 --head ${headSha} known outage`, { by: 'carol' })).toMatch('**Waived**')
  expect(story.check({ headSha })).toMatch('success')
})

scenario('of a fork, the commit that is meant is named', async (story) => {
  const { github } = story.world
  const fork = github.forkRepository(MODELS, 'erin')
  const files = { 'models/fraud/metrics.json': '{ "f1": 0.1, "f1/segment=eu": 0.79 }\n' }
  const headSha = github.commit(fork, 'faster', { message: 'Faster', files, by: 'erin' })
  github.openPullRequest(MODELS, { title: 'Faster', head: 'erin:faster', by: 'erin' })
  await story.pass(MINUTE)
  expect(await story.says('/override f1 known outage', { by: 'carol' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): pull request 1 comes from a fork, and GitHub does not tell when its branch was pushed to.
    If the check run shows what you mean, write \`/override f1 --head <sha> known outage\`.
  `)
  expect(await story.says(`/override f1 --head ${headSha} known outage`, { by: 'carol' })).toMatch('**Waived**')
  expect(story.check({ headSha })).toMatch('success')
})

scenario('of two models, the one that is meant is named', async (story) => {
  const gate = '      f1:            { goal: maximize, min: 0.70, max_regression: 0.01 }'
  await story.configures((text) =>
    text
      .replace('      p95_latency_ms: {', '      f1: { goal: maximize, min: 0.5 }\n      p95_latency_ms: {')
      .replace(gate, gate.replace('0.70', '0.99')),
  )
  const pull = await story.proposesFraud({ f1: 0.8, 'f1/segment=eu': 0.79 }, { and: 'better' })
  await story.pass(MINUTE)
  expect(await story.says('/override f1 outage', { by: 'carol' })).toMatchInlineSnapshot(`
    😕 \`f1\` is 2 gates.
    Name one of them, with its model: \`f1 churn\`, \`f1 fraud\`.
  `)
  expect(await story.says('/override f1 fraud outage', { by: 'carol' })).toMatchInlineSnapshot(`
    ⚠️ **Waived** for \`<sha>\` alone: \`f1\` of \`fraud\`, because: outage
    The check run is judged again by itself; a new commit needs a new waiver. To take it back: \`/override --revoke f1 fraud\`.
  `)
  expect(said(story.check(pull))).toMatchInlineSnapshot(
    `failure: churn: better than champion v11, but 1 gate fails (f1) · fraud: worse than main at <sha>, but 1 of 2 gates pass, 1 waived`,
  )
})

scenario('an environment believes only its own overriders', async (story) => {
  await story.configures((text) => text.replace('    soak: 1h ', '    overriders: ["user:bob"]\n    soak: 1h '))
  const pull = await story.proposes('slow')
  await story.pass(MINUTE)
  await story.says('/override p95_latency_ms the new machines come in May', { by: 'carol' })
  await story.merges(pull)
  expect(story.promotions()).toEqual(['Promote churn v17 to staging (merged)'])
  await story.pass(2 * HOUR)
  expect(await story.says('/deploy prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`gates_failed\`): churn v17 may not go to prod now: gates fail: p95\\_latency\\_ms (waived by carol, who is not among the overriders of prod).
    Fix the gates in a new pull request: a release whose gates fail goes nowhere.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ❌ | gates | gates fail: p95\\_latency\\_ms (waived by carol, who is not among the overriders of prod); [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:01 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
})

scenario('what is merged was judged: its waivers are what they are', async (story) => {
  const pull = await failing(story)
  await story.merges(pull)
  await story.pass(MINUTE)
  expect(await story.says('/override f1 too late', { by: 'carol' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_waivable\`): pull request 1 is merged: its release was judged when it was made, and does not change any more.
    Where the environment lists \`gates\` under \`force:\`, \`/deploy <environment> --force "<reason>"\` passes it by; else mend it in a new pull request.
  `)
})

scenario('on a promotion pull request, it is said where to write it', async (story) => {
  await story.releases('better')
  expect(
    await story.says('/override auc now', { by: 'carol', on: story.promotion('staging').number, in: CONFIG }),
  ).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_waivable\`): gates are waived where they are judged.
    Comment on the pull request of the model (1 of acme/models).
  `)
})

scenario('a refusal takes at most three calls to GitHub, a waiver four, besides the new comparison', async (story) => {
  const pull = await failing(story)
  const calls = (body: string, by = 'carol') =>
    story.calls(() => story.world.github.comment(MODELS, pull.number, body, { by }))
  expect(await calls('/override f2 outage')).toMatchInlineSnapshot(`
    [
      Write,
      ReadFiles,
      Write,
    ]
  `)
  expect(await calls('/override f2 outage')).toMatchInlineSnapshot(`
    [
      Write,
      Write,
    ]
  `)
  expect(await calls('/override f1 outage', 'alice')).toMatchInlineSnapshot(`
    [
      Write,
      ReadPromotionWorld,
      Write,
    ]
  `)
  // The comparison is made anew beside the answer.
  expect((await calls('/override f1 outage')).toSorted()).toEqual([
    'ReadPromotionWorld',
    'ReadPullRequest',
    'Write',
    'Write',
    'Write',
    'repos/list-activities',
  ])
})

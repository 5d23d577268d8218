/** `verify: workflow`: a GitHub Actions workflow as the smoke test of a rollout. The table of how runs end: test/domain/workflow-check.test.ts. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenarios, type Tale } from '../support/story.ts'

const granted = scenarios({ grants: { actions: 'write' } })
const CHECKS = 'kserve: { name: "{{ model.name }}", namespace: staging }'
const SMOKE = `name: smoke
run-name: smoke \${{ inputs.lockkeeper_promotion }}
on:
  workflow_dispatch:
    inputs:
      image: { required: true }
      lockkeeper_promotion: {}
jobs: {}
`

async function smokes(story: Tale, file = 'smoke.yml'): Promise<void> {
  story.world.github.commit(MODELS, 'main', {
    message: 'Smoke test',
    files: { '.github/workflows/smoke.yml': SMOKE },
    by: 'carol',
  })
  const check = `{ file: ${file}, inputs: { image: "{{ image.tag }}", lockkeeper_promotion: "{{ release.id }}" } }`
  await story.configures((text) => text.replace(CHECKS, `${CHECKS}\n      workflow: [${check}]`))
}

const runs = ({ world }: Tale) => world.github.dispatchedRuns(MODELS)

granted('it is started once, waited for, and its success is part of the proof', async (story) => {
  await smokes(story)
  const pull = await story.releases('better')
  const [run] = runs(story)
  expect(run).toMatchObject({
    workflow: 'smoke.yml',
    inputs: { image: pull.headSha.slice(0, 0) || expect.any(String) },
  })
  await story.pass(2 * MINUTE, MINUTE)
  await story.restart()
  await story.pass(MINUTE)
  expect(runs(story)).toHaveLength(1)
  story.world.github.finishWorkflow(MODELS, run?.id ?? 0)
  await story.pass(MINUTE)
  expect(story.thread(pull)).toContain('✅ live in staging')
})

granted('one that fails ends the rollout at once, with the address of its run', async (story) => {
  await smokes(story)
  const pull = await story.releases('better')
  story.world.github.finishWorkflow(MODELS, runs(story)[0]?.id ?? 0, 'failure')
  await story.pass(MINUTE)
  expect(story.report(pull).replace(/runs\/\d+/, 'runs/<run>')).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    Workflow smoke.yml: failure. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ❌ | [\`workflow smoke.yml\`](<github>/acme/models/actions/runs/<run>) | \`failure\` | \`success\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

for (const drop of ['before', 'after'] as const)
  granted(`the connection breaks ${drop} it is started: one run all the same`, async (story) => {
    await smokes(story)
    story.world.github.fail(({ path }) => path.endsWith('/dispatches'), { drop })
    const pull = await story.releases('better')
    await story.pass(4 * MINUTE, MINUTE / 2)
    expect(runs(story)).toHaveLength(1)
    story.world.github.finishWorkflow(MODELS, runs(story)[0]?.id ?? 0)
    await story.pass(MINUTE)
    expect(story.thread(pull)).toContain('✅ live in staging')
  })

scenarios()('without the permission nothing is proven, and the evidence says what to grant', async (story) => {
  await smokes(story)
  const pull = await story.releases('better')
  await story.pass(18 * MINUTE, 2 * MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    Not verified within 15m: no data for 1 of 3 checks (the App may not start workflows: grant it "Actions: read and write" (docs/guides/smoke-test.md), wanted success). Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ❓ | \`workflow smoke.yml\` | \`the App may not start workflows: grant it "Actions: read and write" (docs/guides/smoke-test.md)\` | \`success\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

/** Promotions that cannot be written: the config repository, its manifests or the operator's policy say no. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { scenario, scenarios, type Tale } from '../support/story.ts'

const INFERENCE = 'environments/staging/churn/inference.yaml'

scenario('a config repository that does not name the model repository: the missing lines are told', async (story) => {
  await story.configures((text) => text.replace('from: acme/models', 'from: acme/others'), CONFIG)
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** \`.github/lockkeeper.yml\` of acme/ml-config would need this:
    \`\`\`yaml
      - from: acme/models
        models: [churn]
        environments: [staging]
        paths: ["environments/staging/churn/inference.yaml", "environments/staging/churn/kustomization.yaml"]
    \`\`\`

    - ❌ **staging** by automation: refused (\`accepts_missing\`): acme/ml-config does not accept this: no entry of \`accepts:\` names acme/models with the model \`churn\` and the environment \`staging\`
  `)
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`accepts_missing\`): acme/ml-config does not accept this: no entry of \`accepts:\` names acme/models with the model \`churn\` and the environment \`staging\`.
    \`.github/lockkeeper.yml\` of acme/ml-config would need this:
    \`\`\`yaml
      - from: acme/models
        models: [churn]
        environments: [staging]
        paths: ["environments/staging/churn/inference.yaml", "environments/staging/churn/kustomization.yaml"]
    \`\`\`
  `)
})

scenario('a URI that the config repository does not allow', async (story) => {
  await story.configures((text) => text.replace('s3://acme-models/{{ model.name }}/**', 's3://elsewhere/**'), CONFIG)
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** \`.github/lockkeeper.yml\` of acme/ml-config would need this:
    \`\`\`yaml
        uris: ["s3://elsewhere/**", "s3://acme-models/churn/12"]
    \`\`\`

    - ❌ **staging** by automation: refused (\`accepts_refused\`): acme/ml-config does not accept this: the URI \`s3://acme-models/churn/12\` is not among \`uris\`
  `)
})

scenario('a manifest that does not exist', async (story) => {
  await story.writes(INFERENCE, null)
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** add the file there first, or correct \`file:\` under \`edit:\` in the model repository’s configuration.

    - ❌ **staging** by automation: refused (\`manifest_missing\`): \`environments/staging/churn/inference.yaml\` does not exist in the config repository
  `)
})

scenario('a manifest that does not parse: file, line and column', async (story) => {
  await story.writes(INFERENCE, 'kind: InferenceService\nmetadata: { name: churn\nspec: [\n')
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** indent every further line of a value more than its key: inside {} and \\[\\], the closing bracket too, and inside quotes.

    - ❌ **staging** by automation: refused (\`manifest_refused\`): \`environments/staging/churn/inference.yaml:3:1\`: it does not parse: deficient indentation
  `)
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`manifest_refused\`): churn v12 may not go to staging now: \`environments/staging/churn/inference.yaml:3:1\`: it does not parse: deficient indentation.
    Indent every further line of a value more than its key: inside {} and \\[\\], the closing bracket too, and inside quotes.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ❌ | values | \`environments/staging/churn/inference.yaml:3:1\`: it does not parse: deficient indentation |
    | ✅ | approvals | no approval asked |

    </details>
  `)
})

const withoutPolicy = scenarios({ policy: () => undefined })

withoutPolicy('an operator who allows nothing: the comparison tells the missing line', async (story) => {
  const pull = await story.proposes('better')
  expect(story.check(pull)).toMatchInlineSnapshot(
    `failure: churn: the metrics cannot be read (auc, log_loss, p95_latency_ms)`,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ❌ the metrics cannot be read
    **Next:** whoever runs this Lockkeeper adds to LOCKKEEPER\\_POLICY what is below. · \`/help\`

    \`\`\`yaml
    version: 1
    allow:
      - { repositories: ["acme/models"], mlflow: [{ server: default, experiments: [churn] }] }
    \`\`\`

    > acme/models may not use the experiment churn on the MLflow server default: this server has no operator's policy (LOCKKEEPER\\_POLICY), so nothing is allowed (\`policy_missing\`)
  `)
})

const withoutArgoCd = scenarios({ policy: (text) => text.replace('"churn-*", "fraud-*"', '"others-*"') })

withoutArgoCd('an operator who does not allow the Application: the rollout is blocked, not failed', async (story) => {
  const pull = await story.releases('better')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: acme/models may not use the Argo CD Application churn-staging in the namespace argocd: the operator's policy (LOCKKEEPER\\_POLICY) has no entry for it
  `)
})

/** GitHub refuses what opens a promotion pull request, as it does where the App lacks a permission. */
function forbidsWriting({ world }: Tale): void {
  const message = 'Resource not accessible by integration'
  const errors = ['w0', 'w1', 'w2'].map((path) => ({ type: 'FORBIDDEN', path: [path], message }))
  const body = { data: { w0: null, w1: null, w2: null }, errors }
  world.github.fail({ graphql: /createPullRequest/ }, { status: 200, body })
}

scenario('an App that may not write in the config repository: refused, with what to do', async (story) => {
  forbidsWriting(story)
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** give the App write access to the config repository, and let it past the rules for branches named \`lockkeeper/**\`.

    - ❌ **staging** by automation: refused (\`not_allowed\`): GitHub does not let the App make the promotion branch: Resource not accessible by integration
  `)
})

scenario('the same of a rollback: whoever asked is told, and what is live stays', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  forbidsWriting(story)
  expect(await story.says('/rollback prod')).toMatchInlineSnapshot(`
    ❌ **Rollback of churn in prod to as found**: refused (\`not_allowed\`): GitHub does not let the App make the promotion branch: Resource not accessible by integration.
    Give the App write access to the config repository, and let it past the rules for branches named \`lockkeeper/**\`.
  `)
  expect(story.world.argocd.kserve.liveUri('prod', 'churn')).toBe('s3://acme-models/churn/12')
})

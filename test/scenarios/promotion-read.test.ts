/** What people read on a promotion pull request besides the plain case (promotion.test.ts): rollbacks, repositories that not everybody can see, and who had approved it. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { trailersOfPromotion } from '../../src/domain/trailers.ts'
import { MINUTE, scenario, scenarios } from '../support/story.ts'

scenario('a rollback that Lockkeeper started says what failed, and where it goes back to', async (story) => {
  await story.releases('better')
  story.prodSlowsDown()
  await story.deploys()
  await story.pass(11 * MINUTE, 2 * MINUTE)
  expect(story.body('prod')).toMatchInlineSnapshot(`
    <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

    ### ↩️ Rollback of churn in prod to as found (unverified)
    Started by Lockkeeper itself. Every rule holds, so that Lockkeeper merges it at once; nothing to do.

    #### Why

    It leaves v12, which failed 2026-11-24 10:10 UTC: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12). It goes back to the values found before the first promotion, which nothing ever verified.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ❌ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.31\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |

    #### What changes

    \`\`\`diff
    @@ environments/prod/churn/inference.yaml spec.predictor.sklearn.storageUri @@
    -s3://acme-models/churn/12
    +s3://acme-models/churn/11
    @@ environments/prod/churn/values.yaml image.tag @@
    -<sha>@sha256:<digest>
    +3f9c2e1d@sha256:<digest>
    @@ environments/prod/churn/values.yaml podAnnotations."lockkeeper.dev/release" @@
    -<release>
    +
    \`\`\`

    <details><summary>Rules when this was written: all held</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ➖ | who-may | automation |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it: not verified in staging yet |
    | ➖ | soak | a rollback does not wait for it: must soak 1h once verified in staging |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it: held by Lockkeeper: v12 failed: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12); held since 2026-11-24 10:10 UTC |
    | ➖ | approvals | a rollback does not wait for it: needs 1 approval by team ml-leads, bob |

    </details>

    The check run \`lockkeeper/promotion\` has them as they are now.

    After this, prod is held until \`/unlock prod churn\`.
  `)
})

scenario('a rollback that somebody asked for says what it leaves, and since when that is known', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  await story.says('/rollback staging')
  expect(story.body('staging')).toMatchInlineSnapshot(`
    <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

    ### ↩️ Rollback of churn in staging to v12
    Asked for by alice. Every rule holds, so that Lockkeeper merges it at once; nothing to do.

    #### Why

    It leaves v13. It goes back to v12, last verified here 2026-11-24 09:00 UTC.

    #### What changes

    \`\`\`diff
    @@ environments/staging/churn/inference.yaml spec.predictor.model.storageUri @@
    -s3://acme-models/churn/13
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
    | ✅ | who-may | alice may |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it: held by alice: rolled back to v12 by alice; held since 2026-11-24 09:00 UTC |
    | ➖ | approvals | a rollback does not wait for it |

    </details>

    The check run \`lockkeeper/promotion\` has them as they are now.

    After this, staging is held until \`/unlock staging churn\`.
  `)
})

scenario('who had approved it stands in the message of the merge, and is read from there', async (story) => {
  await story.releases('better')
  await story.deploys()
  const { commits } = story.promotion('prod')
  const head = commits.at(-1)?.message ?? ''
  const merge = story.world.github.log(CONFIG, 'main')[0]?.message ?? ''
  expect(head).not.toContain('Approved-By')
  expect(merge).toContain('Lockkeeper-Approved-By: bob')
  expect(trailersOfPromotion(head, merge)).toMatchObject({
    repository: MODELS,
    model: 'churn',
    environment: 'prod',
    kind: 'promotion',
    modelVersion: '12',
    requestedBy: 'alice',
    approvedBy: ['bob'],
  })
})

scenarios({ closed: [MODELS] })(
  'a config repository that more people can read shows no number of the model repository',
  async (story) => {
    await story.releases('better')
    expect(story.body('staging')).toMatchInlineSnapshot(`
      <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

      ### 🚢 churn v12 → staging
      By automation. Every rule holds, so that Lockkeeper merges it at once; nothing to do.

      #### ✅ Every gate passes

      The numbers are not shown here: more people can read this repository than \`acme/models\`; [pull request 1 of acme/models](<github>/acme/models/pull/1) has them for whoever may read that.

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
  },
)

scenarios({ closed: [CONFIG] })(
  'a dry run in a model repository that more people can read shows no value of the config repository',
  async (story) => {
    await story.releases('better')
    await story.pass(60 * MINUTE)
    const reply = await story.says('/deploy prod --dry-run')
    expect(reply).toMatchInlineSnapshot(`
      🔎 **Dry run of churn v12 → prod**, nothing was done: it may be opened now; before the merge it still waits for this: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
      To do it: \`/deploy prod\`.

      It would change 3 values in 2 files of \`acme/ml-config\`. They are not shown: not everybody who reads this can read that repository.

      |  | Rule |  |
      | --- | --- | --- |
      | ✅ | who-may | alice may |
      | ✅ | newer | nothing is live there yet |
      | ✅ | release | complete |
      | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
      | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
      | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
      | ✅ | freeze | no freeze |
      | ✅ | hold | no hold |
      | ✅ | free | nothing else is on its way |
      | ✅ | values | the files take them |
      | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
    `)
    expect(reply).not.toContain('s3://')
  },
)

scenario('a dry run of what the editor refuses is refused, with the place', async (story) => {
  await story.releases('better')
  await story.pass(60 * MINUTE)
  const path = 'environments/prod/churn/values.yaml'
  await story.writes(path, story.manifest(path).replace('podAnnotations:', 'annotations:'))
  expect(await story.says('/deploy prod --dry-run')).toMatchInlineSnapshot(`
    👎 **Refused** (\`manifest_refused\`): churn v12 may not go to prod now: \`environments/prod/churn/values.yaml:2:1\`: the document has no key \`podAnnotations\`.
    Its keys are replicaCount, image, annotations, resources, canaryResources. Add it once by hand, or correct the path.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ❌ | values | \`environments/prod/churn/values.yaml:2:1\`: the document has no key \`podAnnotations\` |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
})

scenarios({ closed: [MODELS, CONFIG] })(
  'a dry run shows nothing of a config repository to a deployer who cannot read it',
  async (story) => {
    story.world.github.createUser('mallory')
    story.world.github.setCollaborator(MODELS, 'mallory', 'write')
    await story.configures((text) => text.replace('"user:alice"]', '"user:alice", "user:mallory"]'))
    await story.releases('better')
    await story.pass(60 * MINUTE)
    expect(await story.says('/deploy prod --dry-run', { by: 'mallory' })).toContain(
      'It would change 3 values in 2 files of `acme/ml-config`. They are not shown',
    )
    expect(await story.says('/deploy prod --dry-run')).toContain('+s3://acme-models/churn/12')
    const path = 'environments/prod/churn/values.yaml'
    await story.writes(path, story.manifest(path).replace('podAnnotations:', 'annotations:'))
    const refused = await story.says('/deploy prod --dry-run', { by: 'mallory' })
    expect(refused).toContain('cannot be edited safely')
    expect(refused).not.toContain('replicaCount')
  },
)

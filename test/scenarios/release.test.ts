/** Releases: what a merge waits for before anything is promoted, and who goes first when several are on their way. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

scenario(
  'the image is not pushed yet: nothing is promoted, and nobody is bothered, until it is there',
  async (story) => {
    const pull = await story.proposes('better')
    const landed = story.world.github.merge(MODELS, pull.number, { by: 'carol', method: 'squash' })
    await story.pass(5 * MINUTE)
    expect([story.promotions(), story.thread(pull)]).toEqual([[], '(no comment)'])
    story.world.registry.push('acme/churn', landed)
    await story.pass(MINUTE)
    expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  },
)

scenario(
  'the image is never pushed: after two hours the pull request is told which artefact is missing',
  async (story) => {
    const pull = await story.proposes('better')
    story.world.github.merge(MODELS, pull.number, { by: 'carol', method: 'squash' })
    await story.settle()
    expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
      👎 **Refused** (\`release_pending\`): churn \`<sha>\` may not go to staging now: it waits for the image \`ghcr.io/acme/churn:<sha>\`.
      Lockkeeper keeps looking. Then repeat the command.

      <details><summary>Every rule</summary>

      |  | Rule |  |
      | --- | --- | --- |
      | ✅ | who-may | alice may |
      | ✅ | newer | nothing is live there yet |
      | ⏳ | release | it waits for the image \`ghcr.io/acme/churn:<sha>\` |
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
    await story.pass(2 * HOUR + MINUTE, HOUR)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🚢 churn — ❌ no release was made of \`<sha>\`
      **Next:** make what is missing, then merge a new commit.

      These did not appear in time:
      - the image \`ghcr.io/acme/churn:<sha>\`. Push it with exactly this tag.
    `)
    expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
      👎 **Refused** (\`artefact_missing\`): churn \`<sha>\` may not go to staging now: its release was given up: the image \`ghcr.io/acme/churn:<sha>\` did not appear in time.
      Make what is missing, then merge a new commit.

      <details><summary>Every rule</summary>

      |  | Rule |  |
      | --- | --- | --- |
      | ✅ | who-may | alice may |
      | ✅ | newer | nothing is live there yet |
      | ❌ | release | its release was given up: the image \`ghcr.io/acme/churn:<sha>\` did not appear in time |
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
  },
)

scenario('the model is not in the bucket: nothing is promoted until it is there', async (story) => {
  const pull = await story.proposes('better')
  story.world.bucket.remove('s3://acme-models/churn/12/model.pkl')
  await story.merges(pull)
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_pending\`): churn \`<sha>\` may not go to staging now: it waits for the artefact \`s3://acme-models/churn/12\`.
    Lockkeeper keeps looking. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | it waits for the artefact \`s3://acme-models/churn/12\` |
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
  story.world.bucket.put('s3://acme-models/churn/12/model.pkl')
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('no version is registered: nothing is promoted until one is', async (story) => {
  const pull = await story.opens('better')
  story.world.mlflow.attach('better', pull.headSha, { registered: false })
  story.world.bucket.put('s3://acme-models/churn/12/model.pkl')
  await story.merges(pull)
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_pending\`): churn \`<sha>\` may not go to staging now: it waits for a registered version of \`churn\` made from run \`<run>\`.
    Lockkeeper keeps looking. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | it waits for a registered version of \`churn\` made from run \`<run>\` |
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
  story.world.mlflow.register('better')
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('a newer release takes the place of one that is not merged yet, in the same pull request', async (story) => {
  const first = await story.proposes('better')
  await story.says('/lock staging churn until the data is checked')
  await story.merges(first)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (open)'])
  const second = await story.releases('better-2')
  expect(story.promotions()).toEqual(['Promote churn v13 to staging (open)'])
  expect(story.thread(first)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ➖ replaced before it reached staging
    **Next:** nothing to do.

    - ➖ **staging** by automation: replaced 2026-11-24 09:00 UTC by v13
  `)
  expect(story.thread(second)).toMatchInlineSnapshot(`
    ### 🚢 churn v13 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is open and waits: held by alice: until the data is checked – when the reason is gone: \`/unlock staging churn\`
  `)
  await story.says('/unlock staging')
  expect(story.promotions()).toEqual(['Promote churn v13 to staging (merged)'])
})

scenario('a release that comes after the merge of an older one waits its turn', async (story) => {
  story.world.argocd.script('churn-staging', { neverHealthy: true })
  await story.releases('better')
  const second = await story.releases('better-2')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.thread(second)).toMatchInlineSnapshot(`
    ### 🚢 churn v13 — ✅ released
    **Next:** it goes to staging by itself when its turn comes; \`/deploy prod\` takes it to prod once it was verified in staging for 1h.
  `)
  story.world.argocd.script('churn-staging', { neverHealthy: false })
  await story.settle()
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)', 'Promote churn v13 to staging (merged)'])
  expect(story.deployments()).toEqual([
    'staging/churn: in_progress, success, inactive',
    'staging/churn: in_progress, success',
  ])
})

scenario('values that are there already open no pull request', async (story) => {
  const path = 'environments/staging/fraud/inference.yaml'
  const pull = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.81 })
  await story.writes(path, story.manifest(path).replace('0d1c9b2a', pull.headSha))
  await story.merges(pull)
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 fraud \`<sha>\` — ✅ live in staging
    **Next:** to go back: \`/rollback staging\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC (its values were in the files already)
  `)
})

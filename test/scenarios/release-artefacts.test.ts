/** What a release is made of: versions that Lockkeeper registers itself, mapped addresses, long waits, and that nothing changes it afterwards. Who goes first is told in release.test.ts. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

const URI = 'uri: "s3://acme-models/churn/{{ model.version }}"'

/** Lockkeeper registers the model itself. */
const registers = (story: Tale, folder = 'model'): Promise<void> =>
  story.configures((text) =>
    text.replace('mlflow: churn\n', `mlflow: { name: churn, create: { artifact_path: ${folder} } }\n`),
  )

const versionsMade = async ({ world }: Tale): Promise<readonly unknown[]> => {
  const answer = await fetch(`${world.mlflow.url}/api/2.0/mlflow/model-versions/search?filter=name='churn'`)
  const { model_versions: versions } = (await answer.json()) as {
    model_versions: { version: string; tags?: unknown }[]
  }
  return versions.filter(({ tags }) => tags !== undefined)
}

scenario('nobody registers the model: Lockkeeper does, once, when the gates pass', async (story) => {
  await registers(story)
  const pull = await story.opens('better')
  story.world.mlflow.attach('better', pull.headSha, { registered: false })
  expect(await versionsMade(story)).toEqual([])
  const landed = await story.merges(pull)
  expect(await versionsMade(story)).toEqual([
    expect.objectContaining({
      version: '18',
      tags: [
        { key: 'lockkeeper.repository', value: MODELS },
        { key: 'lockkeeper.commit', value: landed },
      ],
    }),
  ])
  expect(story.promotions()).toEqual([])
  story.world.bucket.put('s3://acme-models/churn/18/model.pkl')
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v18 to staging (merged)'])
  expect(await versionsMade(story)).toHaveLength(1)
})

scenario(
  'the first release of all: the registered model is made, and its version of the files of the run',
  async (story) => {
    const { mlflow, bucket } = story.world
    mlflow.forgetModel()
    mlflow.exports('exported')
    await registers(story, 'exported')
    const pull = await story.opens('better')
    mlflow.attach('better', pull.headSha, { registered: false })
    await story.merges(pull)
    const [made, ...others] = (await versionsMade(story)) as { version: string; run_id: string; source: string }[]
    expect([made?.version, others]).toEqual(['1', []])
    expect(mlflow.record('better').runs).toContain(made?.run_id)
    expect(made?.source).toBe(`mlflow-artifacts:/1/${made?.run_id}/artifacts/exported`)
    bucket.put('s3://acme-models/churn/1/model.pkl')
    await story.pass(MINUTE)
    expect(story.promotions()).toEqual(['Promote churn v1 to staging (merged)'])
  },
)

scenario('a model whose gates fail is not registered, and its thread says so at once', async (story) => {
  await registers(story)
  const pull = await story.opens('regression')
  story.world.mlflow.attach('regression', pull.headSha, { registered: false })
  await story.merges(pull)
  expect(await versionsMade(story)).toEqual([])
  expect(story.thread(pull)).toContain('❌ not promoted')
})

scenario('the artefacts of MLflow lie in a bucket under another address: the map says where', async (story) => {
  await story.configures((text) => text.replace(URI, 'uri_map: { "mlflow-artifacts:/": "s3://acme-models/churn/" }'))
  const uri = 's3://acme-models/churn/1/models/m-d4bdb171f3984522ba6967494040b322/artifacts'
  const pull = await story.proposes('better')
  await story.merges(pull)
  expect(await story.says('/deploy staging')).toContain(`it waits for the artefact \`${said(uri)}\``)
  story.world.bucket.put(`${uri}/MLmodel`)
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.manifest('environments/staging/churn/inference.yaml')).toContain(uri)
})

scenario(
  'without a map no release is made of what KServe cannot pull, and the thread says what to set',
  async (story) => {
    await story.configures((text) => text.replace(URI, ''))
    const pull = await story.proposes('better')
    await story.merges(pull)
    await story.pass(2 * HOUR + MINUTE, HOUR)
    expect(story.thread(pull)).toContain(
      'an artefact URI that KServe can pull: the registry says `mlflow-artifacts:/1/models/m-<run>/artifacts`. Set `release.model.uri_map` or `release.model.uri`.',
    )
  },
)

scenario('nothing appears: everything that is missing is named, with what to do', async (story) => {
  const pull = await story.opens('better')
  story.world.mlflow.attach('better', pull.headSha, { registered: false })
  story.world.github.merge(MODELS, pull.number, { by: 'carol', method: 'squash' })
  await story.settle()
  await story.pass(2 * HOUR + MINUTE, HOUR)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn — ❌ no release was made of \`<sha>\`
    **Next:** make what is missing, then merge a new commit.

    These did not appear in time:
    - a registered version of \`churn\` made from run \`<run>\`. Register it in training, or let Lockkeeper do it: \`create\` beside the name.
    - the image \`ghcr.io/acme/churn:<sha>\`. Push it with exactly this tag.
  `)
})

scenario('the wait for an artefact asks GitHub nothing, and looks ever less often', async (story) => {
  const pull = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.81 })
  story.world.bucket.remove(`s3://acme-models/fraud/${pull.headSha}/model.json`)
  await story.merges(pull)
  const looksBefore = story.world.bucket.requests.length
  expect(await story.calls(() => story.pass(HOUR, 5 * MINUTE))).toEqual([])
  const looks = story.world.bucket.requests.length - looksBefore
  expect(looks).toBeGreaterThan(5)
  expect(looks).toBeLessThan(120)
  story.world.bucket.put(`s3://acme-models/fraud/${pull.headSha}/model.json`)
  await story.pass(5 * MINUTE)
  expect(story.promotions()).toEqual([expect.stringMatching(/^Promote fraud \w{7} to staging \(merged\)$/)])
})

scenario('the image comes late, and the check that pushed it wakes the release', async (story) => {
  const pull = await story.proposes('better')
  const landed = story.world.github.merge(MODELS, pull.number, { by: 'carol', method: 'squash' })
  await story.pass(HOUR, 10 * MINUTE)
  story.world.registry.push('acme/churn', landed)
  story.world.github.reportCheck(MODELS, landed, { name: 'image', status: 'completed', conclusion: 'success' })
  await story.settle()
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario(
  'the tag is moved, the version deleted, the configuration changed: a release stays what it is',
  async (story) => {
    const pull = await story.proposes('better')
    const landed = await story.merges(pull)
    const digest = story.world.registry.digest('acme/churn', landed) ?? ''
    expect(story.world.registry.push('acme/churn', landed)).not.toBe(digest)
    story.world.mlflow.detach('better')
    await story.configures((text) => text.replace('s3://acme-models/churn/', 's3://acme-models/churn/other/'))
    await story.pass(HOUR)
    await story.says('/deploy prod')
    await story.reviews('bob')
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
    expect(story.manifest('environments/prod/churn/values.yaml')).toContain(digest)
    expect(story.manifest('environments/prod/churn/inference.yaml')).toContain('s3://acme-models/churn/12')
  },
)

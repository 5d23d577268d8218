/** The base moves under an open promotion pull request: it is made anew where its files changed, and left alone where they did not. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const VALUES = 'environments/prod/churn/values.yaml'

/** alice has asked for prod, which is locked; bob has approved. */
async function waitsForUnlock(story: Tale) {
  const pull = await story.waitsForApproval()
  await story.says('/lock prod an audit')
  await story.reviews('bob')
  return { ...pull, config: story.promotion('prod') }
}

const replace = (story: Tale, path: string, [from, to]: readonly [string, string]) =>
  story.writes(path, story.manifest(path).replace(from, to))

scenario('a base that moved elsewhere: the commit and its approval stand', async (story) => {
  const { config } = await waitsForUnlock(story)
  const calls = await story.calls(() => story.writes('README.md', '# Elsewhere\n'))
  expect(calls).not.toContain('ReadPromotionWorld')
  await story.says('/unlock prod')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  expect(story.promotion('prod').headSha).toBe(config.headSha)
})

scenario(
  'the base moved elsewhere, but GitHub wants branches up to date: made anew on it, and merged',
  async (story) => {
    const pull = await story.releases('better')
    await story.says('/lock staging churn an audit', { on: pull.number })
    await story.releases('better-2')
    await story.writes('README.md', '# Elsewhere\n')
    story.world.github.protectBranch(CONFIG, 'main', { checks: ['lockkeeper/promotion'], strict: true })
    await story.says('/unlock staging churn')
    await story.pass(10 * MINUTE, MINUTE)
    expect(story.promotions().at(-1)).toBe('Promote churn v13 to staging (merged)')
    expect(story.history('staging')).toMatchInlineSnapshot(
      `Made anew 2026-11-24 09:01 UTC on the base branch as it was then: its branch has to be up to date with the base branch. Approvals from before do not count any more.`,
    )
  },
)

scenario('its file changed on the base: made anew on it, and approved anew, with both changes', async (story) => {
  const { config } = await waitsForUnlock(story)
  await replace(story, VALUES, ['replicaCount: 5', 'replicaCount: 7'])
  await story.says('/unlock prod')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.promotion('prod').number).toBe(config.number)
  expect(story.history('prod')).toMatchInlineSnapshot(
    `Made anew 2026-11-24 10:00 UTC on the base branch as it was then: \`environments/prod/churn/values.yaml\` changed on the base branch. Approvals from before do not count any more.`,
  )
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  expect(story.manifest(VALUES)).toContain('replicaCount: 7')
  expect(story.patch('prod')).toMatchInlineSnapshot(`
    environments/prod/churn/inference.yaml
    @@ -12,5 +12,5 @@
     spec:
         predictor:
             sklearn:                 # the older shape, still served
    -            storageUri: 's3://acme-models/churn/11'
    +            storageUri: 's3://acme-models/churn/12'
                 resources: {requests: {cpu: 500m}}

    environments/prod/churn/values.yaml
    @@ -3,11 +3,11 @@
     
     image:
       repository: ghcr.io/acme/churn   # no tag here
    -  tag: 3f9c2e1d@sha256:<digest>
    +  tag: <sha>@sha256:<digest>
       pullPolicy: IfNotPresent
     
     podAnnotations:
    -  "lockkeeper.dev/release": ""
    +  "lockkeeper.dev/release": "<release>"
       prometheus.io/scrape: "true"
     
     resources: &res
  `)
})

scenario('its values got into the base by hand: closed, adopted with its approval, and proven', async (story) => {
  const { config, ...pull } = await waitsForUnlock(story)
  const { github } = story.world
  const written = config.files.map(({ path }) => [path, github.file(CONFIG, config.headSha, path) ?? ''] as const)
  github.commit(CONFIG, 'main', { message: 'By hand', files: Object.fromEntries(written), by: 'carol' })
  await story.settle()
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.says('/unlock prod')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
  await story.verifies()
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in prod
    **Next:** to go back: \`/rollback prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ✅ **prod** by alice: verified 2026-11-24 10:10 UTC (its values were in the files already), alias champion → v12
  `)
})

scenario('its file is gone from the base: refused, and closed', async (story) => {
  const { config: _, ...pull } = await waitsForUnlock(story)
  await story.writes(VALUES, null)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to prod
    **Next:** add the file there first, or correct \`file:\` under \`edit:\` in the model repository’s configuration.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ❌ **prod** by alice: refused (\`manifest_missing\`): \`environments/prod/churn/values.yaml\` does not exist in the config repository
  `)
})

scenario('the config repository accepts it no more: refused, and closed', async (story) => {
  await waitsForUnlock(story)
  const without = (text: string) =>
    text
      .replace('environments: [staging, prod]', 'environments: [staging]')
      .replace(/ {6}prod: .*/, '      staging: {}')
  await story.configures(without, CONFIG)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
})

const SHARED = 'environments/staging/versions.yaml'
const VERSIONS = '# who serves what\r\nmodels:\r\n  churn: "none"   # first\r\n  fraud: none\r\n# the end'

/** Both models also write one line each of a file that they share. */
async function shareAFile(story: Tale) {
  const edit = (model: string) =>
    `      - file: "${SHARED}"\n        models: [${model}]\n        yaml: { models.${model}: "{{ model.uri }}" }\n`
  await story.configures((text) => text.replace('    edit:\n', `    edit:\n${edit('churn')}${edit('fraud')}`))
  const paths = 'environments/{{ environment }}/{{ model.name }}/**"'
  await story.configures((text) => text.replace(`${paths}]`, `${paths}, "${SHARED}"]`), CONFIG)
  await story.writes(SHARED, VERSIONS)
}

scenario(
  'two models in one file: their pull requests take turns, both end live, and no byte is lost',
  async (story) => {
    await shareAFile(story)
    const fraud = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.81 })
    await story.says('/lock staging churn first')
    await story.says('/lock staging fraud then')
    await story.merges(fraud)
    await story.releases('better')
    expect(story.promotions().map((title) => title.replace(/[0-9a-f]{7}/, '<sha>'))).toEqual([
      'Promote fraud <sha> to staging (open)',
      'Promote churn v12 to staging (open)',
    ])
    await story.says('/unlock staging churn')
    expect(story.history('staging', 'fraud')).toMatchInlineSnapshot(
      `Made anew 2026-11-24 09:00 UTC on the base branch as it was then: \`environments/staging/versions.yaml\` changed on the base branch. Approvals from before do not count any more.`,
    )
    await story.says('/unlock staging fraud')
    const churn = VERSIONS.replace('none', 's3://acme-models/churn/12')
    expect(said(story.manifest(SHARED))).toBe(churn.replace('none', 's3://acme-models/fraud/<sha>'))
    expect(['churn', 'fraud'].map((model) => said(story.world.argocd.kserve.liveUri('staging', model) ?? ''))).toEqual([
      's3://acme-models/churn/12',
      's3://acme-models/fraud/<sha>',
    ])
    expect(story.patch('staging', 'churn')).toMatchInlineSnapshot(`
      environments/staging/churn/inference.yaml
      @@ -11,6 +11,6 @@
           minReplicas: 1
           model:
             modelFormat: { name: sklearn }
      -      storageUri: "s3://acme-models/churn/11"   # <- the promoted version
      +      storageUri: "s3://acme-models/churn/12"   # <- the promoted version
             resources:
               limits: {cpu: "1", memory: 2Gi}

      environments/staging/churn/kustomization.yaml
      @@ -4,6 +4,6 @@
       - inference.yaml
       images:
       - name: ghcr.io/acme/churn
      -  digest: sha256:<digest>   # churn API server
      +  digest: sha256:<digest>   # churn API server
       - name: busybox
         newTag: "1.36"

      environments/staging/versions.yaml
      @@ -1,5 +1,5 @@
       # who serves what
       models:
      -  churn: "none"   # first
      +  churn: "s3://acme-models/churn/12"   # first
         fraud: none
       # the end
      \\ No newline at end of file
    `)
    expect(story.patch('staging', 'fraud')).toMatchInlineSnapshot(`
      environments/staging/fraud/inference.yaml
      @@ -3,4 +3,4 @@
       metadata: {name: fraud, namespace: staging}
       spec:
         predictor:
      -    model: {modelFormat: {name: xgboost}, storageUri: s3://acme-models/fraud/0d1c9b2a}  # one line, flow style
      +    model: {modelFormat: {name: xgboost}, storageUri: s3://acme-models/fraud/<sha>}  # one line, flow style

      environments/staging/versions.yaml
      @@ -1,5 +1,5 @@
       # who serves what
       models:
         churn: "s3://acme-models/churn/12"   # first
      -  fraud: none
      +  fraud: s3://acme-models/fraud/<sha>
       # the end
      \\ No newline at end of file
    `)
  },
)

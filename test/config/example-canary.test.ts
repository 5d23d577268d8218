/** The example with a shadow and a canary: it loads, nothing in it is idle, and its manifests take the edits. */
import { readFileSync } from 'node:fs'
import { expect, it, test } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { editManifest } from '../../src/domain/manifest/index.ts'

const read = (file: string): string => readFileSync(`examples/canary/${file}`, 'utf8')

it.each(['model-repo', 'config-repo'])('%s loads without an error, a warning or an idle key', (repository) => {
  const parsed = parseRepoConfig(read(`${repository}/.github/lockkeeper.yml`), { file: 'lockkeeper.yml' })
  expect(parsed.ok ? parsed.notices : parsed.problems).toEqual([])
})

it.each([
  ['prod', 'churn'],
  ['shadow', 'churn-shadow'],
])('the InferenceService of %s takes a model and a share', (environment, name) => {
  const file = `environments/${environment}/churn/inference.yaml`
  const edit = { kind: 'kserve', name, storageUri: 's3://acme-models/churn/12', canaryTrafficPercent: 10 } as const
  expect(editManifest({ file, text: read(`config-repo/${file}`), edits: [edit] }).kind).toBe('edited')
})

test('the weights of the graph are 100 together, and stay so', () => {
  const file = 'environments/prod/churn/graph-ab.yaml'
  const weights = (b: number) => [
    { node: 'root', step: 'a', weight: 50 },
    { node: 'root', step: 'b', weight: b },
  ]
  const edited = (b: number) =>
    editManifest({
      file,
      text: read(`config-repo/${file}`),
      edits: [{ kind: 'kserve', name: 'churn-ab', resource: 'InferenceGraph', weights: weights(b) }],
    }).kind
  expect([edited(50), edited(60)]).toEqual(['edited', 'refused'])
})

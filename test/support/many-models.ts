/** A world in which many models of one repository are deployed to prod on every merge, each by an Argo CD Application of its own: so many rollouts under way at once that one `kill -9` meets all of their stages. */

import { readFileSync, writeFileSync } from 'node:fs'
import { STORY_LAG } from '../../sandbox/demo/stage.ts'
import type { Lag } from '../../sandbox/github/state.ts'
import { CONFIG, MODELS, startWorld, type World } from '../../sandbox/world/index.ts'

export type ManyModels = {
  readonly world: World
  readonly names: readonly string[]
  /** Pushes a version of every model to the default branch, with its artefact in the bucket; gives the commit. */
  push(version: number): string
  /** Where KServe loads this model from at that commit. */
  uriOf(model: string, commit: string): string
  /** What the pods that answer have loaded. */
  servedBy(model: string): string | undefined
  /** What Git says. */
  declaredFor(model: string): string
}

/** `prod`: what the environment's settings hold besides where it is written; default: on every merge, and proven. */
export async function startManyModels(
  count: number,
  start: Date,
  prod: readonly string[] = ON_MERGE,
  lag: Lag = STORY_LAG,
): Promise<ManyModels> {
  const names = Array.from({ length: count }, (_, index) => `m${String(index + 1).padStart(3, '0')}`)
  const world = await startWorld({
    start,
    lag,
    applications: names.map((model) => ({ model, environment: 'prod' })),
  })
  const { github, argocd, endpoint, bucket } = world
  const policy = world.variables['LOCKKEEPER_POLICY'] ?? ''
  writeFileSync(policy, readFileSync(policy, 'utf8').replace('"fraud-*"', '"fraud-*", "m*-prod"'))
  github.commit(CONFIG, 'main', { message: 'Many models', files: configFiles(names), by: 'carol' })
  github.commit(MODELS, 'main', {
    message: 'Many models',
    files: { [SETTINGS]: modelSettings(names, prod) },
    by: 'carol',
  })
  for (const model of names) endpoint.host(`${model}.example.com`, () => argocd.kserve.liveUri('prod', model))
  const uriOf = (model: string, commit: string) => `s3://acme-models/${model}/${commit}`
  return {
    world,
    names,
    uriOf,
    push: (version) => {
      const files = Object.fromEntries(names.map((model) => [`models/${model}/metrics.json`, metrics(version)]))
      const commit = github.commit(MODELS, 'main', { message: `Train ${version}`, files, by: 'dave' })
      for (const model of names) bucket.put(`${uriOf(model, commit)}/model.bin`, `${model} ${version}`)
      return commit
    },
    servedBy: (model) => argocd.kserve.liveUri('prod', model),
    declaredFor: (model) =>
      /storageUri: (\S+)/.exec(github.file(CONFIG, 'main', manifestOf(model)) ?? '')?.[1] ?? '(nothing)',
  }
}

const SETTINGS = '.github/lockkeeper.yml'
const manifestOf = (model: string): string => `environments/prod/${model}/inference.yaml`
const metrics = (version: number): string => `${JSON.stringify({ f1: 0.8 + version / 100 })}\n`

function configFiles(names: readonly string[]): Record<string, string> {
  const accepts = [
    'version: 1',
    'accepts:',
    `  - from: ${MODELS}`,
    '    environments: [prod]',
    '    paths: ["environments/{{ environment }}/{{ model.name }}/**"]',
  ]
  const manifests = names.map((model) => [
    manifestOf(model),
    `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: ${model}, namespace: prod }
spec:
  predictor:
    model:
      modelFormat: { name: sklearn }
      storageUri: s3://acme-models/${model}/found
`,
  ])
  return { [SETTINGS]: `${accepts.join('\n')}\n`, ...Object.fromEntries(manifests) }
}

const modelSettings = (names: readonly string[], prod: readonly string[]): string => `version: 1
models:
${names.map(settingsOf).join('')}environments:
  prod:
    repository: ${CONFIG}
    edit:
      - file: "environments/prod/{{ model.name }}/inference.yaml"
        kserve: { name: "{{ model.name }}", storage_uri: "{{ model.uri }}" }
${prod.map((line) => `    ${line}\n`).join('')}`

/** How long a rollout may take: short, so that a story of two hours sees failure, rollback and proof. */
const TIMES = { sync: '10m', within: '12m', for: '3m' } as const

const ON_MERGE: readonly string[] = [
  'deploy: on-merge',
  'sync:',
  '  argocd: { application: "{{ model.name }}-prod" }',
  `  within: ${TIMES.sync}`,
  'verify:',
  `  within: ${TIMES.within}`,
  `  for: ${TIMES.for}`,
  '  kserve: { name: "{{ model.name }}", namespace: prod }',
  '  http:',
  '    - { url: "https://{{ model.name }}.example.com/v2/health/ready", successes: 3, of: 4 }',
  '  prometheus:',
  `    - { query: 'errors{service="{{ model.name }}"}', max: 0.01 }`,
  'rollback: automatic',
]

const settingsOf = (model: string): string => `  ${model}:
    paths: ["models/${model}/**"]
    candidate: { file: models/${model}/metrics.json }
    gates: { f1: { goal: maximize, min: 0.5 } }
    release: { model: { uri: "s3://acme-models/${model}/{{ commit.sha }}" } }
`

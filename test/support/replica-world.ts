/** A world of many independent models in one repository, each deployed to prod by command, with four eyes: what replica-lanes.ts works on. */

import { readFileSync, writeFileSync } from 'node:fs'
import { STORY_LAG } from '../../sandbox/demo/stage.ts'
import { CONFIG, MODELS, startWorld, type World } from '../../sandbox/world/index.ts'

export type LaneWorld = {
  readonly world: World
  readonly models: readonly string[]
}

/** Where KServe loads this model from; `release`: the commit, or its version where it is registered. */
export const uriOf = (model: string, release: string): string => `s3://acme-models/${model}/${release}`

export const metricsOf = (model: string): string => `models/${model}/metrics.json`

/** The one whose versions are registered at MLflow, where an alias follows what is live. */
export const REGISTERED = 'm001'
/** Of the registered model `churn`. */
export const ALIAS = 'live'

/** With so many models; the bucket is given what they are trained to by whoever merges. */
export async function startLaneWorld(count: number, start: Date): Promise<LaneWorld> {
  const models = Array.from({ length: count }, (_, index) => `m${String(index + 1).padStart(3, '0')}`)
  const world = await startWorld({
    start,
    lag: STORY_LAG,
    applications: models.map((model) => ({ model, environment: 'prod' })),
  })
  const policy = world.variables['LOCKKEEPER_POLICY'] ?? ''
  writeFileSync(policy, readFileSync(policy, 'utf8').replace('"fraud-*"', '"fraud-*", "m*-prod"'))
  const by = 'carol'
  world.github.commit(CONFIG, 'main', { message: 'Many models', files: configFiles(models), by })
  world.github.commit(MODELS, 'main', { message: 'Many models', files: { [SETTINGS]: modelSettings(models) }, by })
  return { world, models }
}

const SETTINGS = '.github/lockkeeper.yml'

function configFiles(models: readonly string[]): Record<string, string> {
  const accepts = [
    'version: 1',
    'accepts:',
    `  - from: ${MODELS}`,
    '    environments: [prod]',
    '    paths: ["environments/{{ environment }}/{{ model.name }}/**"]',
  ]
  const manifests = models.map((model) => [
    `environments/prod/${model}/inference.yaml`,
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

const modelSettings = (models: readonly string[]): string => `version: 1
models:
${models.map(settingsOf).join('')}environments:
  prod:
    deploy: on-command
    approvals: 1
    approvers: ["user:bob"]
    repository: ${CONFIG}
    edit:
      - file: "environments/prod/{{ model.name }}/inference.yaml"
        kserve: { name: "{{ model.name }}", storage_uri: "{{ model.uri }}" }
    sync:
      argocd: { application: "{{ model.name }}-prod" }
      within: 1h
    verify:
      within: 2h
      kserve: { name: "{{ model.name }}", namespace: prod }
    rollback: manual
    on_verified: { mlflow_alias: ${ALIAS} }
`

const settingsOf = (model: string): string =>
  model === REGISTERED
    ? `  ${model}:
    paths: ["models/${model}/**"]
    candidate: { mlflow: { experiment: churn } }
    gates: { auc: { goal: maximize, min: 0.5 } }
    release: { model: { mlflow: churn, uri: "s3://acme-models/${model}/{{ model.version }}" } }
`
    : `  ${model}:
    paths: ["models/${model}/**"]
    candidate: { file: ${metricsOf(model)} }
    gates: { f1: { goal: maximize, min: 0.5 } }
    release: { model: { uri: "s3://acme-models/${model}/{{ commit.sha }}" } }
`

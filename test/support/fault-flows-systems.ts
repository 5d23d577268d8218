/** Stories of the fault matrix that reach the systems which few repositories use: other sources of metrics, other engines, checks of every kind. */
import { listen } from '../../sandbox/http.ts'
import { startArgoCdApi } from '../../sandbox/systems/argocd-api.ts'
import { startFlux } from '../../sandbox/systems/flux.ts'
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'
import type { FaultFlow } from './fault-flows.ts'
import type { FaultTale, FurtherSystem } from './fault-stage.ts'
import { HOUR, MINUTE } from './story-acts.ts'

const METRICS = { f1: 0.83 }

const SOURCES = `
  scored:
    paths: ["models/scored/**"]
    candidate: { s3: "s3://acme-models/metrics/{{ commit.sha }}/scored.json" }
    gates: { f1: { goal: maximize, min: 0.7 } }
    environments: []
  uploaded:
    paths: ["models/uploaded/**"]
    candidate: { artifact: { name: metrics, file: metrics.json, workflow: train.yml } }
    gates: { f1: { goal: maximize, min: 0.7 } }
    environments: []
  logged:
    paths: ["models/logged/**"]
    candidate: { wandb: { entity: acme, project: logged } }
    gates: { f1: { goal: maximize, min: 0.7 } }
    environments: []
`

/** Weights & Biases with one finished run of whatever commit is asked for. */
async function startWandb(): Promise<FurtherSystem> {
  return listen(({ body }) => {
    const { variables } = JSON.parse(body.toString()) as { variables: { filters: string } }
    const { commit } = JSON.parse(variables.filters) as { commit: { $in: readonly string[] } }
    const node = {
      name: '1a2b3c4d',
      state: 'finished',
      commit: commit.$in[0],
      createdAt: '2026-11-24T09:00:00',
      group: '',
      sweepName: null,
      config: '{}',
      summaryMetrics: JSON.stringify(METRICS),
    }
    const runs = { edges: [{ node }], pageInfo: { endCursor: null, hasNextPage: false } }
    return { status: 200, body: { data: { project: { runs } } } }
  })
}

/** One pull request whose models have their metrics in a file, a bucket, an artifact and at Weights & Biases. */
export const sources: FaultFlow = {
  name: 'sources',
  stage: {
    systems: async () => ({ wandb: await startWandb() }),
    settings: (policy, { wandb }) => ({
      policy: policy.replace('    http:', '    wandb: ["acme/*"]\n    http:'),
      variables: { WANDB_BASE_URL: wandb?.url ?? '', WANDB_API_KEY: 'a-key-of-forty-characters-or-so-0123456789' },
    }),
  },
  play: async (tale) => {
    const { github, bucket } = tale.world
    await tale.configures((text) => text.replace('\nenvironments:\n', `${SOURCES}\nenvironments:\n`))
    const files = Object.fromEntries(
      ['scored', 'uploaded', 'logged'].map((model) => [`models/${model}/train.py`, 'DEPTH = 8\n']),
    )
    const fraud = { 'models/fraud/metrics.json': JSON.stringify({ f1: 0.83, 'f1/segment=eu': 0.8 }) }
    const headSha = github.commit(MODELS, 'deeper', { message: 'Deeper', files: { ...files, ...fraud }, by: 'dave' })
    github.openPullRequest(MODELS, { title: 'Deeper trees', head: 'deeper', by: 'dave' })
    const run = github.startWorkflow(MODELS, headSha, { workflow: 'train.yml', by: 'dave' })
    github.reportCheck(MODELS, headSha, { name: 'train', status: 'in_progress' })
    await tale.settle()
    bucket.put(`s3://acme-models/metrics/${headSha}/scored.json`, JSON.stringify(METRICS))
    github.uploadArtifact(MODELS, run, { name: 'metrics', files: { 'metrics.json': JSON.stringify(METRICS) } })
    github.finishWorkflow(MODELS, run)
    github.reportCheck(MODELS, headSha, { name: 'train', status: 'completed', conclusion: 'success' })
    await tale.settle()
    await tale.pass(20 * MINUTE, 10 * MINUTE)
  },
}

const HOST = 'churn-staging.example.com'
const SMOKE = `name: smoke
run-name: smoke \${{ inputs.lockkeeper_promotion }}
on: { workflow_dispatch: { inputs: { image: { required: true }, lockkeeper_promotion: {} } } }
jobs: {}
`
const VERIFY = '      kserve: { name: "{{ model.name }}", namespace: staging }\n'
const CHECKS = `      for: 4m
      workflow:
        - { file: smoke.yml, inputs: { image: "{{ image.tag }}", lockkeeper_promotion: "{{ release.id }}" } }
      http:
        - name: known customers
          url: "https://${HOST}/v2/models/{{ model.name }}/infer"
          sample: { request: "models/{{ model.name }}/sample.json", response: "models/{{ model.name }}/answer.json" }
      prometheus:
        - { name: p95, query: 'latency{service="{{ model.name }}"}', max_regression: 5%, goal: minimize }
      reports:
        drift: { format: evidently, s3: "s3://acme-models/monitoring/{{ environment }}/{{ model.name }}.json" }
`

/** Trained and merged, and nobody has registered the model. */
async function mergesUnregistered(tale: FaultTale): Promise<void> {
  const { github, mlflow } = tale.world
  const pull = await tale.opens('better')
  mlflow.attach('better', pull.headSha, { registered: false })
  github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await tale.settle()
  await tale.merges(pull)
}

/** Lockkeeper registers the model, and a release has to pass a workflow, a sample, a query and a drift report. */
export const checks: FaultFlow = {
  name: 'checks',
  stage: { grants: { actions: 'write' } },
  play: async (tale) => {
    const { github, bucket, endpoint, argocd } = tale.world
    endpoint.host(HOST, () => argocd.kserve.liveUri('staging', 'churn'))
    const files = {
      'models/churn/sample.json': JSON.stringify({
        inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP64', data: [0, 0] }],
      }),
      'models/churn/answer.json': JSON.stringify({ outputs: [{ name: 'output-0', data: [0.5] }] }),
      '.github/workflows/smoke.yml': SMOKE,
    }
    github.commit(MODELS, 'main', { message: 'Checks', files, by: 'carol' })
    await tale.configures((text) =>
      text
        .replace(VERIFY, `${VERIFY}${CHECKS}`)
        .replace('mlflow: churn\n', 'mlflow: { name: churn, create: { artifact_path: model } }\n'),
    )
    await mergesUnregistered(tale)
    bucket.put('s3://acme-models/churn/18/model.pkl', 'churn 18')
    const ended = new Set<number>()
    for (let round = 0; round < 8; round += 1) {
      await tale.pass(2 * MINUTE)
      const drift = [{ name: 'Share of Drifted Columns', status: 'SUCCESS', description: 'The share is 0.1' }]
      bucket.put('s3://acme-models/monitoring/staging/churn.json', JSON.stringify({ tests: drift }))
      const begun = github.dispatchedRuns(MODELS).filter(({ id }) => !ended.has(id))
      for (const { id } of begun) {
        github.finishWorkflow(MODELS, id)
        ended.add(id)
      }
      await tale.settle()
    }
    await tale.calm()
  },
}

/** The first release of all: MLflow knows neither the model nor a version, and the run has its files among its artefacts. */
export const first: FaultFlow = {
  name: 'first',
  play: async (tale) => {
    const { bucket, mlflow } = tale.world
    mlflow.forgetModel()
    mlflow.exports('exported')
    await tale.configures((text) =>
      text.replace('mlflow: churn\n', 'mlflow: { name: churn, create: { artifact_path: exported } }\n'),
    )
    await mergesUnregistered(tale)
    bucket.put('s3://acme-models/churn/1/model.pkl')
    await tale.calm()
  },
}

const STAGING_ENGINE = 'argocd: { application: "{{ model.name }}-staging", namespace: argocd, sync: auto }'
const PROD_ENGINE = 'argocd: { application: "{{ model.name }}-prod", namespace: argocd }'

/** Flux brings it to staging, and Argo CD, asked by its own API, to prod. */
export const engines: FaultFlow = {
  name: 'engines',
  stage: {
    systems: async ({ kubernetes, clock }) => ({ argocd: await startArgoCdApi({ store: kubernetes.store, clock }) }),
    settings: (policy, { argocd }) => ({
      policy: `${policy
        .replace(
          /^( *)argocd: \[.*$/m,
          '$1argocd: [{ server: main, applications: ["churn-*"], sync: true }]\n$1flux: [{ objects: ["churn-*"], reconcile: true }]',
        )
        .trimEnd()}\nargocd_servers:\n  main: { url: "${argocd?.url ?? ''}", token_env: ARGOCD_TOKEN }\n`,
      variables: { ARGOCD_TOKEN: 'sandbox-argocd-token' },
    }),
  },
  play: async (tale) => {
    const { argocd } = tale.world
    argocd.script('churn-staging', { missing: true })
    argocd.script('churn-prod', { autoSync: false })
    const flux = fluxOf(tale.world)
    try {
      await tale.configures((text) =>
        text
          .replace(STAGING_ENGINE, 'flux: { kustomization: "{{ model.name }}-staging", reconcile: request }')
          .replace(
            PROD_ENGINE,
            'argocd: { server: main, application: "{{ model.name }}-prod", namespace: argocd, sync: request }',
          ),
      )
      await flux.settled()
      await tale.releases('better')
      await flux.settled()
      await tale.calm()
      await tale.pass(HOUR + MINUTE, 20 * MINUTE)
      await tale.says('/deploy prod')
      await tale.approves()
      await tale.calm()
    } finally {
      flux.close()
    }
  },
}

const fluxOf = ({ kubernetes, clock, argocd, github }: World) =>
  startFlux({
    store: kubernetes.store,
    clock,
    kserve: argocd.kserve,
    repository: CONFIG,
    url: `https://github.com/${CONFIG}.git`,
    kustomizations: [
      { name: 'churn-staging', path: 'environments/staging/churn', targetNamespace: 'staging', wait: false },
    ],
    source: {
      headOf: (repository, branch) => github.branches(repository)[branch],
      read: (repository, sha, path) => github.file(repository, sha, path),
    },
  })

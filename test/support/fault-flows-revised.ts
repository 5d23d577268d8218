/** A story of the fault matrix in which what was asked for changes on its way, and whose configuration says everything in the other of two ways. */
import { MODELS, type World } from '../../sandbox/world/index.ts'
import type { FaultFlow } from './fault-flows.ts'
import type { FaultTale } from './fault-stage.ts'
import { HOUR, MINUTE } from './story-acts.ts'

const OTHERWISE: readonly (readonly [string, string])[] = [
  ['mlflow: { experiment: churn', 'mlflow: { experiment_id: "1"'],
  ['alias: champion }', 'stage: Production }'],
  [
    'uri: "s3://acme-models/churn/{{ model.version }}"',
    'uri_map: { "mlflow-artifacts:/": "s3://acme-models/churn/files/" }',
  ],
  ['-staging", namespace: argocd, sync: auto }', '-staging", namespace: argocd, sync: request }'],
]

const otherwise = (text: string): string =>
  OTHERWISE.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the configuration does not say ${from}`)
    return changed.replace(from, to)
  }, text)

/** Training has uploaded the files to where MLflow says that they are. */
async function uploads({ mlflow, bucket }: World, version: number): Promise<void> {
  const address = `${mlflow.url}/api/2.0/mlflow/model-versions/get-download-uri?name=churn&version=${version}`
  const { artifact_uri: uri } = (await (await fetch(address)).json()) as { artifact_uri: string }
  bucket.put(`${uri.replace('mlflow-artifacts:/', 's3://acme-models/churn/files/')}/MLmodel`)
}

async function brings(tale: FaultTale, candidate: 'better' | 'better-2', version: number): Promise<number> {
  const pull = await tale.proposes(candidate)
  await tale.says('/compare with v11', { on: pull.number })
  await uploads(tale.world, version)
  await tale.merges(pull)
  await tale.calm()
  await tale.pass(HOUR + MINUTE, 20 * MINUTE)
  await tale.says('/deploy prod', { on: pull.number })
  return pull.number
}

/** Two releases for prod, one after the other: the second moves the promotion pull request of the first. */
export const revised: FaultFlow = {
  name: 'revised',
  stage: {
    settings: (policy) => ({
      policy: policy.replace('applications: ["churn-*", "fraud-*"]', 'applications: ["churn-*"], sync: true'),
    }),
  },
  play: async (tale) => {
    const { argocd, github } = tale.world
    argocd.script('churn-staging', { autoSync: false })
    github.protectBranch(MODELS, 'main', { checks: ['lockkeeper'] })
    github.setEnvironment(MODELS, 'prod/churn', { branches: 'protected' })
    await tale.configures(otherwise)
    await brings(tale, 'better', 12)
    await brings(tale, 'better-2', 13)
    await tale.approves()
    await tale.calm()
  },
}

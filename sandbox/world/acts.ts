/** What people and their CI do in the stories: train a candidate, open its pull request, merge it. Each act leaves what it would leave in real life. */
import type { Candidate } from '../recordings/candidates.ts'
import { MODELS, type World } from './index.ts'

export type ModelPullRequest = { readonly number: number; readonly headSha: string; readonly candidate: Candidate }

const BRANCHES: Readonly<Record<string, string>> = {
  better: 'tune-regularisation',
  'better-2': 'more-features',
  'better-3': 'calibrated',
  regression: 'simpler-model',
  nan: 'new-loss',
  slow: 'big-ensemble',
}

/** dave pushes a change of churn's training code and opens a pull request; MLflow has the candidate's runs once training has run. */
export function openChurnPullRequest(
  world: World,
  candidate: Candidate,
  options: { readonly title?: string; readonly by?: string } = {},
): ModelPullRequest {
  const branch = BRANCHES[candidate] ?? candidate
  const by = options.by ?? 'dave'
  const headSha = world.github.commit(MODELS, branch, {
    message: `Train ${candidate}`,
    files: { 'models/churn/train.py': `CANDIDATE = "${candidate}"\nFEATURES = ["tenure", "contract", "charges"]\n` },
    by,
    from: 'main',
  })
  const title = options.title ?? `churn: ${branch.replaceAll('-', ' ')}`
  const number = world.github.openPullRequest(MODELS, {
    title,
    body: 'Trained on the October data.',
    head: branch,
    base: 'main',
    by,
  })
  return { number, headSha, candidate }
}

/** CI starts training: its check run is in progress. */
export function startTraining(world: World, { headSha }: ModelPullRequest): void {
  world.github.reportCheck(MODELS, headSha, { name: 'train', status: 'in_progress' })
}

/** Training ends: runs and registered version are in MLflow, the artefact is in the bucket, the check run is completed. */
export function finishTraining(
  world: World,
  { headSha, candidate }: ModelPullRequest,
  conclusion: 'success' | 'failure' = 'success',
): void {
  const { version } = world.mlflow.attach(candidate, headSha)
  if (version !== undefined) world.bucket.put(`s3://acme-models/churn/${version}/model.pkl`, `churn ${version}`)
  world.github.reportCheck(MODELS, headSha, { name: 'train', status: 'completed', conclusion })
}

/** A maintainer merges; CI of the default branch pushes the image of the landed commit. */
export function mergeModel(
  world: World,
  { number }: Pick<ModelPullRequest, 'number'>,
  method: 'merge' | 'squash' | 'rebase' = 'squash',
): string {
  const sha = world.github.merge(MODELS, number, { by: 'carol', method })
  world.registry.push('acme/churn', sha)
  return sha
}

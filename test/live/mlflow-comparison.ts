/** One comparison over a real MLflow and nothing else, configured by the lines that a test is about. */
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type CommitSha, parseCommitSha, parseModelName, parseRepoName } from '../../src/domain/ids.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import type { Mlflow } from '../../src/services/ports.ts'
import type { MetricsDeps } from '../../src/services/read-metrics.ts'

export const COMMIT = 'mlflow.source.git.commit'

let commits = 0
/** A commit that no other test knows. */
export const newCommit = (): CommitSha => {
  commits += 1
  const sha = parseCommitSha(commits.toString(16).padStart(40, '0'))
  if (sha === undefined) throw new Error('no sha')
  return sha
}

export type Sources = { readonly candidate: string; readonly baseline?: string; readonly gates?: string }

/** One side per YAML flow mapping. `mayUse` is the operator's policy; default: everything. */
export const compareWith = async (
  mlflow: Mlflow,
  { candidate, baseline, gates = 'auc: { goal: maximize, max_regression: 1% }' }: Sources,
  {
    commits: of,
    mayUse = () => true,
  }: { readonly commits: readonly CommitSha[]; readonly mayUse?: (need: Need) => boolean },
) => {
  const text = `version: 1
models:
  churn:
    candidate: { mlflow: ${candidate} }
${baseline === undefined ? '' : `    baseline: { mlflow: ${baseline} }\n`}    gates: { ${gates} }
`
  const parsed = parseRepoConfig(text, { file: 'lockkeeper.yml' })
  const [name, repository] = [parseModelName('churn'), parseRepoName('acme/models')]
  const model = parsed.ok && name !== undefined ? parsed.settings.models.get(name) : undefined
  const [head] = of
  if (model === undefined || repository === undefined || head === undefined) throw new Error(JSON.stringify(parsed))
  const deps = {
    mlflow,
    mayUse: (_, need) => (mayUse(need) ? { allowed: true } : { allowed: false, missingLine: '', message: 'no' }),
  } satisfies Pick<MetricsDeps, 'mlflow' | 'mayUse'>
  // Only MLflow is asked here.
  const compareModel = createCompareModel(deps as unknown as MetricsDeps)
  return compareModel({ repository, model, commits: of, headRef: head, baselineRef: 'main', waivers: [] })
}

/** Reports as compareModel makes them, for tests of what is said about them. */
import { type ComparisonInput, compareMetrics } from '../../src/domain/comparison.ts'
import type { ComparisonReport, ModelReport } from '../../src/domain/comparison-report.ts'
import { NO_GATES } from '../../src/domain/gate-summary.ts'
import { type CommitSha, type ModelName, parseCommitSha, parseModelName } from '../../src/domain/ids.ts'
import { countOutside } from '../../src/domain/outside-gate.ts'
import type { GateSpec } from '../../src/domain/settings.ts'

export const sha = (text: string): CommitSha => {
  const parsed = parseCommitSha(text.padEnd(40, '0'))
  if (parsed === undefined) throw new Error(`no sha: ${text}`)
  return parsed
}

export const modelName = (text: string): ModelName => {
  const parsed = parseModelName(text)
  if (parsed === undefined) throw new Error(`no model name: ${text}`)
  return parsed
}

export const gate = (metric: string, rules: Partial<GateSpec> = {}): GateSpec => ({
  metric,
  goal: 'maximize',
  min: undefined,
  max: undefined,
  maxRegression: undefined,
  required: true,
  ...rules,
})

/** The gates of `churn` in the reference configuration. */
const CHURN_GATES: readonly GateSpec[] = [
  gate('auc', { min: 0.8, maxRegression: { kind: 'percent', value: 0.005 } }),
  gate('log_loss', { goal: 'minimize', maxRegression: { kind: 'percent', value: 0.02 } }),
  gate('p95_latency_ms', { goal: 'minimize', max: 120 }),
]

const HEAD = sha('3f9c2e1')

const CHAMPION: NonNullable<ModelReport['baseline']> = {
  label: 'champion v11',
  reference: 'models:/churn/11',
  url: 'http://mlflow.test/#/models/churn/versions/11',
  runs: [{ id: 'c0ffee00', url: undefined }],
  version: '11',
}

const metrics = (values: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(values))

/** A compared model, from plain objects; one object per seed. */
export const compared = (
  input: {
    readonly candidate: readonly Readonly<Record<string, number>>[]
    readonly baseline?: readonly Readonly<Record<string, number>>[] | undefined
    readonly gates?: readonly GateSpec[]
  } & Pick<Partial<ComparisonInput>, 'waivers'>,
  changes: Partial<ModelReport> = {},
): ModelReport => {
  const comparison = compareMetrics({
    candidate: input.candidate.map(metrics),
    baseline: input.baseline?.map(metrics),
    gates: input.gates ?? CHURN_GATES,
    waivers: input.waivers ?? [],
  })
  return {
    ...open('first'),
    verdict: comparison.verdict,
    comparison,
    gates: countOutside(comparison.gates, changes.outside ?? []),
    candidate: {
      commit: HEAD,
      file: undefined,
      runs: input.candidate.map((_, index) => ({
        id: `a1b2c3d4${index}`,
        url: `http://mlflow.test/#/experiments/1/runs/a1b2c3d4${index}`,
      })),
      failedRuns: 0,
      newerRunning: false,
    },
    baseline: input.baseline && CHAMPION,
    ...changes,
  }
}

/** A model about which nothing is known yet. */
export const open = (verdict: ModelReport['verdict'], changes: Partial<ModelReport> = {}): ModelReport => ({
  model: modelName('churn'),
  verdict,
  comparison: undefined,
  gates: NO_GATES,
  candidate: undefined,
  baseline: undefined,
  runs: [],
  metrics: {},
  dataDigests: [],
  baselineDataDigests: [],
  parametersChanged: [],
  waiting: undefined,
  failedChecks: [],
  notes: [],
  outside: [],
  trend: [],
  problem: undefined,
  ...changes,
})

export const report = (models: readonly ModelReport[], changes: Partial<ComparisonReport> = {}): ComparisonReport => ({
  headSha: HEAD,
  isFork: false,
  models,
  earlier: undefined,
  ...changes,
})

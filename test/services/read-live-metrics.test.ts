/** The release that is live as a baseline: its runs while they are there, else what was recorded; and whose word is taken for "live". */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { ReleaseId } from '../../src/domain/ids.ts'
import type { History, Promotion } from '../../src/domain/promotion.ts'
import type { Release } from '../../src/domain/release.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import type { Ledger } from '../../src/services/ledger.ts'
import type { MetricsDeps } from '../../src/services/read-metrics.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { BASE, CONFIG, createWorld, HEAD, repository, run, type World } from './comparison-world.ts'

const LIVE = CONFIG.replace(
  'baseline: { mlflow: { model: churn, alias: champion } }',
  'baseline: { environment: prod }',
)
  .concat(
    'environments: { prod: { repository: acme/config, deploy: on-command, edit: [{ file: a.yaml, yaml: { tag: "{{ model.version }}" } }], sync: { argocd: { application: churn, namespace: argocd } } } }\n',
  )
  .replace('    gates:\n      auc', '    release: { model: { mlflow: churn } }\n    gates:\n      auc')

const parsed = parseRepoConfig(LIVE.replace(/ {2}fraud:[\s\S]*?(?=environments)/, ''), { file: 'lockkeeper.yml' })
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
const [churn] = parsed.settings.models.values()
if (churn === undefined) throw new Error('no model')
const model = churn

const release = (changes: Partial<Release> = {}): Release => ({
  ...{ repository, model: model.name, commit: sha('3f9c2e1'), pullRequest: undefined },
  ...{ modelVersion: '11', registeredModel: 'churn', modelUri: undefined, image: undefined },
  ...{ runs: ['champion'], metrics: { auc: 0.9 }, dataDigests: ['train:old'] },
  ...{ id: 'rel-11' as ReleaseId, completedAt: '2026-03-01T08:00:00Z', gates: { verdict: 'pass', failing: [] } },
  ...changes,
})

const promotion = (stage: Promotion['stage'], id: string | undefined): Promotion => ({
  ...{ repository, model: model.name, environment: model.environments[0] ?? ('prod' as never) },
  ...{
    id: `p ${id}`,
    kind: 'promotion',
    release: id as ReleaseId | undefined,
    label: 'v11',
    via: { kind: 'automation' },
  },
  ...{ leaves: undefined, restore: [], thread: 1, asked: undefined, createdAt: '2026-03-01T08:00:00Z' },
  ...{ changes: [], pullRequest: undefined, stage },
})
const verified = (minute: number): Promotion['stage'] => ({
  ...{ at: 'verified', revision: sha('ab'), mergedAt: '2026-03-01T09:00:00Z', evidence: [], alias: undefined },
  verifiedAt: new Date(Date.UTC(2026, 2, 1, 9, minute)).toISOString(),
})

async function compare(world: World, history: History, releases: readonly Release[] = [release()]) {
  const ledger: Partial<Ledger> = {
    history: async () => history,
    releaseById: async (_, id) => {
      const found = releases.find((each) => each.id === id)
      const state = { kind: 'complete', release: release({ ...found }) } as const
      return found && { ...found, pullRequest: undefined, begunAt: found.completedAt, sequence: 1, state }
    },
  }
  const { mlflow } = world.deps
  const github: MetricsDeps['github'] = world.deps.github
  const mayUse: MetricsDeps['mayUse'] = (_, need) =>
    world.denied(need) ? { allowed: false, message: 'no', missingLine: '' } : { allowed: true }
  const deps = { github, mlflow, buckets: {}, ledger, mayUse }
  return createCompareModel(deps as MetricsDeps)({
    ...{ repository, model, commits: [HEAD], headRef: HEAD, baselineRef: BASE, waivers: [] },
  })
}

describe('a baseline that is live in an environment', () => {
  it('is read at MLflow while its runs are there', async () => {
    expect(await compare(createWorld(), [promotion(verified(1), 'rel-11')])).toMatchObject({
      verdict: 'better',
      baseline: {
        label: 'prod (v11)',
        reference: 'models:/churn/11',
        url: 'http://mlflow.test/#/models/churn/versions/11',
        runs: [{ id: 'champion' }],
        version: '11',
      },
      notes: [],
    })
  })

  it('is what was recorded at release once they are gone, and the report says so', async () => {
    const world = createWorld()
    world.champion = undefined
    const report = await compare(world, [promotion(verified(1), 'rel-11')])
    expect(report).toMatchObject({
      verdict: 'better',
      baseline: { label: 'prod (v11)', reference: 'models:/churn/11', url: undefined, runs: [] },
      baselineDataDigests: ['train:old'],
      notes: ['The live release is compared by its metrics as recorded at release, on 2026-03-01.'],
    })
  })

  it('that no registry numbered is called by its commit', async () => {
    const unnumbered = release({ modelVersion: undefined, registeredModel: undefined, runs: [`f1.json@${HEAD}`] })
    const world = createWorld()
    world.champion = undefined
    expect(await compare(world, [promotion(verified(1), 'rel-11')], [unnumbered])).toMatchObject({
      baseline: { label: 'prod (3f9c2e1)', reference: 'rel-11' },
    })
  })

  it('is the release that was verified last, whatever was tried since', async () => {
    const older = release({ id: 'rel-10' as ReleaseId, modelVersion: '10', metrics: { auc: 0.5 } })
    const failed: Promotion['stage'] = {
      ...{ at: 'failed', failedAt: '2026-03-01T09:30:00Z', code: 'gates_failed', message: '', revision: undefined },
      ...{ evidence: [], rollback: undefined },
    }
    const history = [promotion(failed, 'rel-12'), promotion(verified(5), 'rel-11'), promotion(verified(1), 'rel-10')]
    expect((await compare(createWorld(), history, [release(), older])).baseline?.label).toBe('prod (v11)')
  })

  it('is none before the first promotion, in words', async () => {
    expect(await compare(createWorld(), [])).toMatchObject({
      verdict: 'first',
      baseline: undefined,
      notes: ['Nothing is live in prod yet: there is nothing to compare with, and limits on regressions pass.'],
    })
  })

  it('is none where what was found before Lockkeeper was put back', async () => {
    expect((await compare(createWorld(), [promotion(verified(1), undefined)])).notes[0]).toContain('before Lockkeeper')
  })

  it('is not read where the policy does not allow it, nor taken from memory while MLflow is away', async () => {
    const world = createWorld()
    world.denied = (need) => need.kind === 'mlflow' && 'model' in need
    expect((await compare(world, [promotion(verified(1), 'rel-11')])).verdict).toBe('refused')
    const away = createWorld()
    away.mlflowDown = true
    expect((await compare(away, [promotion(verified(1), 'rel-11')])).verdict).toBe('unavailable')
  })

  it('has the numbers of its runs as they are now, not as they were recorded', async () => {
    const world = createWorld()
    world.champion = run('champion', sha('c0'), 0.905)
    expect((await compare(world, [promotion(verified(1), 'rel-11')])).comparison?.rows[0]).toMatchObject({
      baseline: { kind: 'measured', summary: { mean: 0.905 } },
    })
  })
})

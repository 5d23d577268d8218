/** A comparison asks MLflow for a handful of things, whatever the experiment holds; and MLflow 3's datasets are told apart on both sides. */
import { afterEach, describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type CommitSha, parseModelName } from '../../src/domain/ids.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import type { Ledger } from '../../src/services/ledger.ts'
import type { Buckets, GitHub, Mlflow, Wandb } from '../../src/services/ports.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { BASE, HEAD, repository } from './comparison-world.ts'
import { type ExperimentRun, type ExperimentServer, serveExperiment } from './mlflow-experiment.ts'

const COMMIT = 'mlflow.source.git.commit'
const PARENT = 'mlflow.parentRunId'
const MERGE = sha('7e57')
const LANDED = sha('1a4d')

const open: ExperimentServer[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

const start = async (runs: readonly ExperimentRun[], champion: string): Promise<ExperimentServer> => {
  const server = await serveExperiment(runs, champion)
  open.push(server)
  return server
}

const config = (lines: string) => `version: 1
models:
  churn:
    candidate: { mlflow: { experiment: churn${lines.includes('dataset') ? ', dataset: holdout' : ''} } }
    baseline: { ${lines.includes('merge base') ? 'candidate_at: merge_base' : 'mlflow: { model: churn, alias: champion }'} }
    gates:
      auc: { goal: maximize, min: 0.5, max_regression: 1% }
${lines.includes('slice') ? '      "auc/dataset=holdout": { goal: maximize, min: 0.5, max_regression: 1% }\n' : ''}`

const compare = (mlflow: Mlflow, commits: readonly CommitSha[] = [HEAD], lines = '') => {
  const parsed = parseRepoConfig(config(lines), { file: 'lockkeeper.yml' })
  const name = parseModelName('churn')
  const model = parsed.ok && name !== undefined ? parsed.settings.models.get(name) : undefined
  if (model === undefined) throw new Error(JSON.stringify(parsed))
  const [github, wandb, buckets, ledger] = [{} as GitHub, {} as Wandb, {} as Buckets, {} as Ledger]
  const compareModel = createCompareModel({ github, mlflow, wandb, buckets, ledger, mayUse: () => ({ allowed: true }) })
  return compareModel({ repository, model, commits, headRef: HEAD, baselineRef: BASE, waivers: [] })
}

type Datasets = ExperimentRun['datasets']
const of = (id: string, commit: string, rest: Partial<ExperimentRun> = {}): ExperimentRun => ({
  id,
  tags: { [COMMIT]: commit, ...rest.tags },
  metrics: rest.metrics ?? { auc: 0.9 },
  ...(rest.datasets === undefined ? {} : { datasets: rest.datasets }),
})
const seeds = (parent: string, commit: string, datasets: Datasets): ExperimentRun[] => [
  of(parent, commit, { metrics: {} }),
  ...[1, 2, 3, 4, 5].map((seed) =>
    of(`${parent}${seed}`, commit, {
      tags: { [PARENT]: parent },
      ...(datasets === undefined ? {} : { datasets }),
    }),
  ),
]
const others = (count: number, datasets: Datasets): ExperimentRun[] =>
  Array.from({ length: count }, (_, index) =>
    of(`other${index}`, `${index}`.padStart(40, '0'), datasets === undefined ? {} : { datasets }),
  )

describe.each([
  ['MLflow 2', undefined, []],
  ['MLflow 3', { holdout: 0.9 }, ['POST logged-models/search']],
] as const)('requests to %s', (_, datasets, further) => {
  it.each([10, 10_000])(
    'are the same few with %i runs in the experiment, of which only those of two groups are read',
    async (count) => {
      const server = await start(
        [...others(count, datasets), ...seeds('champion', 'c', datasets), ...seeds('better', HEAD, datasets)],
        'champion1',
      )
      expect(await compare(server.mlflow)).toMatchObject({
        gates: { verdict: 'pass' },
        candidate: { runs: { length: 5 } },
      })
      expect(server.requests).toEqual([
        'GET experiments/get-by-name',
        'POST runs/search',
        'GET registered-models/alias',
        'GET runs/get',
        'POST runs/search',
        ...further,
      ])
      expect(server.requests.length).toBeLessThanOrEqual(6)
      expect(server.runsSent()).toBe(11)
    },
  )

  it('are one more per commit without runs, and one fewer once the experiment is known', async () => {
    const server = await start([...seeds('champion', 'c', datasets), ...seeds('better', LANDED, datasets)], 'champion1')
    await compare(server.mlflow, [HEAD, MERGE, LANDED])
    expect(server.requests).toHaveLength(7 + further.length)
    await compare(server.mlflow, [HEAD, MERGE, LANDED])
    expect(server.requests).toHaveLength(2 * (7 + further.length) - 1)
  })

  it('are fewer where the baseline is the same source at the merge base', async () => {
    const server = await start([...seeds('base', BASE, datasets), ...seeds('better', HEAD, datasets)], 'none')
    expect(await compare(server.mlflow, [HEAD], 'merge base')).toMatchObject({ baseline: { runs: { length: 5 } } })
    expect(server.requests).toHaveLength(3 + further.length)
  })
})

describe('datasets of MLflow 3', () => {
  const serve = async (candidate: Datasets, baseline: Datasets, own: number | string = 0.6) => {
    const [left, right] = [candidate, baseline].map((datasets) => ({
      metrics: { auc: own },
      ...(datasets === undefined ? {} : { datasets }),
    }))
    const { mlflow } = await start([of('champion', 'c', right), of('better', HEAD, left)], 'champion')
    return mlflow
  }
  const both = { holdout: 0.8, train: 0.99 }
  const names = ({ comparison }: Awaited<ReturnType<typeof compare>>) => comparison?.rows.map((row) => row.name)

  it('make no rows where there is one', async () => {
    const report = await compare(await serve({ holdout: 0.6 }, { holdout: 0.6 }))
    expect(names(report)).toEqual(['auc'])
    expect(report).toMatchObject({ metrics: { auc: 0.6 }, gates: { verdict: 'pass' }, notes: [] })
  })

  it('leave the plain name to none where there are several: its gate fails, and it is said why', async () => {
    const report = await compare(await serve(both, both))
    expect(report.gates.missing).toEqual(['auc'])
    expect(report.notes).toEqual([expect.stringMatching(/^auc: several datasets or models .* set `dataset`/)])
    expect(report.metrics).toEqual({ 'auc/dataset=holdout': 0.8, 'auc/dataset=train': 0.99 })
  })

  it('can be gated one by one', async () => {
    const report = await compare(await serve({ holdout: 0.7 }, both), [HEAD], 'slice')
    expect(report.gates.failing).toContain('auc/dataset=holdout')
  })

  it('may be configured, and then hold for the baseline as well', async () => {
    const report = await compare(await serve(both, { train: 0.1, holdout: 0.85 }), [HEAD], 'dataset')
    expect(report.comparison?.rows[0]).toMatchObject({
      name: 'auc',
      candidate: { summary: { mean: 0.8 } },
      baseline: { summary: { mean: 0.85 } },
    })
    expect(report.gates.failing).toEqual(['auc'])
  })

  it('of an older champion are those of the candidate, not whichever was written last', async () => {
    const report = await compare(await serve({ holdout: 0.6 }, { holdout: 0.55, train: 0.6 }))
    expect(report.comparison?.rows[0]).toMatchObject({ name: 'auc', baseline: { summary: { mean: 0.55 } } })
  })

  it('do not hide a NaN', async () => {
    const report = await compare(await serve({ holdout: 0 }, both, 'NaN'), [HEAD], 'dataset')
    expect(report.gates.missing).toEqual(['auc'])
  })

  it('are not asked for by those who only see a part', async () => {
    const mlflow = {
      ...(await serve(both, both)),
      loggedMetrics: async () => ({ metrics: [], unread: 7, refusal: 'It says no' }),
    }
    const report = await compare(mlflow)
    expect(report).toMatchObject({ metrics: { auc: 0.6 }, gates: { verdict: 'pass' } })
    expect(report.notes).toEqual([
      '7 logged models were not read: too many belong to these runs.',
      'Datasets are not told apart, because logged models cannot be read. It says no.',
    ])
  })

  it('that one of is asked for and nobody may read let nothing pass by the others', async () => {
    const loggedMetrics = async () => ({ metrics: [], unread: 0, refusal: 'It answers 403' })
    const report = await compare({ ...(await serve(both, both)), loggedMetrics }, [HEAD], 'dataset')
    expect(report).toMatchObject({
      verdict: 'refused',
      gates: { verdict: 'fail', missing: ['auc'] },
      problem: { code: 'mlflow_refused', message: expect.stringContaining('dataset holdout') },
    })
  })

  it('that cannot be had for the moment make the comparison wait', async () => {
    const { SystemUnavailable } = await import('../../src/domain/failure.ts')
    const loggedMetrics = () => Promise.reject(new SystemUnavailable('MLflow server default', 'it answers 503'))
    expect(await compare({ ...(await serve(both, both)), loggedMetrics })).toMatchObject({
      verdict: 'unavailable',
      problem: { code: 'mlflow_unavailable' },
    })
  })
})

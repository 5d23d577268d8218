/** What MLflow 3 keeps per dataset and logged model, and the trap of its Host header, against a real server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RealMlflow, startServer } from '../../sandbox/recordings/server.ts'
import { createMlflow } from '../../src/clients/mlflow.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { Mlflow } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { COMMIT, compareWith, newCommit, type Sources } from './mlflow-comparison.ts'
import { createMlflowRest, type MlflowRest } from './mlflow-rest.ts'

describe('logged models of a real MLflow 3', () => {
  let server: RealMlflow
  let rest: MlflowRest
  let mlflow: Mlflow
  let experiment: string
  beforeAll(async () => {
    server = await startServer()
    rest = createMlflowRest(server.url)
    mlflow = createMlflow({ servers: new Map([['default', server.url]]), credentials: new Map(), log: silentLog })
    experiment = await rest.experiment('churn')
  })
  afterAll(() => server?.close())

  const compare = (sources: Partial<Sources>, commit: CommitSha) =>
    compareWith(mlflow, { candidate: '{ experiment: churn }', ...sources }, { commits: [commit] })
  const logged = async (
    models: readonly string[],
    write: (ids: readonly string[]) => Parameters<MlflowRest['log']>[1][],
  ) => {
    const commit = newCommit()
    const id = await rest.run({ experiment, tags: { [COMMIT]: commit }, status: 'RUNNING' })
    const ids: string[] = []
    for (const model of models) ids.push(await rest.loggedModel(id, experiment, model))
    for (const metric of write(ids)) await rest.log(id, metric)
    await rest.call('POST', 'runs/update', { run_id: id, status: 'FINISHED' })
    return { commit, id }
  }
  const twoDatasets = () =>
    logged(['model'], ([model = '']) => [
      { key: 'auc', value: 0.8, at: 1, model, dataset: 'holdout' },
      { key: 'auc', value: 0.99, at: 2, model, dataset: 'train' },
      { key: 'f1', value: 0.5, at: 3, model, dataset: 'train' },
    ])

  it('tells two datasets apart, or takes the one that is configured', async () => {
    const { commit, id } = await twoDatasets()
    expect((await mlflow.run('default', id))?.metrics.get('auc')).toBe(0.99)
    const report = await compare({}, commit)
    expect(report.metrics).toEqual({ 'auc/dataset=holdout': 0.8, 'auc/dataset=train': 0.99, f1: 0.5 })
    expect(report.gates.missing).toEqual(['auc'])
    const configured = await compare({ candidate: '{ experiment: churn, dataset: holdout }' }, commit)
    expect(configured.metrics).toEqual({ auc: 0.8, 'auc/dataset=train': 0.99, 'f1/dataset=train': 0.5 })
    expect(configured.gates.verdict).toBe('pass')
  })

  it('compares like with like', async () => {
    const champion = await twoDatasets()
    const { commit } = await logged(['model'], ([model = '']) => [
      { key: 'auc', value: 0.7, at: 1, model, dataset: 'holdout' },
    ])
    const report = await compare({ baseline: `{ run: "${champion.id}" }` }, commit)
    expect(report.comparison?.rows[0]).toMatchObject({
      candidate: { summary: { mean: 0.7 } },
      baseline: { summary: { mean: 0.8 } },
    })
    expect(report.gates.failing).toEqual(['auc'])
  })

  it('names models only where one run has several with a metric', async () => {
    const { commit } = await logged(['small', 'large'], ([small = '', large = '']) => [
      { key: 'auc', value: 0.7, at: 1, model: small },
      { key: 'auc', value: 0.8, at: 2, model: large },
    ])
    expect((await compare({}, commit)).metrics).toEqual({ 'auc/model=small': 0.7, 'auc/model=large': 0.8 })
  })

  it('has the last checkpoint, out of a whole history', async () => {
    const { commit } = await logged(['early', 'late'], ([early = '', late = '']) => [
      { key: 'auc', value: 0.5, at: 1, step: 1, model: early, dataset: 'holdout' },
      { key: 'auc', value: 0.9, at: 9, step: 5, model: late, dataset: 'holdout' },
      { key: 'auc', value: 0.6, at: 10, step: 3, model: late, dataset: 'holdout' },
    ])
    expect((await compare({}, commit)).metrics).toEqual({ auc: 0.9 })
  })

  it('does not take the 0 that MLflow keeps for NaN', async () => {
    const { commit } = await logged(['model'], ([model = '']) => [
      { key: 'auc', value: 'NaN', at: 1, model, dataset: 'holdout' },
      { key: 'auc', value: 0.8, at: 2, model, dataset: 'train' },
      { key: 'loss', value: 0.8, at: 3, model, dataset: 'train' },
      { key: 'loss', value: 'NaN', at: 4, model, dataset: 'holdout' },
    ])
    const report = await compare({ candidate: '{ experiment: churn, dataset: holdout }' }, commit)
    expect(report.gates.missing).toEqual(['auc'])
    expect(report.comparison?.rows.find((row) => row.name === 'loss')).toMatchObject({
      candidate: { kind: 'not_finite' },
    })
    expect(report.notes).toEqual([expect.stringContaining('MLflow keeps a NaN here as 0')])
  })

  it('leaves out what other runs wrote for the same model', async () => {
    const { commit, id } = await twoDatasets()
    const [model = ''] = (await mlflow.run('default', id))?.logged?.models ?? []
    const later = await rest.run({ experiment })
    await rest.log(later, { key: 'auc', value: 0.1, at: 99, step: 99, model, dataset: 'holdout' })
    const report = await compare({ candidate: '{ experiment: churn, dataset: holdout }' }, commit)
    expect(report.metrics).toMatchObject({ auc: 0.8 })
  })
})

describe('a real MLflow 3 that was not told its own name', () => {
  let server: RealMlflow
  beforeAll(async () => {
    server = await startServer({ further: ['--allowed-hosts', 'mlflow.example'] })
  })
  afterAll(() => server?.close())

  it('is healthy, refuses every call, and that is named with what to do', async () => {
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    const mlflow = createMlflow({ servers: new Map([['default', server.url]]), credentials: new Map(), log: silentLog })
    await expect(mlflow.experimentId('default', 'churn')).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining(new URL(server.url).host),
      hint: expect.stringContaining('--allowed-hosts'),
    })
  })
})

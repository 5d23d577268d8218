/** Logged models of MLflow 3: one question for all runs of a comparison, in the shapes that real servers gave. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import type { MlflowRun } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'http://mlflow.test:5000'
const API = '/api/2.0/mlflow'
const client = () =>
  createMlflow({
    servers: new Map([['default', HOST]]),
    credentials: new Map(),
    log: silentLog,
    transport: { wait: async () => undefined },
  })

interceptCalls()

const readRun = async (run: Record<string, unknown>): Promise<MlflowRun> => {
  const info = { run_id: 'a', experiment_id: '3', status: 'FINISHED' }
  nock(HOST)
    .get(`${API}/runs/get`)
    .query(true)
    .reply(200, { run: { info, ...run } })
  const found = await client().run('default', 'a')
  if (found === undefined) throw new Error('no run')
  return found
}
const withModels = (runId: string, models: readonly string[]): MlflowRun => ({
  runId,
  experimentId: '3',
  name: undefined,
  status: 'FINISHED',
  startedAt: new Date(0),
  metrics: new Map(),
  logged: { models, latest: new Map() },
  params: new Map(),
  tags: new Map(),
  dataDigests: [],
  url: '',
})

describe('a run of MLflow 3', () => {
  it('knows the models it logged, the newest first, and where its values stand', async () => {
    const run = await readRun({
      data: {
        metrics: [
          { key: 'auc', value: 0.9, timestamp: 1795272893897, step: 3 },
          { key: 'loss', value: 0.1, timestamp: '1795272893898' },
        ],
      },
      outputs: { model_outputs: [{ model_id: 'm-1', step: 1 }, { model_id: 'm-9', step: '9' }, { step: 4 }] },
    })
    expect(run.logged).toEqual({
      models: ['m-9', 'm-1'],
      latest: new Map([
        ['auc', { step: 3, timestamp: 1795272893897 }],
        ['loss', { step: 0, timestamp: 1795272893898 }],
      ]),
    })
  })

  it.each([[{}], [{ inputs: {}, outputs: {} }], [{ data: { metrics: [{ key: 'auc', value: 1 }] } }]])(
    'that logged none is like one of MLflow 2: %j',
    async (parts) => {
      expect(await readRun(parts)).not.toHaveProperty('logged')
    },
  )
})

describe('what was written for logged models', () => {
  it('is asked for once, and only what the runs wrote is given back', async () => {
    nock(HOST)
      .post(`${API}/logged-models/search`, {
        experiment_ids: ['3'],
        filter: "model_id IN ('m-1', 'm-2')",
        max_results: 50,
      })
      .reply(200, {
        models: [
          {
            info: { model_id: 'm-1', experiment_id: '3', name: 'model', status: 'LOGGED_MODEL_READY' },
            data: {
              metrics: [
                {
                  key: 'auc',
                  value: 0.8,
                  timestamp: 2,
                  step: 1,
                  dataset_name: 'holdout',
                  dataset_digest: 'd',
                  model_id: 'm-1',
                  run_id: 'a',
                },
                { key: 'auc', value: 0.1, timestamp: 9, step: 9, model_id: 'm-1', run_id: 'an evaluation by others' },
                { key: 'up', value: 1.7976931348623157e308, timestamp: 2, step: 0, model_id: 'm-1', run_id: 'b' },
              ],
            },
          },
          { info: { model_id: 'm-2' } },
        ],
      })
    const runs = [withModels('a', ['m-1']), withModels('b', ['m-1', 'm-2', "m-'quoted'"])]
    const shared = { model: 'model', modelId: 'm-1', timestamp: 2 }
    expect(await client().loggedMetrics('default', runs)).toEqual({
      metrics: [
        { ...shared, runId: 'a', name: 'auc', value: 0.8, step: 1, dataset: 'holdout' },
        { ...shared, runId: 'b', name: 'up', value: Number.POSITIVE_INFINITY, step: 0, dataset: undefined },
      ],
      unread: 0,
      refusal: undefined,
    })
  })

  it('is not asked for where there are no models', async () => {
    const { logged: _, ...run } = withModels('a', [])
    expect(await client().loggedMetrics('default', [run])).toEqual({ metrics: [], unread: 0, refusal: undefined })
  })

  it('is taken from the newest models of every run where there are more than one page', async () => {
    let filter = ''
    nock(HOST)
      .post(`${API}/logged-models/search`, (body: { filter: string }) => {
        filter = body.filter
        return true
      })
      .reply(200, {})
    const many = (run: string) =>
      withModels(
        run,
        Array.from({ length: 40 }, (_, index) => `m-${run}${index}`),
      )
    expect(await client().loggedMetrics('default', [many('a'), many('b')])).toMatchObject({ unread: 30 })
    const asked = filter.match(/m-\w+/g)
    expect(asked).toHaveLength(50)
    expect(asked?.slice(0, 2)).toEqual(['m-a0', 'm-b0'])
    expect(asked?.at(-1)).toBe('m-b24')
  })

  it('goes on over the smaller pages of hosted servers, and says what it did not read', async () => {
    const modelOf = (id: string) => ({
      info: { model_id: id, name: id },
      data: { metrics: [{ key: 'auc', value: 1, timestamp: 1, step: 0, run_id: 'a' }] },
    })
    const page = (token: string | undefined, answer: Record<string, unknown>) =>
      nock(HOST)
        .post(`${API}/logged-models/search`, (body: Record<string, unknown>) => body['page_token'] === token)
        .reply(200, answer)
    const run = withModels('a', ['m-1', 'm-2', 'm-3', 'm-4'])
    page(undefined, { models: [modelOf('m-1')], next_page_token: '2' })
    page('2', { models: [modelOf('m-2')], next_page_token: '' })
    const read = await client().loggedMetrics('default', [run])
    expect(read.metrics.map(({ modelId }) => modelId)).toEqual(['m-1', 'm-2'])
    expect(read.unread).toBe(0)
    page(undefined, { models: [modelOf('m-1')], next_page_token: '2' })
    page('2', { models: [modelOf('m-2')], next_page_token: '3' })
    page('3', { models: [modelOf('m-3')], next_page_token: '4' })
    expect(await client().loggedMetrics('default', [run])).toMatchObject({ unread: 1 })
  })

  it.each([
    [404, '<!doctype html><title>404 Not Found</title>', undefined],
    [404, '', undefined],
    [404, '{"error_code":"ENDPOINT_NOT_FOUND","message":"no"}', undefined],
    [403, 'Permission denied', expect.stringContaining('403')],
    [400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"Invalid filter string"}', 'Invalid filter string'],
  ])('is nothing where the server answers %i %s', async (status, body, refusal) => {
    nock(HOST).post(`${API}/logged-models/search`).reply(status, body)
    expect(await client().loggedMetrics('default', [withModels('a', ['m-1'])])).toEqual({
      metrics: [],
      unread: 0,
      refusal,
    })
  })

  it('is waited for while the server is away', async () => {
    nock(HOST).post(`${API}/logged-models/search`).times(4).reply(503, '')
    await expect(client().loggedMetrics('default', [withModels('a', ['m-1'])])).rejects.toMatchObject({
      name: 'SystemUnavailable',
    })
  })
})

/** MLflow as it really answers: pages, absent things, NaN, refusals, outages. */
import { createServer } from 'node:http'
import nock from 'nock'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMlflow, type MlflowCredentials } from '../../src/clients/mlflow.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'http://mlflow.test:5000'
const API = '/proxy/api/2.0/mlflow'
const HEAD: CommitSha = sha('3f9c2e1')
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

const waits: number[] = []
const client = (credentials?: MlflowCredentials) =>
  createMlflow({
    servers: new Map([['default', `${HOST}/proxy/`]]),
    credentials: new Map(credentials === undefined ? [] : [['default', credentials]]),
    log: silent,
    transport: { timeoutMs: 1000, wait: async (milliseconds) => waits.push(milliseconds) },
  })

const run = (runId: string, changes: Record<string, unknown> = {}) => ({
  info: { run_id: runId, run_name: 'fit', experiment_id: '3', status: 'FINISHED', start_time: 1_700_000_000_000 },
  data: { metrics: [], params: [], tags: [] },
  ...changes,
})
const experiment = () =>
  nock(HOST)
    .get(`${API}/experiments/get-by-name`)
    .query({ experiment_name: 'churn' })
    .reply(200, { experiment: { experiment_id: '3', name: 'churn', lifecycle_stage: 'active' } })
const error = (code: string, message = 'no') => ({ error_code: code, message })

interceptCalls()
beforeEach(() => {
  waits.length = 0
})

const ofHead = async () => {
  const experimentId = (await client().experimentId('default', 'churn')) ?? 'none'
  return client().runsOfCommit('default', { experimentId, commitTag: 'mlflow.source.git.commit', commit: HEAD })
}

describe('runs of a commit', () => {
  it('are searched by the commit tag, page by page, with every status', async () => {
    experiment()
    const ofCommit = { data: { tags: [{ key: 'mlflow.source.git.commit', value: HEAD }] } }
    const search = (token: string | undefined) => (body: Record<string, unknown>) =>
      body['filter'] === `tags.\`mlflow.source.git.commit\` = '${HEAD}'` && body['page_token'] === token
    nock(HOST)
      .post(`${API}/runs/search`, search(undefined))
      .reply(200, { runs: [run('a', ofCommit)], next_page_token: 'more' })
    nock(HOST)
      .post(`${API}/runs/search`, search('more'))
      .reply(200, { runs: [run('b', { info: { run_id: 'b', status: 'RUNNING', experiment_id: '3' }, ...ofCommit })] })
    const runs = await ofHead()
    expect(runs.map(({ runId, status }) => [runId, status])).toEqual([
      ['a', 'FINISHED'],
      ['b', 'RUNNING'],
    ])
    expect(runs[0]?.url).toBe(`${HOST}/proxy/#/experiments/3/runs/a`)
  })

  it('are none where the page is empty, which MLflow writes as {}', async () => {
    experiment()
    nock(HOST).post(`${API}/runs/search`).reply(200, {})
    expect(await ofHead()).toEqual([])
  })

  it('have no experiment where there is none, and where it was deleted', async () => {
    nock(HOST).get(`${API}/experiments/get-by-name`).query(true).reply(404, error('RESOURCE_DOES_NOT_EXIST'))
    expect(await client().experimentId('default', 'churn')).toBeUndefined()
    nock(HOST)
      .get(`${API}/experiments/get-by-name`)
      .query(true)
      .reply(200, { experiment: { experiment_id: '3', lifecycle_stage: 'deleted' } })
    expect(await client().experimentId('default', 'churn')).toBeUndefined()
  })

  it('have their numbers as numbers, their parameters, tags and data', async () => {
    nock(HOST)
      .get(`${API}/runs/get`)
      .query({ run_id: 'a' })
      .reply(200, {
        run: run('a', {
          data: {
            metrics: [
              { key: 'auc', value: 0.91, timestamp: 1, step: 0 },
              { key: 'loss', value: 'NaN' },
              { key: 'up', value: 'Infinity' },
              { key: 'down', value: -1.7976931348623157e308 },
              { key: 'zero' },
            ],
            params: [{ key: 'lr', value: '0.1' }, { key: 'empty' }],
            tags: [{ key: 'mlflow.parentRunId', value: 'p' }],
          },
          inputs: { dataset_inputs: [{ dataset: { name: 'train', digest: 'abc' } }, { dataset: { digest: 'def' } }] },
        }),
      })
    expect(await client().run('default', 'a')).toEqual({
      runId: 'a',
      experimentId: '3',
      name: 'fit',
      status: 'FINISHED',
      startedAt: new Date(1_700_000_000_000),
      metrics: new Map([
        ['auc', 0.91],
        ['loss', Number.NaN],
        ['up', Number.POSITIVE_INFINITY],
        ['down', Number.NEGATIVE_INFINITY],
        ['zero', 0],
      ]),
      params: new Map([
        ['lr', '0.1'],
        ['empty', ''],
      ]),
      tags: new Map([['mlflow.parentRunId', 'p']]),
      dataDigests: ['def', 'train:abc'],
      url: `${HOST}/proxy/#/experiments/3/runs/a`,
    })
  })

  it('have siblings under the same parent', async () => {
    const nested = { data: { tags: [{ key: 'mlflow.parentRunId', value: 'p1' }] } }
    nock(HOST)
      .get(`${API}/runs/get`)
      .query(true)
      .reply(200, { run: run('a', nested) })
    nock(HOST)
      .post(
        `${API}/runs/search`,
        (body) => body.filter === "tags.`mlflow.parentRunId` = 'p1'" && body.experiment_ids[0] === '3',
      )
      .reply(200, { runs: [run('b', nested), run('a', nested)] })
    const mlflow = client()
    const first = await mlflow.run('default', 'a')
    const tags = { groupBy: 'lockkeeper.group', commitTag: 'mlflow.source.git.commit' }
    const seeds = first && (await mlflow.seedsOf('default', first, tags))
    expect(seeds?.map(({ runId }) => runId)).toEqual(['a', 'b'])
  })
})

describe('versions', () => {
  const version = (changes: Record<string, unknown> = {}) => ({
    name: 'churn',
    version: '11',
    run_id: 'a',
    status: 'READY',
    source: 's3://b/11',
    ...changes,
  })
  const alias = () => nock(HOST).get(`${API}/registered-models/alias`).query({ name: 'churn', alias: 'champion' })

  it('are found by alias', async () => {
    alias().reply(200, { model_version: version() })
    expect(await client().version('default', 'churn', { by: 'alias', alias: 'champion' })).toEqual({
      model: 'churn',
      version: '11',
      runId: 'a',
      status: 'READY',
      source: 's3://b/11',
      url: `${HOST}/proxy/#/models/churn/versions/11`,
    })
  })

  it.each([
    [400, error('INVALID_PARAMETER_VALUE', 'Registered model alias champion not found.')],
    [404, error('RESOURCE_DOES_NOT_EXIST', 'Registered Model with name=churn not found')],
  ])('are none when the alias does not exist (%i)', async (status, body) => {
    alias().reply(status, body)
    expect(await client().version('default', 'churn', { by: 'alias', alias: 'champion' })).toBeUndefined()
  })

  it('are not none for another bad request', async () => {
    alias().reply(400, error('INVALID_PARAMETER_VALUE', 'Invalid alias name'))
    await expect(client().version('default', 'churn', { by: 'alias', alias: 'champion' })).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining('Invalid alias name'),
    })
  })

  it('lead to their run through the logged model where MLflow 3 leaves it out', async () => {
    alias().reply(200, { model_version: version({ run_id: '', source: 'models:/m-0a1b' }) })
    nock(HOST)
      .get(`${API}/logged-models/m-0a1b`)
      .reply(200, { model: { info: { model_id: 'm-0a1b', source_run_id: 'r7' } } })
    expect(await client().version('default', 'churn', { by: 'alias', alias: 'champion' })).toMatchObject({
      runId: 'r7',
    })
  })

  it('of runs are of the one model, newest first', async () => {
    nock(HOST)
      .get(`${API}/model-versions/search`)
      .query({ filter: "run_id IN ('a','b')", max_results: '200' })
      .reply(200, {
        model_versions: [
          version({ version: '9' }),
          version({ version: '11' }),
          version({ name: 'other', version: '99' }),
        ],
      })
    expect(
      (await client().versionsOfRuns('default', 'churn', ['a', 'b', 'file.json@main'])).map((each) => each.version),
    ).toEqual(['11', '9'])
    expect(await client().versionsOfRuns('default', 'churn', ['file.json@main'])).toEqual([])
  })

  it('get an alias, which is read back', async () => {
    nock(HOST)
      .post(`${API}/registered-models/alias`, { name: 'churn', alias: 'champion', version: '11' })
      .times(2)
      .reply(200, '')
    alias().reply(200, { model_version: version() })
    await client().setAlias('default', 'churn', 'champion', '11')
    alias().reply(200, { model_version: version({ version: '12' }) })
    await expect(client().setAlias('default', 'churn', 'champion', '11')).rejects.toMatchObject({
      code: 'write_conflict',
    })
  })
})

describe('authentication', () => {
  it.each([
    [{ kind: 'basic', username: 'bot', password: 'pä' } as const, `Basic ${Buffer.from('bot:pä').toString('base64')}`],
    [{ kind: 'token', token: 't0k' } as const, 'Bearer t0k'],
  ])('is sent as %j says, and no Origin with it', async (credentials, header) => {
    nock(HOST, { badheaders: ['origin'] })
      .get(`${API}/runs/get`)
      .query(true)
      .matchHeader('authorization', header)
      .reply(200, { run: run('a') })
    expect(await client(credentials).run('default', 'a')).toMatchObject({ runId: 'a' })
  })
})

describe('a refusal names its cause and what to do', () => {
  it.each([
    [
      'an unknown Host header',
      403,
      'Invalid Host header - possible DNS rebinding attack detected',
      'host name mlflow.test:5000',
      '--allowed-hosts mlflow.test:5000',
    ],
    ['missing rights', 403, 'Permission denied', 'may not do that', 'read access'],
    ['missing credentials', 401, 'You are not authenticated', 'none are set', 'MLFLOW_TRACKING_USERNAME'],
    ['a wrong address', 404, '<html>Not Found</html>', 'does not know the address', 'prefix of a proxy'],
    ['a login page', 200, '<html>Sign in</html>', 'not JSON', 'login page'],
    [
      'an Azure error',
      400,
      '{"error":{"code":"UserError","message":"Bearer token not provided."}}',
      'Bearer token not provided.',
      'log',
    ],
  ])('%s', async (_, status, body, said, hint) => {
    nock(HOST).get(`${API}/runs/get`).query(true).reply(status, body)
    await expect(client().run('default', 'a')).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining(said),
      hint: expect.stringContaining(hint),
    })
  })

  it('a redirect is not followed, and its target is named by host only', async () => {
    nock(HOST).get(`${API}/runs/get`).query(true).reply(302, '', { location: 'https://sso.test/login?state=secret' })
    await expect(client().run('default', 'a')).rejects.toMatchObject({
      message: expect.stringMatching(/redirect to sso\.test$/),
    })
  })

  it('a server that nobody named', async () => {
    await expect(client().run('other', 'a')).rejects.toMatchObject({
      code: 'mlflow_refused',
      hint: expect.stringContaining('MLFLOW_TRACKING_URI'),
    })
  })

  it('an answer without end', async () => {
    nock(HOST)
      .get(`${API}/runs/get`)
      .query(true)
      .reply(200, 'x'.repeat(33 * 1024 * 1024))
    await expect(client().run('default', 'a')).rejects.toMatchObject({
      message: expect.stringContaining('larger than 32 MiB'),
    })
  })
})

describe('an outage', () => {
  it('is waited out, as long as the server asks for', async () => {
    nock(HOST).get(`${API}/runs/get`).query(true).reply(429, error('REQUEST_LIMIT_EXCEEDED'), { 'retry-after': '2' })
    nock(HOST)
      .get(`${API}/runs/get`)
      .query(true)
      .replyWithError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
    nock(HOST)
      .get(`${API}/runs/get`)
      .query(true)
      .reply(200, { run: run('a') })
    expect(await client().run('default', 'a')).toMatchObject({ runId: 'a' })
    expect(waits[0]).toBe(2000)
    expect(waits).toHaveLength(2)
  })

  it('is given up after three repetitions', async () => {
    nock(HOST).get(`${API}/runs/get`).query(true).times(4).reply(503, '<html>')
    await expect(client().run('default', 'a')).rejects.toMatchObject({
      name: 'SystemUnavailable',
      system: 'MLflow server default',
    })
    expect(waits).toHaveLength(3)
  })

  it('is not waited for where the server wants longer than a request may take', async () => {
    nock(HOST).get(`${API}/runs/get`).query(true).reply(503, '', { 'retry-after': '120' })
    await expect(client().run('default', 'a')).rejects.toMatchObject({ retryAfterSeconds: 120 })
    expect(waits).toEqual([])
  })

  it('is one when no answer comes in time', async () => {
    // A real server: the interceptor cannot break off an answer that it delays.
    nock.enableNetConnect('127.0.0.1')
    const server = createServer(() => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const mlflow = createMlflow({
      servers: new Map([['slow', `http://127.0.0.1:${port}`]]),
      credentials: new Map(),
      log: silent,
      transport: { timeoutMs: 50, wait: async () => undefined },
    })
    await expect(mlflow.run('slow', 'a')).rejects.toMatchObject({
      name: 'SystemUnavailable',
      message: 'MLflow server slow: no answer in time',
    })
    server.closeAllConnections()
    server.close()
  })
})

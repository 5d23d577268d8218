/** Registering a run's model: sent once, whatever happens to the answer. At real servers: test/live/mlflow-new-version.test.ts. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { openServers } from '../../src/clients/mlflow-servers.ts'
import { withUnityCatalog } from '../../src/clients/mlflow-unity-catalog.ts'
import type { MlflowVersion } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'http://mlflow.test'
const RUN = 'a'.repeat(32)
const ROOT = `s3://mlflow/1/${RUN}/artifacts`
const absent = { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Registered Model with name=churn not found' }
const made = { name: 'churn', version: '3', source: `${ROOT}/model`, run_id: RUN, status: 'READY' }

interceptCalls()

const api = () => nock(`${HOST}/api/2.0/mlflow`)
const settings = { servers: new Map([['x', HOST]]), credentials: new Map() }
const mlflow = createMlflow({
  ...settings,
  log: silentLog,
  transport: { timeoutMs: 1000, deadlineMs: 60_000, wait: async () => undefined },
})
const wish = { model: 'churn', runId: RUN, artifactPath: 'model', tags: { 'lockkeeper.commit': 'c' } }
const create = () => mlflow.createVersion('x', wish)

/** The run, with a model in its folder `model`. */
const run = (outputs: object = {}) => {
  const info = { run_id: RUN, experiment_id: '1', status: 'FINISHED', start_time: 1, artifact_uri: ROOT }
  api()
    .get('/runs/get')
    .query({ run_id: RUN })
    .reply(200, { run: { info, data: {}, ...outputs } })
}
const folder = (files: readonly object[] = [{ path: 'model/MLmodel', is_dir: false }]) =>
  api().get('/artifacts/list').query({ run_id: RUN, path: 'model' }).reply(200, { root_uri: ROOT, files })
const creation = () =>
  api().post('/model-versions/create', {
    name: 'churn',
    run_id: RUN,
    source: `${ROOT}/model`,
    tags: [{ key: 'lockkeeper.commit', value: 'c' }],
  })

describe('a new version', () => {
  it('is sent once: where the answer is lost, nobody sends it again', async () => {
    run()
    folder()
    creation().replyWithError({ code: 'ECONNRESET' })
    await expect(create()).rejects.toMatchObject({ name: 'SystemUnavailable' })
    run()
    folder()
    creation().reply(503)
    await expect(create()).rejects.toMatchObject({ name: 'SystemUnavailable' })
  })

  it('has its registered model made first, where somebody else may just have made it', async () => {
    for (const { status, body } of [
      { status: 200, body: {} },
      { status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'exists' } },
    ]) {
      run()
      folder()
      creation().reply(404, absent)
      api().post('/registered-models/create', { name: 'churn' }).reply(status, body)
      creation().reply(200, { model_version: made })
      expect(await create()).toMatchObject({ version: '3', runId: RUN })
    }
  })

  it('that the server refuses is refused in its words', async () => {
    run()
    folder()
    creation().reply(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid model version source' })
    await expect(create()).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining('Invalid model version source'),
    })
  })

  it('of a checkpoint among several is the one of that name, not one that is still written', async () => {
    const models = [
      ['m-1', 'checkpoint', 'LOGGED_MODEL_READY'],
      ['m-2', 'model', 'LOGGED_MODEL_PENDING'],
    ] as const
    run({
      outputs: {
        model_outputs: [
          { model_id: 'm-1', step: 2 },
          { model_id: 'm-2', step: 1 },
        ],
      },
    })
    for (const [id, name, status] of models)
      api()
        .get(`/logged-models/${id}`)
        .reply(200, { model: { info: { model_id: id, name, status } } })
    expect(await create()).toBeUndefined()
  })

  it('of a run that logged nothing there is none', async () => {
    run()
    folder([])
    expect(await create()).toBeUndefined()
  })

  it('is not made in Unity Catalog, which takes files; the refusal says who makes it', async () => {
    const catalog = withUnityCatalog(mlflow, { servers: new Set(['x']), serverNamed: openServers(settings) })
    await expect(catalog.createVersion('x', { ...wish, model: 'main.ml.churn' })).rejects.toMatchObject({
      code: 'mlflow_refused',
      hint: expect.stringContaining('registered_model_name'),
    })
  })
})

describe('where a version lies', () => {
  const version = (source: string | undefined): MlflowVersion => ({
    model: 'churn',
    version: '3',
    runId: RUN,
    status: 'READY',
    source,
    url: '',
  })
  const told = (status: number, body: nock.Body) =>
    api().get('/model-versions/get-download-uri').query({ name: 'churn', version: '3' }).reply(status, body)

  it('is what the server says, else what it was made of', async () => {
    told(200, { artifact_uri: 's3://mlflow/1/models/m-1/artifacts' })
    expect(await mlflow.locate('x', version('models:/m-1'))).toBe('s3://mlflow/1/models/m-1/artifacts')
    told(404, '<!doctype html>')
    expect(await mlflow.locate('x', version('s3://mlflow/x'))).toBe('s3://mlflow/x')
    told(200, {})
    expect(await mlflow.locate('x', version(undefined))).toBeUndefined()
  })

  it('is followed where the server only repeats it', async () => {
    told(200, { artifact_uri: `runs:/${RUN}/model` })
    run()
    expect(await mlflow.locate('x', version(`runs:/${RUN}/model`))).toBe(`${ROOT}/model`)
    told(200, { artifact_uri: 'models:/m-1' })
    api()
      .get('/logged-models/m-1')
      .reply(200, { model: { info: { artifact_uri: 's3://mlflow/m-1' } } })
    expect(await mlflow.locate('x', version('models:/m-1'))).toBe('s3://mlflow/m-1')
    told(200, { artifact_uri: 'models:/m-1' })
    api().get('/logged-models/m-1').reply(404, absent)
    expect(await mlflow.locate('x', version('models:/m-1'))).toBe('models:/m-1')
  })
})

/** Models in Unity Catalog of Databricks, by its public API: versions, aliases, and what it does not have. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { openServers } from '../../src/clients/mlflow-servers.ts'
import { withUnityCatalog } from '../../src/clients/mlflow-unity-catalog.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'https://adb-1.azuredatabricks.net'
const MODEL = 'main.ml.churn'
const AT = `/api/2.1/unity-catalog/models/${MODEL}`
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

function client() {
  const settings = {
    servers: new Map([
      ['dbx', HOST],
      ['plain', 'http://mlflow.test'],
    ]),
    credentials: new Map([['dbx', { kind: 'token', token: 'dapi0' } as const]]),
  }
  const transport = { timeoutMs: 1000, wait: async () => undefined }
  return withUnityCatalog(createMlflow({ ...settings, log, transport }), {
    servers: new Set(['dbx']),
    serverNamed: openServers(settings),
    transport,
  })
}

/** A version as the API prints it. */
const version = (number: number, changes: Record<string, unknown> = {}) => ({
  model_name: 'churn',
  catalog_name: 'main',
  schema_name: 'ml',
  version: number,
  run_id: `run-${number}`,
  status: 'READY',
  source: 'dbfs:/databricks/mlflow-tracking/1/a/artifacts/model',
  storage_location: `s3://metastore/models/x/versions/${number}`,
  ...changes,
})
const absent = (code: string) => ({ error_code: code, message: 'it does not exist' })
const databricks = () => nock(HOST, { reqheaders: { authorization: 'Bearer dapi0' } })

interceptCalls()

describe('a version', () => {
  const seventh = {
    model: MODEL,
    version: '7',
    runId: 'run-7',
    status: 'READY',
    source: 's3://metastore/models/x/versions/7',
    url: `${HOST}/explore/data/models/main/ml/churn/version/7`,
  }

  it('is found by its alias and by its number', async () => {
    databricks().get(`${AT}/aliases/champion`).reply(200, version(7))
    expect(await client().version('dbx', MODEL, { by: 'alias', alias: 'champion' })).toEqual(seventh)
    databricks().get(`${AT}/versions/7`).reply(200, version(7))
    expect(await client().version('dbx', MODEL, { by: 'version', version: '7' })).toEqual(seventh)
  })

  it.each(['RESOURCE_DOES_NOT_EXIST', 'REGISTERED_MODEL_DOES_NOT_EXIST', 'SCHEMA_DOES_NOT_EXIST', 'NOT_FOUND'])(
    'is none where the answer is %s',
    async (code) => {
      databricks().get(`${AT}/aliases/champion`).reply(404, absent(code))
      expect(await client().version('dbx', MODEL, { by: 'alias', alias: 'champion' })).toBeUndefined()
    },
  )

  it('without a run, and not ready, is one all the same', async () => {
    databricks()
      .get(`${AT}/versions/8`)
      .reply(200, version(8, { run_id: '', status: 'MODEL_VERSION_STATUS_UNKNOWN', storage_location: undefined }))
    expect(await client().version('dbx', MODEL, { by: 'version', version: '8' })).toMatchObject({
      runId: undefined,
      status: 'PENDING_REGISTRATION',
      source: 'dbfs:/databricks/mlflow-tracking/1/a/artifacts/model',
    })
  })

  it.each([
    ['a stage', MODEL, { by: 'stage', stage: 'Production' } as const, 'has no stages', '`alias: champion`'],
    [
      'a name of two levels',
      'ml.churn',
      { by: 'alias', alias: 'champion' } as const,
      'not a name of a model',
      'catalog.schema.model',
    ],
    [
      'a path as a name',
      'a.b/../c.d',
      { by: 'alias', alias: 'champion' } as const,
      'not a name of a model',
      'catalog.schema.model',
    ],
    [
      'a version that is no number',
      MODEL,
      { by: 'version', version: '7/../8' } as const,
      'not a version',
      'whole number',
    ],
  ])('is not asked for by %s', async (_, model, ref, said, hint) => {
    await expect(client().version('dbx', model, ref)).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining(said),
      hint: expect.stringContaining(hint),
    })
  })

  it('that may not be seen is a refusal in Databricks’ own words', async () => {
    databricks()
      .get(`${AT}/versions/7`)
      .reply(403, { error_code: 'PERMISSION_DENIED', message: "User does not have USE SCHEMA on Schema 'main.ml'." })
    await expect(client().version('dbx', MODEL, { by: 'version', version: '7' })).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining("User does not have USE SCHEMA on Schema 'main.ml'."),
    })
  })

  it('at an address without Unity Catalog is a wrong address', async () => {
    databricks().get(`${AT}/versions/7`).reply(404, '<html>')
    await expect(client().version('dbx', MODEL, { by: 'version', version: '7' })).rejects.toMatchObject({
      message: expect.stringContaining('does not know the address'),
    })
  })
})

describe('versions of runs', () => {
  it('are looked for on every page, also behind an empty one, newest first', async () => {
    const page = (query: Record<string, string>) =>
      databricks()
        .get(`${AT}/versions`)
        .query({ max_results: '1000', ...query })
    page({}).reply(200, { model_versions: [version(2), version(3)], next_page_token: 'a b' })
    page({ page_token: 'a b' }).reply(200, { next_page_token: 'c' })
    page({ page_token: 'c' }).reply(200, { model_versions: [version(12), version(9)], next_page_token: '' })
    const found = await client().versionsOfRuns('dbx', MODEL, ['run-2', 'run-12', 'run-3', 'other'])
    expect(found.map((each) => each.version)).toEqual(['12', '3', '2'])
  })

  it('are none for no runs, and none where there is no model', async () => {
    expect(await client().versionsOfRuns('dbx', MODEL, [])).toEqual([])
    databricks().get(`${AT}/versions`).query(true).reply(404, absent('REGISTERED_MODEL_DOES_NOT_EXIST'))
    expect(await client().versionsOfRuns('dbx', MODEL, ['a'])).toEqual([])
  })
})

describe('an alias', () => {
  it('is set and read back', async () => {
    databricks()
      .put(`${AT}/aliases/champion`, { version_num: 7 })
      .reply(200, { alias_name: 'champion', version_num: 7 })
    databricks().get(`${AT}/aliases/champion`).reply(200, version(7))
    await client().setAlias('dbx', MODEL, 'champion', '7')
  })

  it('that somebody else moved meanwhile is a conflict', async () => {
    databricks().put(`${AT}/aliases/champion`).reply(200, {})
    databricks().get(`${AT}/aliases/champion`).reply(200, version(8))
    await expect(client().setAlias('dbx', MODEL, 'champion', '7')).rejects.toMatchObject({
      code: 'write_conflict',
      message: expect.stringContaining('is at version 8, not at 7'),
    })
  })

  it('of a model that is not there is a refusal', async () => {
    databricks().put(`${AT}/aliases/champion`).reply(404, absent('REGISTERED_MODEL_DOES_NOT_EXIST'))
    await expect(client().setAlias('dbx', MODEL, 'champion', '7')).rejects.toMatchObject({
      code: 'mlflow_refused',
      hint: expect.stringContaining('EXECUTE'),
    })
  })
})

it('a server without Unity Catalog keeps its own registry', async () => {
  nock('http://mlflow.test', { badheaders: ['authorization'] })
    .get('/api/2.0/mlflow/model-versions/get')
    .query({ name: 'churn', version: '1' })
    .reply(200, { model_version: { name: 'churn', version: '1', run_id: 'a', status: 'READY' } })
  expect(await client().version('plain', 'churn', { by: 'version', version: '1' })).toMatchObject({ model: 'churn' })
})

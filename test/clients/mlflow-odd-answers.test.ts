/** Answers that are allowed and rarely seen: pages without runs, the same run twice, numbers as text, versions that nothing made. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { silentLog } from '../support/log.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'http://mlflow.test:5000'
const API = '/api/2.0/mlflow'
const HEAD = sha('3f9c2e1')
const client = () => createMlflow({ servers: new Map([['default', HOST]]), credentials: new Map(), log: silentLog })

interceptCalls()

const run = (id: string, info: Record<string, unknown> = {}) => ({
  info: { run_id: id, experiment_id: '3', status: 'FINISHED', start_time: 1_700_000_000_000, ...info },
  data: { tags: [{ key: 'git', value: HEAD }] },
})
const pageOf = (token: string | undefined, answer: Record<string, unknown>) =>
  nock(HOST)
    .post(`${API}/runs/search`, (body: Record<string, unknown>) => body['page_token'] === token)
    .reply(200, answer)
const search = async () =>
  (await client().runsOfCommit('default', { experimentId: '3', commitTag: 'git', commit: HEAD })).map(
    ({ runId }) => runId,
  )

describe('a search of runs', () => {
  it('goes on over a page without runs, ends at an empty token, and counts a run once that moved between pages', async () => {
    pageOf(undefined, { runs: [run('c'), run('b')], next_page_token: '1' })
    pageOf('1', { next_page_token: '2' })
    pageOf('2', { runs: [run('b'), run('a')], next_page_token: '' })
    expect(await search()).toEqual(['c', 'b', 'a'])
  })

  it('ends after three pages, whatever the token says', async () => {
    pageOf(undefined, { runs: [run('a')], next_page_token: 'again' })
    nock(HOST).post(`${API}/runs/search`).times(2).reply(200, { runs: [], next_page_token: 'again' })
    expect(await search()).toEqual(['a'])
  })

  it('takes only runs that have the tag, whatever a server does with filters', async () => {
    const other = (tags: unknown) => ({ ...run('b'), data: { tags } })
    const upper = other([{ key: 'git', value: HEAD.toUpperCase() }])
    pageOf(undefined, { runs: [other([{ key: 'git', value: sha('beef') }]), other([]), other(undefined), run('a')] })
    expect(await search()).toEqual(['a'])
    pageOf(undefined, { runs: [upper] })
    expect(await search()).toEqual(['b'])
  })

  it('refuses a page that nobody meant, instead of making an object of each of its millions', async () => {
    pageOf(undefined, { runs: Array.from({ length: 100_001 }, () => ({})) })
    await expect(search()).rejects.toThrow('answer.runs is not an array of at most 100000')
  })

  it('is empty in an experiment that was deleted meanwhile', async () => {
    pageOf(undefined, {})
    expect(await search()).toEqual([])
  })

  it('refuses a tag that would break out of the filter, before anything is sent', async () => {
    const broken = { experimentId: '3', commitTag: "x` = 'y' --", commit: HEAD }
    await expect(client().runsOfCommit('default', broken)).rejects.toThrow('not a tag')
  })
})

describe('a run', () => {
  const read = async (answer: Record<string, unknown>) => {
    nock(HOST).get(`${API}/runs/get`).query(true).reply(200, { run: answer })
    return client().run('default', 'a')
  }

  it('may have its times and steps as text, or none, and only its old id', async () => {
    expect(await read(run('a', { start_time: '1700000000000' }))).toMatchObject({
      startedAt: new Date(1_700_000_000_000),
    })
    expect(await read(run('a', { start_time: undefined }))).toMatchObject({ startedAt: new Date(0) })
    expect(await read({ info: { run_uuid: 'old', status: 'FINISHED' } })).toMatchObject({
      runId: 'old',
      experimentId: '',
    })
  })

  it('of a status that nobody knows is still at work', async () => {
    expect(await read(run('a', { status: 'PREPARING' }))).toMatchObject({ status: 'RUNNING' })
  })

  it('without an experiment or with a group that cannot be searched stands for itself', async () => {
    const alone = await read(run('a', { experiment_id: undefined }))
    const tags = { groupBy: 'sweep', commitTag: 'git' }
    expect(alone && (await client().seedsOf('default', alone, tags))).toEqual([alone])
    const quoted = await read({ ...run('a'), data: { tags: [{ key: 'sweep', value: "it's" }] } })
    expect(quoted && (await client().seedsOf('default', quoted, tags))).toEqual([quoted])
  })

  it('has the seeds of its own commit, also where other commits used the same group', async () => {
    const tags = [
      { key: 'sweep', value: 'nightly' },
      { key: 'git', value: HEAD },
    ]
    const one = await read({ ...run('a'), data: { tags } })
    const [seed, stranger] = [{ ...run('b'), data: { tags } }, run('c')]
    let filter = ''
    nock(HOST)
      .post(`${API}/runs/search`, (body: { filter: string }) => {
        filter = body.filter
        return true
      })
      .reply(200, { runs: [seed, stranger] })
    const seeds = one && (await client().seedsOf('default', one, { groupBy: 'sweep', commitTag: 'git' }))
    expect(seeds?.map(({ runId }) => runId)).toEqual(['a', 'b'])
    expect(filter).toBe(`tags.\`sweep\` = 'nightly' AND tags.\`git\` = '${HEAD}'`)
  })
})

describe('an experiment', () => {
  it('is asked for once in some minutes, but again while it is not there', async () => {
    const byName = () => nock(HOST).get(`${API}/experiments/get-by-name`).query(true)
    const mlflow = client()
    byName().reply(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no' })
    expect(await mlflow.experimentId('default', 'churn')).toBeUndefined()
    byName().reply(200, { experiment: { experiment_id: '3', lifecycle_stage: 'active' } })
    for (const _ of [1, 2]) expect(await mlflow.experimentId('default', 'churn')).toBe('3')
  })

  it('has its name by its id, which no server takes for a number where it is none', async () => {
    const byId = () => nock(HOST).get(`${API}/experiments/get`).query({ experiment_id: '3' })
    byId().reply(200, { experiment: { experiment_id: '3', name: 'churn', lifecycle_stage: 'active' } })
    expect(await client().experimentName('default', '3')).toBe('churn')
    byId().reply(200, { experiment: { experiment_id: '3', name: 'churn', lifecycle_stage: 'deleted' } })
    expect(await client().experimentName('default', '3')).toBeUndefined()
    byId().reply(400, { error_code: 'INVALID_PARAMETER_VALUE', message: "Invalid experiment ID 'churn'." })
    await expect(client().experimentName('default', '3')).rejects.toMatchObject({ code: 'mlflow_refused' })
  })
})

describe('a version', () => {
  const version = (answer: Record<string, unknown>) => {
    const of = { name: 'churn', version: '7', ...answer }
    nock(HOST).get(`${API}/model-versions/get`).query(true).reply(200, { model_version: of })
    return client().version('default', 'churn', { by: 'version', version: '7' })
  }

  it('may be pending, made without a run, and numbered by a number', async () => {
    expect(await version({ status: 'PENDING_REGISTRATION', version: 7, run_id: '' })).toMatchObject({
      version: '7',
      runId: undefined,
      status: 'PENDING_REGISTRATION',
    })
  })

  it.each([
    [404, ''],
    [404, '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no"}'],
  ])('stays without a run where its logged model cannot be had (%i %s)', async (status, body) => {
    nock(HOST).get(`${API}/logged-models/m-1`).reply(status, body)
    expect(await version({ run_id: '', source: 'models:/m-1' })).toMatchObject({ runId: undefined })
  })

  it('in a stage is the newest there, and none is nothing', async () => {
    const inStage = () =>
      nock(HOST).post(`${API}/registered-models/get-latest-versions`, { name: 'churn', stages: ['Production'] })
    const find = () => client().version('default', 'churn', { by: 'stage', stage: 'Production' })
    inStage().reply(200, { model_versions: [{ name: 'churn', version: '9', run_id: 'r' }] })
    expect(await find()).toMatchObject({ version: '9', runId: 'r' })
    inStage().reply(200, {})
    expect(await find()).toBeUndefined()
  })

  it('of very many runs is sought in addresses that MLflow 2 takes', async () => {
    const isShort = (query: Record<string, unknown>) => new URLSearchParams(query as never).toString().length < 3900
    nock(HOST).get(`${API}/model-versions/search`).query(isShort).times(3).reply(200, {})
    const ids = Array.from({ length: 120 }, (_, index) => `${index}`.padStart(32, 'a'))
    expect(await client().versionsOfRuns('default', 'churn', ids)).toEqual([])
  })
})

/** Registering a run's model, and finding where its files lie, at a real MLflow 2 and a real MLflow 3. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RealMlflow, type ServerOptions, startServer } from '../../sandbox/recordings/server.ts'
import { createMlflow } from '../../src/clients/mlflow.ts'
import type { Mlflow } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { createMlflowRest, type MlflowRest } from './mlflow-rest.ts'

const MLFLOW_2: ServerOptions['python'] = {
  name: 'mlflow2',
  requirements: fileURLToPath(new URL('./requirements-mlflow2.txt', import.meta.url)),
}
const TAGS = { 'lockkeeper.repository': 'acme/models', 'lockkeeper.commit': 'c'.repeat(40) }

describe.each([
  ['2', { python: MLFLOW_2 }],
  ['3', {}],
] as const)('a real MLflow %s', (major, options: ServerOptions) => {
  let server: RealMlflow
  let rest: MlflowRest
  let mlflow: Mlflow
  let experiment: string
  beforeAll(async () => {
    server = await startServer(options)
    rest = createMlflowRest(server.url)
    mlflow = createMlflow({ servers: new Map([['default', server.url]]), credentials: new Map(), log: silentLog })
    experiment = await rest.experiment('churn')
  })
  afterAll(() => server?.close())

  /** A run that wrote a file of a model into the folder, as MLflow 2 logs one. */
  const runWith = async (folder: string): Promise<string> => {
    const id = await rest.run({ experiment, metrics: { auc: 0.9 } })
    const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/${id}/artifacts/${folder}/MLmodel`
    const put = await fetch(url, { method: 'PUT', body: 'flavors: {}' })
    expect(put.ok).toBe(true)
    return id
  }
  const create = (runId: string, model = 'churn', artifactPath = 'model') =>
    mlflow.createVersion('default', { model, runId, artifactPath, tags: TAGS })

  it('gives a folder of the run as the next version, and makes the registered model first', async () => {
    const run = await runWith('model')
    const made = await create(run)
    expect(made).toMatchObject({ model: 'churn', version: '1', runId: run, status: 'READY' })
    const own = `mlflow-artifacts:/${experiment}/${run}/artifacts/model`
    expect(made?.source).toBe(own)
    expect(await mlflow.versionsOfRuns('default', 'churn', [run])).toEqual([made])
    expect(made && (await mlflow.locate('default', made))).toBe(own)
    const read = await rest.call('GET', 'model-versions/get', { name: 'churn', version: '1' })
    const tags = read.child('model_version').list('tags')
    expect(Object.fromEntries(tags.map((tag) => [tag.text('key'), tag.text('value')]))).toEqual(TAGS)
    expect((await create(await runWith('deep/inside'), 'churn', 'deep/inside'))?.version).toBe('2')
  })

  it('has no version of a run without such a model, nor of one that does not exist, and makes nothing', async () => {
    const run = await runWith('model')
    expect(await create(run, 'untouched', 'other')).toBeUndefined()
    expect(await create('f'.repeat(32), 'untouched')).toBeUndefined()
    await expect(rest.call('GET', 'registered-models/get', { name: 'untouched' })).rejects.toThrow(
      'RESOURCE_DOES_NOT_EXIST',
    )
  })

  it('makes both of two that are wanted at once', async () => {
    const runs = await Promise.all([runWith('model'), runWith('model')])
    const made = await Promise.all(runs.map((run) => create(run, 'busy')))
    expect(made.map((version) => version?.version).toSorted()).toEqual(['1', '2'])
  })

  it('says where a version lies that another client made of `runs:/`', async () => {
    const run = await runWith('model')
    await rest.call('POST', 'registered-models/create', { name: 'foreign' })
    await rest.call('POST', 'model-versions/create', { name: 'foreign', source: `runs:/${run}/model`, run_id: run })
    const [version] = await mlflow.versionsOfRuns('default', 'foreign', [run])
    expect(version?.source).toBe(`runs:/${run}/model`)
    expect(version && (await mlflow.locate('default', version))).toBe(
      `mlflow-artifacts:/${experiment}/${run}/artifacts/model`,
    )
  })

  it.runIf(major === '3')('takes the logged model of that name once it is ready', async () => {
    const run = await rest.run({ experiment, metrics: { auc: 0.9 } })
    const id = await rest.loggedModel(run, experiment, 'model')
    expect(await create(run, 'logged')).toBeUndefined()
    await rest.call('PATCH', `logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' })
    expect(await create(run, 'logged', 'other')).toBeUndefined()
    const made = await create(run, 'logged')
    expect(made).toMatchObject({ version: '1', runId: run, source: `models:/${id}` })
    expect(made && (await mlflow.locate('default', made))).toBe(
      `mlflow-artifacts:/${experiment}/models/${id}/artifacts`,
    )
  })
})

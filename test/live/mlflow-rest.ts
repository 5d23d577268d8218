/** Fills a real MLflow server, 2 or 3, through its own REST API: experiments, runs, versions and logged models with just the numbers that a test needs. */
import { type Answer, answerOf } from '../../src/clients/answer.ts'

export type RunGiven = {
  readonly experiment: string
  readonly tags?: Readonly<Record<string, string>>
  readonly metrics?: Readonly<Record<string, number | 'NaN' | 'Infinity' | '-Infinity'>>
  /** Default FINISHED. */
  readonly status?: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly parent?: string
}

/** One measurement for a logged model. `at` orders them: MLflow's timestamp. */
export type Logged = {
  readonly key: string
  readonly value: number | 'NaN'
  readonly at: number
  readonly model?: string
  readonly dataset?: string
  readonly step?: number
}

export type MlflowRest = {
  /** Throws with MLflow's own words when it refuses. */
  call(method: string, path: string, input?: Readonly<Record<string, unknown>>): Promise<Answer>
  experiment(name: string): Promise<string>
  run(given: RunGiven): Promise<string>
  /** Registers the run's model as the next version, and gives its number. */
  version(model: string, runId: string): Promise<string>
  /** MLflow 3: a logged model of the run; its id. */
  loggedModel(runId: string, experiment: string, name: string): Promise<string>
  log(runId: string, logged: Logged): Promise<void>
}

export function createMlflowRest(url: string): MlflowRest {
  let clock = Date.now() - 3_600_000
  const call: MlflowRest['call'] = async (method, path, input = {}) => {
    const query = method === 'GET' ? `?${new URLSearchParams(input as Record<string, string>)}` : ''
    const response = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
      method,
      ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`)
    return answerOf('MLflow', JSON.parse(text || '{}'))
  }
  const log: MlflowRest['log'] = async (runId, { at, dataset, model, ...metric }) => {
    await call('POST', 'runs/log-metric', {
      run_id: runId,
      timestamp: at,
      step: 0,
      ...metric,
      ...(dataset === undefined ? {} : { dataset_name: dataset, dataset_digest: `digest-${dataset}` }),
      ...(model === undefined ? {} : { model_id: model }),
    })
  }
  const run: MlflowRest['run'] = async ({ experiment, tags = {}, metrics = {}, status = 'FINISHED', parent }) => {
    clock += 1000
    const all = { ...tags, ...(parent === undefined ? {} : { 'mlflow.parentRunId': parent }) }
    const made = await call('POST', 'runs/create', {
      experiment_id: experiment,
      start_time: clock,
      tags: Object.entries(all).map(([key, value]) => ({ key, value })),
    })
    const id = made.child('run').child('info').text('run_id')
    await call('POST', 'runs/log-batch', {
      run_id: id,
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: clock, step: 0 })),
    })
    if (status !== 'RUNNING') await call('POST', 'runs/update', { run_id: id, status, end_time: clock + 1 })
    return id
  }
  return {
    call,
    log,
    run,
    experiment: async (name) => (await call('POST', 'experiments/create', { name })).text('experiment_id'),
    version: async (model, runId) => {
      await call('POST', 'registered-models/create', { name: model }).catch((error: unknown) => {
        if (!String(error).includes('RESOURCE_ALREADY_EXISTS')) throw error
      })
      const read = await call('GET', 'runs/get', { run_id: runId })
      const source = `${read.child('run').child('info').text('artifact_uri')}/model`
      const made = await call('POST', 'model-versions/create', { name: model, source, run_id: runId })
      return made.child('model_version').text('version')
    },
    loggedModel: async (runId, experiment, name) => {
      const made = await call('POST', 'logged-models', { experiment_id: experiment, name, source_run_id: runId })
      const id = made.child('model').child('info').text('model_id')
      await call('POST', 'runs/outputs', { run_id: runId, models: [{ model_id: id, step: 0 }] })
      return id
    },
  }
}

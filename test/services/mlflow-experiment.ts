/** An MLflow server with one experiment of many runs: for tests that count at the socket what a comparison asks for. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createMlflow } from '../../src/clients/mlflow.ts'
import type { Mlflow } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'

export type ExperimentRun = {
  readonly id: string
  readonly tags: Readonly<Record<string, string>>
  readonly metrics?: Readonly<Record<string, number | string>>
  readonly status?: string
  /** Of the logged model that each run makes in MLflow 3; undefined: the server is an MLflow 2. */
  readonly datasets?: Readonly<Record<string, number>>
}

export type ExperimentServer = {
  readonly mlflow: Mlflow
  /** `POST runs/search`, in order. */
  readonly requests: readonly string[]
  /** How many runs all answers together held. */
  runsSent(): number
  close(): Promise<void>
}

/** Registered model `churn`, whose alias `champion` is version 11, made from the run `championRun`. */
export async function serveExperiment(runs: readonly ExperimentRun[], championRun: string): Promise<ExperimentServer> {
  const requests: string[] = []
  let sent = 0
  const byId = new Map(runs.map((run) => [run.id, run]))
  const answers: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>> = {
    'GET experiments/get-by-name': () => ({ experiment: { experiment_id: '1', lifecycle_stage: 'active' } }),
    'GET registered-models/alias': () => ({ model_version: { name: 'churn', version: '11', run_id: championRun } }),
    'GET runs/get': ({ run_id: id }) => ({ run: runAnswer(byId.get(String(id))) }),
    'POST runs/search': ({ filter, max_results: most }) => {
      const clauses = [...String(filter).matchAll(/tags\.`([^`]+)` = '([^']*)'/g)]
      const found = runs.filter((run) => clauses.every(([, tag = '', value]) => run.tags[tag] === value))
      sent += Math.min(found.length, Number(most))
      return { runs: found.slice(0, Number(most)).map(runAnswer) }
    },
    'POST logged-models/search': ({ filter }) => ({
      models: [...String(filter).matchAll(/'m-([^']*)'/g)].map(([, id = '']) => modelAnswer(byId.get(id))),
    }),
  }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://mlflow')
    const name = `${request.method} ${url.pathname.replace('/api/2.0/mlflow/', '')}`
    requests.push(name)
    const body = await text(request)
    const input = body === '' ? Object.fromEntries(url.searchParams) : JSON.parse(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[name]?.(input)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const servers = new Map([['default', `http://127.0.0.1:${port}`]])
  return {
    mlflow: createMlflow({ servers, credentials: new Map(), log: silentLog }),
    requests,
    runsSent: () => sent,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function runAnswer(run: ExperimentRun | undefined): unknown {
  if (run === undefined) throw new Error('no such run')
  return {
    info: { run_id: run.id, experiment_id: '1', status: run.status ?? 'FINISHED', start_time: 1 },
    data: {
      metrics: Object.entries(run.metrics ?? {}).map(([key, value]) => ({ key, value, timestamp: 1, step: 0 })),
      tags: Object.entries(run.tags).map(([key, value]) => ({ key, value })),
    },
    ...(run.datasets === undefined ? {} : { outputs: { model_outputs: [{ model_id: `m-${run.id}`, step: 0 }] } }),
  }
}

function modelAnswer(run: ExperimentRun | undefined): unknown {
  const values = Object.entries(run?.datasets ?? {})
  return {
    info: { model_id: `m-${run?.id}`, name: 'model', source_run_id: run?.id },
    data: {
      metrics: values.map(([dataset, value], timestamp) => ({
        key: 'auc',
        value,
        timestamp,
        step: 0,
        dataset_name: dataset,
        model_id: `m-${run?.id}`,
        run_id: run?.id,
      })),
    },
  }
}

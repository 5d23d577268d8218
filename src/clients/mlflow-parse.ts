/** MLflow's runs and versions as the services know them. Field names and quirks: https://mlflow.org/docs/latest/api_reference/rest-api.html */
import { parseMetricValue } from '../domain/metric.ts'
import type { LoggedMetric, MetricPoint } from '../domain/metric-dataset.ts'
import type { MlflowRun, MlflowVersion } from '../services/ports.ts'
import type { Answer } from './answer.ts'
import { pagesOf } from './mlflow-pages.ts'

// What the SQL store makes of an infinity when it is logged.
const CLAMPED_INFINITY = 1.7976931348623157e308
const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const

/** One run of runs/get or runs/search. `base` is the address of the server. */
export function parseRun(base: string, run: Answer): MlflowRun {
  const info = run.child('info')
  const data = run.maybe('data')
  const runId = info.maybeText('run_id') ?? info.text('run_uuid')
  const experimentId = info.maybeText('experiment_id') ?? ''
  const status = info.maybeText('status')
  return {
    runId,
    experimentId,
    name: info.maybeText('run_name'),
    status: STATUSES.find((known) => known === status) ?? 'RUNNING',
    startedAt: new Date(integerOf(info, 'start_time')),
    metrics: new Map((data?.list('metrics') ?? []).flatMap(metricEntry)),
    ...loggedOf(run),
    params: new Map((data?.list('params') ?? []).map(textEntry)),
    tags: new Map((data?.list('tags') ?? []).map(textEntry)),
    dataDigests: digestsOf(run),
    url: pagesOf(base).run(experimentId, runId),
  }
}

/** One version of the registry; `runId` is absent where the version was made without a run. */
export function parseVersion(base: string, version: Answer): MlflowVersion {
  const model = version.text('name')
  const number = version.maybeText('version') ?? String(version.integer('version'))
  const status = version.maybeText('status')
  return {
    model,
    version: number,
    runId: nonEmpty(version.maybeText('run_id')),
    status: status === 'PENDING_REGISTRATION' || status === 'FAILED_REGISTRATION' ? status : 'READY',
    source: version.maybeText('source'),
    url: pagesOf(base).version(model, number),
  }
}

/** The metrics of one model of logged-models/search, of all runs that wrote any. */
export function parseLoggedModel(model: Answer): readonly LoggedMetric[] {
  const info = model.child('info')
  const modelId = info.text('model_id')
  return (model.maybe('data')?.list('metrics') ?? []).flatMap((metric) =>
    metricEntry(metric).map(([name, value]) => ({
      runId: metric.maybeText('run_id') ?? '',
      name,
      value,
      ...pointOf(metric),
      dataset: nonEmpty(metric.maybeText('dataset_name')),
      model: nonEmpty(info.maybeText('name')) ?? modelId,
      modelId,
    })),
  )
}

/** The models that a run of MLflow 3 logged. Those of other runs that it only measured are not among what a search tells (`inputs`). */
function loggedOf(run: Answer): Pick<MlflowRun, 'logged'> {
  const made = (run.maybe('outputs')?.list('model_outputs') ?? []).toSorted(
    (a, b) => integerOf(b, 'step') - integerOf(a, 'step'),
  )
  const models = [...new Set(made.flatMap((model) => model.maybeText('model_id') ?? []))]
  if (models.length === 0) return {}
  const metrics = run.maybe('data')?.list('metrics') ?? []
  return { logged: { models, latest: new Map(metrics.map((metric) => [metric.text('key'), pointOf(metric)])) } }
}

function pointOf(metric: Answer): MetricPoint {
  return { step: integerOf(metric, 'step'), timestamp: integerOf(metric, 'timestamp') }
}

/** proto3 leaves out a 0, and its own JSON writes 64-bit numbers as strings, which some hosted servers keep. */
function integerOf(answer: Answer, key: string): number {
  const text = answer.maybeText(key)
  return text !== undefined && /^-?\d{1,16}$/.test(text) ? Number(text) : (answer.maybeInteger(key) ?? 0)
}

function metricEntry(metric: Answer): [string, number][] {
  const value = parseMetricValue(metric.raw['value'])
  // proto3 leaves out a value that is 0.
  if (value === undefined) return metric.has('value') ? [] : [[metric.text('key'), 0]]
  if (Math.abs(value) >= CLAMPED_INFINITY) return [[metric.text('key'), value > 0 ? Infinity : -Infinity]]
  return [[metric.text('key'), value]]
}

function textEntry(pair: Answer): [string, string] {
  return [pair.text('key'), pair.maybeText('value') ?? '']
}

function digestsOf(run: Answer): readonly string[] {
  const inputs = run.maybe('inputs')?.list('dataset_inputs') ?? []
  const digests = inputs.flatMap((input) => {
    const dataset = input.maybe('dataset')
    const digest = dataset?.maybeText('digest')
    if (digest === undefined) return []
    const name = dataset?.maybeText('name')
    return [name === undefined ? digest : `${name}:${digest}`]
  })
  return [...new Set(digests)].toSorted()
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

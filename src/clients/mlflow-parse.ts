/** MLflow's runs and versions as the services know them. Field names and quirks: https://mlflow.org/docs/latest/api_reference/rest-api.html */
import { parseMetricValue } from '../domain/metric.ts'
import type { MlflowRun, MlflowVersion } from '../services/ports.ts'
import type { Answer } from './answer.ts'

// What the SQL store makes of an infinity when it is logged.
const CLAMPED_INFINITY = 1.7976931348623157e308
const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const

/** One run of runs/get or runs/search. `base` is the address people use. */
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
    startedAt: new Date(info.maybeInteger('start_time') ?? 0),
    metrics: new Map((data?.list('metrics') ?? []).flatMap(metricEntry)),
    ambiguous: [],
    params: new Map((data?.list('params') ?? []).map(textEntry)),
    tags: new Map((data?.list('tags') ?? []).map(textEntry)),
    dataDigests: digestsOf(run),
    url: `${base}/#/experiments/${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(runId)}`,
  }
}

/** One version of the registry; `runId` is absent where the version was made without a run. */
export function parseVersion(base: string, version: Answer): MlflowVersion {
  const model = version.text('name')
  const number = version.maybeText('version') ?? String(version.integer('version'))
  const status = version.maybeText('status')
  const runId = version.maybeText('run_id')
  return {
    model,
    version: number,
    runId: runId === '' ? undefined : runId,
    status: status === 'PENDING_REGISTRATION' || status === 'FAILED_REGISTRATION' ? status : 'READY',
    source: version.maybeText('source'),
    url: `${base}/#/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(number)}`,
  }
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

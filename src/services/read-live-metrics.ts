/** Metrics of the release that is live in an environment: its runs while MLflow has them, else what was recorded with the release. Part of read-metrics.ts. */
import { livePromotion } from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import type { MetricSource, ModelSettings } from '../domain/settings.ts'
import { type MetricsDeps, type MetricsQuestion, type MetricsReading, none, type RunSet } from './read-metrics.ts'
import { readMlflowRun } from './read-mlflow-metrics.ts'

/** What is live is what `/status` says: the release that was verified there last. */
export async function readLiveMetrics(
  question: MetricsQuestion,
  { environment }: Extract<MetricSource, { kind: 'live' }>,
  deps: MetricsDeps,
): Promise<MetricsReading> {
  const { repository, model } = question
  const live = livePromotion(await deps.ledger.history({ repository, model: model.name, environment }))
  if (live === undefined) {
    return none(`Nothing is live in ${environment} yet`, `\`/deploy ${environment}\` promotes the first release.`)
  }
  const release = live.release && (await deps.ledger.releaseById(repository, live.release))
  if (release?.state.kind !== 'complete') {
    return none(
      `What is live in ${environment} was there before Lockkeeper, and its metrics are not known`,
      `\`/deploy ${environment}\` promotes the first release.`,
    )
  }
  const found = release.state.release
  const runs = await readRuns(question, found, deps)
  if (runs !== undefined && runs.kind !== 'found') return runs
  return {
    ...(runs ?? recorded(found)),
    label: `${environment} (${releaseLabel(found)})`,
    reference: referenceOf(found),
    url: await versionUrl(question, found, deps),
    version: found.modelVersion,
    commit: found.commit,
  }
}

/** undefined: the release has no runs in MLflow, or they are gone. */
async function readRuns(
  question: MetricsQuestion,
  { runs: [first] }: Release,
  deps: MetricsDeps,
): Promise<MetricsReading | undefined> {
  const { candidate } = question.model
  if (candidate?.kind !== 'mlflow' || first === undefined) return undefined
  const { server, groupBy, dataset } = candidate
  const reading = await readMlflowRun(question, { kind: 'mlflow_run', server, runId: first, groupBy, dataset }, deps)
  return reading.kind === 'refused' && reading.problem.code === 'gates_failed' ? undefined : reading
}

function recorded({
  metrics,
  dataDigests,
  completedAt,
}: Release): Omit<RunSet, 'label' | 'reference' | 'url' | 'version' | 'commit'> {
  return {
    kind: 'found',
    file: undefined,
    runs: [],
    ids: [],
    seeds: [new Map(Object.entries(metrics))],
    params: new Map(),
    dataDigests,
    failedRuns: 0,
    newerRunning: false,
    notes: [`The live release is compared by its metrics as recorded at release, on ${completedAt.slice(0, 10)}.`],
  }
}

const referenceOf = ({ id, registeredModel, modelVersion }: Release): string =>
  registeredModel === undefined || modelVersion === undefined ? id : `models:/${registeredModel}/${modelVersion}`

/** A person's way to the version; undefined where there is none, or it may not be asked for. */
async function versionUrl(
  { repository, model }: MetricsQuestion,
  { registeredModel, modelVersion }: Release,
  { mlflow, mayUse }: MetricsDeps,
): Promise<string | undefined> {
  const server = registryServer(model)
  if (server === undefined || registeredModel === undefined || modelVersion === undefined) return undefined
  if (!mayUse(repository, { kind: 'mlflow', server, model: registeredModel }).allowed) return undefined
  return (await mlflow.version(server, registeredModel, { by: 'version', version: modelVersion }))?.url
}

const registryServer = ({ release }: Pick<ModelSettings, 'release'>): string | undefined =>
  release.model?.registry?.server

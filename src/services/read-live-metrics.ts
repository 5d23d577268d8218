/** Metrics of the release that is live in an environment: its runs while MLflow has them, else what was recorded with the release. Part of read-metrics.ts. */
import { livePromotion } from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import type { MetricSource } from '../domain/settings.ts'
import { type MetricsDeps, type MetricsQuestion, type MetricsReading, none, type RunSet } from './read-metrics.ts'
import { readMlflowRun, readMlflowVersion } from './read-mlflow-metrics.ts'

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
    version: found.modelVersion,
    commit: found.commit,
  }
}

/** By its registered version where there is one, which costs three requests, as its first run does. undefined: MLflow never had them, or not any more. */
async function readRuns(
  question: MetricsQuestion,
  { runs: [runId], registeredModel, modelVersion }: Release,
  deps: MetricsDeps,
): Promise<MetricsReading | undefined> {
  const { candidate, release } = question.model
  if (candidate?.kind !== 'mlflow' || runId === undefined) return undefined
  const { groupBy, dataset } = candidate
  const server = release.model?.registry?.server ?? candidate.server
  const reading =
    registeredModel === undefined || modelVersion === undefined
      ? await readMlflowRun(question, { kind: 'mlflow_run', server: candidate.server, runId, groupBy, dataset }, deps)
      : await readMlflowVersion(
          question,
          {
            ...{ kind: 'mlflow_version', server, groupBy, dataset },
            ...{ model: registeredModel, version: { by: 'version', version: modelVersion } },
          },
          deps,
        )
  return reading.kind === 'refused' && reading.problem.code === 'gates_failed' ? undefined : reading
}

function recorded({
  metrics,
  dataDigests,
  completedAt,
}: Release): Omit<RunSet, 'label' | 'reference' | 'version' | 'commit'> {
  return {
    kind: 'found',
    url: undefined,
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

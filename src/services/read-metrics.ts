/**
 * Where metrics come from: one reader per kind of source, in one table. A new source is a client, its reader and a line here.
 * compare-model.ts sets two sides against each other.
 */

import type { RunReference } from '../domain/comparison-report.ts'
import type { Seeds } from '../domain/comparison-runs.ts'
import { type ErrorCode, SystemUnavailable, UserError } from '../domain/failure.ts'
import type { CommitSha, RepoName } from '../domain/ids.ts'
import type { Metrics } from '../domain/metric.ts'
import type { MetricSource, ModelSettings } from '../domain/settings.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { MlflowRun } from './ports.ts'
import { readDocumentMetrics } from './read-document-metrics.ts'
import { readDvcMetrics } from './read-dvc-metrics.ts'
import { readLiveMetrics } from './read-live-metrics.ts'
import { readMlflowRun, readMlflowRuns, readMlflowVersion } from './read-mlflow-metrics.ts'
import { readWandbRuns } from './read-wandb-metrics.ts'

export type MetricsQuestion = {
  readonly repository: RepoName
  readonly model: Pick<ModelSettings, 'name' | 'candidate' | 'release'>
  /** Whose runs count; the first commit that has any wins. */
  readonly commits: readonly CommitSha[]
  /** Where files are read: a commit or branch. */
  readonly ref: string
  /** How people call `ref`. */
  readonly label: string
  /** Nobody waits for unfinished runs any longer. */
  readonly final: boolean
}

export type Problem = { readonly code: ErrorCode; readonly message: string; readonly hint: string }

/** What one side measured, one entry of `seeds` per run. */
export type RunSet = {
  readonly kind: 'found'
  /** `champion v11`, `main`. */
  readonly label: string
  /** `models:/churn/11`, `models/fraud/metrics.json`. */
  readonly reference: string
  readonly url: string | undefined
  readonly file: string | undefined
  readonly version: string | undefined
  readonly commit: CommitSha | undefined
  readonly runs: readonly RunReference[]
  /** Run ids, or `path@ref`. */
  readonly ids: readonly string[]
  readonly seeds: readonly Metrics[]
  /** MLflow's runs behind `seeds`, until read-logged-metrics.ts has told their datasets apart. */
  readonly mlflow?: { readonly server: string; readonly dataset: string | undefined; readonly seeds: Seeds<MlflowRun> }
  /** Parameters that all seeds share. */
  readonly params: ReadonlyMap<string, string>
  readonly dataDigests: readonly string[]
  readonly failedRuns: number
  readonly newerRunning: boolean
  /** What a reader should know about these numbers, one sentence each. */
  readonly notes: readonly string[]
}

export type MetricsReading =
  | RunSet
  | { readonly kind: 'running'; readonly count: number }
  /** There is nothing, for a reason that is nobody's refusal. */
  | { readonly kind: 'none'; readonly problem: Problem }
  | { readonly kind: 'unavailable'; readonly problem: Problem }
  | { readonly kind: 'refused'; readonly problem: Problem }

export type MetricsDeps = Pick<Deps, 'mlflow' | 'wandb' | 'buckets' | 'mayUse'> & Pick<ReadDeps, 'github' | 'ledger'>

/** `merge_base` is no place of its own: compare-model.ts reads the candidate's source there. */
export type ReadableSource = Exclude<MetricSource, { kind: 'merge_base' }>

/** Reads one kind of source. May throw UserError for what a person has to change and SystemUnavailable for outages. */
export type MetricsReader<Kind extends ReadableSource['kind']> = (
  question: MetricsQuestion,
  source: Extract<ReadableSource, { kind: Kind }>,
  deps: MetricsDeps,
) => Promise<MetricsReading>

const READERS: { readonly [Kind in ReadableSource['kind']]: MetricsReader<Kind> } = {
  mlflow: readMlflowRuns,
  mlflow_version: readMlflowVersion,
  mlflow_run: readMlflowRun,
  document: readDocumentMetrics,
  dvc: readDvcMetrics,
  wandb: readWandbRuns,
  live: readLiveMetrics,
}

/** Without these nothing can be said at all: the whole run is repeated. */
const OWN_SYSTEMS = new Set(['GitHub', 'database', 'embedded database'])

/** Reads one side. The operator's policy is asked before any credential is used. Throws only for GitHub outages and bugs. */
export async function readMetrics(
  question: MetricsQuestion,
  source: ReadableSource,
  deps: MetricsDeps,
): Promise<MetricsReading> {
  try {
    return await readerOf(source.kind)(question, source, deps)
  } catch (error) {
    return problemOf(error)
  }
}

/** What an error of a reader stands for. Throws on what no reader is responsible for: GitHub outages and bugs. */
export function problemOf(error: unknown): Extract<MetricsReading, { kind: 'refused' | 'unavailable' }> {
  if (error instanceof UserError) {
    return { kind: 'refused', problem: { code: error.code, message: error.message, hint: error.hint } }
  }
  if (!(error instanceof SystemUnavailable) || OWN_SYSTEMS.has(error.system)) throw error
  return {
    kind: 'unavailable',
    problem: {
      code: error.system.startsWith('MLflow') ? 'mlflow_unavailable' : 'system_unavailable',
      message: error.message,
      hint: 'Nothing to do here: it is asked again by itself. Whoever runs it should have a look.',
    },
  }
}

/** The table holds for each kind the reader of that kind, which TypeScript cannot follow through an index. */
function readerOf<Kind extends ReadableSource['kind']>(kind: Kind): MetricsReader<ReadableSource['kind']> {
  return READERS[kind] as MetricsReader<ReadableSource['kind']>
}

/** There is nothing to read, and nobody is at fault. */
export function none(message: string, hint: string): Extract<MetricsReading, { kind: 'none' }> {
  return { kind: 'none', problem: { code: 'artefact_missing', message, hint } }
}

/** A person has to change something. */
export function refusal(code: ErrorCode, message: string, hint: string): Extract<MetricsReading, { kind: 'refused' }> {
  return { kind: 'refused', problem: { code, message, hint } }
}

/** What the operator's policy does not allow, with the line that would. */
export function policyRefusal({
  message,
  missingLine,
}: {
  readonly message: string
  readonly missingLine: string
}): Extract<MetricsReading, { kind: 'refused' }> {
  return refusal(
    'policy_missing',
    message,
    `Whoever runs this Lockkeeper adds to LOCKKEEPER_POLICY what is below.\n\`\`\`yaml\n${missingLine.trimEnd()}\n\`\`\``,
  )
}

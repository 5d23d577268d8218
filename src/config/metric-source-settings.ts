/** `candidate`, `baseline`, `reports` and `checks` of a model as the rest of the program sees them. Part of repo-settings.ts. */
import { COMMIT_TAG, GROUP_TAG } from '../domain/comparison-runs.ts'
import type {
  CheckGateSettings,
  DocumentPlace,
  MetricSource,
  MlflowReading,
  ReportSettings,
  VersionRef,
} from '../domain/settings.ts'
import type { RepoDocument } from './repo-schema.ts'

type ModelDocument = RepoDocument['models'][string]
type Candidate = NonNullable<ModelDocument['candidate']>
type Baseline = NonNullable<ModelDocument['baseline']>
type Report = ModelDocument['reports'][string]

/** `server` is the model's default. Exactly one key is there: metric-source-rules.ts. */
export function toCandidate(candidate: ModelDocument['candidate'], server: string): MetricSource | undefined {
  if (candidate === undefined) return undefined
  const { mlflow, wandb, dvc } = candidate
  if (mlflow !== undefined) {
    return {
      kind: 'mlflow',
      server: mlflow.server ?? server,
      experiment:
        mlflow.experiment_id === undefined
          ? { by: 'name', name: mlflow.experiment ?? '' }
          : { by: 'id', id: mlflow.experiment_id },
      commitTag: mlflow.commit_tag ?? COMMIT_TAG,
      ...readingOf(mlflow),
    }
  }
  if (wandb !== undefined) return { kind: 'wandb', ...wandb, groupBy: wandb.group_by }
  if (dvc !== undefined) return { kind: 'dvc', path: dvc }
  return documentSource(candidate)
}

/** As `toCandidate`. */
export function toBaseline(baseline: ModelDocument['baseline'], server: string): MetricSource | undefined {
  if (baseline === undefined) return undefined
  const { mlflow, environment, candidate_at: candidateAt, dvc } = baseline
  if (mlflow !== undefined) return toMlflowBaseline(mlflow, server)
  if (environment !== undefined) return { kind: 'live', environment }
  if (candidateAt !== undefined) return { kind: candidateAt }
  if (dvc !== undefined) return { kind: 'dvc', path: dvc }
  return documentSource(baseline)
}

/** One entry of `reports`; undefined places are refused by metric-source-rules.ts. */
export function toReport(name: string, document: Report): ReportSettings {
  const place = toPlace(document)
  if (place === undefined) throw new Error(`the rules let a report without a place through: ${name}`)
  return { name, format: document.format, place, required: document.required }
}

/** One entry of `checks`. */
export function toCheckGate(entry: ModelDocument['checks'][number]): CheckGateSettings {
  return typeof entry === 'string' ? { name: entry, app: undefined, required: true } : { ...entry, app: entry.app }
}

function toMlflowBaseline(mlflow: NonNullable<Baseline['mlflow']>, fallback: string): MetricSource {
  const server = mlflow.server ?? fallback
  const reading = readingOf(mlflow)
  if (mlflow.run !== undefined) return { kind: 'mlflow_run', server, runId: mlflow.run, ...reading }
  return { kind: 'mlflow_version', server, model: mlflow.model ?? '', version: versionOf(mlflow), ...reading }
}

function versionOf({ alias, version, stage }: NonNullable<Baseline['mlflow']>): VersionRef {
  if (version !== undefined) return { by: 'version', version }
  if (stage !== undefined) return { by: 'stage', stage }
  return { by: 'alias', alias: alias ?? 'champion' }
}

function readingOf(mlflow: {
  readonly group_by?: string | undefined
  readonly dataset?: string | undefined
}): MlflowReading {
  return { groupBy: mlflow.group_by ?? GROUP_TAG, dataset: mlflow.dataset }
}

function documentSource(document: Pick<Candidate, 'file' | 's3'> & Partial<Candidate>): MetricSource | undefined {
  const place = toPlace(document)
  return place && { kind: 'document', place }
}

function toPlace({
  file,
  s3,
  artifact,
}: Pick<Candidate, 'file' | 's3'> & Partial<Pick<Candidate, 'artifact'>>): DocumentPlace | undefined {
  if (file !== undefined) return { kind: 'file', path: file }
  if (s3 !== undefined) return { kind: 's3', uri: s3 }
  return artifact && { kind: 'artifact', name: artifact.name, file: artifact.file, workflow: artifact.workflow }
}

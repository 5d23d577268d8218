/** Where models and their metrics lie: MLflow, buckets, registries. */
import type { CommitSha, Digest } from '../../domain/ids.ts'
import type { LoggedMetric, MetricPoint } from '../../domain/metric-dataset.ts'
import type { VersionRef } from '../../domain/settings.ts'

/** A run as MLflow gives it, numbers already numbers (`"NaN"` parsed, clamped infinities restored). */
export type MlflowRun = {
  readonly runId: string
  readonly experimentId: string
  readonly name: string | undefined
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly startedAt: Date
  /** One value per name: that of the highest step. MLflow 3 may have more of them, see `Mlflow.loggedMetrics`. */
  readonly metrics: ReadonlyMap<string, number>
  /** MLflow 3, where metrics may belong to logged models: their ids, newest first, and where the values of `metrics` stand. */
  readonly logged?: { readonly models: readonly string[]; readonly latest: ReadonlyMap<string, MetricPoint> }
  readonly params: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, string>
  /** Digests of logged input datasets. */
  readonly dataDigests: readonly string[]
  /** Where a person looks at it. */
  readonly url: string
}

export type MlflowVersion = {
  readonly model: string
  readonly version: string
  readonly runId: string | undefined
  readonly status: 'READY' | 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION'
  readonly source: string | undefined
  readonly url: string
}

/** The tags by which runs belong together. */
export type GroupTags = { readonly groupBy: string; readonly commitTag: string }

/** What runs wrote for their logged models, per dataset. */
export type LoggedMetrics = {
  readonly metrics: readonly LoggedMetric[]
  /** Logged models beyond what is asked for at once; their metrics are not there. */
  readonly unread: number
  /** Why the server did not say; undefined also where it knows no logged models. */
  readonly refusal: string | undefined
}

/** Expected branches are values; outages throw SystemUnavailable; a refusal by configuration (Host header, 401, 403) throws UserError `mlflow_refused`. */
export type Mlflow = {
  /** undefined when there is no such experiment, or it was deleted. Remembered for some minutes. */
  experimentId(server: string, name: string): Promise<string | undefined>
  experimentName(server: string, id: string): Promise<string | undefined>
  /** All runs of the experiment whose tag `commitTag` is `commit`, of any status. */
  runsOfCommit(
    server: string,
    search: { readonly experimentId: string; readonly commitTag: string; readonly commit: CommitSha },
  ): Promise<readonly MlflowRun[]>
  /** The run with its siblings: all runs of its parent, or of its commit with its value of `groupBy`, of any status. One call. */
  seedsOf(server: string, run: MlflowRun, tags: GroupTags): Promise<readonly MlflowRun[]>
  run(server: string, runId: string): Promise<MlflowRun | undefined>
  /** One call for all runs, none where no run has logged models. */
  loggedMetrics(server: string, runs: readonly MlflowRun[]): Promise<LoggedMetrics>
  /** undefined when the model has no such version. */
  version(server: string, model: string, version: VersionRef): Promise<MlflowVersion | undefined>
  /** Versions made from the run, newest first. */
  versionsOfRuns(server: string, model: string, runIds: readonly string[]): Promise<readonly MlflowVersion[]>
  /** MLflow's own address of the version's files, with `runs:/` and `models:/` followed as far as MLflow does; undefined where it says none. */
  locate(server: string, version: MlflowVersion): Promise<string | undefined>
  /**
   * Registers the model that the run logged under `artifactPath` as a new version; makes the registered model where there is none. undefined: the run has
   * logged no such model. Sent once: where the answer is lost, whoever comes again must first ask `versionsOfRuns`.
   */
  createVersion(
    server: string,
    wish: {
      readonly model: string
      readonly runId: string
      readonly artifactPath: string
      readonly tags: Readonly<Record<string, string>>
    },
  ): Promise<MlflowVersion | undefined>
  setAlias(server: string, model: string, alias: string, version: string): Promise<void>
}

/** Object stores. */
export type Buckets = {
  /** Does an object, or anything below a prefix, exist at `s3://bucket/key`? */
  exists(
    uri: string,
  ): Promise<{ readonly kind: 'found' | 'absent' } | { readonly kind: 'refused'; readonly reason: string }>
  /**
   * The object at `s3://bucket/key`, of at most `maxBytes` bytes: larger ones are refused, without reading the rest.
   * `hidden`: absent, or forbidden; a store does not tell which to who may not list. Outages throw SystemUnavailable.
   */
  read(uri: string, limits: { readonly maxBytes: number }): Promise<ObjectReading>
}

export type ObjectReading =
  /** `modifiedAt`: when it was written; absent where the store does not say. */
  | { readonly kind: 'found'; readonly bytes: Uint8Array; readonly modifiedAt?: Date }
  | { readonly kind: 'absent' }
  | { readonly kind: 'hidden' | 'refused'; readonly reason: string }

/** OCI registries. */
export type Registries = {
  /**
   * The digest that a tag points to now: of the index where there are several platforms. A digest as `reference` is answered with itself where it exists.
   * `anonymously`: without the server's credentials, even if it has some for that registry.
   */
  resolve(image: {
    readonly repository: string
    readonly reference: string
    readonly anonymously: boolean
  }): Promise<
    | { readonly kind: 'found'; readonly digest: Digest }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
}

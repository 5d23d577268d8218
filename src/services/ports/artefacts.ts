/** Where models and their metrics lie: MLflow, buckets, registries. */
import type { CommitSha, Digest } from '../../domain/ids.ts'
import type { VersionRef } from '../../domain/settings.ts'

/** A run as MLflow gives it, numbers already numbers (`"NaN"` parsed, clamped infinities restored). */
export type MlflowRun = {
  readonly runId: string
  readonly experimentId: string
  readonly name: string | undefined
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly startedAt: Date
  /** MLflow 3: what was logged against a dataset is there as a slice, `auc/dataset=holdout`. */
  readonly metrics: ReadonlyMap<string, number>
  /** Plain names that several datasets or logged models share: MLflow keeps whichever was written last, so they are not in `metrics`. */
  readonly ambiguous: readonly string[]
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

/** Expected branches are values; outages throw SystemUnavailable; a refusal by configuration (Host header, 401, 403) throws UserError `mlflow_refused`. */
export type Mlflow = {
  /** undefined when there is no such experiment, or it was deleted. */
  experimentId(server: string, name: string): Promise<string | undefined>
  experimentName(server: string, id: string): Promise<string | undefined>
  /** All runs of the experiment whose tag `commitTag` is `commit`, of any status. */
  runsOfCommit(
    server: string,
    search: { readonly experimentId: string; readonly commitTag: string; readonly commit: CommitSha },
  ): Promise<readonly MlflowRun[]>
  /** The run with its siblings: all runs of its parent, or with its value of the tag `groupBy`, of any status. One call. */
  seedsOf(server: string, run: MlflowRun, groupBy: string): Promise<readonly MlflowRun[]>
  run(server: string, runId: string): Promise<MlflowRun | undefined>
  /** undefined when the model has no such version. */
  version(server: string, model: string, version: VersionRef): Promise<MlflowVersion | undefined>
  /** Versions made from the run, newest first. */
  versionsOfRuns(server: string, model: string, runIds: readonly string[]): Promise<readonly MlflowVersion[]>
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
  | { readonly kind: 'found'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'hidden' | 'refused'; readonly reason: string }

/** OCI registries. */
export type Registries = {
  /** The digest that `host/name:tag` points to now. `anonymously`: without the server's credentials, even if it has some for that registry. */
  resolve(image: {
    readonly repository: string
    readonly tag: string
    readonly anonymously: boolean
  }): Promise<
    | { readonly kind: 'found'; readonly digest: Digest }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
}

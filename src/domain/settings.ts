/** What teams configure, as the rest of the program sees it. src/config/ parses YAML into these types; nothing else makes them. */
import type { UriMapping } from './artefact-uri.ts'
import type { CanarySettings } from './canary.ts'
import type { HttpCheck, PrometheusCheck, ReportCheck } from './check-settings.ts'
import type { EnvironmentName, ModelName, RepoName } from './ids.ts'
import type { KserveEdit } from './manifest/index.ts'
import type { SyncSettings } from './sync-settings.ts'
import type { Template } from './template.ts'
import type { WorkflowCheck } from './workflow-check.ts'

/** Milliseconds; written `15m`, `2h`, `3d` in YAML. */
export type Milliseconds = number

/** Where one document lies that a training step or a tool wrote. Templates know `model.name`, `commit.sha`, `pull_request.sha` (both: the commit that is read). */
export type DocumentPlace =
  /** In the repository, at the commit. */
  | { readonly kind: 'file'; readonly path: Template }
  /** `s3://bucket/key`. */
  | { readonly kind: 's3'; readonly uri: Template }
  /** In an artifact that a GitHub Actions run on the commit uploaded. `file` undefined: its only file. `workflow` undefined: of any workflow. */
  | {
      readonly kind: 'artifact'
      readonly name: string
      readonly file: string | undefined
      readonly workflow: string | undefined
    }

/** An MLflow experiment, as people name it or by its id. */
export type ExperimentRef = { readonly by: 'name'; readonly name: string } | { readonly by: 'id'; readonly id: string }

/** One version of a registered model. Stages are deprecated by MLflow and still work. */
export type VersionRef =
  | { readonly by: 'alias'; readonly alias: string }
  | { readonly by: 'version'; readonly version: string }
  | { readonly by: 'stage'; readonly stage: string }

/** What tells which MLflow runs belong together, and which of their metrics count. */
export type MlflowReading = {
  /** Runs with equal values of this tag are seeds of one candidate, besides those of one parent run. */
  readonly groupBy: string
  /** MLflow 3: metrics logged against this dataset are meant by their plain names. undefined: they are slices, `auc/dataset=eval`. */
  readonly dataset: string | undefined
}

/** Where the metrics of one side come from. */
export type MetricSource =
  | ({
      readonly kind: 'mlflow'
      readonly server: string
      readonly experiment: ExperimentRef
      /** The tag that holds the commit; default MLflow's own, `mlflow.source.git.commit`. */
      readonly commitTag: string
    } & MlflowReading)
  | ({
      readonly kind: 'mlflow_version'
      readonly server: string
      readonly model: string
      readonly version: VersionRef
    } & MlflowReading)
  /** One run, whatever its commit. */
  | ({ readonly kind: 'mlflow_run'; readonly server: string; readonly runId: string } & MlflowReading)
  /** JSON, YAML or CSV of names and numbers. */
  | { readonly kind: 'document'; readonly place: DocumentPlace }
  /** The metrics files that a `dvc.yaml` names, with the data digests and parameters of its `dvc.lock`. */
  | { readonly kind: 'dvc'; readonly path: Template }
  /** Weights & Biases runs of the commit. */
  | { readonly kind: 'wandb'; readonly entity: string; readonly project: string; readonly groupBy: string | undefined }
  /** The release that is live in an environment (baseline only). */
  | { readonly kind: 'live'; readonly environment: EnvironmentName }
  /** The candidate's own source at the merge base (baseline only). */
  | { readonly kind: 'merge_base' }

/** A report of another tool whose tests count as gates. */
export type ReportSettings = {
  readonly name: string
  readonly format: 'evidently' | 'great_expectations'
  readonly place: DocumentPlace
  /** false: shown, but does not fail the check run. */
  readonly required: boolean
}

/** A check run or commit status of another App on the head that counts as a gate. */
export type CheckGateSettings = {
  readonly name: string
  /** The slug of the App that must report it; undefined: whoever does. */
  readonly app: string | undefined
  readonly required: boolean
}

/** `max_regression: 0.5%` or `0.01` (absolute). `value` is 0.005 for `0.5%`. */
export type Tolerance = { readonly kind: 'percent' | 'absolute'; readonly value: number }

/** One gate: a rule over one metric. At least one of min, max, maxRegression is set. */
export type GateSpec = {
  /** The metric's name, slices included: `f1/segment=eu`; or a pattern over slices, `f1/segment=*`, that holds for every slice without a gate of its own. */
  readonly metric: string
  readonly goal: 'maximize' | 'minimize'
  readonly min: number | undefined
  readonly max: number | undefined
  readonly maxRegression: Tolerance | undefined
  /** false: judged and shown, but does not fail the check run, and may be missing. */
  readonly required: boolean
}

/**
 * `user:alice`, `user:renovate[bot]`, `team:ml-leads` (of the model repository's owner), `team:acme/ml-leads`, `role:maintain` or `role:release-manager`.
 * `login`, `slug` and `role` are lower case.
 */
export type Principal =
  | { readonly kind: 'user'; readonly login: string }
  | { readonly kind: 'team'; readonly organization: string | undefined; readonly slug: string }
  /** One of GitHub's repository permissions: at least that. Any other name: exactly that custom repository role. `on` absent: in both repositories. */
  | { readonly kind: 'role'; readonly role: string; readonly on?: 'model' | 'config' | undefined }

/** A minute of a day of the calendar, in local time; minute 1440 is the end of the day. */
export type DayTime = { readonly month: number; readonly day: number; readonly minute: number }

/**
 * A stretch of local time in which nothing is promoted; its instants are found in freeze.ts. `weekly`: minutes since Monday 00:00,
 * and `yearly`: days of each year; both may run over the turn of the week or year, `to` is then not after `from`.
 */
export type FreezeSpan =
  | { readonly kind: 'weekly'; readonly from: number; readonly to: number }
  | { readonly kind: 'yearly'; readonly from: DayTime; readonly to: DayTime }
  | {
      readonly kind: 'dated'
      readonly from: DayTime & { readonly year: number }
      readonly to: DayTime & { readonly year: number }
    }

/** A freeze window: its span in a time zone. */
export type FreezeWindow = FreezeSpan & { readonly zone: string; readonly reason: string | undefined }

/** One edit that a promotion makes in one file. `models` undefined = every model promoted to the environment. */
export type EditSettings = {
  readonly file: Template
  readonly models: readonly ModelName[] | undefined
  readonly change:
    | {
        readonly kind: 'kserve'
        readonly name: Template
        readonly resource: KserveEdit['resource']
        readonly component: KserveEdit['component']
        readonly container: Template | undefined
        readonly mountPath: Template | undefined
        readonly storageUri: Template | undefined
        readonly storagePath: Template | undefined
        readonly runtime: Template | undefined
        readonly runtimeVersion: Template | undefined
        readonly modelFormatVersion: Template | undefined
        readonly image: Template | undefined
        readonly env: readonly { readonly name: string; readonly value: Template }[] | undefined
        readonly adapters: readonly { readonly name: string; readonly uri: Template }[] | undefined
      }
    | {
        readonly kind: 'deployment'
        readonly name: Template
        readonly resource: string | undefined
        readonly container: Template | undefined
        readonly image: Template
      }
    | {
        readonly kind: 'helm'
        /** Key paths like those of `yaml`; the image is the whole reference. */
        readonly images: readonly {
          readonly path: string
          readonly segments: readonly string[]
          readonly image: Template
        }[]
      }
    | {
        readonly kind: 'kustomize_image'
        readonly name: Template
        readonly digest: Template | undefined
        readonly newTag: Template | undefined
        readonly newName: Template | undefined
      }
    | {
        readonly kind: 'argocd_parameters'
        readonly name: Template
        readonly source: Template | undefined
        readonly parameters: readonly { readonly name: string; readonly value: Template }[] | undefined
        readonly values: readonly ValueSettings[] | undefined
        readonly images: readonly { readonly name: Template; readonly image: Template }[] | undefined
      }
    | {
        readonly kind: 'yaml'
        /** `KIND` or `KIND/NAME`. */
        readonly document: Template | undefined
        readonly values: readonly ValueSettings[]
      }
}

/** Key path as written (`podAnnotations."lockkeeper.dev/release"`), its segments, and the value. */
export type ValueSettings = { readonly path: string; readonly segments: readonly string[]; readonly value: Template }

/** As the Kubernetes API calls them. Each is a pure rule in this folder and a line of src/services/look-at-workloads.ts. */
export type WorkloadKind = 'InferenceService' | 'Deployment' | 'StatefulSet' | 'Rollout' | 'LLMInferenceService'

/** A workload whose pods must run what the promotion wrote. */
export type WorkloadCheck = {
  readonly kind: WorkloadKind
  readonly name: Template
  readonly namespace: string
  /** A name of the operator's policy; undefined: the cluster that the server itself is set up for. */
  readonly cluster?: string | undefined
  /** The one container whose image is ours; undefined: any may be. */
  readonly container?: Template | undefined
}

/** What must hold before a rollout counts as verified. */
export type VerifySettings = {
  /** From synced to verified, at most. Default 15m. */
  readonly within: Milliseconds
  /** Every check must keep holding this long. Default 0. */
  readonly for: Milliseconds
  /** Absent in settings that an older version stored; ask `workloadChecks`. */
  readonly workloads?: readonly WorkloadCheck[]
  /** What an older version stored in its place. */
  readonly kserve?: { readonly name: Template; readonly namespace: string } | undefined
  /** Between two looks. Default 15s. */
  readonly every?: Milliseconds | undefined
  readonly http: readonly HttpCheck[]
  readonly prometheus: readonly PrometheusCheck[]
  readonly workflows?: readonly WorkflowCheck[] | undefined
  readonly reports?: readonly ReportCheck[] | undefined
}

/** The workloads of `verify:`, in its order, also of settings that an older version stored. */
export const workloadChecks = ({ workloads, kserve }: VerifySettings): readonly WorkloadCheck[] =>
  workloads ?? (kserve === undefined ? [] : [{ kind: 'InferenceService', ...kserve }])

/** Rules that `/deploy --force` may be allowed to skip. */
export type ForceableRule = 'gates' | 'after' | 'soak' | 'freeze' | 'hold' | 'approvals'

export type EnvironmentSettings = {
  readonly name: EnvironmentName
  readonly deploy: 'on-merge' | 'on-command' | 'automatic'
  /** `pull_request`: heads of unmerged pull requests may come here, too; src/services/preview-head.ts. */
  readonly from: 'default_branch' | 'pull_request'
  readonly after: readonly EnvironmentName[]
  readonly soak: Milliseconds
  /** undefined: people with write access to both repositories. */
  readonly deployers: readonly Principal[] | undefined
  readonly approvals: number
  /** undefined: the deployers. */
  readonly approvers: readonly Principal[] | undefined
  /** undefined: the deployers. */
  readonly lockers: readonly Principal[] | undefined
  /** Whose waivers of a release's gates count here; undefined: those of whoever may waive on the model. */
  readonly overriders: readonly Principal[] | undefined
  /** Whether heads of pull requests from forks may come here, where `from` lets heads in at all. */
  readonly forks: 'allow' | 'refuse'
  readonly force: {
    readonly by: readonly Principal[]
    readonly rules: readonly ForceableRule[]
    /** Rules that may be skipped only down to what the config repository insists on; see `whenForced` in acceptance.ts. Absent: none. */
    readonly downTo?: readonly ForceableRule[] | undefined
  }
  readonly freeze: readonly FreezeWindow[]
  /** How long a command waits for reviews and checks. Default 24h. */
  readonly expires: Milliseconds
  /** The config repository. */
  readonly repository: RepoName
  readonly edit: readonly EditSettings[]
  readonly sync: SyncSettings
  readonly url: Template | undefined
  readonly verify: VerifySettings
  /** Absent: the whole traffic moves at once. */
  readonly canary?: CanarySettings | undefined
  readonly onVerified: { readonly mlflowAlias: string | undefined }
  readonly rollback: 'automatic' | 'manual'
  /**
   * Where both repositories name deployers: their two lists, in each of which a deployer must be. Set by `stricter`; ask `mayDo` in rights.ts.
   * `deployers` then holds only who is written in both, so that whoever reads it alone lets in too few, never too many.
   */
  readonly deployersOfBoth?: readonly (readonly Principal[])[] | undefined
  /** What the config repository insists on; set by `stricter` in acceptance.ts, absent as the model repository wrote it. */
  readonly insisted?: Requirement | undefined
}

export type ModelSettings = {
  readonly name: ModelName
  /** Globs over repository paths; `**` when the team named none. */
  readonly paths: readonly string[]
  readonly training: {
    /** undefined: every other app's checks on the head. */
    readonly check: string | undefined
    readonly within: Milliseconds
    readonly when: 'pull_request' | 'after_merge'
  }
  readonly candidate: MetricSource | undefined
  readonly baseline: MetricSource | undefined
  readonly gates: readonly GateSpec[]
  /** The level of the test that tells a regression from noise, over all gated metrics together; default 0.05. */
  readonly significance: number
  readonly reports: readonly ReportSettings[]
  readonly checks: readonly CheckGateSettings[]
  readonly release: {
    readonly model:
      | {
          readonly registry:
            | {
                readonly server: string
                readonly name: string
                /** Where no version was made of the runs, Lockkeeper makes it: of the model that a run logged under this name. Absent: training registers it. */
                readonly create?: { readonly artifactPath: string } | undefined
              }
            | undefined
          readonly uri: Template | undefined
          /** What the registry's own addresses become; see artefact-uri.ts. Absent: none. */
          readonly uriMap?: readonly UriMapping[] | undefined
        }
      | undefined
    readonly image: Template | undefined
    readonly within: Milliseconds
  }
  readonly environments: readonly EnvironmentName[]
  /** Who may waive its gates; undefined: `role:maintain` of the model repository. */
  readonly overriders: readonly Principal[] | undefined
}

/** What a config repository insists on for one environment, whatever the model repository says. */
export type Requirement = {
  readonly approvals: number | undefined
  readonly soak: Milliseconds | undefined
  readonly deployers: readonly Principal[] | undefined
  readonly freeze: readonly FreezeWindow[] | undefined
  /** Besides the model repository's own list: who is in only one of the two may not. */
  readonly approvers?: readonly Principal[] | undefined
  readonly lockers?: readonly Principal[] | undefined
  readonly overriders?: readonly Principal[] | undefined
}

/** One line of `accepts:`. undefined lists mean "anything". */
export type Acceptance = {
  readonly from: RepoName
  readonly models: readonly ModelName[] | undefined
  readonly environments: readonly EnvironmentName[] | undefined
  /** The environments into which releases of unmerged pull requests may go. */
  readonly pullRequests: readonly EnvironmentName[]
  readonly paths: readonly Template[]
  readonly images: readonly string[] | undefined
  readonly uris: readonly Template[] | undefined
  /** Other texts that may be written where `images` or `uris` limit the artefacts. undefined: none. */
  readonly values: readonly Template[] | undefined
  readonly require: ReadonlyMap<EnvironmentName, Requirement>
}

/** A parsed `.github/lockkeeper.yml`. One file may hold all three parts. */
export type RepoSettings = {
  /** What the check run concludes where no model is touched or there is nothing to judge. */
  readonly nothingToCompare: 'neutral' | 'action_required'
  readonly models: ReadonlyMap<ModelName, ModelSettings>
  readonly environments: ReadonlyMap<EnvironmentName, EnvironmentSettings>
  readonly accepts: readonly Acceptance[]
  /** Commands are heard on open issues with this label, in any case. undefined: on no issue. */
  readonly operations?: { readonly label: string } | undefined
}

/** What teams configure, as the rest of the program sees it. src/config/ parses YAML into these types; nothing else makes them. */
import type { EnvironmentName, ModelName, RepoName } from './ids.ts'
import type { Template } from './template.ts'

/** Milliseconds; written `15m`, `2h`, `3d` in YAML. */
export type Milliseconds = number

/** Where metrics come from. */
export type MetricSource =
  | { readonly kind: 'mlflow'; readonly server: string; readonly experiment: string }
  | { readonly kind: 'mlflow_alias'; readonly server: string; readonly model: string; readonly alias: string }
  | { readonly kind: 'file'; readonly path: Template }

/** `max_regression: 0.5%` or `0.01` (absolute). `value` is 0.005 for `0.5%`. */
export type Tolerance = { readonly kind: 'percent' | 'absolute'; readonly value: number }

/** One gate: a rule over one metric. At least one of min, max, maxRegression is set. */
export type GateSpec = {
  /** The metric's name, slices included: `f1/segment=eu`. */
  readonly metric: string
  readonly goal: 'maximize' | 'minimize'
  readonly min: number | undefined
  readonly max: number | undefined
  readonly maxRegression: Tolerance | undefined
}

/** `user:alice`, `team:ml-leads` (of the model repository's owner) or `team:acme/ml-leads`. `login` and `slug` are lower case. */
export type Principal =
  | { readonly kind: 'user'; readonly login: string }
  | { readonly kind: 'team'; readonly organization: string | undefined; readonly slug: string }

/** A weekly window in a time zone: `{ from: "Fri 16:00", to: "Mon 08:00", zone: Europe/Berlin }`. `minuteOfWeek` counts from Monday 00:00. */
export type FreezeWindow = {
  readonly from: { readonly text: string; readonly minuteOfWeek: number }
  readonly to: { readonly text: string; readonly minuteOfWeek: number }
  readonly zone: string
  readonly reason: string | undefined
}

/** One edit that a promotion makes in one file. `models` undefined = every model promoted to the environment. */
export type EditSettings = {
  readonly file: Template
  readonly models: readonly ModelName[] | undefined
  readonly change:
    | { readonly kind: 'kserve'; readonly name: Template; readonly storageUri: Template }
    | {
        readonly kind: 'kustomize_image'
        readonly name: Template
        readonly digest: Template | undefined
        readonly newTag: Template | undefined
        readonly newName: Template | undefined
      }
    | {
        readonly kind: 'yaml'
        /** Key path as written (`podAnnotations."lockkeeper.dev/release"`), its segments, and the value. */
        readonly values: readonly {
          readonly path: string
          readonly segments: readonly string[]
          readonly value: Template
        }[]
      }
}

export type HttpCheck = {
  readonly url: Template
  readonly expect: number
  readonly successes: number
  readonly of: number
}

export type PrometheusCheck = {
  readonly server: string
  readonly query: Template
  readonly min: number | undefined
  readonly max: number | undefined
}

/** What must hold before a rollout counts as verified. */
export type VerifySettings = {
  /** From synced to verified, at most. Default 15m. */
  readonly within: Milliseconds
  /** Every check must keep holding this long. Default 0. */
  readonly for: Milliseconds
  readonly kserve: { readonly name: Template; readonly namespace: string } | undefined
  readonly http: readonly HttpCheck[]
  readonly prometheus: readonly PrometheusCheck[]
}

export type SyncSettings = {
  readonly argocd: {
    readonly application: Template
    readonly namespace: string
    readonly sync: 'auto' | 'request' | 'manual'
  }
  /** From merge to synced, at most. Default 30m. */
  readonly within: Milliseconds
}

/** Rules that `/deploy --force` may be allowed to skip. */
export type ForceableRule = 'gates' | 'after' | 'soak' | 'freeze' | 'hold' | 'approvals'

export type EnvironmentSettings = {
  readonly name: EnvironmentName
  readonly deploy: 'on-merge' | 'on-command' | 'automatic'
  readonly after: readonly EnvironmentName[]
  readonly soak: Milliseconds
  /** undefined: people with write on both repositories. */
  readonly deployers: readonly Principal[] | undefined
  readonly approvals: number
  /** undefined: the deployers. */
  readonly approvers: readonly Principal[] | undefined
  readonly force: {
    readonly by: readonly Principal[]
    readonly rules: readonly ForceableRule[]
    /** Rules that may be skipped only down to what the config repository insists on; see `whenForced` in acceptance.ts. Absent: none. */
    readonly downTo?: readonly ForceableRule[] | undefined
  }
  readonly freeze: readonly FreezeWindow[]
  /** The config repository. */
  readonly repository: RepoName
  readonly edit: readonly EditSettings[]
  readonly sync: SyncSettings
  readonly url: Template | undefined
  readonly verify: VerifySettings
  readonly onVerified: { readonly mlflowAlias: string | undefined }
  readonly rollback: 'automatic' | 'manual'
  /**
   * Where both repositories name deployers: their two lists, in each of which a deployer must be. Set by `stricter`; ask `isDeployer` in acceptance.ts.
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
  readonly release: {
    readonly model:
      | {
          readonly registry: { readonly server: string; readonly name: string } | undefined
          readonly uri: Template | undefined
        }
      | undefined
    readonly image: Template | undefined
    readonly within: Milliseconds
  }
  readonly environments: readonly EnvironmentName[]
}

/** What a config repository insists on for one environment, whatever the model repository says. */
export type Requirement = {
  readonly approvals: number | undefined
  readonly soak: Milliseconds | undefined
  readonly deployers: readonly Principal[] | undefined
  readonly freeze: readonly FreezeWindow[] | undefined
}

/** One line of `accepts:`. undefined lists mean "anything". */
export type Acceptance = {
  readonly from: RepoName
  readonly models: readonly ModelName[] | undefined
  readonly environments: readonly EnvironmentName[] | undefined
  readonly paths: readonly Template[]
  readonly images: readonly string[] | undefined
  readonly uris: readonly Template[] | undefined
  readonly require: ReadonlyMap<EnvironmentName, Requirement>
}

/** A parsed `.github/lockkeeper.yml`. One file may hold all three parts. */
export type RepoSettings = {
  readonly models: ReadonlyMap<ModelName, ModelSettings>
  readonly environments: ReadonlyMap<EnvironmentName, EnvironmentSettings>
  readonly accepts: readonly Acceptance[]
}

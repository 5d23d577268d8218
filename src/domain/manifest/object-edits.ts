/** Edits that find a Kubernetes object by kind and name, or an image in chart values. Part of ManifestEdit in manifest-edit.ts; found by the formats of formats.ts. */

/** The kinds of KServe that hold something a promotion changes. */
export const KSERVE_KINDS = [
  'InferenceService',
  'TrainedModel',
  'ServingRuntime',
  'ClusterServingRuntime',
  'LLMInferenceService',
  'InferenceGraph',
] as const

export type KserveKind = (typeof KSERVE_KINDS)[number]

/** The kinds that keep a pod in themselves. `Service` is Knative's; that of Kubernetes has no containers. */
export const WORKLOAD_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Rollout',
  'Service',
  'Pod',
] as const

/** Fields of the object `name`, in whatever shape it is written. At least one of them is set; one that its kind does not have is refused. */
export type KserveEdit = {
  readonly kind: 'kserve'
  readonly name: string
  /** Default InferenceService. */
  readonly resource?: KserveKind | undefined
  /** Default predictor; `prefill` and `worker` are parts of an LLMInferenceService, and `worker` of a runtime over several nodes. */
  readonly component?: 'predictor' | 'transformer' | 'explainer' | 'prefill' | 'worker' | undefined
  /** The predictor called so in `spec.canary[]` instead of the stable one; `default` or `canary` of a service in v1alpha2. */
  readonly canary?: string | undefined
  /** Which container `image` and `env` mean. Default: the model's own, else the only one. */
  readonly container?: string | undefined
  /** Which item of `storageUris[]` is meant, where there are several. */
  readonly mountPath?: string | undefined
  readonly storageUri?: string | undefined
  readonly storagePath?: string | undefined
  readonly runtime?: string | undefined
  readonly runtimeVersion?: string | undefined
  readonly modelFormatVersion?: string | undefined
  readonly image?: string | undefined
  /** 0 to 100. */
  readonly canaryTrafficPercent?: number | undefined
  /** Fields that must not be there afterwards. */
  readonly without?: readonly 'canaryTrafficPercent'[] | undefined
  readonly env?: readonly { readonly name: string; readonly value: string }[] | undefined
  /** LoRA adapters of an LLMInferenceService. */
  readonly adapters?: readonly { readonly name: string; readonly uri: string }[] | undefined
  /** Steps of an InferenceGraph's nodes, by the step's name, service or node. */
  readonly weights?: readonly { readonly node: string; readonly step: string; readonly weight: number }[] | undefined
}

/** The image of one container of a workload of any kind. */
export type DeploymentEdit = {
  readonly kind: 'deployment'
  readonly name: string
  /** `Deployment`, `CronJob`, …; needed where several workloads share the name. */
  readonly resource?: string | undefined
  /** Default: the only container. */
  readonly container?: string | undefined
  readonly image: string
}

/** Images in a chart's values, by key path. */
export type HelmEdit = { readonly kind: 'helm'; readonly images: readonly HelmImage[] }

/** `image` is the whole reference; what becomes of its parts is what the file shows. */
export type HelmImage = { readonly segments: readonly string[]; readonly path: string; readonly image: string }

/** What an Argo CD Application gives its source. At least one of the three lists is not empty. */
export type ArgocdParametersEdit = {
  readonly kind: 'argocd_parameters'
  /** The Application or ApplicationSet. */
  readonly name: string
  /** One of several sources, by its name, chart, path or index. Default: the one that has what is asked for. */
  readonly source?: string | undefined
  /** `helm.parameters[]` by name. */
  readonly parameters?: readonly { readonly name: string; readonly value: string }[] | undefined
  /** Values of `helm.valuesObject`. */
  readonly values?:
    | readonly { readonly segments: readonly string[]; readonly path: string; readonly value: string }[]
    | undefined
  /** `kustomize.images[]` by the name of the image in the base. */
  readonly images?: readonly { readonly name: string; readonly image: string }[] | undefined
}

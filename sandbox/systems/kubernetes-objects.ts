/** Shapes of Kubernetes objects as the API stand-in (kubernetes.ts) and the controllers (argocd.ts, kserve.ts) use them. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

export type ObjectMeta = {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  readonly creationTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}

export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec?: JsonObject
  readonly status?: JsonObject
  readonly operation?: JsonObject
}

/** What a writer gives; the store fills in the rest of the metadata. */
export type Draft = Omit<KubeObject, 'metadata'> & {
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace'> & Partial<ObjectMeta>
}

/** A kind that the API serves. Without a status subresource (Argo CD's Application) every change of status raises `generation` too. */
export type Resource = {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly statusSubresource: boolean
}

export const APPLICATIONS: Resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'applications',
  singular: 'application',
  kind: 'Application',
  statusSubresource: false,
}

export const INFERENCE_SERVICES: Resource = {
  group: 'serving.kserve.io',
  version: 'v1beta1',
  plural: 'inferenceservices',
  singular: 'inferenceservice',
  kind: 'InferenceService',
  statusSubresource: true,
}

export const DEPLOYMENTS: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  singular: 'deployment',
  kind: 'Deployment',
  statusSubresource: true,
}

export const REVISIONS: Resource = {
  group: 'serving.knative.dev',
  version: 'v1',
  plural: 'revisions',
  singular: 'revision',
  kind: 'Revision',
  statusSubresource: true,
}

export const STATEFUL_SETS: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  singular: 'statefulset',
  kind: 'StatefulSet',
  statusSubresource: true,
}

export const ROLLOUTS: Resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'rollouts',
  singular: 'rollout',
  kind: 'Rollout',
  statusSubresource: true,
}

export const LLM_SERVICES: Resource = {
  group: 'serving.kserve.io',
  version: 'v1alpha1',
  plural: 'llminferenceservices',
  singular: 'llminferenceservice',
  kind: 'LLMInferenceService',
  statusSubresource: true,
}

export const GIT_REPOSITORIES: Resource = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  plural: 'gitrepositories',
  singular: 'gitrepository',
  kind: 'GitRepository',
  statusSubresource: true,
}

export const KUSTOMIZATIONS: Resource = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  plural: 'kustomizations',
  singular: 'kustomization',
  kind: 'Kustomization',
  statusSubresource: true,
}

export const RESOURCES: readonly Resource[] = [
  APPLICATIONS,
  INFERENCE_SERVICES,
  DEPLOYMENTS,
  REVISIONS,
  STATEFUL_SETS,
  ROLLOUTS,
  LLM_SERVICES,
  GIT_REPOSITORIES,
  KUSTOMIZATIONS,
]

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of keys; absent when the path breaks off. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const key of path) found = isJsonObject(found) ? found[key] : undefined
  return found
}

/** Kubernetes' time: RFC 3339, whole seconds. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`

/** The resources that Lockkeeper reads, and their addresses in the Kubernetes API. */

/** What is read. */
export type ReadKind = 'Application' | 'InferenceService' | 'Deployment'

/**
 * What a change is about. Deployments are not watched: KServe copies most of their progress to the InferenceService at
 * once, and what it hides (a new pod that crashes behind old ones) is time that passes, which the poll of `verify:` sees.
 * A watch of every Deployment of a namespace would mostly hear of others.
 */
export type WatchedKind = Exclude<ReadKind, 'Deployment'>

/** One resource type: `plural.group` is its name in RBAC rules. */
export type ResourceType = { readonly group: string; readonly version: string; readonly plural: string }

export const RESOURCE_TYPES: Readonly<Record<ReadKind, ResourceType>> = {
  Application: { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' },
  InferenceService: { group: 'serving.kserve.io', version: 'v1beta1', plural: 'inferenceservices' },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
}

/** The path of all objects of a kind in a namespace, or of one of them. */
export function resourcePath(kind: ReadKind, namespace: string, name?: string): string {
  const { group, version, plural } = RESOURCE_TYPES[kind]
  const list = `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

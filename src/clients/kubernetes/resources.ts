/** The custom resources that Lockkeeper reads, and their addresses in the Kubernetes API. */

/** What a change is about. */
export type WatchedKind = 'Application' | 'InferenceService'

/** One resource type: `plural.group` is its name in RBAC rules. */
export type ResourceType = { readonly group: string; readonly version: string; readonly plural: string }

export const RESOURCE_TYPES: Readonly<Record<WatchedKind, ResourceType>> = {
  Application: { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' },
  InferenceService: { group: 'serving.kserve.io', version: 'v1beta1', plural: 'inferenceservices' },
}

/** The path of all objects of a kind in a namespace, or of one of them. */
export function resourcePath(kind: WatchedKind, namespace: string, name?: string): string {
  const { group, version, plural } = RESOURCE_TYPES[kind]
  const list = `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

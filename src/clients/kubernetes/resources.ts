/** The resources that Lockkeeper reads: their addresses in the Kubernetes API, and what their objects become. */
import type { ClusterObjects } from '../../services/ports.ts'
import { parseApplication } from './parse-application.ts'
import { parseDeployment } from './parse-deployment.ts'
import { parseInferenceService } from './parse-inference-service.ts'

/** What is read. */
export type ReadKind = keyof ClusterObjects

/**
 * What a change is about. Deployments are not watched: KServe copies most of their progress to the InferenceService at
 * once, and what it hides (a new pod that crashes behind old ones) is time that passes, which the poll of `verify:` sees.
 * A watch of every Deployment of a namespace would mostly hear of others.
 */
export type WatchedKind = Exclude<ReadKind, 'Deployment'>

/** One resource type: `plural.group` is its name in RBAC rules. */
type ResourceType<Kind extends ReadKind> = {
  readonly group: string
  readonly version: string
  readonly plural: string
  /** Throws SystemUnavailable for what is no such object. */
  readonly parse: (raw: unknown) => ClusterObjects[Kind]
}

export const RESOURCE_TYPES: { readonly [Kind in ReadKind]: ResourceType<Kind> } = {
  Application: { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications', parse: parseApplication },
  InferenceService: {
    group: 'serving.kserve.io',
    version: 'v1beta1',
    plural: 'inferenceservices',
    parse: parseInferenceService,
  },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments', parse: parseDeployment },
}

/** The path of all objects of a kind in a namespace, or of one of them. */
export function resourcePath(kind: ReadKind, namespace: string, name?: string): string {
  const { group, version, plural } = RESOURCE_TYPES[kind]
  const list = `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

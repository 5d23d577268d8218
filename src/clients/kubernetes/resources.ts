/** The resources that Lockkeeper reads: their addresses in the Kubernetes API, and what their objects become. */
import type { ClusterObjects } from '../../services/ports.ts'
import { parseApplication } from './parse-application.ts'
import { parseDeployment } from './parse-deployment.ts'
import { parseBundle, parseGitRepo } from './parse-fleet.ts'
import { parseFluxSource, parseHelmChart, parseHelmRelease, parseKustomization } from './parse-flux.ts'
import { parseInferenceService } from './parse-inference-service.ts'
import { parseLlmInferenceService } from './parse-llm-inference-service.ts'
import { parseRevision } from './parse-revision.ts'
import { parseRollout } from './parse-rollout.ts'
import { parseStatefulSet } from './parse-stateful-set.ts'

/** What is read. */
export type ReadKind = keyof ClusterObjects

/** One resource type: `plural.group` is its name in RBAC rules. */
type ResourceType<Kind extends ReadKind> = {
  readonly group: string
  readonly version: string
  readonly plural: string
  /** Throws SystemUnavailable for what is no such object. */
  readonly parse: (raw: unknown) => ClusterObjects[Kind]
}

const FLUX_SOURCES = 'source.toolkit.fluxcd.io'

/** Whatever is read by an environment is watched as well (wakers.ts): a new kind needs get, list and watch in rights.ts. */
export const RESOURCE_TYPES: { readonly [Kind in ReadKind]: ResourceType<Kind> } = {
  Application: { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications', parse: parseApplication },
  InferenceService: {
    group: 'serving.kserve.io',
    version: 'v1beta1',
    plural: 'inferenceservices',
    parse: parseInferenceService,
  },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments', parse: parseDeployment },
  StatefulSet: { group: 'apps', version: 'v1', plural: 'statefulsets', parse: parseStatefulSet },
  Rollout: { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', parse: parseRollout },
  Revision: { group: 'serving.knative.dev', version: 'v1', plural: 'revisions', parse: parseRevision },
  LLMInferenceService: {
    group: 'serving.kserve.io',
    // Every version of KServe that has the kind serves it in this one.
    version: 'v1alpha1',
    plural: 'llminferenceservices',
    parse: parseLlmInferenceService,
  },
  Kustomization: {
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    plural: 'kustomizations',
    parse: parseKustomization,
  },
  HelmRelease: { group: 'helm.toolkit.fluxcd.io', version: 'v2', plural: 'helmreleases', parse: parseHelmRelease },
  HelmChart: { group: FLUX_SOURCES, version: 'v1', plural: 'helmcharts', parse: parseHelmChart },
  GitRepository: { group: FLUX_SOURCES, version: 'v1', plural: 'gitrepositories', parse: parseFluxSource },
  OCIRepository: { group: FLUX_SOURCES, version: 'v1', plural: 'ocirepositories', parse: parseFluxSource },
  GitRepo: { group: 'fleet.cattle.io', version: 'v1alpha1', plural: 'gitrepos', parse: parseGitRepo },
  Bundle: { group: 'fleet.cattle.io', version: 'v1alpha1', plural: 'bundles', parse: parseBundle },
}

/** The path of all objects of a kind in a namespace, or of one of them. */
export function resourcePath(kind: ReadKind, namespace: string, name?: string): string {
  const { group, version, plural } = RESOURCE_TYPES[kind]
  const list = `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

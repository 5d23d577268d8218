/** The keys under `verify:` that name workloads, one for each kind, and what they become. Part of environment-schema.ts; judged by src/services/look-at-workloads.ts. */
import * as z from 'zod'
import type { WorkloadCheck, WorkloadKind } from '../domain/settings.ts'
import { objectName } from './edit-schema.ts'
import { clusterName, namespace } from './key-types.ts'

/** One object, or a list of them. */
const workloads = (kind: WorkloadKind, rule: string) => {
  const workload = z
    .strictObject({
      name: objectName.describe(`The ${kind}.`),
      namespace: namespace.describe('Its namespace.'),
      cluster: clusterName
        .optional()
        .describe("The cluster, by its name in the operator's policy. Default: the one that the server is set up for."),
      container: objectName
        .optional()
        .describe('The container that must run the image of the release. Default: any of its containers.'),
    })
    .meta({ description: `One ${kind}.` })
  return z
    .union([workload, z.array(workload).min(1)])
    .meta({ title: 'mapping or list of mappings' })
    .optional()
    .describe(rule)
}

export const workloadKeys = {
  kserve: workloads('InferenceService', 'InferenceServices of KServe that must serve the release.'),
  deployment: workloads('Deployment', 'Deployments whose pods must all run it.'),
  statefulset: workloads('StatefulSet', 'StatefulSets whose pods must all run it.'),
  rollout: workloads('Rollout', 'Rollouts of Argo Rollouts whose stable pods must run it.'),
  llm_inference_service: workloads('LLMInferenceService', 'LLMInferenceServices of KServe that must serve it.'),
}

const KINDS: readonly (readonly [keyof typeof workloadKeys, WorkloadKind])[] = [
  ['kserve', 'InferenceService'],
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['rollout', 'Rollout'],
  ['llm_inference_service', 'LLMInferenceService'],
]

type Written = { readonly [Key in keyof typeof workloadKeys]?: z.output<(typeof workloadKeys)[Key]> }

/** Every workload of a `verify:`, by the order of the kinds above. */
export const toWorkloads = (verify: Written): readonly WorkloadCheck[] =>
  KINDS.flatMap(([key, kind]) => [verify[key] ?? []].flat().map((workload) => ({ kind, ...workload })))

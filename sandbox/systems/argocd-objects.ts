/** What Argo CD does with the objects of one Application: applies and prunes them, and asks for their health. Used by argocd.ts. */
import type { ApplicationSpec } from './argocd.ts'
import { type Health, inferenceHealth } from './argocd-health.ts'
import type { Kserve } from './kserve.ts'
import {
  DEPLOYMENTS,
  type Draft,
  INFERENCE_SERVICES,
  LLM_SERVICES,
  type Resource,
  ROLLOUTS,
  STATEFUL_SETS,
} from './kubernetes-objects.ts'
import type { KubernetesStore } from './kubernetes-store.ts'
import { workloadHealth } from './workload-status.ts'
import type { Workloads } from './workloads.ts'

/** The label by which Argo CD knows its own. */
export const INSTANCE = 'app.kubernetes.io/instance'

export function healthsOf(store: KubernetesStore, { name, destination }: ApplicationSpec): readonly Health[] {
  const owned = (resource: Resource) =>
    store.list(resource, destination).filter(({ metadata }) => metadata.labels?.[INSTANCE] === name)
  return [
    ...owned(INFERENCE_SERVICES).map(inferenceHealth),
    ...[DEPLOYMENTS, STATEFUL_SETS, ROLLOUTS, LLM_SERVICES].flatMap(owned).map(workloadHealth),
  ]
}

/** `before`: the text of what was applied last; undefined: nothing was. */
type Applied = { readonly objects: readonly Draft[]; readonly before: string | undefined }

/** Applies what git says and prunes what it no longer has. */
export function applyObjects(
  { kserve, workloads }: { readonly kserve: Kserve; readonly workloads: Workloads },
  application: ApplicationSpec,
  { objects, before }: Applied,
): void {
  const controlled = (list: readonly Draft[]) =>
    list.filter(({ kind }) => kind === 'InferenceService' || workloads.knows(kind))
  const old = before === undefined ? [] : controlled(JSON.parse(before) as Draft[])
  const after = controlled(objects)
  for (const { kind, metadata } of old.filter((one) => !after.some((other) => isSame(one, other)))) {
    const { namespace, name } = metadata
    if (kind === 'InferenceService') kserve.remove(namespace, name)
    else workloads.remove(kind, namespace, name)
  }
  for (const object of after) {
    const labels = { ...object.metadata.labels, [INSTANCE]: application.name }
    const labelled = { ...object, metadata: { ...object.metadata, labels } }
    if (object.kind === 'InferenceService') kserve.apply(labelled)
    else workloads.apply(labelled)
  }
}

const isSame = (one: Draft, other: Draft): boolean =>
  one.kind === other.kind &&
  one.metadata.name === other.metadata.name &&
  one.metadata.namespace === other.metadata.namespace

/** Do all pods of a StatefulSet run what was written? Pure; src/clients/kubernetes/parse-stateful-set.ts reads it. */
import { runsWords } from './deployment-readiness.ts'
import { lackOf, type PodTemplate } from './pod-template.ts'
import { type Proof, type ServiceReadiness, waitingFor } from './workload-readiness.ts'

/** The part of a StatefulSet that proves a rollout. Counts that Kubernetes leaves out are zero. */
export type ObservedStatefulSet = {
  readonly name: string
  readonly generation: number
  readonly observedGeneration: number | undefined
  readonly wantedReplicas: number
  readonly replicas: number
  readonly readyReplicas: number
  /** undefined: a Kubernetes before 1.22, which does not tell. */
  readonly availableReplicas: number | undefined
  /** Of `updateRevision`. Some versions leave it out while both revisions are the same. */
  readonly updatedReplicas: number
  /** Of `currentRevision`. */
  readonly currentReplicas: number
  readonly currentRevision: string | undefined
  readonly updateRevision: string | undefined
  /** `OnDelete`: Kubernetes replaces a pod only after somebody has deleted it. */
  readonly strategy: 'RollingUpdate' | 'OnDelete'
  /** Pods with a lower ordinal keep the template before. */
  readonly partition: number
  readonly template: PodTemplate
}

/** Kubernetes gives up on no StatefulSet: what never gets ready is waited for until the deadline of `verify:`. */
export function assessStatefulSet(set: ObservedStatefulSet, { written }: Proof): ServiceReadiness {
  const lack = lackOf(set.template, written)
  if (lack !== undefined) return waitingFor(`its pods have not changed yet: ${lack}`)
  if (set.observedGeneration !== set.generation) return waitingFor('Kubernetes has not looked at the changed pods yet')
  const { wantedReplicas, replicas, readyReplicas, availableReplicas = readyReplicas } = set
  const isSettled = set.currentRevision === set.updateRevision
  const updatedReplicas = isSettled ? Math.max(set.updatedReplicas, set.currentReplicas) : set.updatedReplicas
  const counts = `${updatedReplicas} of ${wantedReplicas} updated, ${availableReplicas} of ${replicas} available`
  if (updatedReplicas < wantedReplicas && set.strategy === 'OnDelete')
    return waitingFor(
      `blocked: its update strategy is OnDelete, so that somebody has to delete its old pods: ${counts}`,
    )
  if (set.partition > 0 && wantedReplicas > 0)
    return waitingFor(`blocked: its partition ${set.partition} keeps pods on the template before: ${counts}`)
  if ([wantedReplicas, updatedReplicas, readyReplicas, availableReplicas].some((count) => count !== replicas))
    return waitingFor(`new pods are not available yet: ${counts}`)
  // With OnDelete Kubernetes never moves the current revision on.
  if (set.strategy !== 'OnDelete' && !isSettled)
    return waitingFor(`revision ${set.updateRevision ?? 'none'} is not complete: ${counts}`)
  return { kind: 'ready', detail: runsWords(replicas, written, set.template) }
}

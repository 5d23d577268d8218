/** What the controllers of Deployments, StatefulSets, Argo Rollouts and LLMInferenceServices write as status, and what Argo CD makes of it. Written by workloads.ts. */
import type { Health } from './argocd-health.ts'
import { at, type Json, type JsonObject, type KubeObject, timestamp } from './kubernetes-objects.ts'

/** `progressing`: new pods start, or crash; `overdue`: past the progress deadline; `aborted`: an analysis of a Rollout failed. */
export type Phase = 'progressing' | 'complete' | 'overdue' | 'aborted'

export type StatusFacts = {
  readonly phase: Phase
  readonly name: string
  readonly replicas: number
  readonly generation: number
  /** Of the new template, and of the one that serves meanwhile; undefined: none does. */
  readonly hash: string
  readonly stable: string | undefined
  readonly message: string
  readonly now: Date
}

export const STATUS: Readonly<Record<string, (facts: StatusFacts) => JsonObject>> = {
  Deployment: deploymentStatus,
  StatefulSet: statefulSetStatus,
  Rollout: rolloutStatus,
}

const OVERDUE = 'ProgressDeadlineExceeded'

function condition(
  now: Date,
  type: string,
  said: { readonly status: string; readonly reason: string; readonly message: string },
): JsonObject {
  return { lastTransitionTime: timestamp(now), lastUpdateTime: timestamp(now), type, ...said }
}

/** Available stays True by the old pods while new ones crash. */
function deploymentStatus({ phase, name, replicas, generation, hash, stable, now }: StatusFacts): JsonObject {
  const isComplete = phase === 'complete'
  const available = isComplete || stable !== undefined ? replicas : 0
  const replicaSet = `ReplicaSet "${name}-${hash}"`
  const progress = {
    progressing: { status: 'True', reason: 'ReplicaSetUpdated', message: `${replicaSet} is progressing.` },
    complete: {
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `${replicaSet} has successfully progressed.`,
    },
    overdue: { status: 'False', reason: OVERDUE, message: `${replicaSet} has timed out progressing.` },
    aborted: { status: 'False', reason: OVERDUE, message: `${replicaSet} has timed out progressing.` },
  }[phase]
  const isAvailable = { status: available > 0 ? 'True' : 'False', reason: 'MinimumReplicasAvailable', message: '' }
  return {
    availableReplicas: available,
    conditions: [condition(now, 'Available', isAvailable), condition(now, 'Progressing', progress)],
    observedGeneration: generation,
    readyReplicas: available,
    replicas: isComplete || stable === undefined ? replicas : replicas + 1,
    updatedReplicas: isComplete || stable === undefined ? replicas : 1,
  }
}

/** Pods are replaced one after the other; the first that crashes stops it, for ever. */
function statefulSetStatus({ phase, name, replicas, generation, hash, stable, now: _ }: StatusFacts): JsonObject {
  const isComplete = phase === 'complete'
  const available = isComplete ? replicas : stable === undefined ? 0 : replicas - 1
  return {
    availableReplicas: available,
    currentReplicas: isComplete ? replicas : replicas - 1,
    currentRevision: `${name}-${isComplete ? hash : (stable ?? hash)}`,
    observedGeneration: generation,
    readyReplicas: available,
    replicas,
    updateRevision: `${name}-${hash}`,
    updatedReplicas: isComplete ? replicas : 1,
  }
}

/** `observedGeneration` is text. */
function rolloutStatus({ phase, name, replicas, generation, hash, stable, message, now }: StatusFacts): JsonObject {
  const isComplete = phase === 'complete'
  const said = {
    progressing: ['Progressing', 'more replicas need to be updated'],
    complete: ['Healthy', ''],
    overdue: ['Degraded', `${OVERDUE}: ReplicaSet "${name}-${hash}" has timed out progressing.`],
    aborted: ['Degraded', `RolloutAborted: Rollout aborted update to revision 2: ${message}`],
  }[phase] as [string, string]
  return {
    ...(phase === 'aborted' ? { abort: true, abortedAt: timestamp(now) } : {}),
    availableReplicas: isComplete || stable !== undefined ? replicas : 0,
    currentPodHash: hash,
    ...(said[1] === '' ? {} : { message: said[1] }),
    observedGeneration: String(generation),
    phase: said[0],
    replicas,
    stableRS: isComplete ? hash : (stable ?? ''),
    updatedReplicas: isComplete ? replicas : phase === 'aborted' ? 0 : 1,
  }
}

/** The conditions do not say which spec they are about, and old pods keep all of them True. */
export function llmStatus({ phase, stable, now }: StatusFacts): JsonObject {
  const isReady = phase === 'complete' || (stable !== undefined && phase === 'progressing')
  const status = isReady ? 'True' : 'False'
  const why = isReady ? {} : { reason: phase === 'overdue' ? OVERDUE : 'MinimumReplicasUnavailable' }
  const one = (type: string, said: object): Json =>
    ({ lastTransitionTime: timestamp(now), type, ...said }) as JsonObject
  return {
    conditions: [
      one('MainWorkloadReady', { status, ...why }),
      one('PresetsCombined', { status: 'True' }),
      one('Ready', { status, ...why }),
      one('RouterReady', { status: 'True' }),
      one('WorkloadsReady', { status, ...why }),
    ],
  }
}

/** Argo CD's own checks; it has none for an LLMInferenceService, which is therefore always Healthy. */
export function workloadHealth({ kind, metadata, spec, status }: KubeObject): Health {
  const generation = at(status, 'observedGeneration')
  if (kind === 'LLMInferenceService') return 'Healthy'
  if (String(generation) !== String(metadata.generation)) return 'Progressing'
  if (kind === 'Rollout') {
    const phase = at(status, 'phase')
    return phase === 'Paused' ? 'Suspended' : phase === 'Healthy' || phase === 'Degraded' ? phase : 'Progressing'
  }
  const conditions = at(status, 'conditions')
  if (Array.isArray(conditions) && conditions.some((one) => at(one, 'reason') === OVERDUE)) return 'Degraded'
  const wanted = Number(at(spec, 'replicas') ?? 1)
  const counts = [at(status, 'replicas'), at(status, 'updatedReplicas'), at(status, 'readyReplicas')]
  return counts.every((count) => count === wanted) ? 'Healthy' : 'Progressing'
}

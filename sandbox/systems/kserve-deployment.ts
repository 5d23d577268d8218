/** The Deployment that KServe keeps for a predictor, at each phase of a rolling update. Written by kserve.ts. */
import {
  at,
  type Draft,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  timestamp,
} from './kubernetes-objects.ts'

/** `unobserved`: the spec is new and the Deployment controller has not looked yet. `overdue`: past its progress deadline. */
export type DeploymentPhase = 'unobserved' | 'progressing' | 'complete' | 'overdue'

export type DeploymentFacts = {
  readonly namespace: string
  readonly name: string
  readonly uri: string
  readonly hash: string
  readonly replicas: number
  readonly phase: DeploymentPhase
  /** Whether pods of an earlier rollout answer requests. */
  readonly hadPods: boolean
  readonly now: Date
  readonly before: KubeObject | undefined
}

/** The whole object; `generation` is the store's to raise. */
export function deploymentDraft(facts: DeploymentFacts): Draft {
  const { namespace, name, before, phase } = facts
  const labels = { app: `isvc.${name}-predictor`, component: 'predictor', 'serving.kserve.io/inferenceservice': name }
  const status = phase === 'unobserved' ? before?.status : statusOf(facts)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${name}-predictor`, namespace, labels },
    spec: specOf(facts, labels),
    ...(status === undefined ? {} : { status }),
  }
}

function specOf({ name, uri, replicas }: DeploymentFacts, labels: Readonly<Record<string, string>>): JsonObject {
  const initializer = {
    name: 'storage-initializer',
    image: 'kserve/storage-initializer:v0.20.0',
    args: [uri, '/mnt/models'],
  }
  const server = {
    name: 'kserve-container',
    image: 'kserve/sklearnserver:v0.20.0',
    args: [`--model_name=${name}`, '--model_dir=/mnt/models', '--http_port=8080'],
  }
  return {
    progressDeadlineSeconds: 600,
    replicas,
    revisionHistoryLimit: 10,
    selector: { matchLabels: { app: `isvc.${name}-predictor` } },
    strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' },
    template: {
      metadata: { annotations: { 'internal.serving.kserve.io/storage-initializer-sourceuri': uri }, labels },
      spec: { containers: [server], initContainers: [initializer] },
    },
  }
}

function statusOf(facts: DeploymentFacts): JsonObject {
  const { phase, replicas, hadPods, before } = facts
  const complete = phase === 'complete'
  const available = complete || hadPods ? replicas : 0
  const total = complete || !hadPods ? replicas : replicas + 1
  const counts = {
    ...(available === 0 ? {} : { availableReplicas: available, readyReplicas: available }),
    replicas: total,
    ...(total === available ? {} : { unavailableReplicas: total - available }),
    updatedReplicas: complete || !hadPods ? replicas : 1,
  }
  return {
    conditions: [condition(facts, availability(available > 0)), condition(facts, progress(facts))],
    observedGeneration: before?.metadata.generation ?? 1,
    ...counts,
  }
}

type Said = {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

function availability(isAvailable: boolean): Said {
  return isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

function progress({ phase, name, hash }: DeploymentFacts): Said {
  const replicaSet = `ReplicaSet "${name}-predictor-${hash}"`
  if (phase === 'overdue') {
    const message = `${replicaSet} has timed out progressing.`
    return { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }
  }
  const complete = phase === 'complete'
  return {
    type: 'Progressing',
    status: 'True',
    reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
    message: complete ? `${replicaSet} has successfully progressed.` : `${replicaSet} is progressing.`,
  }
}

/** `lastTransitionTime` moves only when the status does. */
function condition({ before, now }: DeploymentFacts, said: Said): JsonObject {
  const conditions: Json | undefined = at(before?.status, 'conditions')
  const previous = Array.isArray(conditions) ? conditions.find((known) => at(known, 'type') === said.type) : undefined
  const unchanged = isJsonObject(previous) && previous['status'] === said.status
  const since = unchanged ? String(previous['lastTransitionTime']) : timestamp(now)
  return {
    lastTransitionTime: since,
    lastUpdateTime: timestamp(now),
    message: said.message,
    reason: said.reason,
    status: said.status,
    type: said.type,
  }
}

/** Do all pods of a Deployment run what its template says, and is that what was written? Pure; src/clients/kubernetes/parse-deployment.ts reads it. */
import { lackOf, type PodTemplate, showsNothing, type WrittenValues } from './pod-template.ts'
import {
  conditionWords,
  isOlder,
  lastLine,
  type Proof,
  type ServiceReadiness,
  type WorkloadCondition,
  waitingFor,
} from './workload-readiness.ts'

/** The part of a Deployment that proves a rollout. Counts that Kubernetes leaves out are zero. */
export type ObservedDeployment = {
  readonly name: string
  readonly generation: number
  /** The generation that the status below is about; absent before the controller's first look. */
  readonly observedGeneration: number | undefined
  readonly isPaused: boolean
  /** `spec.replicas`: how many pods there shall be. */
  readonly wantedReplicas: number
  /** How many pods there are, old and new. */
  readonly replicas: number
  /** How many of them are of the present template. */
  readonly updatedReplicas: number
  /** How many of them answer, old and new. */
  readonly availableReplicas: number
  readonly conditions: readonly WorkloadCondition[]
  readonly template: PodTemplate
}

/** `unseen`: what the status says is about an earlier template, good or bad. */
export type PodsReadiness =
  | { readonly kind: 'unseen' | 'waiting' | 'failed'; readonly detail: string }
  | { readonly kind: 'complete'; readonly replicas: number }

/**
 * `since` tells a deadline that was missed before our change from one that we missed.
 * The rule is that of `kubectl rollout status`, and stricter: old pods must be gone, and the template must carry what was written.
 */
export function assessDeployment(deployment: ObservedDeployment, written: WrittenValues, since: Date): PodsReadiness {
  const lack = lackOf(deployment.template, written)
  if (lack !== undefined) return { kind: 'unseen', detail: `its pods have not changed yet: ${lack}` }
  const { generation, observedGeneration, wantedReplicas, replicas, updatedReplicas, availableReplicas } = deployment
  if (observedGeneration !== generation)
    return { kind: 'unseen', detail: 'Kubernetes has not looked at the changed pods yet' }
  const progress = deployment.conditions.find(({ type }) => type === 'Progressing')
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    if (isOlder(progress.changedAt, since))
      return { kind: 'unseen', detail: 'its pods have been missing their progress deadline since before the promotion' }
    const why = lastLine(progress.message)
    return { kind: 'failed', detail: `new pods did not become available${why && `: ${why}`}` }
  }
  if (deployment.isPaused) return { kind: 'waiting', detail: 'it is paused: somebody has to resume it' }
  if ([wantedReplicas, updatedReplicas, availableReplicas].some((count) => count !== replicas)) {
    const refused = deployment.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
    const why = refused === undefined ? '' : `; ${conditionWords(refused)}`
    const counts = `${updatedReplicas} of ${wantedReplicas} updated, ${availableReplicas} of ${replicas} available`
    return { kind: 'waiting', detail: `new pods are not available yet: ${counts}${why}` }
  }
  if (progress?.reason !== 'NewReplicaSetAvailable')
    return { kind: 'waiting', detail: `the rollout of the pods is not complete (${progress?.reason ?? 'no progress'})` }
  return { kind: 'complete', replicas }
}

/** A Deployment that a GitOps engine applies itself. */
export function assessDeployedPods(deployment: ObservedDeployment, { written, since }: Proof): ServiceReadiness {
  const pods = assessDeployment(deployment, written, since)
  if (pods.kind === 'failed') return { kind: 'failed', detail: pods.detail }
  if (pods.kind !== 'complete') return waitingFor(pods.detail)
  return { kind: 'ready', detail: runsWords(pods.replicas, written, deployment.template) }
}

/** `2 pods run ghcr.io/acme/churn:v12@sha256:…`. */
export function runsWords(replicas: number, written: WrittenValues, template: PodTemplate): string {
  const pods =
    replicas === 0 ? 'scaled to zero, pods would run' : replicas === 1 ? '1 pod runs' : `${replicas} pods run`
  if (showsNothing(written)) return `${pods} its template (nothing that was written is to be seen there)`
  const images = template.containers
    .map(({ image }) => image)
    .filter((image) => lackOf({ ...template, containers: [{ name: '', image }] }, only(written)) === undefined)
  const uris = written.uris.filter((uri) => lackOf(template, { ...written, images: [], uris: [uri] }) === undefined)
  return `${pods} ${[...new Set([...images, ...uris])].join(' and ') || 'what was written'}`
}

const only = (written: WrittenValues): WrittenValues => ({
  uris: [],
  paths: [],
  env: [],
  images: written.images.map((image) => ({ ...image, container: undefined })),
  isAddressed: false,
})

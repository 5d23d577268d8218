/** Do all pods of a Deployment run what its template says, and does the template carry our model? Pure; src/clients/kubernetes/parse-deployment.ts reads it. */

/** The part of a Deployment that proves a rollout. Counts that Kubernetes leaves out are zero. */
export type ObservedDeployment = {
  readonly name: string
  readonly generation: number
  /** The generation that the status below is about; absent before the controller's first look. */
  readonly observedGeneration: number | undefined
  /** `spec.replicas`: how many pods there shall be. */
  readonly wantedReplicas: number
  /** How many pods there are, old and new. */
  readonly replicas: number
  /** How many of them are of the present template. */
  readonly updatedReplicas: number
  /** How many of them answer, old and new. */
  readonly availableReplicas: number
  readonly conditions: readonly {
    readonly type: string
    readonly status: 'True' | 'False' | 'Unknown'
    readonly reason: string
    readonly message: string
    readonly changedAt: Date | undefined
  }[]
  /** Where the pods load their model from, as often as the template says it (annotation, arguments of the init container). */
  readonly sourceUris: readonly string[]
  /** Of all containers, the init containers included. */
  readonly images: readonly string[]
}

/** `unseen`: what the status says is about an earlier template, good or bad. */
export type PodsReadiness =
  | { readonly kind: 'unseen' | 'waiting' | 'failed'; readonly detail: string }
  | { readonly kind: 'complete'; readonly replicas: number }

/**
 * `since` tells a deadline that was missed before our change from one that we missed.
 * The rule is that of `kubectl rollout status`, and stricter: old pods must be gone, and the template must carry `uri`
 * (undefined: the promotion does not change it).
 */
export function assessDeployment(deployment: ObservedDeployment, uri: string | undefined, since: Date): PodsReadiness {
  if (uri !== undefined && !carriesUri(deployment, uri)) {
    const carried = deployment.sourceUris.find((one) => one !== uri) ?? 'no model'
    return { kind: 'unseen', detail: `KServe has not changed the pods yet: they carry ${carried}` }
  }
  const { generation, observedGeneration, wantedReplicas, replicas, updatedReplicas, availableReplicas } = deployment
  if (observedGeneration !== generation)
    return { kind: 'unseen', detail: 'Kubernetes has not looked at the changed pods yet' }
  const progress = deployment.conditions.find(({ type }) => type === 'Progressing')
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    if (progress.changedAt !== undefined && progress.changedAt < since)
      return { kind: 'unseen', detail: 'its pods have been missing their progress deadline since before the promotion' }
    const why = progress.message.replace(/\.$/, '')
    return { kind: 'failed', detail: `new pods did not become available${why && `: ${why}`}` }
  }
  if ([wantedReplicas, updatedReplicas, availableReplicas].some((count) => count !== replicas)) {
    const counts = `${updatedReplicas} of ${wantedReplicas} updated, ${availableReplicas} of ${replicas} available`
    return { kind: 'waiting', detail: `new pods are not available yet: ${counts}` }
  }
  if (progress?.reason !== 'NewReplicaSetAvailable')
    return { kind: 'waiting', detail: `the rollout of the pods is not complete (${progress?.reason ?? 'no progress'})` }
  return { kind: 'complete', replicas }
}

/** Whether the pod template loads exactly this model, wherever it says so. */
export const carriesUri = ({ sourceUris }: ObservedDeployment, uri: string): boolean =>
  sourceUris.length > 0 && sourceUris.every((one) => one === uri)

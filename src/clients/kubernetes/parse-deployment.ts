/** From a raw Deployment (apps/v1) of KServe to the port's type. */
import type { Deployment } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'

const SOURCE_URI = 'internal.serving.kserve.io/storage-initializer-sourceuri'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseDeployment(raw: unknown): Deployment {
  const deployment = answerOf('Kubernetes', raw, 'Deployment')
  const metadata = deployment.child('metadata')
  const spec = deployment.maybe('spec')
  const status = deployment.maybe('status')
  const template = spec?.maybe('template')
  const pod = template?.maybe('spec')
  const containers = [...(pod?.list('initContainers') ?? []), ...(pod?.list('containers') ?? [])]
  const annotated = template?.maybe('metadata')?.maybe('annotations')?.maybeText(SOURCE_URI)
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: status?.maybeInteger('observedGeneration'),
    wantedReplicas: spec?.maybeInteger('replicas') ?? 1,
    replicas: status?.maybeInteger('replicas') ?? 0,
    updatedReplicas: status?.maybeInteger('updatedReplicas') ?? 0,
    availableReplicas: status?.maybeInteger('availableReplicas') ?? 0,
    conditions: (status?.list('conditions') ?? []).map(conditionOf),
    sourceUris: [annotated ?? [], containers.flatMap(initialisedFrom)].flat(),
    images: containers.flatMap((container) => container.maybeText('image') ?? []),
  }
}

function conditionOf(condition: Answer): Deployment['conditions'][number] {
  const status = condition.maybeText('status')
  return {
    type: condition.maybeText('type') ?? '',
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    reason: condition.maybeText('reason') ?? '',
    message: condition.maybeText('message') ?? '',
    // A rollout can run into its deadline while the one before had not got out of it: then only the update moves.
    changedAt: condition.maybeDate('lastUpdateTime') ?? condition.maybeDate('lastTransitionTime'),
  }
}

/** KServe's init container is called `storage-initializer <source> <directory> …`. */
function initialisedFrom(container: Answer): readonly string[] {
  if (container.maybeText('name') !== 'storage-initializer') return []
  return container.texts('args').filter((_, index) => index % 2 === 0)
}

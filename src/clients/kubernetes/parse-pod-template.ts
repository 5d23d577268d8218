/** From a raw pod template to what its pods run (src/domain/pod-template.ts), and the parts of a status that all workloads share. */
import { MODEL_PATH, type PodTemplate } from '../../domain/pod-template.ts'
import type { WorkloadCondition } from '../../domain/workload-readiness.ts'
import type { Answer } from '../answer.ts'
import { conditionOf } from './parse-condition.ts'

const SOURCE_URI = 'internal.serving.kserve.io/storage-initializer-sourceuri'

/** `template` has `metadata` and `spec`; a Revision of Knative is one itself. */
export function parsePodTemplate(template: Answer | undefined): PodTemplate {
  const pod = template?.maybe('spec')
  const containers = [...(pod?.list('initContainers') ?? []), ...(pod?.list('containers') ?? [])]
  const annotated = template?.maybe('metadata')?.maybe('annotations')?.maybeText(SOURCE_URI)
  const env = containers.flatMap((container) =>
    container.list('env').map((variable) => ({
      name: variable.maybeText('name') ?? '',
      value: variable.maybeText('value') ?? '',
    })),
  )
  const argued = containers.flatMap((container) => [...container.texts('command'), ...container.texts('args')])
  return {
    containers: containers.map((container) => ({
      name: container.maybeText('name') ?? '',
      image: container.maybeText('image') ?? '',
    })),
    sources: [
      ...(annotated === undefined ? [] : [{ uri: annotated, mountPath: MODEL_PATH }]),
      ...containers.flatMap(initialisedFrom),
      ...(pod === undefined ? [] : mountedFrom(pod, containers)),
    ],
    env,
    words: [...argued, ...env.map(({ value }) => value)].flatMap((text) => text.split(/[\s=,]+/)),
  }
}

/** KServe's init container is called `storage-initializer <source> <directory> …`; a model in an image is a container `modelcar`. */
function initialisedFrom(container: Answer): PodTemplate['sources'] {
  const name = container.maybeText('name')
  const image = container.maybeText('image')
  if (name === 'modelcar' && image !== undefined) return [{ uri: `oci://${image}`, mountPath: MODEL_PATH }]
  if (name !== 'storage-initializer') return []
  const args = container.texts('args')
  return args.flatMap((uri, index) => (index % 2 === 0 ? [{ uri, mountPath: args[index + 1] ?? MODEL_PATH }] : []))
}

/** Claims and images that are mounted where the model is expected. */
function mountedFrom(pod: Answer, containers: readonly Answer[]): PodTemplate['sources'] {
  const mounts = containers.flatMap((container) => container.list('volumeMounts'))
  return pod.list('volumes').flatMap((volume) => {
    const image = volume.maybe('image')?.maybeText('reference')
    const claim = volume.maybe('persistentVolumeClaim')?.maybeText('claimName')
    const mount = mounts.find(
      (one) => one.maybeText('name') === volume.maybeText('name') && one.maybeText('mountPath') === MODEL_PATH,
    )
    if (mount === undefined) return []
    if (image !== undefined) return [{ uri: `oci://${image}`, mountPath: MODEL_PATH }]
    const path = mount.maybeText('subPath')
    return claim === undefined ? [] : [{ uri: [`pvc://${claim}`, path ?? []].flat().join('/'), mountPath: MODEL_PATH }]
  })
}

export function parseCondition(condition: Answer): WorkloadCondition {
  return {
    ...conditionOf(condition),
    // A rollout can run into its deadline while the one before had not got out of it: then only the update moves.
    changedAt: condition.maybeDate('lastUpdateTime') ?? condition.maybeDate('lastTransitionTime'),
  }
}

/** When somebody last changed what is not the status. undefined where the API server keeps no managed fields. */
export function specChangedAt(metadata: Answer): Date | undefined {
  const times = metadata
    .list('managedFields')
    .flatMap((entry) => (entry.maybeText('subresource') === 'status' ? [] : (entry.maybeDate('time') ?? [])))
  return times.toSorted((a, b) => b.getTime() - a.getTime())[0]
}

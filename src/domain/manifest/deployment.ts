/** `deployment:` edits: the image of one container of a workload, whatever its kind. The containers themselves are found by containers.ts. */
import { containerIn, imageOf } from './containers.ts'
import { follow, refuseAbsent, refuseAt } from './cursor.ts'
import type { Refused } from './manifest-edit.ts'
import { type DeploymentEdit, WORKLOAD_KINDS } from './object-edits.ts'
import { type Manifest, refuse } from './parse.ts'
import { labelOf, type Resource, resourcesOf } from './resources.ts'
import type { Found } from './target.ts'

const TEMPLATE = ['spec', 'template', 'spec']

/** Where a kind keeps its pod, if not in `spec.template`. */
const PODS: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['spec', 'jobTemplate', ...TEMPLATE],
  Pod: ['spec'],
}

/** The container's `image`. */
export function deploymentTargets(manifest: Manifest, edit: DeploymentEdit): Found {
  const workload = workloadOf(manifest, edit)
  if ('refusal' in workload) return workload
  const { kind = '', at } = workload
  const pod = follow(at, PODS[kind] ?? TEMPLATE)
  if (pod.kind === 'refused') return referring(workload) ?? pod
  if (pod.kind === 'absent') return referring(workload) ?? refuseAbsent(pod)
  const container = containerIn(pod, edit.container)
  if (container.kind === 'refused') return container
  const place = imageOf(container)
  if (place.kind === 'refused') return place
  return [{ kind: 'target', field: 'image', place, document: labelOf(workload), value: edit.image }]
}

function workloadOf(manifest: Manifest, edit: DeploymentEdit): Resource | Refused {
  const workloads = resourcesOf(manifest).filter(isWorkload)
  const [workload, second] = workloads.filter(
    ({ kind, name }) => name === edit.name && (edit.resource === undefined || kind === edit.resource),
  )
  const called = `${edit.resource ?? 'workload'} \`${edit.name}\``
  if (second !== undefined) {
    const isOtherKind = second.kind !== workload?.kind
    return refuseAt(second.at, {
      code: 'target_ambiguous',
      reason: `${called} is there more than once`,
      hint: isOtherKind ? 'Name its `kind`.' : 'Keep one object of that kind and name in the file.',
    })
  }
  if (workload !== undefined) return workload
  const others = workloads.flatMap((each) => labelOf(each) ?? [])
  return refuse(manifest, 0, {
    code: 'target_missing',
    reason: `there is no ${called} in it`,
    hint:
      others.length === 0
        ? `Point \`file\` at the manifest of the workload; known kinds are ${WORKLOAD_KINDS.join(', ')}.`
        : `It holds ${others.slice(0, 12).join(', ')}; correct the name or the kind.`,
  })
}

function isWorkload({ kind, apiVersion }: Resource): boolean {
  if (kind === undefined || !WORKLOAD_KINDS.some((known) => known === kind)) return false
  return kind !== 'Service' || apiVersion?.startsWith('serving.knative.dev/') === true
}

/** An Argo Rollout may run the pods that a Deployment describes. */
function referring({ at }: Resource): Refused | undefined {
  const reference = follow(at, ['spec', 'workloadRef'])
  if (reference.kind !== 'cursor') return undefined
  return refuseAt(reference, {
    code: 'target_missing',
    reason: 'it takes its pods from the workload that `workloadRef` names',
    hint: 'Name that workload, and the file it is in.',
  })
}

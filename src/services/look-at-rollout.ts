/** Looks at a Rollout of `verify: rollout`, and at the Deployment whose template it uses. The rule is src/domain/argo-rollout-readiness.ts; listed in look-at-workloads.ts. */
import { assessRollout } from '../domain/argo-rollout-readiness.ts'
import type { LookAtWorkload } from './look-at-workloads.ts'

export const lookAtRollout: LookAtWorkload = async ({ at, proof, written }, deps) => {
  const read = await deps.cluster.read('Rollout', at)
  if (read.kind !== 'found') return read
  const { template, workloadRef } = read.object
  const own = { ...proof, written: written() }
  if (workloadRef === undefined) return assessRollout(read.object, template, own)
  if (workloadRef.kind !== 'Deployment')
    return { kind: 'refused', reason: `its pods are those of a ${workloadRef.kind}, which is not looked at` }
  const named = await deps.cluster.read('Deployment', { ...at, name: workloadRef.name })
  if (named.kind === 'refused') return named
  return assessRollout(read.object, named.kind === 'found' ? named.object.template : undefined, own)
}

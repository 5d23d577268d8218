/** Looks at a StatefulSet of `verify: statefulset`. The rule is src/domain/stateful-set-readiness.ts; listed in look-at-workloads.ts. */
import { assessStatefulSet } from '../domain/stateful-set-readiness.ts'
import type { LookAtWorkload } from './look-at-workloads.ts'

export const lookAtStatefulSet: LookAtWorkload = async ({ at, proof, written }, deps) => {
  const read = await deps.cluster.read('StatefulSet', at)
  return read.kind === 'found' ? assessStatefulSet(read.object, { ...proof, written: written() }) : read
}

/** Looks at a Deployment of `verify: deployment`. The rule is src/domain/deployment-readiness.ts; listed in look-at-workloads.ts. */
import { assessDeployedPods } from '../domain/deployment-readiness.ts'
import type { LookAtWorkload } from './look-at-workloads.ts'

export const lookAtDeployment: LookAtWorkload = async ({ at, proof, written }, deps) => {
  const read = await deps.cluster.read('Deployment', at)
  return read.kind === 'found' ? assessDeployedPods(read.object, { ...proof, written: written() }) : read
}

/** Looks at an InferenceService of `verify: kserve` and at the pods behind it. The rule is src/domain/kserve-readiness.ts; listed in look-at-workloads.ts. */
import {
  assessInferenceService,
  type Component,
  type FoundPods,
  type PodsPlace,
  podsPlaces,
} from '../domain/kserve-readiness.ts'
import { showsNothing } from '../domain/pod-template.ts'
import type { Deps } from './deps.ts'
import type { AskedWorkload, LookAtWorkload } from './look-at-workloads.ts'
import type { InferenceService, ObjectAt } from './ports.ts'

export const lookAtInferenceService: LookAtWorkload = async (asked, deps) => {
  const { at, proof } = asked
  const read = await deps.cluster.read('InferenceService', at)
  if (read.kind !== 'found') return read
  const service = read.object
  const written = writtenToParts(asked, service)
  const components = Object.keys(written) as Component[]
  const pods: FoundPods[] = []
  for (const place of podsPlaces(service, components, proof.traffic?.canary)) {
    const found = await readPods(place, at, deps)
    if ('reason' in found) return found
    pods.push(found)
  }
  return assessInferenceService(service, { ...proof, written, pods })
}

/** The predictor, and those other components that an edit names. */
function writtenToParts({ written }: AskedWorkload, { components, runtimes }: InferenceService) {
  const others = components.flatMap((component) => {
    const values = component === 'predictor' ? undefined : written({ component })
    return values?.isAddressed && !showsNothing(values) ? [[component, values] as const] : []
  })
  return { predictor: written({ runtimes }), ...Object.fromEntries(others) }
}

/** One read, more for the names that older versions of KServe give. */
async function readPods(
  place: PodsPlace,
  at: ObjectAt,
  deps: Deps,
): Promise<FoundPods | { readonly kind: 'refused'; readonly reason: string }> {
  for (const name of place.names) {
    if (place.kind === 'Revision') {
      const read = await deps.cluster.read('Revision', { ...at, name })
      if (read.kind !== 'absent') return read.kind === 'refused' ? read : { place, revision: read.object }
    } else {
      const read = await deps.cluster.read('Deployment', { ...at, name })
      if (read.kind !== 'absent') return read.kind === 'refused' ? read : { place, deployment: read.object }
    }
  }
  return { place }
}

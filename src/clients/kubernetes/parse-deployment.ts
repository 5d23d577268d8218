/** From a raw Deployment (apps/v1) to the port's type. */
import type { Deployment } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import { parseCondition, parsePodTemplate } from './parse-pod-template.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseDeployment(raw: unknown): Deployment {
  const deployment = answerOf('Kubernetes', raw, 'Deployment')
  const metadata = deployment.child('metadata')
  const spec = deployment.maybe('spec')
  const status = deployment.maybe('status')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: status?.maybeInteger('observedGeneration'),
    isPaused: spec?.raw['paused'] === true,
    wantedReplicas: spec?.maybeInteger('replicas') ?? 1,
    replicas: status?.maybeInteger('replicas') ?? 0,
    updatedReplicas: status?.maybeInteger('updatedReplicas') ?? 0,
    availableReplicas: status?.maybeInteger('availableReplicas') ?? 0,
    conditions: (status?.list('conditions') ?? []).map(parseCondition),
    template: parsePodTemplate(spec?.maybe('template')),
  }
}

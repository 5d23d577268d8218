/** From a raw StatefulSet (apps/v1) to the port's type. */
import type { StatefulSet } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import { parsePodTemplate } from './parse-pod-template.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseStatefulSet(raw: unknown): StatefulSet {
  const set = answerOf('Kubernetes', raw, 'StatefulSet')
  const metadata = set.child('metadata')
  const spec = set.maybe('spec')
  const strategy = spec?.maybe('updateStrategy')
  const status = set.maybe('status')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: status?.maybeInteger('observedGeneration'),
    wantedReplicas: spec?.maybeInteger('replicas') ?? 1,
    replicas: status?.maybeInteger('replicas') ?? 0,
    readyReplicas: status?.maybeInteger('readyReplicas') ?? 0,
    availableReplicas: status?.maybeInteger('availableReplicas'),
    updatedReplicas: status?.maybeInteger('updatedReplicas') ?? 0,
    currentReplicas: status?.maybeInteger('currentReplicas') ?? 0,
    currentRevision: status?.maybeText('currentRevision'),
    updateRevision: status?.maybeText('updateRevision'),
    strategy: strategy?.maybeText('type') === 'OnDelete' ? 'OnDelete' : 'RollingUpdate',
    partition: strategy?.maybe('rollingUpdate')?.maybeInteger('partition') ?? 0,
    template: parsePodTemplate(spec?.maybe('template')),
  }
}

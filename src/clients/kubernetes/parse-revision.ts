/** From a raw Revision of Knative (serving.knative.dev/v1) to the port's type. Its spec is that of a pod, and its annotations are its pods'. */
import type { Revision } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import { parseCondition, parsePodTemplate } from './parse-pod-template.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseRevision(raw: unknown): Revision {
  const revision = answerOf('Knative', raw, 'Revision')
  const metadata = revision.child('metadata')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    conditions: (revision.maybe('status')?.list('conditions') ?? []).map(parseCondition),
    template: parsePodTemplate(revision),
  }
}

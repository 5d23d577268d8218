/** From a raw LLMInferenceService of KServe (v1alpha1, v1alpha2: the same fields here) to the port's type. */
import type { LlmInferenceService } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import { parseCondition, specChangedAt } from './parse-pod-template.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseLlmInferenceService(raw: unknown): LlmInferenceService {
  const service = answerOf('KServe', raw, 'LLMInferenceService')
  const metadata = service.child('metadata')
  const spec = service.maybe('spec')
  const model = spec?.maybe('model')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    uri: model?.maybeText('uri'),
    adapterUris: (model?.maybe('lora')?.list('adapters') ?? []).flatMap((adapter) => adapter.maybeText('uri') ?? []),
    isMultiNode: spec?.has('worker') === true,
    hasPrefill: spec?.has('prefill') === true,
    isStopped: metadata.maybe('annotations')?.maybeText('serving.kserve.io/stop') === 'true',
    changedAt: specChangedAt(metadata),
    conditions: (service.maybe('status')?.list('conditions') ?? []).map(parseCondition),
  }
}

/** Looks at an LLMInferenceService of `verify: llm_inference_service`, and at its Deployments. The rule is src/domain/llm-readiness.ts; listed in look-at-workloads.ts. */
import { assessLlmService, llmDeployments } from '../domain/llm-readiness.ts'
import type { LookAtWorkload } from './look-at-workloads.ts'

export const lookAtLlmService: LookAtWorkload = async ({ at, proof, written }, deps) => {
  const read = await deps.cluster.read('LLMInferenceService', at)
  if (read.kind !== 'found') return read
  const names = llmDeployments(read.object)
  const reads = await Promise.all(names.map((name) => deps.cluster.read('Deployment', { ...at, name })))
  const refused = reads.find((one) => one.kind === 'refused')
  if (refused !== undefined) return refused
  const deployments = reads.flatMap((one) => (one.kind === 'found' ? [one.object] : []))
  return assessLlmService(read.object, deployments, { ...proof, written: written() })
}

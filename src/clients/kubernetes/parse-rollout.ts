/** From a raw Rollout of Argo Rollouts (argoproj.io/v1alpha1) to the port's type. */
import type { Rollout } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import { parseCondition, parsePodTemplate } from './parse-pod-template.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseRollout(raw: unknown): Rollout {
  const rollout = answerOf('Argo Rollouts', raw, 'Rollout')
  const metadata = rollout.child('metadata')
  const spec = rollout.maybe('spec')
  const status = rollout.maybe('status')
  const template = spec?.maybe('template')
  const steps = spec?.maybe('strategy')?.maybe('canary')?.list('steps').length ?? 0
  const index = status?.maybeInteger('currentStepIndex')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: numberOrText(status, 'observedGeneration'),
    workloadRef: referenceOf(spec?.maybe('workloadRef'), metadata, status),
    template: template === undefined ? undefined : parsePodTemplate(template),
    phase: status?.maybeText('phase'),
    message: status?.maybeText('message') ?? '',
    isAborted: status?.raw['abort'] === true,
    abortedAt: status?.maybeDate('abortedAt'),
    pauseReasons: (status?.list('pauseConditions') ?? []).flatMap((pause) => pause.maybeText('reason') ?? []),
    step: index === undefined || steps === 0 ? undefined : { index, of: steps },
    weight: status?.maybe('canary')?.maybe('weights')?.maybe('canary')?.maybeInteger('weight'),
    currentPodHash: status?.maybeText('currentPodHash'),
    stableHash: status?.maybeText('stableRS') ?? status?.maybe('canary')?.maybeText('stableRS'),
    wantedReplicas: spec?.maybeInteger('replicas') ?? 1,
    updatedReplicas: status?.maybeInteger('updatedReplicas') ?? 0,
    availableReplicas: status?.maybeInteger('availableReplicas') ?? 0,
    conditions: (status?.list('conditions') ?? []).map(parseCondition),
  }
}

const WORKLOAD_GENERATION = 'rollout.argoproj.io/workload-generation'

function referenceOf(
  reference: Answer | undefined,
  metadata: Answer,
  status: Answer | undefined,
): Rollout['workloadRef'] {
  if (reference === undefined) return undefined
  return {
    kind: reference.maybeText('kind') ?? '',
    name: reference.maybeText('name') ?? '',
    generation: metadata.maybe('annotations')?.maybeText(WORKLOAD_GENERATION),
    observedGeneration: numberOrText(status, 'workloadObservedGeneration'),
  }
}

/** It is text in every version; some have been seen with a number. */
function numberOrText(status: Answer | undefined, key: string): string | undefined {
  return status?.maybeText(key) ?? status?.maybeInteger(key)?.toString()
}

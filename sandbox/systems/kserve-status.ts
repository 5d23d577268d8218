/** Status of an InferenceService in Standard mode, as KServe's controller derives it from the Deployment and its first listed pod. Written by kserve.ts. */
import { at, isJsonObject, type Json, type JsonObject, timestamp } from './kubernetes-objects.ts'

/** What the first listed pod (here always a new one) shows. `late`: the Deployment is past its progress deadline. */
export type ModelPhase =
  | { readonly kind: 'loading'; readonly late?: boolean }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'failed'; readonly message: string; readonly late?: boolean }

export type StatusFacts = {
  readonly namespace: string
  readonly name: string
  readonly model: ModelPhase
  readonly hadPods: boolean
  /** Copied from the Deployment: it is not the InferenceService's own generation. */
  readonly observedGeneration: number
  readonly now: Date
  readonly before: JsonObject | undefined
}

export function serviceStatus(facts: StatusFacts): JsonObject {
  const { namespace, name, model, hadPods, observedGeneration } = facts
  const isLate = model.kind !== 'loaded' && model.late === true
  const isReady = !isLate && (hadPods || model.kind === 'loaded')
  const url = `http://${name}-${namespace}.models.example.com`
  return {
    address: { url: `http://${name}-predictor.${namespace}.svc.cluster.local` },
    clusterServingRuntimeName: 'kserve-sklearnserver',
    components: { predictor: isReady ? { url: `http://${name}-predictor-${namespace}.models.example.com` } : {} },
    conditions: conditionsOf(facts, { isReady, isLate }),
    deploymentMode: 'Standard',
    modelStatus: modelStatusOf(facts),
    observedGeneration,
    ...(isReady ? { url } : {}),
  }
}

type Readiness = { readonly isReady: boolean; readonly isLate: boolean }

function conditionsOf(facts: StatusFacts, { isReady, isLate }: Readiness): readonly Json[] {
  const reason = isLate ? 'ProgressDeadlineExceeded' : 'MinimumReplicasUnavailable'
  const message = isLate ? 'ReplicaSet has timed out progressing.' : 'Deployment does not have minimum availability.'
  const predictor = isReady ? { status: 'True' } : { message, reason, status: 'False' }
  const ingress =
    facts.hadPods || isReady ? { status: 'True' } : { reason: 'Predictor ingress not created', status: 'False' }
  return [
    condition(facts, 'IngressReady', ingress),
    condition(facts, 'PredictorReady', predictor),
    condition(facts, 'Ready', predictor),
    condition(facts, 'Stopped', { severity: 'Info', status: 'False' }),
  ]
}

function condition({ before, now }: StatusFacts, type: string, said: Readonly<Record<string, string>>): JsonObject {
  const conditions: Json | undefined = at(before, 'conditions')
  const previous = Array.isArray(conditions) ? conditions.find((known) => at(known, 'type') === type) : undefined
  const unchanged = isJsonObject(previous) && previous['status'] === said['status']
  return { lastTransitionTime: unchanged ? String(previous['lastTransitionTime']) : timestamp(now), ...said, type }
}

function modelStatusOf({ model, hadPods, before }: StatusFacts): JsonObject {
  const active = hadPods || model.kind === 'loaded' ? { activeModelState: 'Loaded' } : {}
  const [target, transitionStatus] = {
    loading: ['Loading', 'InProgress'],
    loaded: ['Loaded', 'UpToDate'],
    failed: ['FailedToLoad', 'BlockedByFailedLoad'],
  }[model.kind] as [string, string]
  // never cleared: after a repair it still tells of the old failure
  const old = at(before, 'modelStatus', 'lastFailureInfo')
  const kept = old === undefined ? {} : { lastFailureInfo: old }
  const failure =
    model.kind === 'failed'
      ? { lastFailureInfo: { exitCode: 1, message: model.message, reason: 'ModelLoadFailed' } }
      : kept
  return {
    copies: { failedCopies: 0, totalCopies: hadPods || model.kind === 'loaded' ? 1 : 0 },
    ...failure,
    states: { ...active, targetModelState: target },
    transitionStatus,
  }
}

/** Does an InferenceService serve what the promotion put there? `Ready` alone proves nothing right after a sync: it stays True while a new pod crash-loops. */

export type ObservedInferenceService = {
  readonly storageUri: string | undefined
  readonly conditions: readonly {
    readonly type: string
    readonly status: 'True' | 'False' | 'Unknown'
    readonly reason: string
    readonly message: string
  }[]
  readonly modelStatus:
    | {
        readonly transitionStatus: string
        readonly targetModelState: string | undefined
        readonly activeModelState: string | undefined
        readonly lastFailure:
          | { readonly reason: string; readonly message: string; readonly at: Date | undefined }
          | undefined
      }
    | undefined
}

export type ServiceReadiness = { readonly kind: 'waiting' | 'ready' | 'failed'; readonly detail: string }

/** `expectedUri` undefined: the promotion does not change the URI. `since` guards against an old `lastFailureInfo`, which KServe never clears. */
export function assessInferenceService(
  service: ObservedInferenceService,
  expectedUri: string | undefined,
  since: Date,
): ServiceReadiness {
  if (expectedUri !== undefined && service.storageUri !== expectedUri) {
    return { kind: 'waiting', detail: `storageUri is ${service.storageUri ?? 'absent'}, not ${expectedUri} yet` }
  }
  const { modelStatus } = service
  if (modelStatus?.transitionStatus === 'BlockedByFailedLoad' || modelStatus?.transitionStatus === 'InvalidSpec') {
    const failure = modelStatus.lastFailure
    const fresh = failure !== undefined && (failure.at === undefined || failure.at >= since)
    return {
      kind: 'failed',
      detail: `${modelStatus.transitionStatus}${fresh ? `: ${failure.reason}: ${failure.message}` : ''}`,
    }
  }
  const ready = service.conditions.find((condition) => condition.type === 'Ready')
  if (ready?.status !== 'True') {
    return {
      kind: 'waiting',
      detail:
        ready === undefined
          ? 'no Ready condition yet'
          : `Ready is ${ready.status}${ready.reason && ` (${ready.reason})`}`,
    }
  }
  if (modelStatus !== undefined && modelStatus.transitionStatus !== 'UpToDate') {
    return { kind: 'waiting', detail: `model is ${modelStatus.transitionStatus || 'not loaded yet'}` }
  }
  if (modelStatus?.targetModelState !== undefined && modelStatus.targetModelState !== 'Loaded') {
    return { kind: 'waiting', detail: `model is ${modelStatus.targetModelState}` }
  }
  return { kind: 'ready', detail: `Ready, serves ${service.storageUri ?? 'the model'}` }
}

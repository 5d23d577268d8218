/** Does an InferenceService serve what the promotion put there? `Ready` alone proves nothing: while old pods answer, it stays True as new ones crash. The pods are judged by deployment-readiness.ts. */
import { assessDeployment, carriesUri, type ObservedDeployment, type PodsReadiness } from './deployment-readiness.ts'

/** How KServe runs the service: Standard is also called RawDeployment, Knative also Serverless. */
export type DeploymentMode = 'standard' | 'knative' | 'modelmesh'

export type ObservedInferenceService = {
  readonly name: string
  /** undefined when neither status nor annotation names one that is known. */
  readonly mode: DeploymentMode | undefined
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
  /** Knative's revisions of the predictor; both absent in the other modes. */
  readonly predictor: {
    readonly latestCreatedRevision: string | undefined
    readonly latestReadyRevision: string | undefined
  }
}

export type ServiceReadiness = { readonly kind: 'waiting' | 'ready' | 'failed'; readonly detail: string }

/** What must be proven, and the Deployment that proves it. */
export type Proof = {
  /** undefined: the promotion does not change the model's URI. */
  readonly uri: string | undefined
  /** When the change was merged: what is older is about something else. KServe never clears `lastFailureInfo`. */
  readonly since: Date
  /** The first of `predictorDeployments` that exists. */
  readonly deployment: ObservedDeployment | undefined
}

/** Names of the Deployment whose pods serve the predictor, the likeliest first. Empty where none would prove anything. */
export function predictorDeployments(service: ObservedInferenceService): readonly string[] {
  const { name, predictor } = service
  const mode = modeOf(service)
  if (mode === 'standard') return [`${name}-predictor`, `${name}-predictor-default`]
  // Knative keeps one per revision, and its template never changes.
  if (mode === 'knative' && predictor.latestReadyRevision !== undefined)
    return [`${predictor.latestReadyRevision}-deployment`]
  return []
}

/** `waiting` may still become ready; `failed` will not by itself. */
export function assessInferenceService(service: ObservedInferenceService, proof: Proof): ServiceReadiness {
  if (proof.uri !== undefined && service.storageUri !== proof.uri)
    return waiting(`storageUri is ${service.storageUri ?? 'absent'}, not ${proof.uri} yet`)
  const pods = assessPods(service, proof)
  if (pods.kind === 'failed') return { kind: 'failed', detail: pods.detail }
  const broken = assessLoading(service, proof.since)
  // Whether the spec is valid is decided before any pod is touched; whether a model loads, only by pods that are of the spec.
  const isOfSpec = pods.kind !== 'unseen' || service.modelStatus?.transitionStatus === 'InvalidSpec'
  if (broken !== undefined && isOfSpec) return broken
  if (pods.kind !== 'complete') return waiting(pods.detail)
  return assessConditions(service, pods)
}

/** `words`: what the pods' state was concluded from. `mayBeAsleep`: that nothing runs can be as it should be. */
type Pods =
  | Exclude<PodsReadiness, { readonly kind: 'complete' }>
  | { readonly kind: 'complete'; readonly mayBeAsleep: boolean; readonly words: string }

function assessPods(service: ObservedInferenceService, { uri, since, deployment }: Proof): Pods {
  switch (modeOf(service)) {
    case 'standard': {
      if (deployment === undefined)
        return { kind: 'waiting', detail: `there is no Deployment ${service.name}-predictor yet` }
      const pods = assessDeployment(deployment, uri, since)
      if (pods.kind !== 'complete') return pods
      const count = pods.replicas === 1 ? '1 pod' : `${pods.replicas} pods`
      return { kind: 'complete', mayBeAsleep: pods.replicas === 0, words: ` with ${count}` }
    }
    case 'knative':
      return assessRevisions(service, uri, deployment)
    case 'modelmesh':
      return { kind: 'complete', mayBeAsleep: false, words: '' }
    case undefined:
      return {
        kind: 'complete',
        mayBeAsleep: false,
        words: ' (by its conditions alone: KServe does not say how it is deployed)',
      }
  }
}

/** Knative calls a revision ready once a pod of it has been, also when it has none any more. */
function assessRevisions(
  { predictor }: ObservedInferenceService,
  uri: string | undefined,
  deployment: ObservedDeployment | undefined,
): Pods {
  const { latestCreatedRevision: created, latestReadyRevision: ready } = predictor
  if (created === undefined) return { kind: 'waiting', detail: 'it has no revision yet' }
  if (created !== ready)
    return { kind: 'waiting', detail: `revision ${created} is not ready yet, ${ready ?? 'none'} is` }
  if (uri !== undefined && deployment !== undefined && !carriesUri(deployment, uri))
    return { kind: 'unseen', detail: `KServe has not made a revision of ${uri} yet: ${ready} is the latest` }
  return { kind: 'complete', mayBeAsleep: true, words: ` by revision ${ready}` }
}

/** A model that cannot be loaded, or a spec that KServe refuses. */
function assessLoading({ modelStatus }: ObservedInferenceService, since: Date): ServiceReadiness | undefined {
  const transition = modelStatus?.transitionStatus
  if (transition !== 'BlockedByFailedLoad' && transition !== 'InvalidSpec') return undefined
  const failure = modelStatus?.lastFailure
  if (failure?.at !== undefined && failure.at < since) return waiting(`${transition} since before the promotion`)
  const why = failure === undefined ? '' : `: ${failure.reason}: ${failure.message.replace(/\.$/, '')}`
  return { kind: 'failed', detail: `${transition}${why}` }
}

function assessConditions(
  { conditions, modelStatus, storageUri }: ObservedInferenceService,
  { mayBeAsleep, words }: Extract<Pods, { readonly kind: 'complete' }>,
): ServiceReadiness {
  const ready = conditions.find((condition) => condition.type === 'Ready')
  if (ready === undefined) return waiting('no Ready condition yet')
  if (ready.status !== 'True') return waiting(`Ready is ${ready.status}${ready.reason && ` (${ready.reason})`}`)
  const target = modelStatus?.targetModelState
  const serves = `serves ${storageUri ?? 'the model'}${words}`
  // Without a pod KServe calls the model pending for ever.
  const isAsleep = mayBeAsleep && modelStatus?.transitionStatus === 'InProgress' && target === 'Pending'
  if (isAsleep) return { kind: 'ready', detail: `Ready, ${serves}; scaled to zero` }
  if (modelStatus !== undefined && modelStatus.transitionStatus !== 'UpToDate')
    return waiting(`model is ${modelStatus.transitionStatus || 'not loaded yet'}`)
  if (target !== undefined && target !== 'Loaded') return waiting(`model is ${target}`)
  return { kind: 'ready', detail: `Ready, ${serves}` }
}

/** Older versions of KServe do not say the mode; only Knative has revisions. */
const modeOf = ({ mode, predictor }: ObservedInferenceService): DeploymentMode | undefined =>
  mode ?? (predictor.latestCreatedRevision === undefined ? undefined : 'knative')

const waiting = (detail: string): ServiceReadiness => ({ kind: 'waiting', detail })

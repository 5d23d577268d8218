/** Does an InferenceService serve what the promotion put there? `Ready` alone proves nothing: while old pods answer, it stays True as new ones crash. Its pods are judged by deployment-readiness.ts and revision-readiness.ts. */
import { assessDeployment, type ObservedDeployment } from './deployment-readiness.ts'
import { NOTHING_WRITTEN, type WrittenValues } from './pod-template.ts'
import { assessRevisions, type ComponentRevisions, type ObservedRevision } from './revision-readiness.ts'
import {
  conditionWords,
  isOlder,
  isUnsettled,
  lastLine,
  type Proof,
  type ServiceReadiness,
  UNSETTLED,
  type WorkloadCondition,
  waitingFor,
} from './workload-readiness.ts'

/** How KServe runs the service: Standard is also called RawDeployment, Knative also Serverless. */
export type DeploymentMode = 'standard' | 'knative' | 'modelmesh'

export const COMPONENTS = ['predictor', 'transformer', 'explainer'] as const
export type Component = (typeof COMPONENTS)[number]

export type ModelStatus = {
  readonly transitionStatus: string
  readonly targetModelState: string | undefined
  readonly activeModelState: string | undefined
  readonly lastFailure:
    | {
        readonly reason: string
        readonly message: string
        readonly exitCode: number | undefined
        readonly at: Date | undefined
      }
    | undefined
  readonly copies: { readonly failed: number; readonly total: number } | undefined
}

export type ObservedInferenceService = {
  readonly name: string
  /** undefined when neither status nor annotation names one that is known. */
  readonly mode: DeploymentMode | undefined
  /** `spec.predictor.name`, which its Deployment then carries. */
  readonly predictorName: string | undefined
  readonly isMultiNode: boolean
  readonly storageUri: string | undefined
  /** Of a `storage` instead of an address. */
  readonly storagePath: string | undefined
  /** Those that its spec has. */
  readonly components: readonly Component[]
  /** The serving runtimes that it says it uses. */
  readonly runtimes: readonly string[]
  /** When its spec changed last, where Kubernetes tells. */
  readonly changedAt: Date | undefined
  readonly conditions: readonly WorkloadCondition[]
  readonly modelStatus: ModelStatus | undefined
  /** Knative's; absent in the other modes. */
  readonly revisions: Readonly<Partial<Record<Component, ComponentRevisions>>>
  /** What stands in `spec.canary` (Standard mode, since 0.20), with its state. */
  readonly canaries: readonly {
    readonly name: string
    readonly storageUri: string | undefined
    readonly isReady: boolean
    readonly percent: number | undefined
  }[]
}

/** Where pods of one component are told of. `names`: the first that exists. */
export type PodsPlace = {
  readonly component: Component
  readonly kind: 'Deployment' | 'Revision'
  readonly names: readonly string[]
  /** Workers of a predictor over several nodes have images of their own. */
  readonly isWorker?: true
}

/** Those of the components that were written to. Empty where no object would prove anything. */
export function podsPlaces(
  service: ObservedInferenceService,
  components: readonly Component[],
  canary?: string,
): readonly PodsPlace[] {
  const mode = modeOf(service)
  if (mode === 'knative') {
    return components.flatMap((component): readonly PodsPlace[] => {
      const latest = service.revisions[component]?.latestCreatedRevision
      return latest === undefined ? [] : [{ component, kind: 'Revision', names: [latest] }]
    })
  }
  if (mode !== 'standard') return []
  const { name, predictorName, isMultiNode } = service
  return components.flatMap((component): readonly PodsPlace[] => {
    const place = { component, kind: 'Deployment' } as const
    if (component !== 'predictor')
      return [{ ...place, names: [`${name}-${component}`, `${name}-${component}-default`] }]
    if (canary !== undefined) return [{ ...place, names: [`${name}-${canary}-predictor`] }]
    const own = predictorName === undefined ? [] : [`${name}-${predictorName}-predictor`]
    const predictor = { ...place, names: [...own, `${name}-predictor`, `${name}-predictor-default`] }
    return isMultiNode ? [predictor, { ...place, names: [`${name}-predictor-worker`], isWorker: true }] : [predictor]
  })
}

/** What was found at a place; `object` is undefined where nothing was. */
export type FoundPods = {
  readonly place: PodsPlace
  readonly deployment?: ObservedDeployment | undefined
  readonly revision?: ObservedRevision | undefined
}

export type ServiceProof = Omit<Proof, 'written'> & {
  /** By component; the predictor's is always there. */
  readonly written: Readonly<Partial<Record<Component, WrittenValues>>>
  /** At `podsPlaces` of the components above. */
  readonly pods: readonly FoundPods[]
}

export function assessInferenceService(service: ObservedInferenceService, proof: ServiceProof): ServiceReadiness {
  const unwritten = notWritten(service, proof)
  if (unwritten !== undefined) return waitingFor(unwritten)
  const unshared = notShared(service, proof)
  if (unshared !== undefined) return unshared
  const stopped = service.conditions.find(({ type }) => type === 'Stopped')
  if (stopped?.status === 'True') return waitingFor('suspended: it is stopped (serving.kserve.io/stop) and has no pods')
  const pods = assessPods(service, proof)
  if (pods.kind === 'failed') return { kind: 'failed', detail: pods.detail }
  const broken = assessLoading(service, proof.since)
  // Whether the spec is valid is decided before any pod is touched; whether a model loads, only by pods that are of the spec.
  const isOfSpec = pods.kind !== 'unseen' || service.modelStatus?.transitionStatus === 'InvalidSpec'
  if (broken !== undefined && isOfSpec) return broken
  if (pods.kind !== 'complete') return waitingFor(pods.detail)
  return assessConditions(service, proof, pods)
}

/** A share of the traffic that nothing divides: in every mode but Knative's all of it is the new model's. */
function notShared(service: ObservedInferenceService, { traffic }: ServiceProof): ServiceReadiness | undefined {
  const mode = modeOf(service)
  // None at all is what the way back writes: the model is the one that was proven, whoever gets it.
  const isUndivided = traffic === undefined || traffic.percent === 100 || traffic.percent === 0
  if (isUndivided || traffic.canary !== undefined || mode === 'knative') return undefined
  const detail = `\`canaryTrafficPercent\` divides traffic in the Knative mode alone, and it runs in ${mode ?? 'one that KServe does not tell'}`
  return mode === undefined ? waitingFor(detail) : { kind: 'failed', detail }
}

/** The object itself has not got what was written. */
function notWritten(service: ObservedInferenceService, { written, traffic }: ServiceProof): string | undefined {
  const { uris = [], paths = [], isAddressed = true } = written.predictor ?? {}
  const canary = service.canaries.find(({ name }) => name === traffic?.canary)
  if (traffic?.canary !== undefined && canary === undefined) return `it has no canary ${traffic.canary} yet`
  const uri = canary === undefined ? service.storageUri : canary.storageUri
  // Written to `storageUris` or to a variable, it is no field of which KServe shows one value.
  const other = uris.find((each) => each !== uri)
  if (uri !== undefined && other !== undefined && uris.length === 1) return `storageUri is ${uri}, not ${other} yet`
  const path = paths.find((each) => each !== service.storagePath)
  if (isAddressed && path !== undefined)
    return `its storage path is ${service.storagePath ?? 'absent'}, not ${path} yet`
  return undefined
}

/** `words`: what the pods' state was concluded from. `mayBeAsleep`: that nothing runs can be as it should be. */
type Pods =
  | { readonly kind: 'unseen' | 'waiting' | 'failed'; readonly detail: string }
  | { readonly kind: 'complete'; readonly mayBeAsleep: boolean; readonly words: string }

function assessPods(service: ObservedInferenceService, proof: ServiceProof): Pods {
  const mode = modeOf(service)
  if (mode === undefined || mode === 'modelmesh') return assessUnseenPods(service, proof, mode)
  if (mode === 'knative' && service.revisions.predictor === undefined)
    return { kind: 'unseen', detail: 'it has no revision yet' }
  const judged = proof.pods.map((found) => ({ found, pods: assessPlace(service, found, proof) }))
  const rank = (kind: Pods['kind']) => ['failed', 'unseen', 'waiting', 'complete'].indexOf(kind)
  const [worst] = judged.toSorted((a, b) => rank(a.pods.kind) - rank(b.pods.kind))
  if (worst === undefined) return { kind: 'unseen', detail: 'it has no pods yet' }
  const { pods, found } = worst
  if (pods.kind === 'complete') return judged.find((each) => each.found.place.component === 'predictor')?.pods ?? pods
  const { component, isWorker } = found.place
  const where = component === 'predictor' ? (isWorker ? 'worker: ' : '') : `${component}: `
  return { ...pods, detail: `${where}${pods.detail}` }
}

function assessPlace(service: ObservedInferenceService, found: FoundPods, proof: ServiceProof): Pods {
  const { place, deployment, revision } = found
  const own = proof.written[place.component] ?? NOTHING_WRITTEN
  if (place.kind === 'Revision') {
    const revisions = service.revisions[place.component] ?? NO_REVISIONS
    const judged = assessRevisions(revisions, revision, { written: own, percent: proof.traffic?.percent ?? 100 })
    if (judged.kind !== 'complete') return judged
    return { kind: 'complete', mayBeAsleep: true, words: ` by revision ${judged.revision}` }
  }
  if (deployment === undefined) return { kind: 'waiting', detail: `there is no Deployment ${place.names[0]} yet` }
  const written = place.isWorker ? { ...own, images: [], env: [] } : own
  const pods = assessDeployment(deployment, written, proof.since)
  if (pods.kind !== 'complete') return pods
  const count = pods.replicas === 1 ? '1 pod' : `${pods.replicas} pods`
  return { kind: 'complete', mayBeAsleep: pods.replicas === 0, words: ` with ${count}` }
}

const NO_REVISIONS: ComponentRevisions = {
  latestCreatedRevision: undefined,
  latestReadyRevision: undefined,
  latestRolledoutRevision: undefined,
  traffic: undefined,
}

/** Pods that are nobody's in particular (ModelMesh), or that nobody knows how to find. */
function assessUnseenPods(service: ObservedInferenceService, proof: ServiceProof, mode: 'modelmesh' | undefined): Pods {
  if (isUnsettled({ ...proof, written: NOTHING_WRITTEN }, service.changedAt))
    return { kind: 'waiting', detail: UNSETTLED }
  if (mode === undefined) {
    const words = ' (by its conditions alone: KServe does not say how it is deployed)'
    return { kind: 'complete', mayBeAsleep: false, words }
  }
  const { activeModelState: active, copies } = service.modelStatus ?? {}
  if (active !== undefined && active !== 'Loaded') return { kind: 'waiting', detail: `the active model is ${active}` }
  if (copies !== undefined && copies.total === 0)
    return { kind: 'waiting', detail: 'no copy of the model is loaded yet' }
  if (copies !== undefined && copies.failed > 0)
    return { kind: 'waiting', detail: `${copies.failed} of ${copies.total} copies failed to load` }
  const count = copies === undefined ? '' : copies.total === 1 ? ' with 1 copy' : ` with ${copies.total} copies`
  return { kind: 'complete', mayBeAsleep: false, words: count }
}

/** A model that cannot be loaded, or a spec that KServe refuses. */
function assessLoading({ modelStatus }: ObservedInferenceService, since: Date): ServiceReadiness | undefined {
  const transition = modelStatus?.transitionStatus
  if (transition !== 'BlockedByFailedLoad' && transition !== 'InvalidSpec') return undefined
  const failure = modelStatus?.lastFailure
  if (isOlder(failure?.at, since)) return waitingFor(`${transition} since before the promotion`)
  return { kind: 'failed', detail: `${transition}${failure === undefined ? '' : `: ${failureWords(failure)}`}` }
}

/** Exit code 1 says no more than the message; 137 says out of memory. */
function failureWords({ reason, message, exitCode }: NonNullable<ModelStatus['lastFailure']>): string {
  const code = exitCode === undefined || exitCode <= 1 ? '' : ` (exit code ${exitCode})`
  return `${[reason, lastLine(message)].filter((each) => each !== '').join(': ')}${code}`
}

/** Ready is the predictor and the way to it; a broken transformer leaves it True. */
const OTHER_CONDITIONS = ['TransformerReady', 'ExplainerReady']

function assessConditions(
  { conditions, modelStatus, storageUri, storagePath, canaries }: ObservedInferenceService,
  { traffic }: ServiceProof,
  { mayBeAsleep, words }: Extract<Pods, { readonly kind: 'complete' }>,
): ServiceReadiness {
  const ready = conditions.find((condition) => condition.type === 'Ready')
  if (ready === undefined) return waitingFor('no Ready condition yet')
  const broken = [ready, ...conditions.filter(({ type }) => OTHER_CONDITIONS.includes(type))].find(isNotTrue)
  if (broken !== undefined) return waitingFor(conditionWords(broken))
  const canary = canaries.find(({ name }) => name === traffic?.canary)
  if (canary !== undefined) {
    const { name, isReady, percent, storageUri: uri } = canary
    if (!isReady) return waitingFor(`canary ${name} is not ready yet`)
    if (percent !== traffic?.percent)
      return waitingFor(`canary ${name} gets ${percent ?? 0} % of the traffic, not ${traffic?.percent} %`)
    return { kind: 'ready', detail: `canary ${name} serves ${uri ?? 'the model'}${words} and gets ${percent} %` }
  }
  const target = modelStatus?.targetModelState
  const share = traffic === undefined || traffic.percent === 100 ? '' : `, ${traffic.percent} % of the traffic`
  const serves = `serves ${storageUri ?? storagePath ?? 'the model'}${words}${share}`
  // Without a pod KServe calls the model pending for ever.
  const isAsleep = mayBeAsleep && modelStatus?.transitionStatus === 'InProgress' && target === 'Pending'
  if (isAsleep) return { kind: 'ready', detail: `Ready, ${serves}; scaled to zero` }
  if (modelStatus !== undefined && modelStatus.transitionStatus !== 'UpToDate')
    return waitingFor(`model is ${modelStatus.transitionStatus || 'not loaded yet'}`)
  if (target !== undefined && target !== '' && target !== 'Loaded') return waitingFor(`model is ${target}`)
  return { kind: 'ready', detail: `Ready, ${serves}` }
}

const isNotTrue = ({ status }: WorkloadCondition): boolean => status !== 'True'

/** Older versions of KServe do not say the mode; only Knative has revisions. */
const modeOf = ({ mode, revisions }: ObservedInferenceService): DeploymentMode | undefined =>
  mode ?? (revisions.predictor?.latestCreatedRevision === undefined ? undefined : 'knative')

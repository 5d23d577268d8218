/** Does an LLMInferenceService serve what was written? Its conditions do not say which spec they are about, and stay True while new pods crash behind old ones: its Deployments tell. Pure; read by src/clients/kubernetes/parse-llm-inference-service.ts. */
import { assessDeployment, type ObservedDeployment } from './deployment-readiness.ts'
import { NOTHING_WRITTEN, type WrittenValues } from './pod-template.ts'
import {
  conditionWords,
  isOlder,
  isUnsettled,
  type Proof,
  type ServiceReadiness,
  UNSETTLED,
  type WorkloadCondition,
  waitingFor,
} from './workload-readiness.ts'

export type ObservedLlmService = {
  readonly name: string
  /** `spec.model.uri`; undefined where a base holds it. */
  readonly uri: string | undefined
  readonly adapterUris: readonly string[]
  /** Its pods are of a LeaderWorkerSet, which is not looked at. */
  readonly isMultiNode: boolean
  readonly hasPrefill: boolean
  /** Annotated to be without pods. */
  readonly isStopped: boolean
  /** When its spec changed last, where Kubernetes tells. */
  readonly changedAt: Date | undefined
  readonly conditions: readonly WorkloadCondition[]
}

/** Deployments of its pods; none where a LeaderWorkerSet runs them. */
export function llmDeployments({ name, isMultiNode, hasPrefill }: ObservedLlmService): readonly string[] {
  if (isMultiNode) return []
  return [`${name}-kserve`, ...(hasPrefill ? [`${name}-kserve-prefill`] : [])]
}

/** `deployments`: those of `llmDeployments` that exist. The first serves; what is written to it alone is not in the others. */
export function assessLlmService(
  service: ObservedLlmService,
  deployments: readonly ObservedDeployment[],
  proof: Proof,
): ServiceReadiness {
  const { written, since } = proof
  const unwritten = written.uris.find((uri) => uri !== service.uri && !service.adapterUris.includes(uri))
  if (written.isAddressed && unwritten !== undefined)
    return waitingFor(`its model is ${service.uri ?? 'not in its spec'}, not ${unwritten} yet`)
  if (service.isStopped) return waitingFor('it is stopped: the annotation serving.kserve.io/stop is on it')
  const refused = service.conditions.find(({ type, status }) => type === 'PresetsCombined' && status === 'False')
  if (refused !== undefined) {
    const isOurs = refused.changedAt !== undefined && !isOlder(refused.changedAt, since)
    return { kind: isOurs ? 'failed' : 'waiting', detail: conditionWords(refused) }
  }
  for (const name of llmDeployments(service)) {
    const pods = assessPods(name, deployments, { written: writtenTo(service, name, written), since })
    if (pods !== undefined) return pods
  }
  if (service.isMultiNode && isUnsettled(proof, service.changedAt)) return waitingFor(UNSETTLED)
  return assessConditions(service, deployments)
}

/** The model is in every Deployment; images are in the one that they are written to. */
const writtenTo = ({ name }: ObservedLlmService, deployment: string, written: WrittenValues): WrittenValues =>
  deployment === `${name}-kserve`
    ? written
    : { ...NOTHING_WRITTEN, uris: written.uris, isAddressed: written.isAddressed }

function assessPods(
  name: string,
  deployments: readonly ObservedDeployment[],
  { written, since }: Pick<Proof, 'written' | 'since'>,
): ServiceReadiness | undefined {
  const deployment = deployments.find((one) => one.name === name)
  if (deployment === undefined) return waitingFor(`there is no Deployment ${name} yet`)
  const pods = assessDeployment(deployment, written, since)
  if (pods.kind === 'complete') return undefined
  return { kind: pods.kind === 'failed' ? 'failed' : 'waiting', detail: `${name}: ${pods.detail}` }
}

/** Ready is the sum of the others; a part that is False says why. */
const PARTS = ['WorkloadsReady', 'RouterReady']

function assessConditions(service: ObservedLlmService, deployments: readonly ObservedDeployment[]): ServiceReadiness {
  const { conditions, uri, isMultiNode } = service
  const find = (type: string) => conditions.find((condition) => condition.type === type)
  const ready = find('Ready')
  if (ready === undefined) return waitingFor('no Ready condition yet')
  const broken = [...PARTS.map(find), ready].find((one) => one !== undefined && one.status !== 'True')
  if (broken !== undefined) return waitingFor(conditionWords(broken))
  const missing = PARTS.find((type) => find(type) === undefined)
  if (missing !== undefined) return waitingFor(`no ${missing} condition yet`)
  const degraded = find('GroupDegraded')
  if (degraded?.status === 'True') return waitingFor(conditionWords(degraded))
  const count = deployments[0]?.replicas ?? 0
  const pods = isMultiNode
    ? ' (by its conditions alone: its pods are of a LeaderWorkerSet)'
    : ` with ${podsWords(count)}`
  return { kind: 'ready', detail: `Ready, serves ${uri ?? 'the model of its base'}${pods}` }
}

const podsWords = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`)

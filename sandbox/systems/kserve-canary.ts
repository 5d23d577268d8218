/**
 * `spec.canary` of KServe's Standard mode in the Kubernetes stand-in, by the rules of its `predictor.go` and `httproute_reconciler.go` (v0.20): a Deployment of
 * its own for each predictor, its state in the InferenceService. The trap is here, too: at 0 % and without `minReplicas` it has no pods, is not ready, and
 * neither is the Application then. Driven by kserve.ts. What it is not: the merge with the stable predictor, the stable Deployment's fewer replicas, the webhook's checks.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Behaviour, KserveOptions } from './kserve.ts'
import { deploymentDraft } from './kserve-deployment.ts'
import type { TrafficShare } from './kserve-knative.ts'
import {
  at,
  DEPLOYMENTS,
  INFERENCE_SERVICES,
  isJsonObject,
  type Json,
  type JsonObject,
  timestamp,
} from './kubernetes-objects.ts'

/** One entry of `spec.canary`. */
export type CanaryPredictor = {
  readonly name: string
  readonly uri: string
  readonly percent: number
  readonly replicas: number
  /** What its pods that answer have loaded, and how often they were replaced: the same object as long as it is there. */
  readonly pods: { served: string | undefined; rolls: number }
}

type Owner = { readonly namespace: string; readonly name: string }
type Surroundings = { readonly options: KserveOptions; readonly behaviourOf: (uri: string) => Behaviour }

/** The entries of a spec, with what serves already. */
export function canariesOf(spec: JsonObject, known: readonly CanaryPredictor[]): readonly CanaryPredictor[] {
  const listed = at(spec, 'canary')
  const stable = Number(at(spec, 'predictor', 'minReplicas') ?? 1)
  return (Array.isArray(listed) ? listed : []).map((entry) => {
    const name = String(at(entry, 'predictor', 'name'))
    const percent = Number(at(entry, 'trafficPercent'))
    const replicas = Number(at(entry, 'predictor', 'minReplicas') ?? Math.ceil((stable * percent) / 100))
    const uri = String(at(entry, 'predictor', 'model', 'storageUri'))
    return {
      name,
      uri,
      percent,
      replicas,
      pods: known.find((one) => one.name === name)?.pods ?? { served: undefined, rolls: 0 },
    }
  })
}

/** One rolling update of its Deployment, to its end or to where it hangs. A newer one takes over silently. */
export async function rollCanary(
  owner: Owner,
  canary: CanaryPredictor,
  { options, behaviourOf }: Surroundings,
  shown: () => void,
): Promise<void> {
  const { store, clock, reactMs, loadMs } = options
  const { name, uri, replicas, pods } = canary
  pods.rolls += 1
  const number = pods.rolls
  const show = (phase: 'unobserved' | 'progressing' | 'complete') => {
    const whole = { namespace: owner.namespace, name: `${owner.name}-${name}` }
    const before = store.get(DEPLOYMENTS, whole.namespace, `${whole.name}-predictor`)
    const hash = createHash('sha256').update(uri).digest('hex').slice(0, 10)
    const hadPods = pods.served !== undefined
    store.put(DEPLOYMENTS, deploymentDraft({ ...whole, uri, hash, replicas, phase, hadPods, now: clock.now(), before }))
    shown()
  }
  show('unobserved')
  await sleep(reactMs)
  if (pods.rolls !== number) return
  show('progressing')
  await sleep(loadMs)
  if (pods.rolls !== number || behaviourOf(uri).load !== 'ok') return
  pods.served = replicas > 0 ? uri : undefined
  show('complete')
}

/** A status with what KServe adds for these canaries. */
export function withCanaries(status: JsonObject, canaries: readonly CanaryPredictor[], now: Date): JsonObject {
  const listed: Json | undefined = at(status, 'conditions')
  const others = (Array.isArray(listed) ? listed : []).filter((one) => at(one, 'type') !== TYPE)
  const { canaryStatuses: _, ...rest } = status
  if (canaries.length === 0) return { ...rest, conditions: others }
  const isReady = canaries.every((one) => one.pods.served !== undefined)
  const said = isReady
    ? { reason: 'AllCanariesReady', status: 'True' }
    : { reason: 'CanariesNotReady', status: 'False' }
  const statuses = canaries.map(
    ({ name, percent, pods }): JsonObject => ({ name, ready: pods.served !== undefined, trafficPercent: percent }),
  )
  return {
    ...rest,
    canaryStatuses: statuses,
    conditions: [{ lastTransitionTime: timestamp(now), ...said, type: TYPE }, ...others],
  }
}

const TYPE = 'CanaryPredictorReady'

/** Brings the status of the InferenceService up to date with them. */
export function showCanaries(
  owner: Owner,
  canaries: readonly CanaryPredictor[],
  { store, clock }: KserveOptions,
): void {
  store.update({ resource: INFERENCE_SERVICES, ...owner }, (object) => ({
    ...object,
    status: withCanaries(isJsonObject(object.status) ? object.status : {}, canaries, clock.now()),
  }))
}

/** As the HTTPRoute divides it: only what is ready gets its share, the rest is the stable predictor's. */
export function sharesOfCanaries(
  canaries: readonly CanaryPredictor[],
  stable: string | undefined,
): readonly TrafficShare[] {
  const ready = canaries.flatMap(({ pods, percent }) =>
    pods.served === undefined ? [] : [{ uri: pods.served, percent }],
  )
  const rest = 100 - ready.reduce((sum, { percent }) => sum + percent, 0)
  return stable === undefined ? ready : [...ready, { uri: stable, percent: rest }]
}

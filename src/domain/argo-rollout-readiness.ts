/** Is the stable version of an Argo Rollout what was written? Pure; src/clients/kubernetes/parse-rollout.ts reads it. https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
import { runsWords } from './deployment-readiness.ts'
import { lackOf, type PodTemplate } from './pod-template.ts'
import {
  isOlder,
  lastLine,
  type Proof,
  type ServiceReadiness,
  type WorkloadCondition,
  waitingFor,
} from './workload-readiness.ts'

export type ObservedRollout = {
  readonly name: string
  readonly generation: number
  /** Text; before version 1.0 a hash. */
  readonly observedGeneration: string | undefined
  /** The Deployment whose template it uses instead of one of its own. */
  readonly workloadRef:
    | {
        readonly kind: string
        readonly name: string
        /** The generation of it that the controller noticed, and the one that the status is about. */
        readonly generation: string | undefined
        readonly observedGeneration: string | undefined
      }
    | undefined
  /** Its own; undefined with a `workloadRef`. */
  readonly template: PodTemplate | undefined
  readonly phase: string | undefined
  readonly message: string
  readonly isAborted: boolean
  readonly abortedAt: Date | undefined
  readonly pauseReasons: readonly string[]
  readonly step: { readonly index: number; readonly of: number } | undefined
  /** Per cent of the traffic that the new version gets; undefined where no step has set any. */
  readonly weight: number | undefined
  readonly currentPodHash: string | undefined
  readonly stableHash: string | undefined
  readonly wantedReplicas: number
  readonly updatedReplicas: number
  readonly availableReplicas: number
  readonly conditions: readonly WorkloadCondition[]
}

/** `template`: its own, or that of the Deployment that it names; undefined where that one is missing. */
export function assessRollout(
  rollout: ObservedRollout,
  template: PodTemplate | undefined,
  proof: Proof,
): ServiceReadiness {
  if (template === undefined) return waitingFor(`there is no ${referenceWords(rollout)} whose pods it runs`)
  const lack = lackOf(template, proof.written)
  if (lack !== undefined) return waitingFor(`its pods have not changed yet: ${lack}`)
  const unseen = notObserved(rollout)
  if (unseen !== undefined) return waitingFor(unseen)
  const failure = failureOf(rollout, proof.since)
  if (failure !== undefined) return failure
  const percent = proof.traffic?.percent ?? 100
  if (percent < 100) return assessWeight(rollout, percent)
  if (rollout.phase === 'Paused') return waitingFor(`paused${whereWords(rollout)}`)
  return assessCompletion(rollout, template, proof)
}

function assessCompletion(rollout: ObservedRollout, template: PodTemplate, { written }: Proof): ServiceReadiness {
  const { phase, message, currentPodHash, stableHash, wantedReplicas, updatedReplicas, availableReplicas } = rollout
  const why = lastLine(message)
  if (phase !== 'Healthy') return waitingFor(`it is ${phase ?? 'of an unknown phase'}${why && `: ${why}`}`)
  if (currentPodHash === undefined || currentPodHash !== stableHash)
    return waitingFor(`version ${currentPodHash ?? 'unknown'} is not the stable one yet, ${stableHash ?? 'none'} is`)
  if (updatedReplicas !== wantedReplicas || availableReplicas < wantedReplicas)
    return waitingFor(
      `new pods are not available yet: ${updatedReplicas} of ${wantedReplicas} updated, ${availableReplicas} available`,
    )
  return { kind: 'ready', detail: `Healthy, ${runsWords(updatedReplicas, written, template)}` }
}

/** A step of a canary that another one is to follow. */
function assessWeight(rollout: ObservedRollout, percent: number): ServiceReadiness {
  const { weight, availableReplicas, wantedReplicas } = rollout
  if (weight !== percent) return waitingFor(`the new version gets ${weight ?? 0} % of the traffic, not ${percent} %`)
  if (availableReplicas < wantedReplicas) return waitingFor('new pods are not available yet')
  return { kind: 'ready', detail: `the new version gets ${percent} % of the traffic` }
}

function notObserved({ generation, observedGeneration, workloadRef }: ObservedRollout): string | undefined {
  if (observedGeneration !== String(generation)) return 'Argo Rollouts has not looked at the changed pods yet'
  if (workloadRef !== undefined && workloadRef.generation !== workloadRef.observedGeneration)
    return `Argo Rollouts has not looked at the changed ${workloadRef.kind} ${workloadRef.name} yet`
  return undefined
}

function failureOf(rollout: ObservedRollout, since: Date): ServiceReadiness | undefined {
  const why = lastLine(rollout.message)
  if (rollout.isAborted) {
    if (isOlder(rollout.abortedAt, since))
      return waitingFor('it was aborted before the promotion, and has not started anew')
    return { kind: 'failed', detail: `aborted${why && `: ${why}`}` }
  }
  const invalid = rollout.conditions.find(({ type, status }) => type === 'InvalidSpec' && status === 'True')
  if (invalid !== undefined) return { kind: 'failed', detail: `InvalidSpec: ${lastLine(invalid.message)}` }
  if (rollout.phase !== 'Degraded') return undefined
  const progress = rollout.conditions.find(({ type }) => type === 'Progressing')
  if (isOlder(progress?.changedAt, since)) return waitingFor(`Degraded since before the promotion${why && `: ${why}`}`)
  return { kind: 'failed', detail: `Degraded${why && `: ${why}`}` }
}

function whereWords({ pauseReasons, message, step, weight }: ObservedRollout): string {
  const why = pauseReasons.join(', ') || lastLine(message)
  const at = step === undefined ? '' : ` at step ${step.index} of ${step.of}`
  const share = weight === undefined ? '' : `, ${weight} % of the traffic is new`
  return `${at}${share}${why && ` (${why})`}`
}

const referenceWords = ({ workloadRef }: ObservedRollout): string =>
  workloadRef === undefined ? 'template' : `${workloadRef.kind} ${workloadRef.name}`

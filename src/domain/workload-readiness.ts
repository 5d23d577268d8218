/** Does a workload run what the promotion wrote? The one answer of all kinds; each has its own pure rule (kserve-readiness.ts and its like). Asked by src/services/look-at-workloads.ts. */
import type { WrittenValues } from './pod-template.ts'

/** `waiting` may still become ready; `failed` will not by itself. */
export type ServiceReadiness = { readonly kind: 'waiting' | 'ready' | 'failed'; readonly detail: string }

/** What every rule is asked with. */
export type Proof = {
  /** What the promotion wrote to this workload. */
  readonly written: WrittenValues
  /** What failed before is about something else. */
  readonly since: Date
  /** When the change was merged; absent: at `since`. */
  readonly mergedAt?: Date | undefined
  readonly now: Date
  /** Absent: all of the traffic is ours. */
  readonly traffic?: ExpectedTraffic | undefined
}

/** What a step of a canary gives the new version. */
export type ExpectedTraffic = {
  /** 0 to 100. */
  readonly percent: number
  /** The name of its predictor in `spec.canary` (KServe in Standard mode); undefined where the workload itself holds both versions. */
  readonly canary?: string | undefined
}

export type WorkloadCondition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  /** When the controller last said so; undefined where it does not tell. */
  readonly changedAt: Date | undefined
}

/** Whether it was before the change. Kubernetes cuts its times to whole seconds: what happened within the same one is ours. */
export const isOlder = (at: Date | undefined, since: Date): boolean =>
  at !== undefined && at.getTime() < Math.floor(since.getTime() / 1000) * 1000

export const waitingFor = (detail: string): ServiceReadiness => ({ kind: 'waiting', detail })

/** `Ready is False (RevisionFailed: no such file)`. */
export function conditionWords({ type, status, reason, message }: WorkloadCondition): string {
  const why = [reason, lastLine(message)].filter((each) => each !== '').join(': ')
  return `${type} is ${status}${why && ` (${why})`}`
}

/** Of several lines, such as a traceback, the last says what happened. */
export function lastLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  return (lines.findLast((line) => line !== '') ?? '').replace(/\.$/, '')
}

/** A status that does not say which spec it is about is believed once the spec is this old. */
const SETTLING_MS = 60_000

/** Whether a status without a generation may still be that of the spec before. `changedAt`: when the spec changed last, where Kubernetes tells. */
export const isUnsettled = ({ since, mergedAt = since, now }: Proof, changedAt: Date | undefined): boolean =>
  now.getTime() - Math.max(mergedAt.getTime(), changedAt?.getTime() ?? 0) < SETTLING_MS

export const UNSETTLED = 'its status does not say what it is about, and is believed a minute after the change'

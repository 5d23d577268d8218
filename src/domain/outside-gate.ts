/** Gates that are no metrics: other checks on the head, tests of other tools' reports. They count like gates over metrics (gate.ts). */
import type { GateVerdict, Waiver } from './gate.ts'
import { type GateSummary, mergeSummaries, summariseGates } from './gate-summary.ts'

/** A gate that is no metric. `name` is what `/override` calls it: `check/coverage`, `drift/Share of drifted columns`. */
export type OutsideGate = {
  readonly name: string
  readonly verdict: GateVerdict
  /** false: shown, but nothing fails for it. */
  readonly required: boolean
  /** What was seen, in words: `success`, `failure`, `0.31, must be less than 0.1`. */
  readonly evidence: string
  readonly url: string | undefined
  readonly waived: Waiver | undefined
  /** What it is judged by cannot be read just now: a system does not answer. */
  readonly isHidden?: true
}

/** The verdict over the gates of metrics and those of others together. */
export function countOutside(gates: GateSummary, outside: readonly OutsideGate[]): GateSummary {
  return mergeSummaries(gates, summariseGates(outside))
}

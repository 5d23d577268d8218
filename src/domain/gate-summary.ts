/** Many gates, one verdict. How one gate is judged: gate.ts; gates that are no metrics: outside-gate.ts. */
import type { GateVerdict } from './gate.ts'

export type GateSummary = {
  /** Over the required gates alone. `none`: no gate decides, because there is none or none is required. */
  readonly verdict: 'pass' | 'fail' | 'pending' | 'none'
  /** Names of required gates that fail, the missing ones included. */
  readonly failing: readonly string[]
  /** Those of `failing` that have no finite value to be judged by. */
  readonly missing: readonly string[]
  /** Names of required gates that wait for training. */
  readonly pending: readonly string[]
  /** Names of gates that would fail and that a person waived. */
  readonly waived: readonly string[]
  /** Names of gates with `required: false` that fail or are missing: shown, like a check of GitHub that is not required, but nothing fails for them. */
  readonly advisory: readonly string[]
}

export const NO_GATES: GateSummary = {
  verdict: 'none',
  failing: [],
  missing: [],
  pending: [],
  waived: [],
  advisory: [],
}

type JudgedGate = { readonly name: string; readonly verdict: GateVerdict; readonly required: boolean }

/** One required gate that fails is enough; one that is pending leaves the rest open. */
export function summariseGates(gates: readonly JudgedGate[]): GateSummary {
  const required = gates.filter((gate) => gate.required)
  const failing = named(required, 'fail', 'missing')
  const pending = named(required, 'pending')
  return {
    verdict: failing.length > 0 ? 'fail' : pending.length > 0 ? 'pending' : required.length > 0 ? 'pass' : 'none',
    failing,
    missing: named(required, 'missing'),
    pending,
    waived: named(gates, 'waived'),
    advisory: named(
      gates.filter((gate) => !gate.required),
      'fail',
      'missing',
    ),
  }
}

/** The summary of the gates of both. */
export function mergeSummaries(a: GateSummary, b: GateSummary): GateSummary {
  const verdicts = new Set([a.verdict, b.verdict])
  return {
    verdict: (['fail', 'pending', 'pass'] as const).find((verdict) => verdicts.has(verdict)) ?? 'none',
    failing: [...a.failing, ...b.failing],
    missing: [...a.missing, ...b.missing],
    pending: [...a.pending, ...b.pending],
    waived: [...a.waived, ...b.waived],
    advisory: [...a.advisory, ...b.advisory],
  }
}

function named(gates: readonly JudgedGate[], ...verdicts: readonly GateVerdict[]): readonly string[] {
  return gates.flatMap(({ name, verdict }) => (verdicts.includes(verdict) ? [name] : []))
}

/** The gates of a comparison with their verdicts, as they are remembered for commands: `/override` names one of them. */
import type { ModelReport } from './comparison-report.ts'
import type { GateVerdict, Waiver } from './gate.ts'
import type { CommitSha, ModelName } from './ids.ts'

export type NamedGate = { readonly name: string; readonly verdict: GateVerdict; readonly required: boolean }

export type JudgedModel = {
  readonly model: ModelName
  /** Why its metrics could not be judged; absent: they were, or still may be. */
  readonly problem?: string | undefined
  /** What judges one by one: of metrics that cannot be read there is none, since nobody knows what would be waived. */
  readonly gates: readonly NamedGate[]
}

export function judgedModel({ model, comparison, outside, problem, verdict }: ModelReport): JudgedModel {
  const unread = verdict === 'after_merge' ? 'it is trained and judged after the merge' : problem?.message
  return {
    model,
    ...(comparison === undefined && unread !== undefined ? { problem: unread } : {}),
    gates: [
      ...(comparison?.rows ?? []).flatMap(({ name, gate }) =>
        gate === undefined ? [] : [{ name, verdict: gate.verdict, required: gate.spec.required }],
      ),
      ...outside.map(({ name, verdict, required }) => ({ name, verdict, required })),
    ],
  }
}

/** One gate of one head, and who waived it. */
export type WaivedGate = Waiver & { readonly model: ModelName; readonly headSha: CommitSha }

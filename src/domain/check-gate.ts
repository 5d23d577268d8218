/** Check runs and commit statuses of others as gates: `checks:` of a model. They count with the gates over metrics, outside-gate.ts. */
import type { Waiver } from './gate.ts'
import type { OutsideGate } from './outside-gate.ts'
import type { CheckGateSettings } from './settings.ts'
import { isCheckNamed, type TrainingCheck } from './training.ts'

/** What the decision needs of a check run or commit status (services/ports.ts `CheckState` fits). */
export type ReportedCheck = TrainingCheck & {
  /** The slug of the App that reports it. */
  readonly app: string | undefined
  /** GitHub's own word for how it ended: `timed_out`. */
  readonly conclusion: string | undefined
  readonly url: string | undefined
}

export type CheckGateQuestion = {
  readonly gates: readonly CheckGateSettings[]
  readonly checks: readonly ReportedCheck[]
  /** Our own checks never count: the gate would wait for itself. */
  readonly ownAppId: number
  /** What is still at work, or was not reported yet, may still come. Else it is missing: it fails closed, by name. */
  readonly mayStillCome: boolean
  readonly waivers: readonly Waiver[]
}

/**
 * One gate `check/<name>` for each entry. As with GitHub's required checks, what was skipped or ended neutral counts as passed.
 * All jobs of a matrix and of a reusable workflow count, by the rules of `isCheckNamed`: the worst of them decides.
 */
export function judgeCheckGates(question: CheckGateQuestion): readonly OutsideGate[] {
  return question.gates.map((gate) => judgeCheck(gate, question))
}

type Seen = Pick<OutsideGate, 'verdict' | 'evidence' | 'url'>

function judgeCheck(
  gate: CheckGateSettings,
  { checks, ownAppId, mayStillCome, waivers }: CheckGateQuestion,
): OutsideGate {
  const meant = checks.filter(
    (check) =>
      check.appId !== ownAppId &&
      isCheckNamed(check.name, gate.name) &&
      (gate.app === undefined || check.app?.toLowerCase() === gate.app.toLowerCase()),
  )
  const name = `check/${gate.name}`
  const seen = worstOf(meant, gate, mayStillCome)
  const waiver = waivers.find((each) => each.gate.toLowerCase() === name.toLowerCase())
  const fails = seen.verdict === 'fail' || seen.verdict === 'missing'
  const judged = { ...seen, name, required: gate.required }
  return fails && waiver !== undefined
    ? { ...judged, verdict: 'waived', waived: waiver }
    : { ...judged, waived: undefined }
}

function worstOf(meant: readonly ReportedCheck[], gate: CheckGateSettings, mayStillCome: boolean): Seen {
  const worst = (['failure', 'pending', 'neutral', 'success'] as const)
    .flatMap((state) => meant.filter((check) => check.state === state))
    .at(0)
  const openVerdict = mayStillCome ? 'pending' : 'missing'
  if (worst === undefined) {
    const by = gate.app === undefined ? '' : ` by ${gate.app}`
    return { verdict: openVerdict, evidence: `not reported${by}${mayStillCome ? ' yet' : ''}`, url: undefined }
  }
  const which = worst.name.toLowerCase() === gate.name.toLowerCase() ? '' : `${worst.name}: `
  const { url } = worst
  if (worst.state === 'pending') {
    return {
      verdict: openVerdict,
      evidence: `${which}still at work${mayStillCome ? '' : ' when its time was over'}`,
      url,
    }
  }
  const word = (worst.conclusion ?? worst.state).replaceAll('_', ' ')
  if (worst.state === 'failure') return { verdict: 'fail', evidence: `${which}${word}`, url }
  return { verdict: 'pass', evidence: worst.state === 'neutral' ? `${which}${word}, counts as passed` : word, url }
}

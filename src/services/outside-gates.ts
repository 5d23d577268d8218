/** Gates that are no metrics, put to a model's report: checks of others on the head. Part of compare-model.ts. */
import { judgeCheckGates } from '../domain/check-gate.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import { countOutside, type OutsideGate } from '../domain/outside-gate.ts'
import type { TrainingState } from '../domain/training.ts'
import type { CompareQuestion } from './compare-model.ts'

/** The `checks:` of the model. Without knowledge of the head's checks, none of them is judged. */
export function checkGates({ model, checks, waivers, training }: CompareQuestion): readonly OutsideGate[] {
  if (checks === undefined) return []
  return judgeCheckGates({ gates: model.checks, ...checks, mayStillCome: mayStillCome(training), waivers })
}

/** A release waits for checks as for its artefacts; a pull request until its deadline, whether or not training has finished. */
const mayStillCome = (training: TrainingState | undefined): boolean =>
  training === undefined || training.kind === 'waiting' || (training.kind === 'finished' && !training.isLate)

/** The report with these gates counted, whatever became of the metrics. */
export function withOutside(
  report: ModelReport,
  outside: readonly OutsideGate[],
  { model, training }: CompareQuestion,
): ModelReport {
  if (outside.length === 0) return report
  const pending = outside.filter(({ verdict, required }) => verdict === 'pending' && required)
  const names = pending.map(({ name }) => name.replace(/^check\//, ''))
  const until = training === undefined || training.kind === 'timed_out' ? undefined : training.until
  return {
    ...report,
    outside,
    gates: countOutside(report.gates, outside),
    // Without a candidate no metrics are missed: the checks are all there is to judge.
    verdict: model.candidate === undefined && report.verdict === 'not_found' ? 'unjudged' : report.verdict,
    waiting: report.waiting ?? (names.length === 0 ? undefined : { for: { kind: 'checks', names }, until }),
  }
}

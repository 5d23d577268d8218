/** Gates that are no metrics, put to a model's report: checks of others on the head, tests of other tools' reports. Part of compare-model.ts. */
import { judgeCheckGates } from '../domain/check-gate.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import { countOutside, type OutsideGate } from '../domain/outside-gate.ts'
import type { TrainingState } from '../domain/training.ts'
import type { CompareQuestion } from './compare-model.ts'
import { labelOf } from './read-baseline.ts'
import type { MetricsDeps } from './read-metrics.ts'
import { readReports } from './read-reports.ts'

/** Every gate of the model that is no metric: its `checks:`, where the head's are known, and the tests of its `reports:`. */
export async function readOutside(question: CompareQuestion, deps: MetricsDeps): Promise<readonly OutsideGate[]> {
  const { repository, model, commits, headRef: ref, checks, waivers, training } = question
  const mayStillCome = isAwaited(training)
  const judged = checks === undefined ? [] : judgeCheckGates({ gates: model.checks, ...checks, mayStillCome, waivers })
  if (model.reports.length === 0) return judged
  const where = { repository, model, commits, ref, label: labelOf(ref) }
  const tests = await readReports(
    { ...where, waivers, ...(training === undefined ? {} : { training }) },
    model.reports,
    deps,
  )
  return [...judged, ...tests.map((gate) => (mayStillCome ? gate : closed(gate)))]
}

/** A release waits for checks as for its artefacts; a pull request until its deadline, whether or not training has finished. */
const isAwaited = (training: TrainingState | undefined): boolean =>
  training === undefined || training.kind === 'waiting' || (training.kind === 'finished' && !training.isLate)

/** An outage keeps no check run open for ever. */
const closed = (gate: OutsideGate): OutsideGate => (gate.verdict === 'pending' ? { ...gate, verdict: 'missing' } : gate)

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
    // Without a candidate no metrics are missed: these gates are all there is to judge.
    verdict: model.candidate === undefined && report.verdict === 'not_found' ? 'unjudged' : report.verdict,
    waiting: report.waiting ?? (names.length === 0 ? undefined : { for: { kind: 'checks', names }, until }),
  }
}

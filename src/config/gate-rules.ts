/** What the keys of `gates` say about each other and about the model. Part of repo-rules.ts; the schema of one gate: gate-schema.ts. */
import { isGatePattern, isSlicePattern } from '../domain/gate-pattern.ts'
import { canonicalMetricName } from '../domain/metric.ts'
import { goalByName } from '../domain/metric-direction.ts'
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

/** Each gate has a rule that can hold and something to be judged by; no two are for the same metric. */
export function checkGates(report: RuleReport, model: KeyPath): void {
  const gates = report.names([...model, 'gates'])
  if (gates.length > 0 && !report.has([...model, 'candidate'])) {
    report.errorAtKey(
      [...model, 'gates'],
      'there are gates, but no `candidate` to take metrics from',
      'add `candidate: { mlflow: { experiment: … } }` or `candidate: { file: … }`',
    )
  }
  const spelled = new Map<string, string>()
  for (const gate of gates) {
    checkGate(report, model, gate)
    const key = canonicalMetricName(gate)
    const other = spelled.get(key)
    if (other === undefined) spelled.set(key, gate)
    else
      report.errorAtKey(
        [...model, 'gates', gate],
        `this is the metric of the gate \`${other}\`: \`:\` and \`=\` are the same in slices`,
        'put the rules of both into one gate',
      )
  }
}

function checkGate(report: RuleReport, model: KeyPath, gate: string): void {
  const path = [...model, 'gates', gate]
  if (isGatePattern(gate) && !isSlicePattern(gate)) {
    report.errorAtKey(
      path,
      'a `*` can only stand in the slice of a metric',
      'write `auc/segment=*` for each segment, `auc/*` for each slice, or one gate for each metric',
    )
  }
  report.atLeastOne(path, ['min', 'max', 'max_regression'], 'this gate has no rule')
  report.orderedBounds(path)
  checkGoal(report, path, gate)
  if (report.has([...path, 'max_regression']) && !report.has([...model, 'baseline'])) {
    report.warn(
      [...path, 'max_regression'],
      'there is no `baseline` to regress from, so this always passes',
      'add `baseline: { mlflow: { model: …, alias: champion } }` or `baseline: { file: … }`',
    )
  }
}

function checkGoal(report: RuleReport, path: KeyPath, gate: string): void {
  const goal = report.scalar([...path, 'goal'])?.text
  const usual = goalByName(gate)
  if (usual === undefined || goal === usual || (goal !== 'maximize' && goal !== 'minimize')) return
  report.warn(
    [...path, 'goal'],
    `by its name this metric is better when it is ${usual === 'minimize' ? 'smaller' : 'larger'}`,
    `write \`goal: ${usual}\`; where \`${goal}\` is meant, leave it or give the metric another name`,
  )
}

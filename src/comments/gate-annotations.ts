/** Gates that fail, as annotations of the check run on the lines of the configuration that set them. The table of all gates: comparison-table.ts. */
import type { MetricRow } from '../domain/comparison.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import type { LineOf } from '../domain/config-problem.ts'
import type { GateResult, RuleResult } from '../domain/gate.ts'
import type { OutsideGate } from '../domain/outside-gate.ts'
import { formatNumber } from './comparison-number.ts'
import { decimalsOf, ruleTexts, shareOf } from './comparison-table.ts'
import type { ConfigAnnotation } from './config-problems.ts'
import { title } from './markdown.ts'

/** The configuration as it is on the head. */
export type GatePlaces = { readonly path: string; readonly lineOf: LineOf }

/** As many as GitHub takes in one request, and more than anybody reads. */
const MAX_ANNOTATIONS = 50

/** One per gate that fails, the required ones first, at most 50; none for models that the file does not have. */
export function gateAnnotations(models: readonly ModelReport[], places: GatePlaces): readonly ConfigAnnotation[] {
  const all = models.flatMap((model) => [
    ...(model.comparison?.rows ?? []).flatMap((row) => metricAnnotation(row, model, places)),
    ...model.outside.flatMap((gate) => outsideAnnotation(gate, model, places)),
  ])
  return all.toSorted((a, b) => Number(b.level === 'failure') - Number(a.level === 'failure')).slice(0, MAX_ANNOTATIONS)
}

function metricAnnotation(
  row: MetricRow,
  report: ModelReport,
  { path, lineOf }: GatePlaces,
): readonly ConfigAnnotation[] {
  const { gate } = row
  const line = gate && lineOf(report.model, ['gates', gate.spec.metric])
  if (gate === undefined || line === undefined || (gate.verdict !== 'fail' && gate.verdict !== 'missing')) return []
  const reasons = gate.verdict === 'missing' ? [missingWords(row)] : failureWords(row, gate, report)
  const about = { name: `${report.model}: ${row.name}`, required: gate.spec.required }
  return [annotation(about, reasons.join(' '), { path, line })]
}

function outsideAnnotation(
  gate: OutsideGate,
  { model }: ModelReport,
  { path, lineOf }: GatePlaces,
): readonly ConfigAnnotation[] {
  const line = lineOf(model, [gate.name.startsWith('check/') ? 'checks' : 'reports'])
  if (line === undefined || (gate.verdict !== 'fail' && gate.verdict !== 'missing')) return []
  return [annotation({ name: `${model}: ${gate.name}`, required: gate.required }, gate.evidence, { path, line })]
}

function annotation(
  { name, required }: { readonly name: string; readonly required: boolean },
  message: string,
  { path, line }: { readonly path: string; readonly line: number },
): ConfigAnnotation {
  return {
    path,
    startLine: line,
    endLine: line,
    level: required ? 'failure' : 'warning',
    title: title(`${name} fails${required ? '' : ' (optional)'}`, 200),
    // GitHub refuses an empty one.
    message: title(message, 1000) || 'It fails.',
  }
}

function missingWords({ name, candidate }: MetricRow): string {
  return candidate.kind === 'not_finite'
    ? `${name} is ${formatNumber(candidate.value, 0)}, not a finite number.`
    : `${name} was not measured.`
}

/** One sentence per rule that fails. */
function failureWords(row: MetricRow, gate: GateResult, { baseline }: ModelReport): readonly string[] {
  if (row.candidate.kind !== 'measured') return []
  const { mean } = row.candidate.summary
  const before = row.baseline.kind === 'measured' ? row.baseline.summary.mean : undefined
  const decimals = decimalsOf(row)
  const failed = new Set(gate.rules.flatMap(({ rule, outcome }) => (outcome === 'fail' ? [rule] : [])))
  const compared =
    before === undefined
      ? ''
      : `, ${baseline?.label ?? 'the baseline'} has ${formatNumber(before, decimals)}${shareOf(row)}`
  return ruleTexts(gate.spec)
    .filter(([rule]) => failed.has(rule))
    .map(
      ([rule, text]) =>
        `${row.name} is ${formatNumber(mean, decimals)}${rule === 'max_regression' ? compared : ''}; ${limitWords(rule)} ${text}.`,
    )
}

const limitWords = (rule: RuleResult['rule']): string => (rule === 'max_regression' ? 'allowed is a' : 'the limit is')

/** Whether the value of a query holds: against fixed limits, and against the value before the deployment. Asked by src/services/check-prometheus.ts. */
import type { PrometheusCheck } from './check-settings.ts'
import { exceeds } from './gate.ts'
import type { Evidence } from './promotion.ts'

/** What the value is compared with. */
export type Before =
  | { readonly kind: 'value'; readonly value: number }
  /** There was nothing to measure. */
  | { readonly kind: 'none' }
  /** It is not asked for: no `max_regression`, or a way back, which is not measured by what it leaves. */
  | { readonly kind: 'unasked' }

type Judged = Pick<Evidence, 'verdict' | 'seen' | 'wanted'>
type Limits = { readonly min: number; readonly max: number }

/** `value` is finite. */
export function judgeValue(value: number, check: PrometheusCheck, before: Before): Judged {
  const limits = limitsOf(check, before)
  const isWithin = !exceeds(limits.min, value) && !exceeds(value, limits.max)
  const isCompared = check.maxRegression === undefined || before.kind !== 'none' || check.noBaseline !== 'fail'
  return {
    verdict: isWithin && isCompared ? 'holds' : 'fails',
    seen: `${shown(value, limits)}${unitOf(check)}${isCompared ? '' : ', nothing before the deployment to compare with'}`,
    wanted: wantedOf(check, before),
  }
}

/** The answer is empty, or NaN. */
export function judgeNoData(reason: string, check: PrometheusCheck, before: Before): Judged {
  const wanted = wantedOf(check, before)
  switch (check.noData ?? 'wait') {
    case 'wait':
      return { verdict: 'no_data', seen: reason, wanted }
    case 'pass':
      return { verdict: 'holds', seen: `${reason}, which passes here`, wanted }
    case 'fail':
      return { verdict: 'fails', seen: `${reason}, which fails here`, wanted }
  }
}

/** The fixed bounds, narrowed by what the value before allows. */
function limitsOf(check: PrometheusCheck, before: Before): Limits {
  const { min = -Infinity, max = Infinity } = check
  const limit = before.kind === 'value' ? regressionLimit(check, before.value) : undefined
  if (limit === undefined) return { min, max }
  return check.goal === 'maximize' ? { min: Math.max(min, limit), max } : { min, max: Math.min(max, limit) }
}

function regressionLimit({ maxRegression, goal }: PrometheusCheck, before: number): number | undefined {
  if (maxRegression === undefined) return undefined
  const { kind, value } = maxRegression
  const allowed = kind === 'percent' ? value * Math.abs(before) : value
  return goal === 'maximize' ? before - allowed : before + allowed
}

/** `≤ 0.12 s, ≤ 0.0882 s (5% more than 0.084 s before)`. */
export function wantedOf(check: PrometheusCheck, before: Before): string {
  const unit = unitOf(check)
  const bounds = [
    check.min === undefined ? [] : [`≥ ${check.min}${unit}`],
    check.max === undefined ? [] : [`≤ ${check.max}${unit}`],
    comparedWith(check, before),
  ]
  return bounds.flat().join(', ')
}

function comparedWith(check: PrometheusCheck, before: Before): readonly string[] {
  const { maxRegression, goal } = check
  if (maxRegression === undefined) return []
  const unit = unitOf(check)
  const margin =
    maxRegression.kind === 'percent' ? `${number(maxRegression.value * 100)}%` : `${maxRegression.value}${unit}`
  const way = goal === 'maximize' ? 'less' : 'more'
  if (before.kind !== 'value') {
    const why = before.kind === 'none' ? ' (nothing then)' : ' (not compared on a way back)'
    return [`at most ${margin} ${way} than before${why}`]
  }
  const limit = regressionLimit(check, before.value) ?? before.value
  return [
    `${goal === 'maximize' ? '≥' : '≤'} ${number(limit)}${unit} (${margin} ${way} than ${number(before.value)}${unit} before)`,
  ]
}

const unitOf = ({ unit }: PrometheusCheck): string => (unit === undefined ? '' : unit === '%' ? '%' : ` ${unit}`)

/** Four digits, and as many more as tell it from a limit that it breaks. */
function shown(value: number, { min, max }: Limits): string {
  const breaks = (one: number): boolean => exceeds(min, one) || exceeds(one, max)
  for (let digits = 4; digits < 16; digits += 1) {
    const rounded = Number(value.toPrecision(digits))
    if (breaks(rounded) === breaks(value)) return String(rounded)
  }
  return String(value)
}

const number = (value: number): string => String(Number(value.toPrecision(4)))

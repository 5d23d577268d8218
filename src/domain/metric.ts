/** Metric names (slices included) and values. Files of metrics: metrics-file.ts. Comparison of metrics: comparison.ts. */

/** `f1/segment=eu` taken apart: `base` is `f1`, `slice` is `segment=eu`; a name without a slice has none. */
export type MetricName = { readonly base: string; readonly slice: string | undefined }

/** What one training run or one file measured. NaN and infinities are kept: gates judge them. */
export type Metrics = ReadonlyMap<string, number>

// Of all characters, line ends included: names come from outside, and a `.+` that can fail at its end is quadratic.
const SLICE = /^(?<base>.+?)\/(?<slice>[^/=:]+[=:].+)$/s

/**
 * Splits a metric's name at its slice. MLflow allows no `=` in names, so `f1/segment:eu` is a slice too;
 * a `/` without either (`eval/auc`) belongs to the name.
 */
export function parseMetricName(name: string): MetricName {
  const groups = SLICE.exec(name)?.groups
  return { base: groups?.['base'] ?? name, slice: groups?.['slice'] }
}

/** One spelling for `f1/segment=eu` and `f1/segment:eu`, so that one configuration serves files and MLflow. */
export function canonicalMetricName(name: string): string {
  const { base, slice } = parseMetricName(name)
  return slice === undefined ? name : `${base}/${slice.replaceAll(/(^|,)([^=:,]+):/g, '$1$2=')}`
}

/** A number, or one of the strings that stand for the numbers JSON cannot write; undefined for anything else. */
export function parseMetricValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  switch (value) {
    case 'NaN':
      return Number.NaN
    case 'Infinity':
    case '+Infinity':
      return Number.POSITIVE_INFINITY
    case '-Infinity':
      return Number.NEGATIVE_INFINITY
    default:
      return undefined
  }
}

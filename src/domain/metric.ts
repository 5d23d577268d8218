/** Metric names (slices included) and metric files: nested numbers flattened to dotted names. Comparison of metrics: comparison.ts. */
import { CORE_SCHEMA, load } from 'js-yaml'

/** `f1/segment=eu` taken apart: `base` is `f1`, `slice` is `segment=eu`; a name without a slice has none. */
export type MetricName = { readonly base: string; readonly slice: string | undefined }

/** What one training run or one file measured. NaN and infinities are kept: gates judge them. */
export type Metrics = ReadonlyMap<string, number>

/** More than this many metrics in one file is not a metrics file. */
const MAX_METRICS = 20_000
const MAX_DEPTH = 32
const SLICE = /^(?<base>.+?)\/(?<slice>[^/=:]+[=:].+)$/

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

/** `{a: {b: 1}}` → `a.b = 1`. Numbers only; `"NaN"`, `"Infinity"` and `"-Infinity"` are the numbers that JSON cannot write. */
export function flattenMetrics(value: unknown): Metrics {
  const found = new Map<string, number>()
  const walk = (node: unknown, path: string, depth: number): void => {
    if (found.size >= MAX_METRICS || depth > MAX_DEPTH) return
    const number = parseMetricValue(node)
    if (number !== undefined) {
      if (path !== '') found.set(path, number)
    } else if (typeof node === 'object' && node !== null && !Array.isArray(node)) {
      for (const [key, child] of Object.entries(node)) walk(child, path === '' ? key : `${path}.${key}`, depth + 1)
    }
  }
  walk(value, '', 0)
  return found
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

/**
 * Reads a metrics file: JSON as any script writes it. Python's `json.dump` writes a bare `NaN`, which JSON forbids;
 * such a file is read as YAML, of which JSON is a subset, and there a bare `NaN` is the string.
 */
export function parseMetricsFile(
  text: string,
): { readonly ok: true; readonly metrics: Metrics } | { readonly ok: false; readonly reason: string } {
  const parsed = parseDocument(text.startsWith('\uFEFF') ? text.slice(1) : text)
  if (!parsed.ok) return parsed
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    return { ok: false, reason: 'it is not an object of names and numbers' }
  }
  return { ok: true, metrics: flattenMetrics(parsed.value) }
}

function parseDocument(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    try {
      return { ok: true, value: load(text, { schema: CORE_SCHEMA, maxAliases: 0, maxDepth: MAX_DEPTH }) }
    } catch {
      // The parser's own message quotes the file; a person finds the place with any JSON tool.
      return { ok: false, reason: 'it is neither JSON nor YAML' }
    }
  }
}

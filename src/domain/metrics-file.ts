/** Files of names and numbers, as training scripts write them: JSON, YAML, CSV of one row. Where they lie: services/read-document.ts. */
import { parseCsv } from './csv.ts'
import { fieldsOf } from './json-fields.ts'
import { type Metrics, parseMetricValue } from './metric.ts'
import { parseJsonOrYaml } from './yaml-text.ts'

export type MetricsFileReading =
  | { readonly ok: true; readonly metrics: Metrics }
  /** Completes "`metrics.json` cannot be read: …", with the line where the parser knows it. */
  | { readonly ok: false; readonly reason: string }

/** More than this many metrics in one file is not a metrics file. */
const MAX_METRICS = 20_000
const MAX_DEPTH = 32
const MAX_NAME_LENGTH = 500

/** Reads a metrics file by the extension of `name` (a path or address), else by what it holds. NaN and infinities are kept. */
export function parseMetricsFile(text: string, name = ''): MetricsFileReading {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase()
  switch (extension) {
    case 'csv':
      return parseTable(body, ',')
    case 'tsv':
      return parseTable(body, '\t')
    case 'toml':
      return { ok: false, reason: 'TOML is not read; JSON, YAML and CSV are' }
    case undefined: {
      const tree = parseTree(body)
      const table = tree.ok ? tree : parseTable(body, ',')
      return table.ok ? table : tree
    }
    default:
      return parseTree(body)
  }
}

/** `{a: {b: 1}}` → `a.b = 1`. Numbers only; `"NaN"`, `"Infinity"` and `"-Infinity"` are the numbers that JSON cannot write. undefined: more than 20,000. */
export function flattenMetrics(value: unknown): Metrics | undefined {
  const found = new Map<string, number>()
  for (const [name, leaf] of flattenTree(value)) {
    const number = parseMetricValue(leaf)
    if (number === undefined) continue
    if (found.size === MAX_METRICS && !found.has(name)) return undefined
    // `a.b` beside `a: {b: …}`: nobody can say which is meant.
    found.set(name, found.has(name) && found.get(name) !== number ? Number.NaN : number)
  }
  return found
}

/**
 * The leaves of nested mappings under dotted names; a list is a leaf. What lies deeper than 32 mappings or has a longer name than 500
 * characters is left out: a long name is repeated in every name below it.
 */
export function* flattenTree(root: unknown, path = ''): Generator<readonly [string, unknown]> {
  const fields = fieldsOf(root)
  if (fields === undefined) {
    if (path !== '') yield [path, root]
    return
  }
  const levels = [{ path, children: Object.entries(fields).values() }]
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { done, value } = level.children.next()
    if (done) {
      levels.pop()
      continue
    }
    const [key, child] = value
    const name = level.path === '' ? key : `${level.path}.${key}`
    const below = fieldsOf(child)
    if (name.length > MAX_NAME_LENGTH) continue
    if (below === undefined) yield* name === '' ? [] : [[name, child] as const]
    else if (levels.length <= MAX_DEPTH) levels.push({ path: name, children: Object.entries(below).values() })
  }
}

function parseTree(text: string): MetricsFileReading {
  const parsed = parseJsonOrYaml(text)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: 'it is not an object of names and numbers' }
  }
  const metrics = flattenMetrics(value)
  return metrics === undefined ? TOO_MANY : { ok: true, metrics }
}

/** Columns whose value is no number (a model's name, a date, nothing) are left out. */
function parseTable(text: string, delimiter: ',' | '\t'): MetricsFileReading {
  const parsed = parseCsv(text, { delimiter, maxRows: 3 })
  if (!parsed.ok) return parsed
  const [header, row, ...more] = parsed.rows
  if (header === undefined || row === undefined) {
    return { ok: false, reason: 'it has no row of numbers below its header' }
  }
  if (more.length > 0) {
    return {
      ok: false,
      reason: `it has more rows than one (line ${more[0]?.line}); a file of metrics has a header and one row`,
    }
  }
  if (row.fields.length !== header.fields.length) {
    const counts = `${row.fields.length} fields, and the header has ${header.fields.length}`
    return { ok: false, reason: `line ${row.line} has ${counts}` }
  }
  const names = header.fields.map((name) => name.trim())
  const seen = new Set<string>()
  const twice = names.find((name) => name !== '' && (seen.has(name) || !seen.add(name)))
  if (twice !== undefined) return { ok: false, reason: `its header names ${twice} twice` }
  const metrics = new Map(
    row.fields.flatMap((field, index) => {
      const value = parseField(field.trim())
      const name = names[index]
      return isName(name) && value !== undefined ? [[name, value] as const] : []
    }),
  )
  if (metrics.size > MAX_METRICS) return TOO_MANY
  return metrics.size === 0 ? { ok: false, reason: 'none of its columns holds a number' } : { ok: true, metrics }
}

const isName = (text: string | undefined): text is string =>
  text !== undefined && text !== '' && text.length <= MAX_NAME_LENGTH

const TOO_MANY = { ok: false, reason: `it has more than ${MAX_METRICS} metrics` } as const

/** Decimal numbers, and the words that pandas, R and Excel write for the others. */
function parseField(text: string): number | undefined {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text)
  const [, sign = '', word] = /^([+-]?)(nan|inf|infinity)$/i.exec(text) ?? []
  if (word === undefined) return undefined
  return word.toLowerCase() === 'nan' ? Number.NaN : sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** JSON and YAML that others write, read as plain values. The product's own configuration and manifests keep their places: src/config/, manifest/. */
import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'
import { hasMoreMarks } from './count-marks.ts'

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string }

/** What is read as YAML, in characters, and in marks that part values: a sixth of a second for the worst of it, in which nobody else is served. JSON is fifty times as fast. */
const MAX_YAML = 1024 * 1024
const MAX_YAML_MARKS = 60_000
/** Thirty megabytes of memory. */
const MAX_JSON_MARKS = 500_000
/** The same of JSON with words that JSON forbids. */
const MAX_PYTHON = 2 * 1024 * 1024

/** YAML 1.2, 32 levels deep at most, without aliases unless some are allowed: who walks the value meets them each time. The reason names line and column, both from 1. */
export function parseYamlText(text: string, { maxAliases = 0 } = {}): Parsed {
  if (text.length > MAX_YAML) return { ok: false, reason: 'YAML is read up to 1 MiB; write it as JSON' }
  if (hasMoreMarks(text, MAX_YAML_MARKS, { lines: true }))
    return { ok: false, reason: 'YAML is read up to 20,000 values or so; write it as JSON' }
  const nul = text.indexOf('\0')
  if (nul >= 0)
    return { ok: false, reason: `line ${text.slice(0, nul).split('\n').length}: null byte is not allowed in input` }
  try {
    return { ok: true, value: load(text, { schema: CORE_SCHEMA, maxAliases, maxDepth: 32 }) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    // The whole message quotes the file.
    const { mark } = error
    const reason = briefly(error.reason)
    return { ok: false, reason: mark ? `line ${mark.line + 1}, column ${mark.column + 1}: ${reason}` : reason }
  }
}

/** The parser quotes tags and names of any length. */
export const briefly = (reason: string): string => (reason.length > 200 ? `${reason.slice(0, 200)}…` : reason)

/** JSON, also as Python writes it; else YAML, whose parser says what is wrong where. */
export function parseJsonOrYaml(text: string): Parsed {
  const json = parseJson(text)
  if (json !== undefined) return json
  if (hasMoreMarks(text, MAX_JSON_MARKS, { lines: false }))
    return { ok: false, reason: 'it holds more than 200,000 values' }
  const parsed = parseYamlText(text)
  return parsed.ok ? parsed : { ok: false, reason: `it is neither JSON nor YAML (${parsed.reason})` }
}

/** JSON, in which Python's `json.dump` may have written a bare `NaN`, `Infinity` or `-Infinity`: they are given as these words. undefined: something else. */
export function parseJson(text: string): { readonly ok: true; readonly value: unknown } | undefined {
  if (hasMoreMarks(text, MAX_JSON_MARKS, { lines: false })) return undefined
  for (const read of [() => text, ...(text.length > MAX_PYTHON ? [] : [() => withQuotedWords(text)])]) {
    try {
      return { ok: true, value: JSON.parse(read()) }
    } catch {}
  }
  return undefined
}

/** The words in quotes, where they do not stand in a string already. */
function withQuotedWords(text: string): string {
  const found = /"|-?\b(?:NaN|Infinity)\b/g
  const parts: string[] = []
  let from = 0
  for (let match = found.exec(text); match !== null; match = found.exec(text)) {
    if (match[0] === '"') {
      found.lastIndex = endOfString(text, match.index)
    } else {
      parts.push(text.slice(from, match.index), `"${match[0]}"`)
      from = found.lastIndex
    }
  }
  return `${parts.join('')}${text.slice(from)}`
}

/** Behind the quote that closes the string: one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote
    while (text[before - 1] === '\\') before -= 1
    if ((quote - before) % 2 === 0) return quote + 1
  }
  return text.length
}

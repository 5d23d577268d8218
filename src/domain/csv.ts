/** Tables as spreadsheets and data frames write them (RFC 4180): quoted fields may hold delimiters, quotes and line ends. Read by metrics-file.ts. */

/** `line` counts from 1. */
export type CsvRow = { readonly line: number; readonly fields: readonly string[] }

/** What is looked at, in characters: what is expensive is made of it, so that the rows that are wanted must lie within. */
const MAX_CHARACTERS = 1024 * 1024
const MAX_FIELDS = 50_000

type Parsed = { readonly ok: true; readonly rows: readonly CsvRow[] } | { readonly ok: false; readonly reason: string }

/**
 * The first rows, without the empty ones. Refuses quotes that are not closed, or stand in the middle of a field, and rows that do not end within
 * the first MiB or have more than 50,000 fields.
 */
export function parseCsv(
  whole: string,
  { delimiter, maxRows }: { readonly delimiter: ',' | '\t'; readonly maxRows: number },
): Parsed {
  const text = whole.slice(0, MAX_CHARACTERS)
  const isCut = text.length < whole.length
  const rows: CsvRow[] = []
  let line = 1
  let row: { line: number; fields: string[] } = { line, fields: [] }
  let at = 0
  while (rows.length < maxRows && (at < text.length || row.fields.length > 0)) {
    const field = fieldAt(text, at, delimiter)
    if (isCut && (field === undefined || field.end === text.length)) return { ok: false, reason: tooLong(row.line) }
    if (field === undefined) return { ok: false, reason: `line ${line} has a quote that opens or closes no field` }
    if (row.fields.length === MAX_FIELDS)
      return { ok: false, reason: `line ${line} has more than ${MAX_FIELDS} fields` }
    row.fields.push(field.value)
    line += field.lines
    const ending = endingAt(text, field.end)
    at = field.end + ending.length
    if (ending === delimiter) continue
    line += 1
    if (row.fields.some((value) => value !== '')) rows.push(row)
    row = { line, fields: [] }
  }
  return isCut && rows.length < maxRows ? { ok: false, reason: tooLong(row.line) } : { ok: true, rows }
}

const tooLong = (line: number): string => `line ${line} does not end within the first MiB`

const SPECIAL = { ',': /[",\r\n]/g, '\t': /["\t\r\n]/g } as const

type Field = { readonly value: string; readonly end: number; readonly lines: number }

/** The field that begins here and ends before a delimiter, a line end or the end; undefined: its quotes are wrong. */
function fieldAt(text: string, start: number, delimiter: ',' | '\t'): Field | undefined {
  if (text[start] !== '"') {
    const special = SPECIAL[delimiter]
    special.lastIndex = start
    const end = special.exec(text)?.index ?? text.length
    return text[end] === '"' ? undefined : { value: text.slice(start, end), end, lines: 0 }
  }
  let close = text.indexOf('"', start + 1)
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
  const next = text[close + 1]
  if (close < 0 || !(next === undefined || next === delimiter || next === '\r' || next === '\n')) return undefined
  const written = text.slice(start + 1, close)
  return { value: written.replaceAll('""', '"'), end: close + 1, lines: written.match(/\r\n|\n|\r/g)?.length ?? 0 }
}

/** A delimiter, a line end, or nothing at the end. */
const endingAt = (text: string, at: number): string => (text.startsWith('\r\n', at) ? '\r\n' : (text[at] ?? ''))

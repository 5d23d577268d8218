/** Tables as spreadsheets and data frames write them (RFC 4180): quoted fields may hold delimiters, quotes and line ends. Read by metrics-file.ts. */

/** `line` counts from 1. */
export type CsvRow = { readonly line: number; readonly fields: readonly string[] }

type Parsed = { readonly ok: true; readonly rows: readonly CsvRow[] } | { readonly ok: false; readonly reason: string }

/** Rows without the empty ones. Refuses quotes that are not closed, or stand in the middle of a field. */
export function parseCsv(text: string, delimiter: ',' | '\t'): Parsed {
  // One field with what ends it, or the end of the text.
  const field = new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|([^"${delimiter}\\r\\n]*))(${delimiter}|\\r\\n|\\n|\\r|$)`, 'y')
  const rows: CsvRow[] = []
  let line = 1
  let row: { line: number; fields: string[] } = { line, fields: [] }
  while (field.lastIndex < text.length || row.fields.length > 0) {
    const match = field.exec(text)
    if (match === null) return { ok: false, reason: `line ${line} has a quote that opens or closes no field` }
    const [whole, quoted, plain = '', end] = match
    row.fields.push(quoted?.replaceAll('""', '"') ?? plain)
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0
    if (end === delimiter) continue
    if (row.fields.some((value) => value !== '')) rows.push(row)
    row = { line, fields: [] }
  }
  return { ok: true, rows }
}

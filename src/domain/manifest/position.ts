/** Offsets in a manifest to lines and columns that editors show. Used by every refusal and change. */

/** 1-based line and column of a UTF-16 offset. LF, CRLF and a lone CR each end a line. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1
  let lineStart = text.startsWith('\uFEFF') ? 1 : 0
  for (let position = lineStart; position < offset; position++) {
    const unit = text.charCodeAt(position)
    if (unit !== 10 && unit !== 13) continue
    if (unit === 13 && text.charCodeAt(position + 1) === 10) position++
    if (position >= offset) break
    line++
    lineStart = position + 1
  }
  return { line, column: Math.max(1, offset - lineStart + 1) }
}

/** Offset where the line that holds `offset` ends, before its line break. */
export function endOfLine(text: string, offset: number): number {
  let position = offset
  while (position < text.length && !isLineBreak(text, position)) position++
  return position
}

/** Offset where the line that holds `offset` starts. */
export function startOfLine(text: string, offset: number): number {
  let position = offset
  while (position > 0 && !isLineBreak(text, position - 1)) position--
  return position
}

/** The line break at `offset`; at the end of the text the file's first one, or LF where there is none. */
export function lineBreakAt(text: string, offset: number): string {
  const found = /\r\n?|\n/y
  found.lastIndex = offset
  return found.exec(text)?.[0] ?? /\r\n?|\n/.exec(text)?.[0] ?? '\n'
}

function isLineBreak(text: string, position: number): boolean {
  const unit = text.charCodeAt(position)
  return unit === 10 || unit === 13
}

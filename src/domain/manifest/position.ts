/** Offsets in a manifest to lines and columns that editors show. Used by every refusal and change. */

/** A file's text, and where an offset in it is. */
export type Source = {
  /** Only for messages. */
  readonly file: string
  readonly text: string
  /** 1-based line and column of a UTF-16 offset. LF, CRLF and a lone CR each end a line. */
  readonly lineAndColumn: (offset: number) => { readonly line: number; readonly column: number }
}

/** The lines are counted when a position is first asked for, and once: a file of many documents may be asked about each. */
export function sourceOf(file: string, text: string): Source {
  let starts: readonly number[] | undefined
  const lineAndColumn = (offset: number) => {
    starts ??= lineStarts(text)
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: Math.max(1, offset - (starts[low] ?? 0) + 1) }
  }
  return { file, text, lineAndColumn }
}

function lineStarts(text: string): readonly number[] {
  // The byte-order mark is no column that people see.
  const starts = [text.startsWith('\uFEFF') ? 1 : 0]
  const breaks = text.includes('\r') ? /\r\n?|\n/g : /\n/g
  while (breaks.exec(text) !== null) starts.push(breaks.lastIndex)
  return starts
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

/** How much a document holds, seen before it is parsed: a parser's memory goes by values, and a file of one megabyte may hold half a million. */

/** `,` `:` `[` `{` and line ends, of which each value brings at least one. */
const MARKS = new Set([...',:[{\n\r'].map((mark) => mark.charCodeAt(0)))

/** Those marks, counted until there are more than `most`. Some stand in texts and mean nothing; `lines` says whether line ends count. */
export function hasMoreMarks(text: string, most: number, { lines }: { readonly lines: boolean }): boolean {
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 123 || !MARKS.has(code) || (!lines && code < 32)) continue
    count += 1
    if (count > most) return true
  }
  return false
}

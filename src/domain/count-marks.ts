/** How much a document holds, seen before it is parsed: a parser's memory goes by values, and a file of one megabyte may hold half a million. */

/** `,` `:` `[` `{` and line ends, of which each value brings at least one: a 1 for each by its code, since a set takes ten times as long. */
const MARKS = new Uint8Array(128)
for (const mark of ',:[{\n\r') MARKS[mark.charCodeAt(0)] = 1

/** Those marks, counted until there are more than `most`. Some stand in texts and mean nothing; `lines` says whether line ends count. */
export function hasMoreMarks(text: string, most: number, { lines }: { readonly lines: boolean }): boolean {
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 123 || MARKS[code] !== 1 || (!lines && code < 32)) continue
    count += 1
    if (count > most) return true
  }
  return false
}

/** The difference of two texts as `git apply` reads it. For people: `lockkeeper edit --diff`. Which values changed, the editor itself says. */

type Line = { readonly sign: ' ' | '-' | '+'; readonly text: string }
/** Lines with their sign, and how many lines of either text come before them. */
type Hunk = { readonly before: number; readonly after: number; readonly lines: readonly Line[] }

const CONTEXT = 3
/** How far the two texts are searched for the next common line. Edits of scalars are a few lines apart at most. */
const REACH = 200

/** A unified diff with three lines of context; empty when the texts are equal. Line breaks are kept as they are. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return ''
  const hunks = hunksOf(signedLines(splitLines(before), splitLines(after)))
  return `--- a/${file}\n+++ b/${file}\n${hunks.map(renderHunk).join('')}`
}

function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function signedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lines: Line[] = []
  let [left, right] = [0, 0]
  while (left < before.length || right < after.length) {
    const text = before[left]
    if (text !== undefined && text === after[right]) {
      lines.push({ sign: ' ', text })
      left++
      right++
      continue
    }
    const [removed, added] = untilCommon(before, after, { left, right })
    for (const line of before.slice(left, left + removed)) lines.push({ sign: '-', text: line })
    for (const line of after.slice(right, right + added)) lines.push({ sign: '+', text: line })
    left += removed
    right += added
  }
  return lines
}

/** The fewest lines to leave out on both sides before they agree again; as many on either side where that is open, since edits replace. */
function untilCommon(
  before: readonly string[],
  after: readonly string[],
  at: { readonly left: number; readonly right: number },
): readonly [number, number] {
  for (let total = 1; total <= REACH; total++) {
    for (let skew = total % 2; skew <= total; skew += 2) {
      for (const removed of [(total - skew) / 2, (total + skew) / 2]) {
        const [left, right] = [at.left + removed, at.right + total - removed]
        if (left > before.length || right > after.length) continue
        if (before[left] === after[right]) return [removed, total - removed]
      }
    }
  }
  return [before.length - at.left, after.length - at.right]
}

function hunksOf(lines: readonly Line[]): readonly Hunk[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  )
  const hunks: Hunk[] = []
  let [before, after] = [0, 0]
  let open: { readonly before: number; readonly after: number; readonly lines: Line[] } | undefined
  for (const [index, line] of lines.entries()) {
    if (near[index] === true) {
      open ??= { before, after, lines: [] }
      open.lines.push(line)
    } else if (open !== undefined) {
      hunks.push(open)
      open = undefined
    }
    if (line.sign !== '+') before++
    if (line.sign !== '-') after++
  }
  return open === undefined ? hunks : [...hunks, open]
}

function renderHunk({ before, after, lines }: Hunk): string {
  const range = (start: number, skipped: Line['sign']) => {
    const count = lines.filter(({ sign }) => sign !== skipped).length
    return `${count === 0 ? start : start + 1},${count}`
  }
  const body = lines.map(({ sign, text }) =>
    text.endsWith('\n') ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`,
  )
  return `@@ -${range(before, '+')} +${range(after, '-')} @@\n${body.join('')}`
}

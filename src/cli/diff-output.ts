/** Unified diffs as verbs print them. The diff itself is src/domain/manifest/unified-diff.ts. */
import { paint, printable } from './verb.ts'

const COLOURS = { '-': '31', '+': '32', '@': '36' } as const

/** For `git apply` as it is; on a terminal in colour, and without anything that could steer it. */
export function showDiff(diff: string, isTty: boolean): string {
  return isTty ? diff.split('\n').map(painted).join('\n') : diff
}

function painted(line: string): string {
  const shown = printable(line.replace(/\r$/, ''))
  if (/^(?:--- a|\+\+\+ b)\//.test(line)) return paint('1', shown, true)
  const sign = line.charAt(0)
  return sign === '-' || sign === '+' || sign === '@' ? paint(COLOURS[sign], shown, true) : shown
}

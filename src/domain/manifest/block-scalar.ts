/** New text for a `|` or `>` block, which keeps its indicators, its indentation and the blank lines behind it. scalars.ts does every other style. */
import { getScalarValue, SCALAR_STYLE } from 'js-yaml'
import { withoutEnd } from '../without-end.ts'
import { endOfLine, lineBreakAt } from './position.ts'
import type { Splice } from './scalars.ts'
import type { ScalarNode } from './tree.ts'

/** Tabs, controls and the invisible. */
const CANNOT_STAND = /[\p{Cc}\p{Cf}\p{Cn}\ufffd]|[^\S ]/u

/** The splice, or what the block is or does that the new value cannot be written into it. */
export function blockReplacement(text: string, node: ScalarNode, value: string): Splice | string {
  const { event } = node
  const before = contentOf(getScalarValue(text, event))
  const after = contentOf(value)
  if (event.indent < 0 || before.content === '') return 'is empty, so nothing shows how far to indent'
  if (lastLineIsBlank(before.content)) return 'ends with a line of blanks, which are part of its text'
  if (after.breaks !== before.breaks) return endingOf(before.breaks)
  const lines = after.content.split('\n')
  if (lines[0] === '') return 'cannot start with an empty line'
  // A blank in front of the first line would count as indentation, and one in front of a folded line stops the folding.
  const indented = event.style === SCALAR_STYLE.FOLDED_BLOCK ? lines : lines.slice(0, 1)
  if (indented.some((line) => line.startsWith(' '))) return 'cannot keep blanks at the start of a line'
  if (lines.some((line) => line.endsWith(' '))) return 'cannot keep blanks at the end of a line'
  if (lines.some((line) => CANNOT_STAND.test(line))) return 'cannot hold control or invisible characters'

  const region = text.slice(event.valueStart, event.valueEnd)
  const end = event.valueStart + region.trimEnd().length
  const indent = ' '.repeat(event.indent)
  const lineBreak = lineBreakAt(text, endOfLine(text, event.valueStart))
  // One line break of a folded value is written as two.
  const written = event.style === SCALAR_STYLE.FOLDED_BLOCK ? after.content.replace(/\n+/g, '\n$&').split('\n') : lines
  const block = written.map((line) => (line === '' ? '' : indent + line)).join(lineBreak)
  const keepsIndent = region.startsWith(indent)
  return keepsIndent
    ? { start: event.valueStart + indent.length, end, text: block.slice(indent.length) }
    : { start: event.valueStart, end, text: block }
}

/** A text, and how many line breaks end it: those are what `-`, `+` or neither stand for. */
function contentOf(value: string): { readonly content: string; readonly breaks: number } {
  const content = withoutEnd(value, '\n')
  return { content, breaks: value.length - content.length }
}

function lastLineIsBlank(content: string): boolean {
  return content.slice(content.lastIndexOf('\n') + 1).trim() === ''
}

function endingOf(breaks: number): string {
  if (breaks === 0) return 'ends without a line break (`-`), and the new value has one at its end'
  return `ends with ${breaks === 1 ? 'a line break' : `${breaks} line breaks`}, which the new value does not`
}

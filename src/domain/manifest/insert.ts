/** Adding one scalar key to a mapping that exists, in the file's own indentation. Anything larger is refused by who asks. */
import { COLLECTION_STYLE, SCALAR_STYLE } from 'js-yaml'
import { endOfLine, lineBreakAt, startOfLine } from './position.ts'
import { renderScalar, type Splice } from './scalars.ts'
import { isBlock, isQuoted, type MappingEntry, type MappingNode, type ScalarNode, startOf } from './tree.ts'

type ScalarEntry = MappingEntry & { readonly key: ScalarNode; readonly value: ScalarNode }

/** The splice that adds `name: value` behind the mapping's last plain or quoted entry; undefined where it has none on one line. */
export function insertion(text: string, mapping: MappingNode, name: string, value: string): Splice | undefined {
  const entry = mapping.entries.findLast((candidate) => isOneLine(text, candidate))
  if (entry === undefined || !isOneLine(text, entry)) return undefined
  const inFlow = mapping.style === COLLECTION_STYLE.FLOW
  const quotedKey = entry.key.event.style === SCALAR_STYLE.DOUBLE_QUOTED
  // Quoted keys are how JSON is written, and a JSON file must stay one.
  const style = quotedKey ? SCALAR_STYLE.DOUBLE_QUOTED : SCALAR_STYLE.PLAIN
  const pair = `${renderScalar(name, { style, inFlow })}: ${renderScalar(value, { style, inFlow })}`
  const end = endOfScalar(entry.value)
  if (inFlow) return { start: end, end, text: `, ${pair}` }
  const lineEnd = endOfLine(text, end)
  return { start: lineEnd, end: lineEnd, text: lineBreakAt(text, lineEnd) + indentation(text, mapping) + pair }
}

function isOneLine(text: string, entry: MappingEntry): entry is ScalarEntry {
  const { key, value } = entry
  if (key.kind !== 'scalar' || value.kind !== 'scalar' || value.event.valueStart < 0 || isBlock(value.event))
    return false
  return endOfLine(text, startOf(key)) === endOfLine(text, endOfScalar(value))
}

function endOfScalar(node: ScalarNode): number {
  return node.event.valueEnd + (isQuoted(node.event) ? 1 : 0)
}

/** Spaces up to the column of the mapping's keys: `- name: x` puts the next key under `name`. */
function indentation(text: string, mapping: MappingNode): string {
  const lineStart = startOfLine(text, mapping.start)
  const column = mapping.start - lineStart - (text.startsWith('\uFEFF') && lineStart === 0 ? 1 : 0)
  return ' '.repeat(column)
}

/** Adding one scalar key to a mapping that exists, in the file's own indentation. Anything larger is refused by who asks. */
import { COLLECTION_STYLE, SCALAR_STYLE } from 'js-yaml'
import { endOfLine, lineBreakAt, startOfLine } from './position.ts'
import { renderScalar, type Splice } from './scalars.ts'
import {
  type Collection,
  isBlock,
  isQuoted,
  type MappingEntry,
  type MappingNode,
  type ScalarNode,
  startOf,
} from './tree.ts'

type ScalarEntry = MappingEntry & { readonly key: ScalarNode; readonly value: ScalarNode }

/**
 * The splice that adds `name: value`: behind the mapping's last entry on one line; else behind its last nested one; else in
 * front of the first. `{}` is filled. Undefined where the text does not show a place.
 */
export function insertion(
  text: string,
  mapping: MappingNode,
  name: string,
  value: string | number,
): Splice | undefined {
  const inFlow = mapping.style === COLLECTION_STYLE.FLOW
  // Quoted keys are how JSON is written, and a JSON file must stay one.
  const style = hasQuotedKeys(mapping) ? SCALAR_STYLE.DOUBLE_QUOTED : SCALAR_STYLE.PLAIN
  const rendered = typeof value === 'number' ? String(value) : renderScalar(value, { style, inFlow })
  const pair = `${renderScalar(name, { style, inFlow })}: ${rendered}`
  const entry = mapping.entries.findLast((candidate) => isOneLine(text, candidate))
  const end = entry === undefined ? undefined : endOfBlock(entry)
  if (inFlow) {
    if (end !== undefined) return { start: end, end, text: `, ${pair}` }
    const inside = mapping.start + 1
    return isEmptyFlow(text, mapping) ? { start: inside, end: inside, text: pair, joint: ', ' } : undefined
  }
  const below = end ?? endOfLastNested(mapping)
  if (below === undefined) return inFrontOf(text, mapping, pair)
  const lineEnd = endOfLine(text, below)
  return { start: lineEnd, end: lineEnd, text: lineBreakAt(text, lineEnd) + indentation(text, mapping) + pair }
}

/** Where no end is in sight, of a `|` block or of braces over several lines, there is still a beginning. */
function inFrontOf(text: string, mapping: MappingNode, pair: string): Splice | undefined {
  const { start, entries } = mapping
  if (entries[0] === undefined || startOf(entries[0].key) !== start) return undefined
  const lineBreak = lineBreakAt(text, endOfLine(text, start))
  return { start, end: start, text: pair + lineBreak + indentation(text, mapping) }
}

function endOfLastNested(mapping: MappingNode): number | undefined {
  return mapping.entries.reduce<number | undefined>((last, entry) => endOfBlock(entry) ?? last, undefined)
}

/** Where an entry ends that is a plain or quoted scalar, or nothing, or block collections down to such; undefined for all else. */
function endOfBlock({ key, value }: MappingEntry): number | undefined {
  if (value.kind === 'scalar') {
    if (isBlock(value.event)) return undefined
    if (value.event.valueStart >= 0) return endOfScalar(value)
    return key.kind === 'scalar' && startOf(value) < 0 ? endOfScalar(key) : undefined
  }
  if (value.kind === 'alias' || value.style === COLLECTION_STYLE.FLOW) return undefined
  if (value.kind === 'mapping') {
    const last = value.entries.at(-1)
    return last === undefined ? undefined : endOfBlock(last)
  }
  const item = value.items.at(-1)
  return item === undefined || startOf(item) < 0 ? undefined : endOfBlock({ key, value: item })
}

function hasQuotedKeys(mapping: MappingNode): boolean {
  let node: Collection | undefined = mapping
  while (node !== undefined) {
    const key = node.kind === 'mapping' ? node.entries.at(-1)?.key : undefined
    if (key?.kind === 'scalar') return key.event.style === SCALAR_STYLE.DOUBLE_QUOTED
    node = node.parent
  }
  return false
}

function isEmptyFlow(text: string, { start, entries }: MappingNode): boolean {
  const braces = /\{[ \t]*\}/y
  braces.lastIndex = start
  return entries.length === 0 && braces.test(text)
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

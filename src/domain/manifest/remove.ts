/** Taking one scalar key out of its mapping: the other half of insert.ts, byte for byte. Anything that would leave a person's text in the air is refused by who asks. */
import { COLLECTION_STYLE } from 'js-yaml'
import type { Cursor } from './cursor.ts'
import { endOfLine, lineBreakAt, startOfLine } from './position.ts'
import type { Splice } from './scalars.ts'
import { isBlock, isQuoted, type ManifestNode, type MappingNode, type ScalarNode, startOf } from './tree.ts'

/** A key that an edit wants gone, with its value. */
export type Removal = { readonly kind: 'removal'; readonly at: Cursor }

/** The splice that takes the key and its value out: their line in a block, else up to the comma. Undefined where the text shows no such place. */
export function removal({ manifest, node, key }: Cursor): Splice | undefined {
  const { text } = manifest
  const mapping = node.parent
  if (mapping?.kind !== 'mapping' || key?.kind !== 'scalar' || node.kind !== 'scalar') return undefined
  // A mapping without keys would be no mapping any more.
  if (mapping.entries.length < 2 || isBlock(node.event) || node.event.valueStart < 0) return undefined
  const start = startOf(key)
  const end = node.event.valueEnd + (isQuoted(node.event) ? 1 : 0)
  return mapping.style === COLLECTION_STYLE.FLOW
    ? fromFlow(text, { mapping, key, end })
    : fromBlock(text, { start, end })
}

function fromBlock(text: string, { start, end }: { readonly start: number; readonly end: number }): Splice | undefined {
  const line = startOfLine(text, start)
  const last = endOfLine(text, end)
  const isAlone = text.slice(line, start).trim() === '' && /^[ \t]*$/.test(text.slice(end, last))
  if (!isAlone || last < endOfLine(text, start)) return undefined
  if (last < text.length) return { start: line, end: last + lineBreakAt(text, last).length, text: '' }
  // The last line of a file without a line break at its end: the break before it was ours.
  const above = line - (text.startsWith('\r\n', line - 2) ? 2 : 1)
  return above < 0 ? undefined : { start: above, end: last, text: '' }
}

type InFlow = { readonly mapping: MappingNode; readonly key: ScalarNode; readonly end: number }

function fromFlow(text: string, { mapping, key, end }: InFlow): Splice | undefined {
  const index = mapping.entries.findIndex((entry) => entry.key === key)
  const before: ManifestNode | undefined = mapping.entries[index - 1]?.value
  const from = startOf(key)
  if (before?.kind === 'scalar' && before.event.valueStart >= 0 && !isBlock(before.event)) {
    const start = before.event.valueEnd + (isQuoted(before.event) ? 1 : 0)
    return /^,[ \t]*$/.test(text.slice(start, from)) ? { start, end, text: '' } : undefined
  }
  const behind = /,[ \t]*/y
  behind.lastIndex = end
  const comma = behind.exec(text)
  return comma === null ? undefined : { start: from, end: end + comma[0].length, text: '' }
}

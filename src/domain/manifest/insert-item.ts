/** Adding one item of plain fields to a list that exists, the way its last item is written. The other half for keys of a mapping is insert.ts. */
import { CHOMPING_MODE, COLLECTION_STYLE, SCALAR_STYLE } from 'js-yaml'
import { type Cursor, refuseAt } from './cursor.ts'
import type { Refused } from './manifest-edit.ts'
import { formatPath } from './path.ts'
import { endOfLine, lineBreakAt, startOfLine } from './position.ts'
import { renderScalar, type Splice } from './scalars.ts'
import {
  isBlock,
  isQuoted,
  type ManifestNode,
  type MappingNode,
  type ScalarNode,
  type SequenceNode,
  startOf,
} from './tree.ts'

/** The list is there, the item is not. */
export type NewItem = {
  readonly kind: 'new_item'
  readonly in: Cursor & { readonly node: SequenceNode }
  /** How a path names it: `[name=ghcr.io/acme/churn]`. */
  readonly name: string
  /** Which item of the list it becomes. */
  readonly index: number
  /** In the order in which they are written; `name` is the first. */
  readonly fields: Readonly<Record<string, string>>
}

/** The splice that puts the item behind the last one; a refusal that says what to add where no last item shows how. */
export function insertItem(item: NewItem): Splice | Refused {
  const { node, manifest } = item.in
  const last = node.items.at(-1)
  if (last === undefined) return intoEmpty(manifest.text, item) ?? refuseItem(item)
  return (last.kind === 'mapping' ? behind(manifest.text, item, last) : undefined) ?? refuseItem(item)
}

function intoEmpty(text: string, { in: { node, key }, fields }: NewItem): Splice | undefined {
  if (node.style !== COLLECTION_STYLE.FLOW || text[node.start] !== '[') return undefined
  const start = node.start + 1
  return { start, end: start, text: flowItem(fields, { quoted: isDoubleQuoted(key), spaced: false }), joint: ', ' }
}

function behind(text: string, { in: { node }, fields }: NewItem, last: MappingNode): Splice | undefined {
  const end = endOfNode(text, last)
  if (end === undefined) return undefined
  const quoted = isDoubleQuoted(last.entries[0]?.key)
  const isFlowItem = last.style === COLLECTION_STYLE.FLOW
  const flow = isFlowItem ? flowItem(fields, { quoted, spaced: text[last.start + 1] === ' ' }) : undefined
  if (node.style === COLLECTION_STYLE.FLOW)
    return flow === undefined ? undefined : { start: end, end, text: `, ${flow}` }
  const lead = leadOf(text, last)
  if (lead === undefined) return undefined
  const lineEnd = endOfLine(text, end)
  const broken = lineBreakAt(text, lineEnd)
  const pairs = Object.entries(fields).map((pair) => pairText(pair, { quoted, inFlow: false }))
  const body = flow ?? pairs.join(broken + ' '.repeat(lead.length))
  return { start: lineEnd, end: lineEnd, text: broken + lead + body }
}

/** What stands before the item's content on its line: indentation, dash and blanks. */
function leadOf(text: string, item: MappingNode): string | undefined {
  const lead = text.slice(startOfLine(text, item.start), item.start).replace('\uFEFF', '')
  if (/^ *- +$/.test(lead)) return lead
  // The dash stands on a line of its own: its column is what the list's other lines show.
  const dash = /(?:^|[\r\n])( *)-[ \t]*(?:\r\n?|\n)$/.exec(text.slice(0, startOfLine(text, item.start)))
  return dash?.[1] === undefined || !/^ +$/.test(lead)
    ? undefined
    : `${dash[1]}-${' '.repeat(lead.length - dash[1].length - 1)}`
}

type Look = { readonly quoted: boolean; readonly spaced: boolean }

function flowItem(fields: NewItem['fields'], { quoted, spaced }: Look): string {
  const pairs = Object.entries(fields).map((pair) => pairText(pair, { quoted, inFlow: true }))
  const blank = spaced ? ' ' : ''
  return `{${blank}${pairs.join(', ')}${blank}}`
}

function pairText(
  [name, value]: readonly [string, string],
  as: { readonly quoted: boolean; readonly inFlow: boolean },
) {
  const style = as.quoted ? SCALAR_STYLE.DOUBLE_QUOTED : SCALAR_STYLE.PLAIN
  const { inFlow } = as
  return `${renderScalar(name, { style, inFlow })}: ${renderScalar(value, { style, inFlow })}`
}

/** Quoted keys are how JSON is written, and a JSON file must stay one. */
function isDoubleQuoted(key: ManifestNode | undefined): boolean {
  return key?.kind === 'scalar' && key.event.style === SCALAR_STYLE.DOUBLE_QUOTED
}

/** The offset behind the node, on its last line; undefined where the text between does not show it at once. */
function endOfNode(text: string, node: ManifestNode, key?: ManifestNode): number | undefined {
  if (node.kind === 'alias') return undefined
  if (node.kind === 'scalar') return endOfScalar(text, node, key)
  const last = node.kind === 'mapping' ? node.entries.at(-1) : { key: undefined, value: node.items.at(-1) }
  if (last?.value === undefined) return undefined
  const isFlow = node.style === COLLECTION_STYLE.FLOW
  const end = endOfNode(text, last.value, isFlow ? undefined : last.key)
  if (end === undefined || !isFlow) return end
  const closing = /\s*(?:,\s*)?[}\]]/y
  closing.lastIndex = end
  return closing.test(text) ? closing.lastIndex : undefined
}

function endOfScalar(text: string, node: ScalarNode, key: ManifestNode | undefined): number | undefined {
  const { event } = node
  // Behind a key without a value the line goes on with a colon at most.
  if (event.valueStart < 0) return startOf(node) < 0 && key !== undefined ? endOfNode(text, key) : undefined
  if (!isBlock(event)) return event.valueEnd + (isQuoted(event) ? 1 : 0)
  const region = text.slice(event.valueStart, event.valueEnd)
  // The blank lines behind a `+` are its text, and so is the lack of a line break at the end of the file.
  return event.chomping === CHOMPING_MODE.KEEP || !/[\r\n]$/.test(region)
    ? undefined
    : event.valueStart + region.trimEnd().length
}

function refuseItem({ in: list, fields }: NewItem): Refused {
  const item = flowItem(fields, { quoted: false, spaced: false })
  return refuseAt(list, {
    code: 'target_missing',
    reason: `\`${formatPath(list.path)}\` has no such item, and its last one does not show how to write it`,
    hint: `Add it once by hand: \`- ${item}\`.`,
  })
}

/** A manifest as a tree of nodes that know where they stand in the text. parse.ts fills it; cursor.ts walks it. */
import {
  COLLECTION_STYLE,
  type CollectionStyle,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml'

export type Collection = MappingNode | SequenceNode
export type ManifestNode = ScalarNode | AliasNode | Collection

type Placed = {
  readonly parent: Collection | undefined
  /** Aliases that repeat this node; empty unless it has an anchor. */
  readonly users: readonly AliasNode[]
}

export type ScalarNode = Placed & { readonly kind: 'scalar'; readonly event: ScalarEvent }
export type AliasNode = Placed & { readonly kind: 'alias'; readonly start: number; readonly name: string }
export type MappingNode = Placed & {
  readonly kind: 'mapping'
  readonly start: number
  readonly style: CollectionStyle
  readonly entries: readonly MappingEntry[]
}
export type SequenceNode = Placed & {
  readonly kind: 'sequence'
  readonly start: number
  readonly style: CollectionStyle
  readonly items: readonly ManifestNode[]
}
export type MappingEntry = { readonly key: ManifestNode; readonly value: ManifestNode }

const NO_USERS: readonly AliasNode[] = []

type Open =
  | { readonly node: MappingNode; readonly entries: MappingEntry[]; key: ManifestNode | undefined }
  | { readonly node: SequenceNode; readonly items: ManifestNode[] }

/** One root per document, in order; undefined for a document without content. */
export function buildTrees(text: string, events: readonly Event[]): readonly (ManifestNode | undefined)[] {
  const roots: (ManifestNode | undefined)[] = []
  const open: Open[] = []
  let anchors = new Map<string, AliasNode[]>()

  const attach = (node: ManifestNode) => {
    const frame = open.at(-1)
    if (frame === undefined) roots[roots.length - 1] = node
    else if ('items' in frame) frame.items.push(node)
    else if (frame.key === undefined) frame.key = node
    else {
      frame.entries.push({ key: frame.key, value: node })
      frame.key = undefined
    }
  }
  const usersOf = (event: { readonly anchorStart: number; readonly anchorEnd: number }) => {
    if (event.anchorStart < 0) return NO_USERS
    const users: AliasNode[] = []
    // A name may be given again: later aliases then mean the later node.
    anchors.set(text.slice(event.anchorStart, event.anchorEnd), users)
    return users
  }

  for (const event of events) {
    const parent = open.at(-1)?.node
    if (event.type === EVENT_ID.DOCUMENT) {
      roots.push(undefined)
      anchors = new Map()
    } else if (event.type === EVENT_ID.SCALAR) {
      attach({ kind: 'scalar', event, parent, users: usersOf(event) })
    } else if (event.type === EVENT_ID.ALIAS) {
      const name = text.slice(event.anchorStart, event.anchorEnd)
      const node: AliasNode = { kind: 'alias', start: event.anchorStart - 1, name, parent, users: NO_USERS }
      anchors.get(name)?.push(node)
      attach(node)
    } else if (event.type === EVENT_ID.MAPPING) {
      const entries: MappingEntry[] = []
      const { start, style } = event
      const node: MappingNode = { kind: 'mapping', start, style, entries, parent, users: usersOf(event) }
      attach(node)
      open.push({ node, entries, key: undefined })
    } else if (event.type === EVENT_ID.SEQUENCE) {
      const items: ManifestNode[] = []
      const { start, style } = event
      const node: SequenceNode = { kind: 'sequence', start, style, items, parent, users: usersOf(event) }
      attach(node)
      open.push({ node, items })
    } else open.pop()
  }
  return roots
}

/** Where people look for the node: its opening quote, its `|`'s first line, its tag or anchor; -1 when it has no text at all. */
export function startOf(node: ManifestNode): number {
  if (node.kind !== 'scalar') return node.start
  const { event } = node
  if (event.tagStart >= 0) return event.tagStart
  if (event.anchorStart >= 0) return event.anchorStart - 1
  return event.valueStart < 0 || !isQuoted(event) ? event.valueStart : event.valueStart - 1
}

/** Whether the scalar stands between quotes. */
export function isQuoted(event: ScalarEvent): boolean {
  return event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
}

/** Whether the scalar is a `|` or `>` block. */
export function isBlock(event: ScalarEvent): boolean {
  return event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK
}

/** Whether the node stands inside `{}` or `[]`. */
export function isInFlow(node: ManifestNode): boolean {
  return node.parent?.style === COLLECTION_STYLE.FLOW
}

/** The text of a scalar, decoded; undefined for everything else. */
export function scalarText(text: string, node: ManifestNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? getScalarValue(text, node.event) : undefined
}

/** Whether a key is YAML's merge key: `<<`, unquoted. */
export function isMergeKey(text: string, key: ManifestNode): boolean {
  return key.kind === 'scalar' && key.event.style === SCALAR_STYLE.PLAIN && scalarText(text, key) === '<<'
}

/** Whether an alias is there to merge a mapping into its own (`<<: *base`, `<<: [*a, *b]`). */
export function isMergeSource(text: string, alias: AliasNode): boolean {
  const holder: ManifestNode = alias.parent?.kind === 'sequence' ? alias.parent : alias
  const mapping = holder.parent
  if (mapping?.kind !== 'mapping') return false
  return mapping.entries.some((entry) => entry.value === holder && isMergeKey(text, entry.key))
}

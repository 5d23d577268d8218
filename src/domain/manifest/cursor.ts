/** Walking down a manifest by structure: key by key, saying why where it cannot go on. Formats (formats.ts) are written on top of this. */
import { CORE_SCHEMA, load, SCALAR_STYLE } from 'js-yaml'
import type { Refused } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'
import { formatPath } from './path.ts'
import {
  isBlock,
  isMergeKey,
  type ManifestNode,
  type MappingEntry,
  type MappingNode,
  scalarText,
  startOf,
} from './tree.ts'

/** A node, how it was reached, and the value that it stands for. */
export type Cursor = {
  readonly kind: 'cursor'
  readonly manifest: Manifest
  readonly document: number
  readonly node: ManifestNode
  /** The key before it; undefined for a list item and a document's root. */
  readonly key: ManifestNode | undefined
  /** As people write it. */
  readonly path: readonly string[]
  /** Keys and indices as they are in the parsed value. */
  readonly keys: readonly string[]
  readonly value: unknown
}

/** The mapping is there, the key is not. */
export type Absent = {
  readonly kind: 'absent'
  readonly in: Cursor & { readonly node: MappingNode }
  readonly name: string
}

/** The root of every document that has content. */
export function rootsOf(manifest: Manifest): readonly Cursor[] {
  return manifest.documents.flatMap(({ index, root, value }) =>
    root === undefined
      ? []
      : [{ kind: 'cursor', manifest, document: index, node: root, key: undefined, path: [], keys: [], value }],
  )
}

/** One step down. `segment` is a key, or an index or `[key=value]` in a list. */
export function step(from: Cursor, segment: string): Cursor | Absent | Refused {
  const { node, manifest } = from
  if (node.kind === 'mapping') return stepIntoMapping({ ...from, node }, segment)
  if (node.kind === 'sequence') return stepIntoSequence(from, node.items, segment)
  if (node.kind === 'alias') return refuseAlias(from)
  if (isBlock(node.event)) {
    return refuseAt(from, {
      code: 'block_scalar',
      reason: `\`${formatPath(from.path)}\` is a block of text; what looks like keys inside it is not YAML of this file`,
      hint: 'Move the value out of the block, or edit the file by hand.',
    })
  }
  const isEmpty = scalarText(manifest.text, node) === ''
  return refuseAt(from, {
    code: 'target_missing',
    reason: `\`${formatPath(from.path)}\` ${isEmpty ? 'has no value' : 'is a single value'}, so there is no \`${segment}\` in it`,
    hint: 'Correct the path in the configuration, or the file.',
  })
}

/** All the steps; stops at the first that fails. */
export function follow(from: Cursor, segments: readonly string[]): Cursor | Absent | Refused {
  let at: Cursor = from
  for (const [index, segment] of segments.entries()) {
    const next = step(at, segment)
    if (next.kind === 'absent' && index < segments.length - 1) return refuseAbsent(next)
    if (next.kind !== 'cursor') return next
    at = next
  }
  return at
}

/** The text of the scalar under these keys, undefined where there is none. For looking, not for editing: never refuses. */
export function peek(from: Cursor, keys: readonly string[]): string | undefined {
  let node: ManifestNode | undefined = from.node
  for (const key of keys) {
    if (node?.kind !== 'mapping') return undefined
    node = entryOf(from.manifest.text, node, key)?.value
  }
  return scalarText(from.manifest.text, node)
}

/** A refusal that points at the node, or at its key where the node has no text. */
export function refuseAt(at: Cursor, why: Parameters<typeof refuse>[2]): Refused {
  const own = startOf(at.node)
  return refuse(at.manifest, own < 0 && at.key !== undefined ? startOf(at.key) : own, why)
}

/** The refusal for a key that must be there. */
export function refuseAbsent({ in: holder, name }: Absent): Refused {
  const keys = holder.node.entries.flatMap((entry) => scalarText(holder.manifest.text, entry.key) ?? [])
  const where = holder.path.length === 0 ? 'the document' : `\`${formatPath(holder.path)}\``
  return refuseAt(holder, {
    code: 'target_missing',
    reason: `${where} has no key \`${name}\``,
    hint:
      keys.length === 0
        ? 'Add it once by hand.'
        : `Its keys are ${keys.slice(0, 12).join(', ')}. Add it once by hand, or correct the path.`,
  })
}

/** The refusal for a node that is written somewhere else. */
export function refuseAlias(at: Cursor): Refused {
  const name = at.node.kind === 'alias' ? at.node.name : ''
  return refuseAt(at, {
    code: 'alias',
    reason: `\`${formatPath(at.path)}\` is the alias *${name}: its value is written at &${name} and used there too`,
    hint: 'Write the value out in this place.',
  })
}

function stepIntoMapping(from: Cursor & { readonly node: MappingNode }, segment: string): Cursor | Absent | Refused {
  const { manifest, node } = from
  const entry = entryOf(manifest.text, node, segment)
  if (entry === undefined) {
    const merge = node.entries.find(({ key }) => isMergeKey(manifest.text, key))
    if (merge === undefined || property(from.value, segment) === undefined)
      return { kind: 'absent', in: from, name: segment }
    return refuseMerge(from, merge, segment)
  }
  if (isMergeKey(manifest.text, entry.key)) return refuseMerge(from, entry, segment)
  const key = keyInValue(manifest.text, entry.key)
  const value = property(from.value, key)
  return { ...from, node: entry.value, key: entry.key, path: [...from.path, segment], keys: [...from.keys, key], value }
}

function stepIntoSequence(from: Cursor, items: readonly ManifestNode[], segment: string): Cursor | Refused {
  const wanted = /^\[([^=]+)=(.*)\]$/.exec(segment)
  const list = Array.isArray(from.value) ? (from.value as readonly unknown[]) : []
  const cursors = items.map(
    (node, index): Cursor => ({
      ...from,
      node,
      key: undefined,
      path: [...from.path, wanted === null ? String(index) : segment],
      keys: [...from.keys, String(index)],
      value: list[index],
    }),
  )
  const matches =
    wanted === null
      ? cursors.filter((_, index) => String(index) === segment)
      : cursors.filter((item) => peek(item, [wanted[1] ?? '']) === wanted[2])
  const [first, second] = matches
  if (second !== undefined) {
    return refuseAt(second, {
      code: 'target_ambiguous',
      reason: `\`${formatPath(second.path)}\` is there ${matches.length} times`,
      hint: 'Leave one of them, or name the item by its index.',
    })
  }
  if (first !== undefined) return first
  return refuseAt(from, {
    code: 'target_missing',
    reason: `\`${formatPath(from.path)}\` is a list of ${items.length} without an item \`${segment}\``,
    hint: 'Name an item by its index or as `[key=value]`.',
  })
}

function entryOf(text: string, mapping: MappingNode, name: string): MappingEntry | undefined {
  return mapping.entries.find(({ key }) => scalarText(text, key) === name)
}

function refuseMerge(from: Cursor, merge: MappingEntry, segment: string): Refused {
  return refuse(from.manifest, startOf(merge.key), {
    code: 'merge_key',
    reason: `\`${formatPath([...from.path, segment])}\` comes in through the merge key \`<<\`, so it is written for other places too`,
    hint: 'Write the key out in this place.',
  })
}

/** How a key is called in the parsed value: `0x10` is `16` there. */
function keyInValue(text: string, key: ManifestNode): string {
  const written = scalarText(text, key) ?? ''
  if (key.kind !== 'scalar' || key.event.style !== SCALAR_STYLE.PLAIN || key.event.tagStart >= 0) return written
  return /^[A-Za-z]/.test(written) && !/^(true|false|null)$/i.test(written)
    ? written
    : String(load(written, { schema: CORE_SCHEMA }))
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

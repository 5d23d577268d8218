/** A YAML document as a tree that knows where everything stands. Built by yaml-document.ts, read by shape.ts and the rules. */

/** A key or a value. `start` is where it begins in the text, its opening quote included. */
export type ScalarNode = {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** The scalar's text, decoded, whatever type it resolves to. */
  readonly text: string
  readonly start: number
  /** As it stands between its quotes, where every character is one of `text`'s or the start of one escape; undefined for blocks. */
  readonly raw:
    | { readonly text: string; readonly start: number; readonly quote: 'none' | 'single' | 'double' }
    | undefined
}

export type Entry = { readonly name: string; readonly key: ScalarNode; readonly value: YamlNode }

export type YamlNode =
  | ScalarNode
  | { readonly kind: 'sequence'; readonly start: number; readonly items: readonly YamlNode[] }
  | { readonly kind: 'mapping'; readonly start: number; readonly entries: readonly Entry[] }
  /** Already reported: whatever else is wrong with it is a consequence. */
  | { readonly kind: 'unusable'; readonly start: number }

/** Keys and indexes from the root. */
export type KeyPath = readonly (string | number)[]

/** `models.churn.gates."f1/segment=eu".goal`, `environments.prod.edit[0].file`. */
export function formatKeyPath(path: KeyPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += `${text === '' ? '' : '.'}${/^[\w-]+$/.test(part) ? part : JSON.stringify(part.slice(0, 80))}`
  }
  return text
}

/** The deepest node on `path` that exists, and the key that leads to it. `found` is false when the path goes on. */
export function locate(
  root: YamlNode,
  path: KeyPath,
): { readonly node: YamlNode; readonly key: ScalarNode | undefined; readonly found: boolean } {
  let node = root
  let key: ScalarNode | undefined
  for (const part of path) {
    const entry =
      node.kind === 'mapping' ? node.entries.find((candidate) => candidate.name === String(part)) : undefined
    const next = entry?.value ?? (node.kind === 'sequence' ? node.items[Number(part)] : undefined)
    if (next === undefined) return { node, key, found: false }
    // An item of a list is named by its own place, not by the key of the list.
    key = entry?.key
    node = next
  }
  return { node, key, found: true }
}

/** The plain value that the schema checks. Mappings have no prototype, so that no key can reach one. */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'unusable') return null
  if (node.kind === 'sequence') return node.items.map(plainValue)
  const object: Record<string, unknown> = Object.create(null)
  for (const entry of node.entries) object[entry.name] = plainValue(entry.value)
  return object
}

const ESCAPE_LENGTHS: { readonly [letter: string]: number } = { x: 4, u: 6, U: 10 }

/** Where the character at `offset` of the decoded text stands in the file. The scalar's start where that cannot be said. */
export function offsetInScalar(scalar: ScalarNode, offset: number): number {
  if (scalar.raw === undefined || /[\r\n]/.test(scalar.raw.text)) return scalar.start
  const { text, start, quote } = scalar.raw
  let at = 0
  for (let decoded = 0; decoded < offset && at < text.length; decoded++) {
    if (quote === 'double' && text[at] === '\\') at += ESCAPE_LENGTHS[text[at + 1] ?? ''] ?? 2
    else at += quote === 'single' && text[at] === "'" ? 2 : 1
  }
  return start + at
}

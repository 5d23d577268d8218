/** What the rules over more than one key have in common: reading a tree that may be half wrong. Used by repo-rules.ts and the rules it is made of. */

import { closest } from '../domain/closest.ts'
import { quoted } from './key-types.ts'
import { keyOffset, valueOffset } from './shape.ts'
import type { Finding } from './yaml-document.ts'
import { type KeyPath, locate, type ScalarNode, type YamlNode } from './yaml-node.ts'

const MAX_ERRORS = 500

/** Collects findings about one tree. */
export class RuleReport {
  readonly root: YamlNode
  readonly errors: Finding[] = []
  readonly warnings: Finding[] = []

  constructor(root: YamlNode) {
    this.root = root
  }

  /** At the value, where it is text; else at its key. */
  error(path: KeyPath, reason: string, hint: string): void {
    this.errors.push({ offset: valueOffset(this.root, path), path, reason, hint })
  }

  /** At the key. */
  errorAtKey(path: KeyPath, reason: string, hint: string): void {
    this.errors.push({ offset: keyOffset(this.root, path), path, reason, hint })
  }

  warn(path: KeyPath, reason: string, hint: string): void {
    this.warnings.push({ offset: valueOffset(this.root, path), path, reason, hint })
  }

  /** The node at a path; undefined when there is none. */
  at(path: KeyPath): YamlNode | undefined {
    const { node, found } = locate(this.root, path)
    return found ? node : undefined
  }

  has(path: KeyPath): boolean {
    return this.at(path) !== undefined
  }

  /** The keys of the mapping at a path; none when there is no mapping. */
  names(path: KeyPath): readonly string[] {
    const node = this.at(path)
    return node?.kind === 'mapping' ? node.entries.map((entry) => entry.name) : []
  }

  /** The scalar at a path. */
  scalar(path: KeyPath): ScalarNode | undefined {
    const node = this.at(path)
    return node?.kind === 'scalar' ? node : undefined
  }

  /** The number at a path. */
  number(path: KeyPath): number | undefined {
    const value = this.scalar(path)?.value
    return typeof value === 'number' ? value : undefined
  }

  /** The texts of a list with their paths, or of a single text; items that are no text are left out. */
  texts(path: KeyPath): readonly { readonly text: string; readonly path: KeyPath }[] {
    const node = this.at(path)
    if (node?.kind === 'scalar' && typeof node.value === 'string') return [{ text: node.text, path }]
    if (node?.kind !== 'sequence') return []
    return node.items.flatMap((item, index) =>
      item.kind === 'scalar' ? [{ text: item.text, path: [...path, index] }] : [],
    )
  }

  /** The paths of the items of a list. */
  items(path: KeyPath): readonly KeyPath[] {
    const node = this.at(path)
    return node?.kind === 'sequence' ? node.items.map((_, index) => [...path, index]) : []
  }

  /** Exactly one of `keys` must be there; `more` says where a second one belongs. */
  exactlyOne(path: KeyPath, keys: readonly string[], more = ''): void {
    if (this.at(path)?.kind !== 'mapping') return
    const there = keys.filter((key) => this.has([...path, key]))
    const list = keys.map((key) => `\`${key}\``).join(', ')
    if (there.length === 0) this.errorAtKey(path, `none of ${list} is there`, 'add one of them')
    const [, second] = there
    if (second !== undefined) {
      this.errorAtKey(
        [...path, second],
        `only one of ${list} can be there`,
        `keep \`${there[0]}\` or \`${second}\`${more}`,
      )
    }
  }

  /** At least one of `keys` must be there. */
  atLeastOne(path: KeyPath, keys: readonly string[], what: string): void {
    if (this.at(path)?.kind !== 'mapping' || keys.some((key) => this.has([...path, key]))) return
    this.errorAtKey(path, what, `add ${keys.map((key) => `\`${key}\``).join(' or ')}`)
  }

  /** `min` must not be more than `max`. */
  orderedBounds(path: KeyPath): void {
    const [min, max] = [this.number([...path, 'min']), this.number([...path, 'max'])]
    if (min !== undefined && max !== undefined && min > max)
      this.error([...path, 'max'], '`max` is less than `min`, so nothing can pass', 'swap the two')
  }

  /** Every text of a list must be one of `known`. */
  knownNames(path: KeyPath, known: readonly string[], kind: string): void {
    for (const { text, path: place } of this.texts(path)) {
      // Nobody reads that many; and looking for the nearest name of each would take its time.
      if (this.errors.length > MAX_ERRORS) return
      if (!known.includes(text)) this.error(place, `there is no ${kind} ${quoted(text)}`, nearest(text, known, kind))
    }
  }
}

/** "did you mean", or the list of what there is. */
export function nearest(text: string, known: readonly string[], kind: string): string {
  const near = closest(text, known)
  if (near !== undefined) return `did you mean \`${near}\`?`
  if (known.length === 0) return `this file names no ${kind}`
  return `known: ${known
    .slice(0, 10)
    .map((name) => `\`${name}\``)
    .join(', ')}${known.length > 10 ? ' …' : ''}`
}

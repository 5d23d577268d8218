/** Kubernetes objects in a manifest: one per document, or the items of a List. */
import { type Cursor, peek, rootsOf, step } from './cursor.ts'
import type { Manifest } from './parse.ts'

/** An object with the two fields that name it; undefined where the file leaves them out. */
export type Resource = {
  readonly at: Cursor
  readonly apiVersion: string | undefined
  readonly kind: string | undefined
  readonly name: string | undefined
}

/** Every object of the file, in order. */
export function resourcesOf(manifest: Manifest): readonly Resource[] {
  return rootsOf(manifest).flatMap((root) => itemsOf(root).map(describe))
}

/** `InferenceService churn`; undefined for what is no Kubernetes object. */
export function labelOf(resource: Resource): string | undefined {
  if (resource.kind === undefined) return undefined
  return resource.name === undefined ? resource.kind : `${resource.kind} ${resource.name}`
}

/** The label of the object that a cursor is in. */
export function labelAt(at: Cursor): string | undefined {
  const root = rootsOf(at.manifest).find(({ document }) => document === at.document)
  if (root === undefined) return undefined
  const item = itemsOf(root).findLast(({ keys }) => keys.every((key, index) => at.keys[index] === key))
  return labelOf(describe(item ?? root))
}

function itemsOf(root: Cursor): readonly Cursor[] {
  if (root.node.kind !== 'mapping' || !peek(root, ['kind'])?.endsWith('List')) return [root]
  const items = step(root, 'items')
  if (items.kind !== 'cursor' || items.node.kind !== 'sequence') return [root]
  return items.node.items.flatMap((_, index) => {
    const item = step(items, String(index))
    return item.kind === 'cursor' ? [item] : []
  })
}

function describe(at: Cursor): Resource {
  return {
    at,
    apiVersion: peek(at, ['apiVersion']),
    kind: peek(at, ['kind']),
    name: peek(at, ['metadata', 'name']),
  }
}

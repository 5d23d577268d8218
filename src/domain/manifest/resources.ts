/** Kubernetes objects in a manifest: one per document, or the items of a List. */
import { type Cursor, peek, refuseAt, rootsOf, step } from './cursor.ts'
import type { DocumentName, Refused } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'

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

/** The one object of that kind and name, or why it is not clear which. */
export function findResource(manifest: Manifest, wanted: DocumentName): Resource | Refused {
  const all = resourcesOf(manifest)
  const [found, second] = all.filter(
    ({ kind, name }) => kind === wanted.kind && (wanted.name === undefined || name === wanted.name),
  )
  const called = wanted.name === undefined ? `\`${wanted.kind}\`` : `\`${wanted.kind}/${wanted.name}\``
  if (second !== undefined) {
    return refuseAt(second.at, {
      code: 'target_ambiguous',
      reason: `${called} is there more than once`,
      hint:
        wanted.name === undefined ? 'Name the one that is meant, too.' : 'Keep one object of that name in the file.',
    })
  }
  if (found !== undefined) return found
  const names = all.flatMap(({ kind, name }) =>
    kind === undefined ? [] : [name === undefined ? kind : `${kind}/${name}`],
  )
  return refuse(manifest, 0, {
    code: 'target_missing',
    reason: `there is no ${called} in it`,
    hint:
      names.length === 0
        ? 'The file holds no object with a `kind`; leave the document out.'
        : `It holds ${names.slice(0, 12).join(', ')}.`,
  })
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

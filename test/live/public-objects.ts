/** Objects of a public manifest, and edits of them that may be tried. Found by js-yaml alone. Used by public-edits.ts and public-kserve.ts. */
import type { ManifestEdit } from '../../src/domain/manifest/index.ts'

/** `old` is undefined where the edit adds. */
export type Offer = {
  readonly kind: ManifestEdit['kind']
  readonly edits: readonly ManifestEdit[]
  readonly wanted: readonly {
    readonly document: number
    readonly path: readonly string[]
    readonly value: unknown
    readonly old: unknown
  }[]
}

export type Fields = Readonly<Record<string, unknown>>
/** An object of the file: a document, or an item of a List in one. */
export type Found = { readonly document: number; readonly path: readonly string[]; readonly object: Fields }
export type Place = { readonly path: readonly string[]; readonly old: unknown }
export type Next = () => string

export function objectsIn(value: unknown, document: number): readonly Found[] {
  if (!isFields(value)) return []
  const items = value['items']
  if (typeof value['kind'] !== 'string' || !value['kind'].endsWith('List') || !Array.isArray(items)) {
    return [{ document, path: [], object: value }]
  }
  return items.flatMap((object, index) =>
    isFields(object) ? [{ document, path: ['items', String(index)], object }] : [],
  )
}

/** Containers that can be named, and have an image. */
export function containersOf(object: Fields, pod: readonly string[]) {
  const named = ['containers', 'initContainers'].flatMap((list) => {
    const items = at(object, [...pod, list])
    return (Array.isArray(items) ? items : []).map((item, index) => ({
      path: [...pod, list, String(index)],
      container: at(item, ['name']),
      image: at(item, ['image']),
    }))
  })
  return named.flatMap(({ path, container, image }) => {
    const isClear =
      container === undefined ? named.length === 1 : named.filter((one) => one.container === container).length === 1
    if (typeof image !== 'string' || !isClear) return []
    return [{ path, container: container === undefined ? undefined : String(container) }]
  })
}

export function offer(found: Found, edit: ManifestEdit, picks: readonly Place[], to: readonly unknown[]): Offer {
  const wanted = picks.map(({ path, old }, index) => ({
    document: found.document,
    path: [...found.path, ...path],
    value: to[index],
    old,
  }))
  return { kind: edit.kind, edits: [edit], wanted }
}

export function isAlone(found: Found, all: readonly Found[]): boolean {
  const id = ({ object }: Found) => `${String(object['kind'])}/${String(at(object, ['metadata', 'name']))}`
  return all.filter((one) => id(one) === id(found)).length === 1
}

export function apiOf(object: Fields): string {
  return String(object['apiVersion'])
}

export function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) => (typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined),
    value,
  )
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

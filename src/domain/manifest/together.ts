/** Several edits of one file in one go: what agrees is one, what disagrees is refused, and what comes to one place stands in a row. index.ts does the rest. */
import type { Cursor } from './cursor.ts'
import type { NewItem } from './insert-item.ts'
import type { ManifestValue, Refused } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'
import type { Splice } from './scalars.ts'
import type { Target } from './target.ts'
import { startOf } from './tree.ts'

export type Placed = { readonly target: Target; readonly value: ManifestValue }
export type Change = Placed & { readonly splice: Splice }

/** The same targets, where two of them add the same item: both with the fields of both. Refused where one place is asked to say two things. */
export function reconciled(manifest: Manifest, placed: readonly Placed[]): readonly Placed[] | Refused {
  const joined = placed.some(({ target }) => target.place.kind === 'new_item') ? withJoinedItems(placed) : placed
  const wanted = new Map<string, Target['value']>()
  for (const { target, value } of placed) {
    for (const [place, says] of claims(target)) {
      const other = wanted.get(place)
      if (other !== undefined && other !== says) {
        const holder = holderOf(target.place)
        return refuse(manifest, startOf(holder.node), {
          code: 'conflicting_edits',
          reason: `two edits want different values for \`${value.path}\``,
          hint: 'Remove one of the two edits from the configuration.',
        })
      }
      wanted.set(place, says)
    }
  }
  return joined
}

/** One change for each place, in the order of the text. At one offset the deeper goes first, and what fills a value before what comes behind it. */
export function inOrder(changes: readonly Change[]): readonly Change[] {
  const unique = [...new Map(changes.map((change) => [JSON.stringify(address(change.target)), change])).values()]
  const ordered = unique.toSorted(
    (a, b) =>
      a.splice.start - b.splice.start ||
      address(b.target).keys.length - address(a.target).keys.length ||
      Number(a.target.place.kind !== 'cursor') - Number(b.target.place.kind !== 'cursor'),
  )
  return ordered.map((change, index) => {
    const { splice } = change
    const isNext = splice.joint !== undefined && ordered[index - 1]?.splice.start === splice.start
    return isNext ? { ...change, splice: { ...splice, text: splice.joint + splice.text } } : change
  })
}

/** Where the value is once the edit is done. */
export function address({ place }: Target): { readonly document: number; readonly keys: readonly string[] } {
  if (place.kind === 'cursor') return { document: place.document, keys: place.keys }
  if (place.kind === 'removal') return { document: place.at.document, keys: place.at.keys }
  const key = place.kind === 'absent' ? place.name : String(place.index)
  return { document: place.in.document, keys: [...place.in.keys, key] }
}

/** What is there already: the value itself, or what it is put into. */
export function holderOf(place: Target['place']): Cursor {
  if (place.kind === 'cursor') return place
  return place.kind === 'removal' ? place.at : place.in
}

/** What a target says about which places; of a new item each field is one. */
function claims(target: Target): readonly (readonly [place: string, says: Target['value']])[] {
  const { place } = target
  if (place.kind !== 'new_item') return [[JSON.stringify(address(target)), target.value]]
  const list = [place.in.document, ...place.in.keys, place.name]
  return Object.entries(place.fields).map(([field, value]) => [JSON.stringify([...list, field]), value])
}

function withJoinedItems(placed: readonly Placed[]): readonly Placed[] {
  const items = new Map<string, NewItem>()
  const lengths = new Map<NewItem['in']['node'], number>()
  for (const { target } of placed) {
    const { place } = target
    if (place.kind !== 'new_item') continue
    const id = itemId(place)
    const known = items.get(id)
    const index = known?.index ?? lengths.get(place.in.node) ?? place.index
    lengths.set(place.in.node, Math.max(lengths.get(place.in.node) ?? 0, index + 1))
    items.set(id, { ...place, index, fields: { ...known?.fields, ...place.fields } })
  }
  return placed.map((one) => {
    const { place } = one.target
    const joined = place.kind === 'new_item' ? items.get(itemId(place)) : undefined
    return joined === undefined ? one : { ...one, target: { ...one.target, place: joined } }
  })
}

function itemId(item: NewItem): string {
  return JSON.stringify([item.in.document, item.in.keys, item.name])
}

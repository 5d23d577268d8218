/** What a format hands to the editor: the scalars it means, found but not yet judged. */
import type { Absent, Cursor } from './cursor.ts'
import type { NewItem } from './insert-item.ts'
import type { Refused } from './manifest-edit.ts'
import type { Removal } from './remove.ts'

/** A scalar that an edit names, and what it must say. `absent` is a key that may be added, `new_item` a list item, `removal` a key that goes. */
export type Target = {
  readonly kind: 'target'
  readonly field: string
  readonly place: Cursor | Absent | NewItem | Removal
  readonly document: string | undefined
  /** A number where the field is an integer, which must not become a string. Of a new item: its fields as `changes` show them. Empty of a removal. */
  readonly value: string | number
}

export type Found = readonly Target[] | Refused

/** Whether the format found all that the edit names. */
export function isFound(found: Found): found is readonly Target[] {
  return !('kind' in found)
}

/** What a format hands to the editor: the scalars it means, found but not yet judged. */
import type { Absent, Cursor } from './cursor.ts'
import type { Refused } from './manifest-edit.ts'

/** A scalar that an edit names, and what it must say. `absent` is a key that may be added. */
export type Target = {
  readonly kind: 'target'
  readonly field: string
  readonly place: Cursor | Absent
  readonly document: string | undefined
  readonly value: string
}

export type Found = readonly Target[] | Refused

/** Whether the format found all that the edit names. */
export function isFound(found: Found): found is readonly Target[] {
  return !('kind' in found)
}

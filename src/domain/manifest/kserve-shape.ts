/** What kserve.ts asks of kserve-service.ts and kserve-objects.ts: where a kind keeps a field. */
import { type Absent, type Cursor, refuseAbsent } from './cursor.ts'
import type { Refused } from './manifest-edit.ts'
import type { KserveEdit } from './object-edits.ts'
import type { Resource } from './resources.ts'

/** One field that an edit sets. `item` names it among its like: an environment variable, an adapter, a step. */
export type KserveField = {
  readonly field:
    | 'storageUri'
    | 'storagePath'
    | 'runtime'
    | 'runtimeVersion'
    | 'modelFormatVersion'
    | 'image'
    | 'canaryTrafficPercent'
    | 'env'
    | 'adapter'
    | 'weight'
  readonly item: string
  /** The node of an InferenceGraph. */
  readonly node: string
}

/** Where a kind keeps its fields; what it does not name it does not have. A key that may be added comes as `absent`. */
export type KserveShape = {
  readonly [Field in KserveField['field']]?: (
    at: Resource,
    edit: KserveEdit,
    asked: KserveField,
  ) => Cursor | Absent | Refused
}

/** The place when it must be there already. */
export function present(place: Cursor | Absent | Refused): Cursor | Refused {
  return place.kind === 'absent' ? refuseAbsent(place) : place
}

/** Byte-exact edits of manifests: `(text, edits) → edited text | refusal`, pure. Formats are listed in formats.ts; ADRs and docs call this the editor. */
import { changeFor } from './change.ts'
import { targetsOf } from './formats.ts'
import type { NewItem } from './insert-item.ts'
import type { ManifestChange, ManifestEdit, ManifestValue, Refused } from './manifest-edit.ts'
import { type Manifest, parseManifest, refuse } from './parse.ts'
import { formatPath } from './path.ts'
import { sourceOf } from './position.ts'
import { type Claim, disprove } from './proof.ts'
import { applySplices } from './scalars.ts'
import { isFound, type Target } from './target.ts'
import { address, type Change, holderOf, inOrder, type Placed, reconciled } from './together.ts'
import { scalarText, startOf } from './tree.ts'

export { kserveFields } from './kserve.ts'
export type {
  DocumentName,
  KustomizeImageEdit,
  ManifestChange,
  ManifestEdit,
  ManifestRefusal,
  ManifestValue,
  Refused,
  YamlValue,
} from './manifest-edit.ts'
export {
  type ArgocdParametersEdit,
  type DeploymentEdit,
  KSERVE_KINDS,
  type KserveEdit,
  type KserveKind,
  WORKLOAD_KINDS,
} from './object-edits.ts'
export { MAX_MANIFEST_LENGTH } from './parse.ts'
export { formatPath, parsePath } from './path.ts'

/** A file as it was read, and what is asked of it. `file` is only for messages. */
export type ManifestInput = { readonly file: string; readonly text: string; readonly edits: readonly ManifestEdit[] }

export type EditResult =
  | {
      readonly kind: 'edited'
      readonly text: string
      /** In the order of the file. */
      readonly changes: readonly ManifestChange[]
      /** Values that were as asked before. */
      readonly alreadyThere: readonly ManifestValue[]
    }
  | { readonly kind: 'unchanged'; readonly changes: readonly []; readonly alreadyThere: readonly ManifestValue[] }
  | Refused

export type ReadResult = { readonly kind: 'read'; readonly values: readonly ManifestValue[] } | Refused

/** The text with all edits done and proven, or the first reason why not. Nothing is ever done in part. */
export function editManifest(input: ManifestInput): EditResult {
  const found = locate(input)
  if (found.kind === 'refused') return found
  const asked = reconciled(found.manifest, found.placed)
  if ('kind' in asked) return asked
  const changes: Change[] = []
  const alreadyThere: ManifestValue[] = []
  for (const placed of asked) {
    const splice = changeFor(placed.target)
    if (splice === 'already') alreadyThere.push(placed.value)
    else if ('kind' in splice) return splice
    else changes.push({ ...placed, splice })
  }
  if (changes.length === 0) return { kind: 'unchanged', changes: [], alreadyThere }
  return carryOut(found.manifest, changes, alreadyThere)
}

/** What the scalars that the edits name say now; their new values do not matter. For snapshots "as found" and for drift. */
export function readManifest(input: ManifestInput): ReadResult {
  const found = locate(input)
  return found.kind === 'refused' ? found : { kind: 'read', values: found.placed.map(({ value }) => value) }
}

function locate(
  input: ManifestInput,
): { readonly kind: 'located'; readonly manifest: Manifest; readonly placed: readonly Placed[] } | Refused {
  const parsed = parseManifest(input.file, input.text)
  if (parsed.kind === 'refused') return parsed
  const placed: Placed[] = []
  for (const [edit, wanted] of input.edits.entries()) {
    const targets = targetsOf(parsed.manifest, wanted)
    if (!isFound(targets)) return targets
    placed.push(...targets.map((target) => ({ target, value: currentValue(target, edit) })))
  }
  return { kind: 'located', manifest: parsed.manifest, placed }
}

function currentValue({ field, place, document }: Target, edit: number): ManifestValue {
  const holder = holderOf(place)
  const isNew = place.kind === 'absent' || place.kind === 'new_item'
  const path = formatPath(isNew ? [...place.in.path, place.name] : holder.path)
  const { text, lineAndColumn } = holder.manifest
  const own = startOf(holder.node)
  const { line } = lineAndColumn(own < 0 && holder.key !== undefined ? startOf(holder.key) : Math.max(0, own))
  return {
    edit,
    field,
    path,
    document,
    line,
    value: isNew ? undefined : scalarText(text, holder.node),
  }
}

function carryOut(manifest: Manifest, asked: readonly Change[], alreadyThere: readonly ManifestValue[]): EditResult {
  const changes = inOrder(asked)
  const splices = changes.map(({ splice }) => splice)
  const text = applySplices(manifest.text, splices)
  const claims = changes.map(({ target, splice }): Claim => ({ splice, ...address(target), value: expectedOf(target) }))
  const values = manifest.documents.map(({ value }) => value)
  const difference = disprove({ text: manifest.text, values }, text, claims)
  if (difference !== undefined) {
    return refuse(manifest, splices[0]?.start ?? 0, {
      code: 'would_change_more',
      reason: `the edit would not be exact: ${difference}`,
      hint: 'Please report this file as a bug; until then edit it by hand.',
    })
  }
  const { lineAndColumn } = sourceOf(manifest.file, text)
  let shift = 0
  const described = changes.flatMap(({ target, value, splice }): readonly ManifestChange[] => {
    const start = splice.start + shift + (splice.text.length - splice.text.trimStart().length)
    shift += splice.text.length - (splice.end - splice.start)
    const { line } = lineAndColumn(start)
    const { path, document } = value
    const { place } = target
    if (place.kind === 'new_item') return describeItem(place, { file: manifest.file, line, document })
    const flag = FLAGS[place.kind]
    const after = String(target.value)
    return [{ file: manifest.file, line, path, document, before: value.value ?? '', after, ...flag }]
  })
  return { kind: 'edited', text, changes: described, alreadyThere }
}

const FLAGS = { cursor: {}, absent: { added: true }, new_item: { added: true }, removal: { removed: true } } as const

function expectedOf({ place, value }: Target): Claim['value'] {
  if (place.kind === 'removal') return null
  return place.kind === 'new_item' ? place.fields : value
}

/** One change for each field of a new item, but not for the one that names it. */
function describeItem(
  { in: list, name, fields }: NewItem,
  at: Pick<ManifestChange, 'file' | 'line' | 'document'>,
): readonly ManifestChange[] {
  return Object.entries(fields).flatMap(([field, after]) =>
    field === 'name'
      ? []
      : [{ ...at, path: formatPath([...list.path, name, field]), before: '', after, added: true as const }],
  )
}

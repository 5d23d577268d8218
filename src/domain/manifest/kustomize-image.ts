/** `kustomize_image:` edits: one entry of a Kustomization's `images:`, found by its `name`, or added as the others are written. */
import { type Cursor, peek, refuseAt, step } from './cursor.ts'
import { refuseMarked } from './flux.ts'
import type { NewItem } from './insert-item.ts'
import type { KustomizeImageEdit, Refused } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'
import { labelOf, type Resource, resourcesOf } from './resources.ts'
import type { Found, Target } from './target.ts'

const FIELDS = ['newName', 'newTag', 'digest'] as const

/** The entry's `digest`, `newTag` and `newName`, those that the edit sets. A key that the entry lacks is added to it. */
export function kustomizeImageTargets(manifest: Manifest, edit: KustomizeImageEdit): Found {
  // `kind` may be left out of a kustomization.yaml.
  const [owner, second] = resourcesOf(manifest).filter(
    ({ kind, at }) =>
      (kind === 'Kustomization' || kind === 'Component' || kind === undefined) && at.node.kind === 'mapping',
  )
  if (owner === undefined) {
    return refuse(manifest, 0, {
      code: 'target_missing',
      reason: 'there is no Kustomization in it',
      hint: 'Point `file` at the kustomization.yaml.',
    })
  }
  if (second !== undefined) {
    return refuseAt(second.at, {
      code: 'target_ambiguous',
      reason: 'there is more than one Kustomization in it',
      hint: 'Kustomize itself reads only one; remove the other.',
    })
  }
  return imageOf(owner, edit)
}

function imageOf(owner: Resource, edit: KustomizeImageEdit): Found {
  const images = step(owner.at, 'images')
  if (images.kind === 'refused') return images
  if (images.kind === 'absent') return refuseNoImages(images.in, edit)
  const { node } = images
  if (node.kind !== 'alias' && node.kind !== 'sequence') return refuseNoImages(images, edit)
  const names: readonly unknown[] = Array.isArray(images.value) ? images.value.map(nameOf) : []
  if (node.kind === 'sequence' && !names.includes(edit.name)) {
    const name = `[name=${edit.name}]`
    const list = { ...images, node }
    const place: NewItem = { kind: 'new_item', in: list, name, index: node.items.length, fields: entryOf(edit) }
    const value = Object.values(place.fields).join(', ')
    return [{ kind: 'target', field: 'name', place, document: labelOf(owner), value }]
  }
  const entry = step(images, `[name=${edit.name}]`)
  if (entry.kind === 'absent') return refuseNoImages(images, edit)
  if (entry.kind === 'refused') return entry
  return overruled(entry, edit) ?? refuseMarked(entry) ?? fieldsOf(entry, edit, labelOf(owner))
}

function nameOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined
}

/** The entry as it is added. */
function entryOf(edit: KustomizeImageEdit): Readonly<Record<string, string>> {
  const set = FIELDS.flatMap((field): (readonly [string, string])[] => {
    const value = edit[field]
    return value === undefined ? [] : [[field, value]]
  })
  return Object.fromEntries([['name', edit.name], ...set])
}

function refuseNoImages(at: Cursor, edit: KustomizeImageEdit): Refused {
  const entry = Object.entries(entryOf(edit)).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return refuseAt(at, {
    code: 'target_missing',
    reason: 'the Kustomization has no list `images`',
    hint: `Add it once by hand: \`images: [{ ${entry.join(', ')} }]\`.`,
  })
}

function fieldsOf(entry: Cursor, edit: KustomizeImageEdit, document: string | undefined): Found {
  const targets: Target[] = []
  for (const field of FIELDS) {
    const value = edit[field]
    if (value === undefined) continue
    const place = step(entry, field)
    if (place.kind === 'refused') return place
    targets.push({ kind: 'target', field, place, document, value })
  }
  return targets
}

/** Entries that would render something other than what the edit says. */
function overruled(entry: Cursor, edit: KustomizeImageEdit) {
  if (edit.newTag !== undefined && edit.digest === undefined && peek(entry, ['digest']) !== undefined) {
    return refuseAt(entry, {
      code: 'would_not_apply',
      reason: `\`${edit.name}\` has a digest, which decides what is pulled whatever the tag says`,
      hint: 'Set `digest` too, or remove it from the entry.',
    })
  }
  if (peek(entry, ['tagSuffix']) === undefined) return undefined
  return refuseAt(entry, {
    code: 'would_not_apply',
    reason: `\`${edit.name}\` has a \`tagSuffix\`, which Kustomize does not combine with a tag or digest`,
    hint: 'Remove `tagSuffix` from the entry.',
  })
}

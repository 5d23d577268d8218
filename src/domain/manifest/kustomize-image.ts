/** `kustomize_image:` edits: one entry of a Kustomization's `images:`, found by its `name`. */
import { type Cursor, follow, peek, refuseAbsent, refuseAt, step } from './cursor.ts'
import type { KustomizeImageEdit } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'
import { labelOf, resourcesOf } from './resources.ts'
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
  const entry = follow(owner.at, ['images', `[name=${edit.name}]`])
  if (entry.kind === 'absent') return refuseAbsent(entry)
  if (entry.kind === 'refused') return entry
  return overruled(entry, edit) ?? fieldsOf(entry, edit, labelOf(owner))
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

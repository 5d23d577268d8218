/** `yaml:` edits: scalars of any YAML file by key path. In a file of several documents the edit names one, or the path exists in exactly one. */
import { type Cursor, follow, refuseAbsent, refuseAt, rootsOf } from './cursor.ts'
import type { Refused, YamlEdit, YamlValue } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'
import { findResource, labelAt } from './resources.ts'
import type { Found, Target } from './target.ts'

/** One target per value. A path that is not there is refused, never added: a slip in a path must not pass as a promotion. */
export function yamlTargets(manifest: Manifest, edit: YamlEdit): Found {
  const only = edit.document === undefined ? undefined : findResource(manifest, edit.document)
  if (only !== undefined && 'refusal' in only) return only
  const roots = only === undefined ? rootsOf(manifest) : [only.at]
  const targets: Target[] = []
  for (const value of edit.values) {
    const target = targetOf(manifest, roots, value)
    if (target.kind === 'refused') return target
    targets.push(target)
  }
  return targets
}

function targetOf(manifest: Manifest, roots: readonly Cursor[], wanted: YamlValue): Target | Refused {
  const reached = roots.map((root) => follow(root, wanted.segments))
  const [place, second] = reached.filter((end) => end.kind === 'cursor')
  if (second !== undefined) {
    return refuseAt(second, {
      code: 'target_ambiguous',
      reason: `\`${wanted.path}\` is there in more than one document`,
      hint: 'Name the document by its kind and name, or keep the value in a file of its own.',
    })
  }
  if (place !== undefined) {
    return { kind: 'target', field: wanted.path, place, document: labelAt(place), value: wanted.value }
  }
  return whyMissing(
    manifest,
    wanted,
    reached.map((end) => (end.kind === 'absent' ? refuseAbsent(end) : end)),
  )
}

/** The best explanation of the documents': anything that is more than "not there", else the only document's own. */
function whyMissing(manifest: Manifest, wanted: YamlValue, ends: readonly { readonly kind: string }[]): Refused {
  const refusals = ends.filter((end): end is Refused => end.kind === 'refused')
  const telling = refusals.find(({ refusal }) => refusal.code !== 'target_missing')
  const [only, another] = refusals
  if (telling !== undefined) return telling
  if (only !== undefined && another === undefined) return only
  return refuse(manifest, 0, {
    code: 'target_missing',
    reason: ends.length === 0 ? 'the file is empty' : `\`${wanted.path}\` is in none of its ${ends.length} documents`,
    hint: 'Correct the path in the configuration, or add the key once by hand.',
  })
}

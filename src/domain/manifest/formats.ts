/** The manifest formats: one line each. A new one is a file that finds its targets, its edit in manifest-edit.ts, and a line here. */
import { argocdParametersTargets } from './argocd-parameters.ts'
import { deploymentTargets } from './deployment.ts'
import { helmTargets } from './helm.ts'
import { kserveTargets } from './kserve.ts'
import { kustomizeImageTargets } from './kustomize-image.ts'
import type { ManifestEdit, RestoreEdit } from './manifest-edit.ts'
import type { Manifest } from './parse.ts'
import { type Found, isFound } from './target.ts'
import { yamlTargets } from './yaml-values.ts'

type Formats = {
  readonly [Kind in ManifestEdit['kind']]: (manifest: Manifest, edit: Extract<ManifestEdit, { kind: Kind }>) => Found
}

const FORMATS: Formats = {
  kserve: kserveTargets,
  argocd_parameters: argocdParametersTargets,
  deployment: deploymentTargets,
  helm: helmTargets,
  kustomize_image: kustomizeImageTargets,
  restore: restoreTargets,
  yaml: yamlTargets,
}

/** The scalars that an edit names, or why they cannot be found. */
export function targetsOf(manifest: Manifest, edit: ManifestEdit): Found {
  // The table's type ties each kind to its own edit, which an index by a union cannot express.
  const find = FORMATS[edit.kind] as (manifest: Manifest, edit: ManifestEdit) => Found
  return find(manifest, edit)
}

function restoreTargets(manifest: Manifest, { edit, values }: RestoreEdit): Found {
  const targets = targetsOf(manifest, edit)
  if (!isFound(targets)) return targets
  return targets.flatMap((target) => {
    const before = values.get(target.field)
    if (before === undefined || target.place.kind === 'new_item' || target.place.kind === 'removal') return []
    return [{ ...target, value: typeof target.value === 'number' ? Number(before) : before }]
  })
}

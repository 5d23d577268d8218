/** Rules of one entry of `edit:` over more than one key. Part of repo-rules.ts; the schema is edit-schema.ts. */
import { EDIT_KINDS, KSERVE_FIELDS } from './edit-schema.ts'
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

/** Mappings of an edit in which every entry is a change, and what such an entry is. */
const CHANGES: readonly (readonly [path: KeyPath, entry: string])[] = [
  [['helm'], 'a key path and its image'],
  [['yaml'], 'a key path and its value'],
  [['kserve', 'env'], 'a variable and its value'],
  [['kserve', 'adapters'], 'an adapter and its URI'],
  [['argocd_parameters', 'parameters'], 'a parameter and its value'],
  [['argocd_parameters', 'values_object'], 'a key path and its value'],
]

/** One kind of edit, something that it changes, and models that exist. */
export function checkEdit(report: RuleReport, edit: KeyPath): void {
  report.exactlyOne(edit, EDIT_KINDS, '; a second edit is a second entry')
  for (const [kind, fields] of [
    ['kserve', KSERVE_FIELDS],
    ['kustomize_image', ['digest', 'new_tag', 'new_name']],
    ['argocd_parameters', ['parameters', 'values_object', 'images']],
  ] as const) {
    report.atLeastOne([...edit, kind], fields, 'this edit changes nothing')
  }
  for (const [path, entry] of CHANGES) {
    const place = [...edit, ...path]
    if (report.at(place)?.kind !== 'mapping' || report.names(place).length > 0) continue
    report.errorAtKey(place, 'this edit changes nothing', `add ${entry}`)
  }
  if (report.has([...edit, 'document']) && !report.has([...edit, 'yaml'])) {
    report.errorAtKey(
      [...edit, 'document'],
      '`document` says where the paths of `yaml` begin, which is not there',
      'remove it, or write the values with `yaml`',
    )
  }
  report.knownNames([...edit, 'models'], report.names(['models']), 'model')
}

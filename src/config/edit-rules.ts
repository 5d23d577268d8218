/** Rules of one entry of `edit:` over more than one key. Part of repo-rules.ts; the schema is edit-schema.ts. */
import { KSERVE_KINDS, type KserveKind, kserveFields } from '../domain/manifest/index.ts'
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
  checkKserve(report, [...edit, 'kserve'])
  report.knownNames([...edit, 'models'], report.names(['models']), 'model')
}

/** The parts of each kind; what has none is its own predictor. */
const PARTS: { readonly [kind in KserveKind]?: readonly string[] } = {
  InferenceService: ['predictor', 'transformer', 'explainer'],
  LLMInferenceService: ['predictor', 'prefill', 'worker'],
  ServingRuntime: ['predictor', 'worker'],
  ClusterServingRuntime: ['predictor', 'worker'],
}

/** Fields and parts that objects of this kind do not have; the editor would refuse them when it is too late. */
function checkKserve(report: RuleReport, edit: KeyPath): void {
  const name = report.scalar([...edit, 'kind'])?.text ?? 'InferenceService'
  const kind = KSERVE_KINDS.find((each) => each === name)
  if (kind === undefined) return
  const known = KSERVE_FIELDS.filter((field) => kserveFields(kind).includes(EDITOR_FIELDS[field]))
  for (const field of KSERVE_FIELDS) {
    if (known.includes(field) || !report.has([...edit, field])) continue
    const hint = `of it these can be edited: ${listed(known)}`
    report.errorAtKey([...edit, field], `no ${kind} has \`${field}\``, hint)
  }
  const component = report.scalar([...edit, 'component'])?.text ?? 'predictor'
  const parts = PARTS[kind] ?? ['predictor']
  if (parts.includes(component) || !Object.values(PARTS).flat().includes(component)) return
  report.error([...edit, 'component'], `no ${kind} has the part \`${component}\``, `its parts are ${listed(parts)}`)
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** What the editor calls the fields of the schema. */
const EDITOR_FIELDS: { readonly [field in (typeof KSERVE_FIELDS)[number]]: string } = {
  storage_uri: 'storageUri',
  storage_path: 'storagePath',
  image: 'image',
  env: 'env',
  runtime: 'runtime',
  runtime_version: 'runtimeVersion',
  model_format_version: 'modelFormatVersion',
  adapters: 'adapter',
}

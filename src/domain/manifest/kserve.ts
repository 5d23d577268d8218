/** `kserve:` edits: the model of an InferenceService (serving.kserve.io/v1beta1), in its current shape or one of the older framework blocks. */
import { type Cursor, follow, refuseAbsent, refuseAt, step } from './cursor.ts'
import type { KserveEdit } from './manifest-edit.ts'
import { type Manifest, refuse } from './parse.ts'
import { labelOf, type Resource, resourcesOf } from './resources.ts'
import type { Found } from './target.ts'
import { scalarText } from './tree.ts'

/** `model` is today's shape; the others are the framework blocks that KServe still serves. */
const IMPLEMENTATIONS = [
  'model',
  'sklearn',
  'xgboost',
  'tensorflow',
  'pytorch',
  'triton',
  'onnx',
  'huggingface',
  'pmml',
  'lightgbm',
  'paddle',
] as const

/** The `storageUri` of the service called `edit.name`. */
export function kserveTargets(manifest: Manifest, edit: KserveEdit): Found {
  const services = resourcesOf(manifest).filter(({ kind }) => kind === 'InferenceService')
  const [service, second] = services.filter(({ name }) => name === edit.name)
  if (service === undefined) {
    const names = services.flatMap(({ name }) => name ?? [])
    return refuse(manifest, 0, {
      code: 'target_missing',
      reason: `there is no InferenceService \`${edit.name}\` in it`,
      hint:
        names.length === 0
          ? 'Point `file` at the manifest that holds the InferenceService.'
          : `It holds ${names.map((name) => `\`${name}\``).join(', ')}; correct \`kserve.name\`.`,
    })
  }
  if (second !== undefined) {
    return refuseAt(second.at, {
      code: 'target_ambiguous',
      reason: `InferenceService \`${edit.name}\` is there more than once`,
      hint: 'Keep one InferenceService of that name in the file.',
    })
  }
  return storageUriOf(service, edit)
}

function storageUriOf(service: Resource, edit: KserveEdit): Found {
  if (service.apiVersion !== 'serving.kserve.io/v1beta1') {
    return refuseAt(service.at, {
      code: 'target_missing',
      reason: `InferenceService \`${edit.name}\` is of ${service.apiVersion ?? 'no apiVersion'}, not serving.kserve.io/v1beta1`,
      hint: 'Move it to v1beta1, or edit its fields with `yaml:`.',
    })
  }
  const predictor = follow(service.at, ['spec', 'predictor'])
  if (predictor.kind === 'absent') return refuseAbsent(predictor)
  if (predictor.kind === 'refused') return predictor
  const model = implementationOf(predictor)
  if (model.kind !== 'cursor') return model
  const place = step(model, 'storageUri')
  if (place.kind === 'refused') return place
  if (place.kind === 'absent') return refuseAbsent(place)
  return [{ kind: 'target', field: 'storageUri', place, document: labelOf(service), value: edit.storageUri }]
}

/** The one predictor implementation: KServe itself accepts exactly one. */
function implementationOf(predictor: Cursor) {
  const found = IMPLEMENTATIONS.flatMap((name) => {
    const at = step(predictor, name)
    return at.kind === 'absent' ? [] : [at]
  })
  const [first, second] = found
  if (second !== undefined) {
    return refuseAt(second.kind === 'cursor' ? second : predictor, {
      code: 'target_ambiguous',
      reason: 'its predictor has more than one model',
      hint: 'KServe accepts exactly one of `model` and the framework blocks; remove the others.',
    })
  }
  return first ?? refuseAt(predictor, noModel(predictor))
}

function noModel(predictor: Cursor) {
  const { node, manifest } = predictor
  const keys = node.kind === 'mapping' ? node.entries.flatMap(({ key }) => scalarText(manifest.text, key) ?? []) : []
  const isCustom = keys.includes('containers')
  return {
    code: 'target_missing',
    reason: isCustom
      ? 'its predictor is a container of its own, which has no storageUri'
      : 'its predictor has neither `model` nor a framework block',
    hint: isCustom ? "Name the container's field with `yaml:`." : 'Add `model:` with a `storageUri` once by hand.',
  } as const
}

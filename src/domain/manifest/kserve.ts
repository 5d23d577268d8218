/** `kserve:` edits: fields of KServe's objects. This file finds the object and lists the kinds; kserve-service.ts and kserve-objects.ts know where each keeps its fields. */
import { type Cursor, refuseAt } from './cursor.ts'
import { GRAPH, LLM, RUNTIME, TRAINED_MODEL, unbalanced } from './kserve-objects.ts'
import { SERVICE } from './kserve-service.ts'
import type { KserveField, KserveShape } from './kserve-shape.ts'
import type { Refused } from './manifest-edit.ts'
import type { KserveEdit, KserveKind } from './object-edits.ts'
import { type Manifest, refuse } from './parse.ts'
import { labelOf, type Resource, resourcesOf } from './resources.ts'
import type { Found, Target } from './target.ts'

const SHAPES: { readonly [Kind in KserveKind]: KserveShape } = {
  InferenceService: SERVICE,
  TrainedModel: TRAINED_MODEL,
  ServingRuntime: RUNTIME,
  ClusterServingRuntime: RUNTIME,
  LLMInferenceService: LLM,
  InferenceGraph: GRAPH,
}

/** What can be edited of a kind. */
export function kserveFields(kind: KserveKind): readonly string[] {
  return Object.keys(SHAPES[kind])
}

type Asked = KserveField & { readonly value: string | number }

/** The scalars of all fields that the edit sets. */
export function kserveTargets(manifest: Manifest, edit: KserveEdit): Found {
  const kind = edit.resource ?? 'InferenceService'
  const owner = ownerOf(manifest, kind, edit.name)
  if ('refusal' in owner) return owner
  const targets: Target[] = []
  for (const asked of fieldsOf(edit)) {
    const place =
      impossible(owner, asked) ?? SHAPES[kind][asked.field]?.(owner, edit, asked) ?? refuseField(owner, asked)
    if (place.kind === 'refused') return place
    const field = [asked.field, asked.node, asked.item].filter((part) => part !== '').join('.')
    targets.push({ kind: 'target', field, place, document: labelOf(owner), value: asked.value })
  }
  for (const field of edit.without ?? []) {
    const asked = { field, item: '', node: '' }
    const place = SHAPES[kind][field]?.(owner, edit, asked) ?? refuseField(owner, asked)
    if (place.kind === 'refused') return place
    if (place.kind === 'cursor')
      targets.push({
        kind: 'target',
        field,
        place: { kind: 'removal', at: place },
        document: labelOf(owner),
        value: '',
      })
  }
  return unbalanced(owner, edit) ?? targets
}

function fieldsOf(edit: KserveEdit): readonly Asked[] {
  const single = (
    [
      'storageUri',
      'storagePath',
      'runtime',
      'runtimeVersion',
      'modelFormatVersion',
      'image',
      'canaryTrafficPercent',
    ] as const
  ).flatMap((field): Asked[] => {
    const value = edit[field]
    return value === undefined ? [] : [{ field, item: '', node: '', value }]
  })
  return [
    ...single,
    ...(edit.env ?? []).map(({ name, value }): Asked => ({ field: 'env', item: name, node: '', value })),
    ...(edit.adapters ?? []).map(({ name, uri }): Asked => ({ field: 'adapter', item: name, node: '', value: uri })),
    ...(edit.weights ?? []).map(
      ({ node, step, weight }): Asked => ({ field: 'weight', item: step, node, value: weight }),
    ),
  ]
}

function ownerOf(manifest: Manifest, kind: KserveKind, wanted: string): Resource | Refused {
  const services = resourcesOf(manifest).filter((resource) => resource.kind === kind)
  const [service, second] = services.filter(({ name }) => name === wanted)
  if (service === undefined) {
    const names = services.flatMap(({ name }) => name ?? [])
    return refuse(manifest, 0, {
      code: 'target_missing',
      reason: `there is no ${kind} \`${wanted}\` in it`,
      hint:
        names.length === 0
          ? `Point \`file\` at the manifest that holds the ${kind}.`
          : `It holds ${names.map((name) => `\`${name}\``).join(', ')}; correct \`kserve.name\`.`,
    })
  }
  if (second !== undefined) {
    return refuseAt(second.at, {
      code: 'target_ambiguous',
      reason: `${kind} \`${wanted}\` is there more than once`,
      hint: `Keep one ${kind} of that name in the file.`,
    })
  }
  if (/^serving\.(?:kserve\.io|kubeflow\.org)\//.test(service.apiVersion ?? '')) return service
  return refuseAt(service.at, {
    code: 'target_missing',
    reason: `${kind} \`${wanted}\` is of ${service.apiVersion ?? 'no apiVersion'}, not serving.kserve.io`,
    hint: 'Correct its apiVersion, or edit its fields with `yaml:`.',
  })
}

/** Values that KServe would reject, or read as something else. */
function impossible({ at }: Resource, { field, value }: Asked): Refused | undefined {
  const isPercent = field === 'canaryTrafficPercent' || field === 'weight'
  if (isPercent && !(Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100)) {
    return refuseValue(at, `\`${field}\` is a whole number from 0 to 100, not ${value}`)
  }
  // KServe puts the version behind the colon of the runtime's image, and looks the runtime up by name.
  if (field === 'runtimeVersion' && !/^\w[\w.-]{0,127}$/.test(String(value))) {
    return refuseValue(at, '`runtimeVersion` becomes the tag of an image, which the new value cannot be')
  }
  if (field === 'runtime' && !/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(String(value))) {
    return refuseValue(at, '`runtime` is the name of a ServingRuntime, which the new value cannot be')
  }
  return undefined
}

function refuseValue(at: Cursor, reason: string): Refused {
  return refuseAt(at, { code: 'unsupported_value', reason, hint: 'Correct the value in the configuration.' })
}

function refuseField({ at, kind = '' }: Resource, { field }: KserveField): Refused {
  const known = kserveFields(kind as KserveKind)
  return refuseAt(at, {
    code: 'target_missing',
    reason: `nothing of a ${kind} is its \`${field}\``,
    hint: `Of a ${kind} these can be edited: ${known.join(', ')}.`,
  })
}

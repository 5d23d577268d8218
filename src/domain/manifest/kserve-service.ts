/** Where an InferenceService keeps what a promotion changes: today's `model`, the older framework blocks, containers of one's own, v1alpha2. Asked by kserve.ts. */
import { containerIn, envOf, imageOf } from './containers.ts'
import { type Absent, type Cursor, follow, peek, refuseAt, step } from './cursor.ts'
import { type KserveShape, present } from './kserve-shape.ts'
import type { Refused } from './manifest-edit.ts'
import type { KserveEdit } from './object-edits.ts'
import type { Resource } from './resources.ts'
import { scalarText } from './tree.ts'

/** `model` is today's shape; the others are the framework blocks that KServe still serves. */
const PREDICTORS = [
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

const EXPLAINERS = ['art', 'alibi', 'aix'] as const

/** What KServe's storage initializer reads in a predictor that is a container of its own. */
const CONTAINER_URI = 'STORAGE_URI'

type Place = Cursor | Absent | Refused

export const SERVICE: KserveShape = {
  storageUri: (service, edit) => {
    const component = componentOf(service, edit)
    if (component.kind === 'refused') return component
    const several = step(component, 'storageUris')
    if (several.kind !== 'absent') return several.kind === 'refused' ? several : oneOfSeveral(several, component, edit)
    const model = implementationOf(component)
    if (model === undefined) return containerUri(component, edit)
    return model.kind === 'refused' ? model : storageUriOf(model)
  },
  storagePath: (service, edit) => inModel(service, edit, (model) => present(follow(model, ['storage', 'path']))),
  runtime: (service, edit) => inModel(service, edit, (model) => runtimeOf(model)),
  runtimeVersion: (service, edit) => inModel(service, edit, (model) => step(model, 'runtimeVersion')),
  modelFormatVersion: (service, edit) => inModel(service, edit, (model) => follow(model, ['modelFormat', 'version'])),
  image: (service, edit) => inContainer(service, edit, imageOf),
  env: (service, edit, { item }) => inContainer(service, edit, (holder) => envOf(holder, item)),
  canaryTrafficPercent: (service, edit) => percentOf(service, edit),
}

/** The predictor, transformer or explainer that is meant. */
function componentOf({ at, apiVersion }: Resource, edit: KserveEdit): Cursor | Refused {
  const component = edit.component ?? 'predictor'
  if (isOld(apiVersion)) {
    const endpoint = endpointOf(at, edit)
    return endpoint.kind === 'refused' ? endpoint : present(step(endpoint, component))
  }
  if (edit.canary === undefined) return present(follow(at, ['spec', component]))
  const item = canaryOf(at, edit.canary)
  return item.kind === 'refused' ? item : present(step(item, component))
}

function isOld(apiVersion: string | undefined): boolean {
  return apiVersion?.endsWith('/v1alpha2') === true
}

/** In v1alpha2 predictors stand in `default` and, while there is one, in `canary`. */
function endpointOf(at: Cursor, { canary: wanted }: KserveEdit): Cursor | Refused {
  const canary = follow(at, ['spec', 'canary'])
  if (wanted === 'default' || wanted === 'canary') return present(follow(at, ['spec', wanted]))
  if (wanted === undefined && canary.kind !== 'cursor') return present(follow(at, ['spec', 'default']))
  return refuseAt(canary.kind === 'cursor' ? canary : at, {
    code: wanted === undefined ? 'target_ambiguous' : 'target_missing',
    reason:
      wanted === undefined
        ? 'this v1alpha2 service has a `canary` beside its `default`, and requests go to both'
        : `a v1alpha2 service has no predictor \`${wanted}\``,
    hint: 'Name one of the two: `canary: default` or `canary: canary`.',
  })
}

/** The item of `spec.canary[]` whose predictor has that name. */
function canaryOf(at: Cursor, name: string): Cursor | Refused {
  const list = present(follow(at, ['spec', 'canary']))
  if (list.kind === 'refused') return list
  const count = list.node.kind === 'sequence' ? list.node.items.length : 1
  for (let index = 0; index < count; index++) {
    const item = step(list, String(index))
    if (item.kind === 'refused') return item
    if (item.kind === 'cursor' && peek(item, ['predictor', 'name']) === name) return item
  }
  return refuseAt(list, {
    code: 'target_missing',
    reason: `\`spec.canary\` has no predictor \`${name}\``,
    hint: 'Add the canary once by hand, or correct the name.',
  })
}

/** The one implementation: KServe itself accepts exactly one. undefined where containers take its place. */
function implementationOf(component: Cursor): Cursor | Refused | undefined {
  const found = [...PREDICTORS, ...EXPLAINERS].flatMap((name) => {
    const at = step(component, name)
    return at.kind === 'absent' ? [] : [at]
  })
  const [first, second] = found
  if (second !== undefined) {
    return refuseAt(second.kind === 'cursor' ? second : component, {
      code: 'target_ambiguous',
      reason: 'its predictor has more than one model',
      hint: 'KServe accepts exactly one of `model` and the framework blocks; remove the others.',
    })
  }
  return first ?? (keysOf(component).includes('containers') ? undefined : refuseNoModel(component))
}

function inModel(service: Resource, edit: KserveEdit, find: (model: Cursor) => Place): Place {
  const component = componentOf(service, edit)
  if (component.kind === 'refused') return component
  const model = implementationOf(component) ?? refuseNoModel(component)
  return model.kind === 'refused' ? model : find(model)
}

/** The container that is named; without a name the model itself, which is one to KServe, or the only one. */
function inContainer(service: Resource, edit: KserveEdit, find: (holder: Cursor) => Place): Place {
  const component = componentOf(service, edit)
  if (component.kind === 'refused') return component
  const model = edit.container === undefined ? implementationOf(component) : undefined
  const holder = model ?? containerIn(component, edit.container)
  return holder.kind === 'refused' ? holder : find(holder)
}

function storageUriOf(model: Cursor): Place {
  const single = step(model, 'storageUri')
  if (single.kind !== 'absent' || step(model, 'storage').kind === 'absent') return present(single)
  return refuseAt(model, {
    code: 'target_missing',
    reason: 'it names its model by `storage`, which has a path and no URI',
    hint: 'Write the model as `storageUri`, or edit its path with `storagePath`.',
  })
}

/** `storageUris` stands beside the model, not in it. */
function oneOfSeveral(list: Cursor, component: Cursor, { mountPath }: KserveEdit): Place {
  const model = implementationOf(component)
  if (model?.kind === 'cursor' && step(model, 'storageUri').kind !== 'absent') {
    return refuseAt(list, {
      code: 'target_ambiguous',
      reason: 'it has both `storageUri` and `storageUris`',
      hint: 'KServe accepts only one of the two; remove the other.',
    })
  }
  const items = list.node.kind === 'sequence' ? list.node.items : []
  if (mountPath !== undefined || items.length === 1) {
    const item = step(list, mountPath === undefined ? '0' : `[mountPath=${mountPath}]`)
    if (item.kind === 'refused') return item
    return present(item.kind === 'absent' ? item : step(item, 'uri'))
  }
  const paths = items.flatMap((_, index) => {
    const item = step(list, String(index))
    return item.kind === 'cursor' ? (peek(item, ['mountPath']) ?? []) : []
  })
  return refuseAt(list, {
    code: 'target_ambiguous',
    reason: `there are ${items.length} \`storageUris\``,
    hint: `Name one by its mount path: ${paths.map((path) => `\`${path}\``).join(', ')}.`,
  })
}

function containerUri(component: Cursor, edit: KserveEdit): Place {
  const container = containerIn(component, edit.container)
  if (container.kind === 'refused') return container
  const found = envOf(container, CONTAINER_URI)
  if (found.kind !== 'refused' || found.refusal.code !== 'target_missing') return found
  return refuseAt(component, {
    code: 'target_missing',
    reason: `its predictor is a container of its own without the variable \`${CONTAINER_URI}\`, from which KServe loads a model`,
    hint: "Name the variable or the image that holds the model: `env`, `image`, or the container's field with `yaml:`.",
  })
}

function runtimeOf(model: Cursor): Place {
  if (model.path.at(-1) === 'model') return step(model, 'runtime')
  return refuseAt(model, {
    code: 'target_missing',
    reason: `the framework block \`${model.path.at(-1)}\` chooses its runtime by itself`,
    hint: 'Write the model as `model:` with a `modelFormat`, which can name a `runtime`.',
  })
}

function percentOf(service: Resource, edit: KserveEdit): Place {
  const { at, apiVersion } = service
  if (isOld(apiVersion)) return percentOfOld(at)
  if (edit.canary !== undefined) {
    const item = canaryOf(at, edit.canary)
    if (item.kind === 'refused') return item
    // At 0 % KServe gives it no pods otherwise, calls the service's canaries not ready, and so does Argo CD the whole application.
    if (Number(peek(item, ['predictor', 'minReplicas']) ?? 0) < 1) {
      return refuseAt(item, {
        code: 'would_not_apply',
        reason: `the canary \`${edit.canary}\` has no \`minReplicas\`, without which it is never ready at 0 %`,
        hint: 'Add `minReplicas: 1` to its predictor, or as many as it shall have.',
      })
    }
    return step(item, 'trafficPercent')
  }
  const mode = peek(at, ['metadata', 'annotations', 'serving.kserve.io/deploymentMode'])
  if (mode !== undefined && !['Knative', 'Serverless'].includes(mode)) {
    return refuseAt(at, {
      code: 'would_not_apply',
      reason: `KServe ignores \`canaryTrafficPercent\` of a predictor in the mode ${mode}`,
      hint: 'Name the predictor in `spec.canary` whose share of the traffic is meant.',
    })
  }
  const component = componentOf(service, edit)
  return component.kind === 'refused' ? component : step(component, 'canaryTrafficPercent')
}

/** In v1alpha2 the percentage stands beside `default` and `canary`. */
function percentOfOld(at: Cursor): Place {
  const canary = follow(at, ['spec', 'canary'])
  if (canary.kind === 'cursor') return follow(at, ['spec', 'canaryTrafficPercent'])
  return refuseAt(at, {
    code: 'would_not_apply',
    reason: 'this v1alpha2 service has no `canary` that could get traffic',
    hint: 'Add the canary once by hand.',
  })
}

function refuseNoModel(component: Cursor): Refused {
  const isCustom = keysOf(component).includes('containers')
  return refuseAt(component, {
    code: 'target_missing',
    reason: isCustom
      ? 'its predictor is a container of its own, which has no such field'
      : 'its predictor has neither `model` nor a framework block',
    hint: isCustom ? 'Edit its `image` or its `env`.' : 'Add `model:` with a `storageUri` once by hand.',
  })
}

function keysOf({ node, manifest }: Cursor): readonly string[] {
  return node.kind === 'mapping' ? node.entries.flatMap(({ key }) => scalarText(manifest.text, key) ?? []) : []
}

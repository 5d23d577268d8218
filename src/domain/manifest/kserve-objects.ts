/** Where KServe's smaller objects keep what a promotion changes. The InferenceService is in kserve-service.ts; kserve.ts asks both. */
import { containerIn, envOf, imageOf } from './containers.ts'
import { type Cursor, follow, peek, refuseAt, step } from './cursor.ts'
import { type KserveShape, present } from './kserve-shape.ts'
import type { Refused } from './manifest-edit.ts'
import type { KserveEdit } from './object-edits.ts'
import { formatPath } from './path.ts'
import type { Resource } from './resources.ts'

export const TRAINED_MODEL: KserveShape = {
  storageUri: ({ at }) => present(follow(at, ['spec', 'model', 'storageUri'])),
}

/** Of a ServingRuntime or ClusterServingRuntime: one edit moves every service that uses it. */
export const RUNTIME: KserveShape = {
  image: ({ at }, edit) => inContainer(podOfRuntime(at, edit), edit, imageOf),
  env: ({ at }, edit, { item }) => inContainer(podOfRuntime(at, edit), edit, (holder) => envOf(holder, item)),
}

export const LLM: KserveShape = {
  storageUri: ({ at }) => fromBase(at, present(follow(at, ['spec', 'model', 'uri']))),
  adapter: ({ at }, _, { item }) =>
    fromBase(at, present(follow(at, ['spec', 'model', 'lora', 'adapters', `[name=${item}]`, 'uri']))),
  image: ({ at }, edit) => fromBase(at, inContainer(podOf(at, edit), edit, imageOf)),
  env: ({ at }, edit, { item }) =>
    fromBase(
      at,
      inContainer(podOf(at, edit), edit, (holder) => envOf(holder, item)),
    ),
}

export const GRAPH: KserveShape = {
  weight: ({ at }, _, { node, item }) => {
    const steps = present(follow(at, ['spec', 'nodes', node, 'steps']))
    if (steps.kind === 'refused') return steps
    const found = stepsOf(steps).filter((each) => namesOf(each).includes(item))
    const [only, second] = found
    if (second !== undefined) {
      return refuseAt(second, {
        code: 'target_ambiguous',
        reason: `\`${item}\` is more than one step of \`${node}\``,
        hint: 'Give the steps names of their own.',
      })
    }
    if (only !== undefined) return present(step(only, 'weight'))
    return refuseAt(steps, {
      code: 'target_missing',
      reason: `\`${formatPath(steps.path)}\` has no step \`${item}\``,
      hint: `Its steps are ${stepsOf(steps)
        .map((each) => namesOf(each)[0] ?? '(without name)')
        .join(', ')}.`,
    })
  },
}

/** KServe admits a Splitter only when its weights are 100 together. */
export function unbalanced({ at }: Resource, { weights = [] }: KserveEdit): Refused | undefined {
  for (const node of new Set(weights.map((weight) => weight.node))) {
    const splitter = follow(at, ['spec', 'nodes', node])
    if (splitter.kind !== 'cursor' || peek(splitter, ['routerType']) !== 'Splitter') continue
    const steps = step(splitter, 'steps')
    if (steps.kind !== 'cursor') continue
    const sum = stepsOf(steps)
      .map(
        (each) =>
          weights.find((weight) => weight.node === node && namesOf(each).includes(weight.step))?.weight ??
          Number(peek(each, ['weight'])),
      )
      .reduce((total, weight) => total + weight, 0)
    if (sum === 100) continue
    return refuseAt(steps, {
      code: 'would_not_apply',
      reason: `the weights of the Splitter \`${node}\` would be ${Number.isNaN(sum) ? 'incomplete' : `${sum} together`}, and KServe admits only 100`,
      hint: 'Set the weights of all its steps.',
    })
  }
  return undefined
}

function podOfRuntime(at: Cursor, { component }: KserveEdit): Cursor | Refused {
  return present(follow(at, component === 'worker' ? ['spec', 'workerSpec'] : ['spec']))
}

function podOf(at: Cursor, { component = 'predictor' }: KserveEdit): Cursor | Refused {
  const paths = { prefill: ['spec', 'prefill', 'template'], worker: ['spec', 'worker'] } as const
  return present(
    follow(at, component === 'prefill' || component === 'worker' ? paths[component] : ['spec', 'template']),
  )
}

/** What the object lacks may stand in an LLMInferenceServiceConfig. */
function fromBase<Place extends Cursor | { readonly kind: 'absent' } | Refused>(
  at: Cursor,
  place: Place,
): Place | Refused {
  const bases = follow(at, ['spec', 'baseRefs'])
  if (place.kind !== 'refused' || place.refusal.code !== 'target_missing' || bases.kind !== 'cursor') return place
  const hint = 'Edit the LLMInferenceServiceConfig that `baseRefs` names, or write the field out here once by hand.'
  return { kind: 'refused', refusal: { ...place.refusal, hint } }
}

function inContainer<Place>(
  pod: Cursor | Refused,
  edit: KserveEdit,
  find: (container: Cursor) => Place,
): Place | Refused {
  if (pod.kind === 'refused') return pod
  const container = containerIn(pod, edit.container)
  return container.kind === 'refused' ? container : find(container)
}

function stepsOf(steps: Cursor): readonly Cursor[] {
  const count = steps.node.kind === 'sequence' ? steps.node.items.length : 0
  return Array.from({ length: count }, (_, index) => step(steps, String(index))).filter(
    (each) => each.kind === 'cursor',
  )
}

function namesOf(each: Cursor): readonly string[] {
  return ['name', 'serviceName', 'nodeName'].flatMap((key) => peek(each, [key]) ?? [])
}

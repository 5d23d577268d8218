/** Which fields of KServe's objects a public manifest has, and an edit of each. Part of public-edits.ts. */
import { KSERVE_KINDS, type KserveEdit } from '../../src/domain/manifest/index.ts'
import {
  apiOf,
  at,
  containersOf,
  type Fields,
  type Found,
  isAlone,
  isFields,
  type Next,
  type Offer,
  offer,
} from './public-objects.ts'

export function kserve(found: Found, all: readonly Found[], next: Next): readonly Offer[] {
  const { object } = found
  const resource = KSERVE_KINDS.find((kind) => kind === object['kind'])
  const name = at(object, ['metadata', 'name'])
  if (resource === undefined || typeof name !== 'string' || !isAlone(found, all)) return []
  const base = { kind: 'kserve', resource, name } as const
  if (resource === 'InferenceGraph') return graph(found, base)
  if (resource.endsWith('Runtime')) {
    return containersOf(object, ['spec']).map(({ path, container }) => {
      const image = next()
      return offer(
        found,
        { ...base, container, image },
        [{ path: [...path, 'image'], old: at(object, [...path, 'image']) }],
        [image],
      )
    })
  }
  const holders: Readonly<Record<string, readonly (readonly string[])[]>> = {
    TrainedModel: [['spec', 'model', 'storageUri']],
    LLMInferenceService: [['spec', 'model', 'uri']],
    InferenceService: predictorsOf(object).map((path) => [...path, 'storageUri']),
  }
  const uris = (holders[resource] ?? []).filter((path) => typeof at(object, path) === 'string')
  const stored = predictorsOf(object).filter((path) => typeof at(object, [...path, 'storage', 'path']) === 'string')
  return [
    ...uris.map((path) => {
      const storageUri = next()
      const canary = path[1] === 'canary' || at(object, ['spec', 'canary']) !== undefined ? path[1] : undefined
      return offer(found, { ...base, canary, storageUri }, [{ path, old: at(object, path) }], [storageUri])
    }),
    ...stored.map((holder) => {
      const storagePath = next()
      const path = [...holder, 'storage', 'path']
      return offer(found, { ...base, storagePath }, [{ path, old: at(object, path) }], [storagePath])
    }),
    ...predictorsOf(object)
      .slice(0, 1)
      .flatMap((holder) => {
        const path = [...holder, 'runtimeVersion']
        const canary = at(object, ['spec', 'canary']) === undefined ? undefined : holder[1]
        return [offer(found, { ...base, canary, runtimeVersion: '1.10' }, [{ path, old: at(object, path) }], ['1.10'])]
      }),
  ]
}

/** Where the service has its models: `model` or a framework block, in v1alpha2 below `default` and `canary`. */
function predictorsOf(object: Fields): readonly (readonly string[])[] {
  const ways = apiOf(object).endsWith('v1alpha2')
    ? [
        ['spec', 'default'],
        ['spec', 'canary'],
      ]
    : [['spec']]
  return ways.flatMap((way) => {
    const predictor = at(object, [...way, 'predictor'])
    if (!isFields(predictor)) return []
    return Object.keys(predictor)
      .filter(
        (key) =>
          isFields(predictor[key]) &&
          (at(predictor[key], ['storageUri']) ?? at(predictor[key], ['storage'])) !== undefined,
      )
      .map((key) => [...way, 'predictor', key])
  })
}

/** All to the first step of each Splitter. */
function graph(found: Found, base: Pick<KserveEdit, 'kind' | 'resource' | 'name'>): readonly Offer[] {
  const nodes = at(found.object, ['spec', 'nodes'])
  return Object.keys(isFields(nodes) ? nodes : {}).flatMap((node) => {
    const steps = at(nodes, [node, 'steps'])
    const names = (Array.isArray(steps) ? steps : []).map((step) =>
      String(at(step, ['name']) ?? at(step, ['serviceName'])),
    )
    if (at(nodes, [node, 'routerType']) !== 'Splitter' || names.length < 2 || new Set(names).size < names.length)
      return []
    const weights = names.map((step, index) => ({ node, step, weight: index === 0 ? 100 : 0 }))
    const picks = names.map((_, index) => {
      const path = ['spec', 'nodes', node, 'steps', String(index), 'weight']
      return { path, old: at(found.object, path) }
    })
    return [
      offer(
        found,
        { ...base, weights },
        picks,
        weights.map(({ weight }) => weight),
      ),
    ]
  })
}

/** Which edits a manifest that nobody here has written offers, found by js-yaml alone, and what must be there afterwards. Used by public-manifests.test.ts. */
import { loadAll } from 'js-yaml'
import { WORKLOAD_KINDS } from '../../src/domain/manifest/index.ts'
import { kserve } from './public-kserve.ts'
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
  objectsIn,
  offer,
  type Place,
} from './public-objects.ts'

const AWKWARD = [
  '1.10',
  '0x1F',
  'yes',
  'null',
  '2024-01-01',
  '1e3',
  '@x',
  'a: b',
  'a #b',
  ' x ',
  '',
  '- x',
  '{x}',
  'größe 🚀',
]
const MORE = [
  "it's",
  'say "hi"',
  'l1\nl2',
  '\ttab',
  '\u0007',
  'C:\\m',
  'ghcr.io/acme/churn:v2@sha256:ab',
  's3://models/churn/12',
  '~',
  '[',
]
const VALUES = [...AWKWARD, ...MORE]
const TAGS = ['1.10', '0x1F', 'yes', 'null', '2024-01-01', '1e3']
const KEYS = 3
const DIGEST = `sha256:${'ab'.repeat(32)}`

/** All that the file offers, a few of each kind. Values go round, so that each meets all kinds of files. */
export function offersOf(text: string, round: { at: number }): readonly Offer[] {
  const next = () => VALUES[round.at++ % VALUES.length] ?? ''
  const documents = loadAll(text)
  const objects = documents.flatMap((value, document) => objectsIn(value, document))
  const offers = objects.flatMap((found) => [
    ...workloads(found, objects, next),
    ...kserve(found, objects, next),
    ...kustomize(found, objects, next),
    ...argocd(found, objects, next),
    ...values(found, objects, next),
  ])
  const [only, second] = documents
  return [...offers, ...(second === undefined && isFields(only) ? helm(only, next) : [])]
}

function workloads(found: Found, all: readonly Found[], next: Next): readonly Offer[] {
  const { object } = found
  const kind = String(object['kind'])
  const name = at(object, ['metadata', 'name'])
  const isKnown =
    WORKLOAD_KINDS.some((known) => known === kind) &&
    (kind !== 'Service' || apiOf(object).startsWith('serving.knative'))
  if (!isKnown || typeof name !== 'string' || !isAlone(found, all)) return []
  const pod =
    kind === 'Pod' ? ['spec'] : [...(kind === 'CronJob' ? ['spec', 'jobTemplate'] : []), 'spec', 'template', 'spec']
  return containersOf(object, pod).flatMap(({ path, container }) => {
    const image = next()
    const edit = { kind: 'deployment', resource: kind, name, container, image } as const
    return [offer(found, edit, [{ path: [...path, 'image'], old: at(object, [...path, 'image']) }], [image])]
  })
}

/** Every entry gets a tag, and two more are added. */
function kustomize(found: Found, all: readonly Found[], next: Next): readonly Offer[] {
  const { object } = found
  const images = object['images']
  const isOne =
    object['kind'] === 'Kustomization' ||
    object['kind'] === 'Component' ||
    (object['kind'] === undefined && Array.isArray(object['resources']))
  const others = all.filter(
    (one) => one !== found && ['Kustomization', 'Component', undefined].includes(String(one.object['kind'])),
  )
  if (!isOne || !Array.isArray(images) || others.length > 0) return []
  const entries = images.map((image, index) => ({
    name: at(image, ['name']),
    digest: at(image, ['digest']),
    path: ['images', String(index)],
  }))
  const known = entries.filter(
    ({ name, digest }) =>
      typeof name === 'string' && digest === undefined && entries.filter((one) => one.name === name).length === 1,
  )
  const tagged = known.map(({ name, path }) => {
    const newTag = next()
    const place = [...path, 'newTag']
    return offer(
      found,
      { kind: 'kustomize_image', name: String(name), newTag },
      [{ path: place, old: at(object, place) }],
      [newTag],
    )
  })
  const fresh = ['lockkeeper.example/a', "it's"].map((name) => ({ name, newTag: next(), digest: DIGEST }))
  const wanted = fresh.map((value, index) => ({
    document: found.document,
    path: [...found.path, 'images', String(images.length + index)],
    value,
    old: undefined,
  }))
  return [
    ...tagged,
    { kind: 'kustomize_image', edits: fresh.map((fields) => ({ kind: 'kustomize_image', ...fields })), wanted },
  ]
}

function argocd(found: Found, all: readonly Found[], next: Next): readonly Offer[] {
  const { object } = found
  const list = at(object, ['spec', 'source', 'helm', 'parameters'])
  const name = at(object, ['metadata', 'name'])
  if (object['kind'] !== 'Application' || typeof name !== 'string' || !Array.isArray(list) || !isAlone(found, all))
    return []
  return list.map((parameter, index) => {
    const value = next()
    const path = ['spec', 'source', 'helm', 'parameters', String(index), 'value']
    const parameters = [{ name: String(at(parameter, ['name'])), value }]
    return offer(found, { kind: 'argocd_parameters', name, parameters }, [{ path, old: at(object, path) }], [value])
  })
}

/** Images of a chart: mappings with a repository and a tag, and nothing else that could hold a part of an image. */
function helm(values: Fields, next: Next): readonly Offer[] {
  if (values['apiVersion'] !== undefined) return []
  const places = mappingsIn(values, []).filter(
    ({ fields }) =>
      typeof fields['repository'] === 'string' &&
      typeof fields['tag'] === 'string' &&
      !/[@:]/.test(`${fields['tag']}${fields['repository']}`) &&
      ['digest', 'sha', 'registry'].every((key) => fields[key] === undefined),
  )
  return places.slice(0, KEYS).map(({ path, fields }) => {
    const tag = TAGS[next().length % TAGS.length] ?? ''
    const images = [{ path: path.join('.'), segments: path, image: `ghcr.io/acme/new:${tag}` }]
    const found = { document: 0, path: [], object: values }
    return offer(
      found,
      { kind: 'helm', images },
      ['repository', 'tag'].map((key) => ({ path: [...path, key], old: fields[key] })),
      ['ghcr.io/acme/new', tag],
    )
  })
}

/** A few strings of the object by their path: the first, the last, some between; all in one edit. */
function values(found: Found, all: readonly Found[], next: Next): readonly Offer[] {
  const { object } = found
  const strings = stringsIn(object, []).filter(
    ({ path }) =>
      path.every((key) => !/^\[|^$/.test(key)) && path.join('/') !== 'kind' && path.join('/') !== 'metadata/name',
  )
  const stride = Math.max(1, Math.floor(strings.length / KEYS))
  const chosen = strings.filter((_, index) => index % stride === 0 || index === strings.length - 1)
  const [kind, name] = [object['kind'], at(object, ['metadata', 'name'])]
  const document = typeof kind === 'string' ? { kind, name: typeof name === 'string' ? name : undefined } : undefined
  const same = all.filter(
    (one) =>
      one.object['kind'] === kind && (document?.name === undefined || at(one.object, ['metadata', 'name']) === name),
  )
  if (chosen.length === 0 || (document === undefined ? all.length > 1 : same.length > 1)) return []
  return chosen.map((pick) => {
    const value = next()
    return offer(
      found,
      { kind: 'yaml', document, values: [{ path: pick.path.join('.'), segments: pick.path, value }] },
      [pick],
      [value],
    )
  })
}

function mappingsIn(
  value: unknown,
  path: readonly string[],
): readonly { readonly path: readonly string[]; readonly fields: Fields }[] {
  if (!isFields(value)) return []
  const own = path.length === 0 ? [] : [{ path, fields: value }]
  return [...own, ...Object.entries(value).flatMap(([key, item]) => mappingsIn(item, [...path, key]))]
}

function stringsIn(value: unknown, path: readonly string[]): readonly Place[] {
  if (typeof value === 'string') return [{ path, old: value }]
  if (typeof value !== 'object' || value === null || path.length > 12) return []
  return Object.entries(value).flatMap(([key, item]) => stringsIn(item, [...path, key]))
}

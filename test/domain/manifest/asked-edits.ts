/** Objects with an edit of theirs, and what must be there afterwards: one arbitrary for each kind of edit. asked-kserve.ts has KServe's. */
import fc from 'fast-check'
import type { ManifestEdit } from '../../../src/domain/manifest/index.ts'
import { awkwardTag, awkwardValue } from './awkward-values.ts'
import type { Fields, Shape } from './written-manifest.ts'

/** A value of the object afterwards. A new one is a key or a list item that was not there. */
export type Wanted = {
  readonly path: readonly string[]
  readonly value: string | number | Readonly<Record<string, string>>
  readonly isNew: boolean
}

export type Asked = {
  /** For counting. */
  readonly what: string
  readonly object: Fields
  readonly edits: readonly ManifestEdit[]
  readonly wanted: readonly Wanted[]
  /** What the object says decides what is written, so no text of it may end in a line break. */
  readonly exact?: boolean
  /** The file holds nothing else. */
  readonly isValues?: boolean
}

const DIGEST = `sha256:${'ab'.repeat(32)}`
const OLD = `sha256:${'cd'.repeat(32)}`
const replaced = (path: string, value: string): Wanted => ({ path: path.split('/'), value, isNew: false })

const PODS = {
  Deployment: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
  Rollout: 'spec/template/spec',
  Pod: 'spec',
}

/** `{ a: { b: inner } }` for `a/b`. */
function nested(path: string, inner: Shape): Fields {
  return path.split('/').reduceRight<Shape>((shape, key) => ({ [key]: shape }), inner) as Fields
}

export const askedOfDeployment: fc.Arbitrary<Asked> = fc
  .record({
    pod: fc.constantFrom(...Object.entries(PODS)),
    place: fc.constantFrom(['server', 'containers/0'], ['proxy', 'containers/1'], ['load', 'initContainers/0']),
    image: awkwardValue,
    isNamed: fc.boolean(),
  })
  .map(({ pod: [resource, path], place: [container, item], image, isNamed }) => {
    const containers = [
      { name: 'server', image: 'a:1', args: ['--x'] },
      { name: 'proxy', image: 'b:1' },
    ]
    const pod = nested(path, { containers, initContainers: [{ name: 'load', image: 'c:1' }] })
    const apiVersion = resource === 'Rollout' ? 'argoproj.io/v1alpha1' : 'apps/v1'
    return {
      what: 'deployment',
      object: { apiVersion, kind: resource, metadata: { name: 'churn' }, ...pod },
      edits: [{ kind: 'deployment', name: 'churn', container, image, resource: isNamed ? resource : undefined }],
      wanted: [replaced(`${path}/${item}/image`, image)],
    }
  })

const NAMES = ['r/churn', "it's", 'größe', 'a b']
const entry = fc.record(
  { newName: fc.constant('q/x'), newTag: fc.constant('v1'), digest: fc.constant(OLD) },
  { requiredKeys: [] },
)
const fields = fc
  .record({ newName: awkwardValue, newTag: awkwardValue, digest: awkwardValue }, { requiredKeys: [] })
  .filter((set) => Object.keys(set).length > 0)

export const askedOfKustomize: fc.Arbitrary<Asked> = fc
  .record({
    there: fc.array(entry, { maxLength: NAMES.length }),
    edits: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES.keys()), fields), {
      minLength: 1,
      maxLength: 3,
      selector: ([index]) => index,
    }),
    kind: fc.constantFrom('Kustomization', 'Component'),
  })
  // A tag alone does not decide what an entry with a digest renders.
  .filter(({ there, edits }) =>
    edits.every(
      ([index, set]) => set.newTag === undefined || set.digest !== undefined || there[index]?.digest === undefined,
    ),
  )
  .map(({ there, edits, kind }) => {
    const images = there.map((old, index) => ({ name: NAMES[index] ?? '', ...old }))
    let length = images.length
    const wanted = edits.flatMap(([index, set]): readonly Wanted[] => {
      const old = there[index]
      if (old === undefined)
        return [{ path: ['images', String(length++)], value: { name: NAMES[index] ?? '', ...set }, isNew: true }]
      return Object.entries(set).map(([field, value]) => ({
        path: ['images', String(index), field],
        value,
        isNew: !Object.hasOwn(old, field),
      }))
    })
    return {
      what: 'kustomize_image',
      object: { kind, resources: ['../base'], images, commonLabels: { app: 'churn' } },
      edits: edits.map(([index, set]) => ({ kind: 'kustomize_image', name: NAMES[index] ?? '', ...set })),
      wanted,
    }
  })

/** The ways in which charts write `ghcr.io/acme/new:TAG@DIGEST`, before and after. */
const WAYS: readonly ((
  tag: string,
) => readonly [before: Fields, image: string, after: Readonly<Record<string, string>>])[] = [
  (tag) => [{ repository: 'a/b', tag: 'v1', pullPolicy: 'Always' }, `q/new:${tag}`, { repository: 'q/new', tag }],
  (tag) => [{ name: 'a/b', tag: 'v1' }, `q/new:${tag}`, { name: 'q/new', tag }],
  (tag) => [
    { registry: 'ghcr.io', repository: 'a/b', tag: '' },
    `q.io:5000/new:${tag}`,
    { registry: 'q.io:5000', repository: 'new', tag },
  ],
  (tag) => [
    { repository: 'a/b', tag: 'v1', digest: '' },
    `q/new:${tag}@${DIGEST}`,
    { repository: 'q/new', tag, digest: DIGEST },
  ],
  (tag) => [
    { repository: 'a/b', tag: 'v1', sha: OLD.slice(7) },
    `q/new:${tag}@${DIGEST}`,
    { repository: 'q/new', tag, sha: DIGEST.slice(7) },
  ],
  (tag) => [
    { repository: 'a/b', tag: `v1@${OLD}` },
    `q/new:${tag}@${DIGEST}`,
    { repository: 'q/new', tag: `${tag}@${DIGEST}` },
  ],
  () => [{ repository: 'a/b', digest: OLD }, `q/new@${DIGEST}`, { repository: 'q/new', digest: DIGEST }],
  (tag) => [{ repository: `a/b:v1@${OLD}` }, `q/new:${tag}@${DIGEST}`, { repository: `q/new:${tag}@${DIGEST}` }],
]

export const askedOfHelm: fc.Arbitrary<Asked> = fc
  .record({
    way: fc.constantFrom(...WAYS),
    tag: awkwardTag,
    path: fc.constantFrom('image', 'server/image', 'a.b/image'),
    whole: awkwardValue,
  })
  .map(({ way, tag, path, whole }) => {
    const [before, image, after] = way(tag)
    const parts = Object.entries(after).map(([key, value]) => replaced(`${path}/${key}`, value))
    const split = path.split('/')
    return {
      what: 'helm',
      object: { ...nested(path, before), side: { picture: 'a/b:v1' }, replicas: 1 },
      edits: [
        {
          kind: 'helm',
          images: [
            { path, segments: split, image },
            { path: 'side.picture', segments: ['side', 'picture'], image: whole },
          ],
        },
      ],
      wanted: [...parts, replaced('side/picture', whole)],
      exact: true,
      isValues: true,
    }
  })

export const askedOfArgocd: fc.Arbitrary<Asked> = fc
  .record({
    parameter: awkwardValue,
    value: awkwardValue,
    tag: awkwardTag,
    several: fc.boolean(),
    isSet: fc.boolean(),
    isNamed: fc.boolean(),
  })
  .map(({ parameter, value, tag, several, isSet, isNamed }) => {
    const source = {
      helm: {
        parameters: [
          { name: 'a', value: 'x' },
          { name: 'image.tag', value: 'v1' },
        ],
        valuesObject: { model: { uri: 'x' } },
      },
      kustomize: { images: ['a/b:v1', isNamed ? 'base=q/x:v1' : 'base:v1'] },
    }
    const spec = several ? { sources: [{ path: 'x' }, source] } : { source }
    const at = `${isSet ? 'spec/template/spec' : 'spec'}/${several ? 'sources/1' : 'source'}`
    return {
      what: 'argocd_parameters',
      object: {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: isSet ? 'ApplicationSet' : 'Application',
        metadata: { name: 'churn' },
        ...nested(isSet ? 'spec/template/spec' : 'spec', spec),
      },
      edits: [
        {
          kind: 'argocd_parameters',
          name: 'churn',
          source: several ? '1' : undefined,
          parameters: [{ name: 'image.tag', value: parameter }],
          values: [{ path: 'model.uri', segments: ['model', 'uri'], value }],
          images: [{ name: 'base', image: `q/new:${tag}` }],
        },
      ],
      wanted: [
        replaced(`${at}/helm/parameters/1/value`, parameter),
        replaced(`${at}/helm/valuesObject/model/uri`, value),
        replaced(`${at}/kustomize/images/1`, `base=q/new:${tag}`),
      ],
      exact: true,
    }
  })

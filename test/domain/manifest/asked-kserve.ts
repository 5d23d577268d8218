/** Objects of KServe in every shape, with an edit of some of their fields and what must be there afterwards. Part of asked-edits.ts. */
import fc from 'fast-check'
import type { KserveEdit } from '../../../src/domain/manifest/index.ts'
import type { Asked, Wanted } from './asked-edits.ts'
import { awkwardTag, awkwardValue } from './awkward-values.ts'
import type { Fields, Shape } from './written-manifest.ts'

type Sets = Partial<Omit<KserveEdit, 'kind' | 'name'>>
/** One field: how an edit asks for it, and where it is. */
type Part = { readonly sets: Sets; readonly wanted: readonly Wanted[] }
type Shaped = { readonly object: Fields; readonly base: Sets; readonly parts: readonly fc.Arbitrary<Part>[] }

const FRAMEWORKS = [
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
]
const runtimeName = awkwardTag.map((tag) => tag.toLowerCase().replaceAll('_', '-'))
const percent = fc.integer({ min: 0, max: 100 })

const object = (kind: string, spec: Fields, apiVersion = 'serving.kserve.io/v1alpha1'): Fields => ({
  apiVersion,
  kind,
  metadata: { name: 'churn', labels: { app: 'churn' } },
  spec,
})
const service = (spec: Fields, apiVersion = 'serving.kserve.io/v1beta1') => object('InferenceService', spec, apiVersion)

function part<Value extends string | number>(
  value: fc.Arbitrary<Value>,
  path: string,
  sets: (value: Value) => Sets,
  isNew = false,
): fc.Arbitrary<Part> {
  return value.map((chosen) => ({ sets: sets(chosen), wanted: [{ path: path.split('/'), value: chosen, isNew }] }))
}

const uri = (path: string) => part(awkwardValue, path, (storageUri) => ({ storageUri }))
const image = (path: string) => part(awkwardValue, path, (to) => ({ image: to }))
const variable = (name: string, path: string, isNew = false) =>
  part(awkwardValue, path, (value) => ({ env: [{ name, value }] }), isNew)
const given = (isThere: boolean, fields: Fields): Fields => (isThere ? fields : {})

const modelShape = fc
  .tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([runtime, version, format, traffic]): Shaped => {
    const at = 'spec/predictor/model'
    const model = {
      modelFormat: { name: 'sklearn', ...given(format, { version: '1' }) },
      ...given(runtime, { runtime: 'mlserver' }),
      ...given(version, { runtimeVersion: '1.3.2' }),
      storageUri: 's3://m/churn/11',
      image: 'ghcr.io/acme/server:v1',
    }
    return {
      object: service({ predictor: { minReplicas: 1, ...given(traffic, { canaryTrafficPercent: 10 }), model } }),
      base: {},
      parts: [
        uri(`${at}/storageUri`),
        image(`${at}/image`),
        part(runtimeName, `${at}/runtime`, (to) => ({ runtime: to }), !runtime),
        part(awkwardTag, `${at}/runtimeVersion`, (to) => ({ runtimeVersion: to }), !version),
        part(awkwardValue, `${at}/modelFormat/version`, (to) => ({ modelFormatVersion: to }), !format),
        part(percent, 'spec/predictor/canaryTrafficPercent', (to) => ({ canaryTrafficPercent: to }), !traffic),
      ],
    }
  })

const frameworkShape = fc
  .tuple(fc.constantFrom(...FRAMEWORKS), fc.boolean(), fc.boolean())
  .map(([framework, version, isOld]): Shaped => {
    const predictor = {
      [framework]: {
        storageUri: 'gs://m/11',
        ...given(version, { runtimeVersion: '23.10' }),
        env: [{ name: 'A', value: 'x' }],
      },
    }
    const at = `spec/${isOld ? 'default/' : ''}predictor/${framework}`
    return {
      object: isOld ? service({ default: { predictor } }, 'serving.kubeflow.org/v1alpha2') : service({ predictor }),
      base: {},
      parts: [
        uri(`${at}/storageUri`),
        part(awkwardTag, `${at}/runtimeVersion`, (to) => ({ runtimeVersion: to }), !version),
        variable('A', `${at}/env/0/value`),
      ],
    }
  })

const containers: Shape = [
  { name: 'proxy', image: 'envoy:1' },
  {
    name: 'kserve-container',
    image: 'ghcr.io/acme/churn:v1',
    env: [{ name: 'STORAGE_URI', value: 's3://m/11' }, { name: 'EMPTY' }],
  },
]
const containersShape = fc.constantFrom('predictor', 'transformer', 'explainer').map((component): Shaped => {
  const at = `spec/${component}/containers/1`
  const predictor = component === 'predictor' ? {} : { predictor: { model: { storageUri: 'x' } } }
  return {
    object: service({ ...predictor, [component]: { containers } }),
    base: { component },
    parts: [
      image(`${at}/image`),
      fc.oneof(uri(`${at}/env/0/value`), variable('STORAGE_URI', `${at}/env/0/value`)),
      variable('EMPTY', `${at}/env/1/value`, true),
    ],
  }
})

const small: readonly Shaped[] = [
  {
    object: service({ predictor: { containers } }),
    base: { container: 'proxy' },
    parts: [image('spec/predictor/containers/0/image')],
  },
  {
    object: service({
      predictor: {
        model: { runtime: 'x' },
        storageUris: [
          { uri: 'a', mountPath: '/a' },
          { uri: 'b', mountPath: '/b' },
        ],
      },
    }),
    base: { mountPath: '/b' },
    parts: [uri('spec/predictor/storageUris/1/uri')],
  },
  {
    object: service({ predictor: { model: { storage: { key: 'k', path: 'churn/11' } } } }),
    base: {},
    parts: [part(awkwardValue, 'spec/predictor/model/storage/path', (storagePath) => ({ storagePath }))],
  },
  {
    object: service({
      predictor: { name: 'a', model: { storageUri: 'x' } },
      canary: [
        { trafficPercent: 5, predictor: { name: 'c', model: { storageUri: 'y' } } },
        { trafficPercent: 10, predictor: { name: 'b', minReplicas: 1, model: { storageUri: 'z' } } },
      ],
    }),
    base: { canary: 'b' },
    parts: [
      uri('spec/canary/1/predictor/model/storageUri'),
      part(percent, 'spec/canary/1/trafficPercent', (to) => ({ canaryTrafficPercent: to })),
    ],
  },
  {
    object: service(
      {
        default: { predictor: { onnx: { storageUri: 'x' } } },
        canary: { predictor: { onnx: { storageUri: 'y' } } },
        canaryTrafficPercent: 5,
      },
      'serving.kubeflow.org/v1alpha2',
    ),
    base: { canary: 'canary' },
    parts: [
      uri('spec/canary/predictor/onnx/storageUri'),
      part(percent, 'spec/canaryTrafficPercent', (to) => ({ canaryTrafficPercent: to })),
    ],
  },
  {
    object: service({ predictor: { model: { storageUri: 'x' } }, explainer: { art: { storageUri: 'y' } } }),
    base: { component: 'explainer' },
    parts: [uri('spec/explainer/art/storageUri')],
  },
  {
    object: object('TrainedModel', {
      inferenceService: 'x',
      model: { storageUri: 'x', framework: 'sklearn', memory: '1Gi' },
    }),
    base: { resource: 'TrainedModel' },
    parts: [uri('spec/model/storageUri')],
  },
  ...(['ServingRuntime', 'ClusterServingRuntime'] as const).map((resource) => ({
    object: object(resource, { supportedModelFormats: [{ name: 'a', version: '1' }], containers }),
    base: { resource },
    parts: [image('spec/containers/1/image'), variable('STORAGE_URI', 'spec/containers/1/env/0/value')],
  })),
  {
    object: object('LLMInferenceService', {
      model: {
        uri: 'hf://a/b',
        name: 'a/b',
        lora: {
          adapters: [
            { name: 'x', uri: 'a' },
            { name: 'y', uri: 'b' },
          ],
        },
      },
      template: { containers: [{ name: 'main', image: 'vllm:v1' }] },
      worker: { containers: [{ name: 'main', image: 'vllm:v2' }] },
    }),
    base: { resource: 'LLMInferenceService' },
    parts: [
      uri('spec/model/uri'),
      part(awkwardValue, 'spec/model/lora/adapters/1/uri', (to) => ({ adapters: [{ name: 'y', uri: to }] })),
      image('spec/template/containers/0/image'),
    ],
  },
]

const GRAPH = object('InferenceGraph', {
  nodes: {
    root: {
      routerType: 'Splitter',
      steps: [
        { serviceName: 'old', weight: 80 },
        { name: 'new', serviceName: 'x', weight: 20 },
      ],
    },
  },
})
const graph = percent.map(
  (weight): Asked => ({
    what: 'InferenceGraph',
    object: GRAPH,
    edits: [
      {
        kind: 'kserve',
        name: 'churn',
        resource: 'InferenceGraph',
        weights: [
          { node: 'root', step: 'old', weight: 100 - weight },
          { node: 'root', step: 'new', weight },
        ],
      },
    ],
    wanted: [100 - weight, weight].map((value, index) => ({
      path: ['spec', 'nodes', 'root', 'steps', String(index), 'weight'],
      value,
      isNew: false,
    })),
  }),
)

function asked({ object, base, parts }: Shaped): fc.Arbitrary<Asked> {
  return fc
    .tuple(fc.tuple(...parts), fc.subarray([...parts.keys()], { minLength: 1 }), fc.boolean())
    .map(([all, chosen, together]) => {
      const some = chosen.flatMap((index) => all[index] ?? [])
      const edit = (sets: readonly Sets[]): KserveEdit => ({
        kind: 'kserve',
        name: 'churn',
        ...base,
        ...Object.assign({}, ...sets),
      })
      const env = some.flatMap(({ sets }) => sets.env ?? [])
      const joined = edit([...some.map(({ sets }) => sets), env.length === 0 ? {} : { env }])
      const edits = together ? [joined] : some.map(({ sets }) => edit([sets]))
      return { what: String(object['kind']), object, edits, wanted: some.flatMap(({ wanted }) => wanted) }
    })
}

/** Every kind, every field. */
export const askedOfKserve: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 4, arbitrary: modelShape.chain(asked) },
  { weight: 2, arbitrary: frameworkShape.chain(asked) },
  { weight: 2, arbitrary: containersShape.chain(asked) },
  { weight: 4, arbitrary: fc.constantFrom(...small).chain(asked) },
  { weight: 1, arbitrary: graph },
)

/** What `kserve:` finds in every shape of KServe's objects, and what it refuses. Styles and the proof are tested beside. */
import { describe, expect, test } from 'vitest'
import { editManifest, type KserveEdit } from '../../../src/domain/manifest/index.ts'
import { edited } from './support.ts'

type Fields = Omit<KserveEdit, 'kind' | 'name'>
const run = (text: string, fields: Fields) =>
  edited(editManifest({ file: 'f.yaml', text, edits: [{ kind: 'kserve', name: 'churn', ...fields }] }))

const object = (kind: string, spec: string, apiVersion = 'serving.kserve.io/v1beta1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: churn\nspec:\n${spec}`
const service = (spec: string, apiVersion?: string) => object('InferenceService', spec, apiVersion)

const CUSTOM = `  predictor:
    containers:
    - name: kserve-container
      image: ghcr.io/acme/churn:v1 # served
      env:
      - {name: STORAGE_URI, value: "s3://m/churn/11"}
      - name: THREADS
        value: "4"
    - name: proxy
      image: envoy:1
`
const MODEL = `  predictor:
    canaryTrafficPercent: 10 # per cent
    model:
      modelFormat: {name: sklearn, version: "1"}
      runtime: mlserver
      runtimeVersion: 1.3.2
      image: "ghcr.io/acme/server:v1"
      storageUri: s3://m/churn/11
`
const SEVERAL = `  predictor:
    model: {modelFormat: {name: sklearn}}
    storageUris:
    - {uri: "s3://m/base/1", mountPath: /mnt/base}
    - {uri: "s3://m/churn/11", mountPath: /mnt/adapter}
`
const CANARY = `  predictor: {name: a, model: {storageUri: s3://m/churn/11}}
  canary:
  - trafficPercent: 10
    predictor: {name: b, minReplicas: 1, model: {storageUri: s3://m/churn/12}}
`
const LLM = `  model:
    uri: hf://acme/llm
    lora:
      adapters:
      - {name: churn, uri: s3://m/lora/1}
  template:
    containers:
    - {name: main, image: "vllm:v1"}
    - {name: other, image: "x:v1"}
  prefill: {template: {containers: [{name: main, image: "vllm:v2"}]}}
  worker: {containers: [{name: main, image: "vllm:v3"}]}
`
const GRAPH = `  nodes:
    root:
      routerType: Splitter
      steps:
      - serviceName: old
        weight: 80
      - {name: new, serviceName: churn-12, weight: 20}
`
const OLD_API = 'serving.kubeflow.org/v1alpha2'

describe('an InferenceService', () => {
  test.each<[string, string, Fields, string, string]>([
    [
      'the URI of the only item of storageUris',
      SEVERAL.replace(/ +- .*base}\n/, ''),
      { storageUri: 's3://m/churn/12' },
      'churn/11',
      'churn/12',
    ],
    [
      'the URI that is mounted there',
      SEVERAL,
      { storageUri: 's3://m/churn/12', mountPath: '/mnt/adapter' },
      'churn/11',
      'churn/12',
    ],
    [
      'storage.path',
      '  predictor: {model: {storage: {key: k, path: churn/11}}}\n',
      { storagePath: 'churn/12' },
      'churn/11',
      'churn/12',
    ],
    ['the runtime', MODEL, { runtime: 'triton' }, 'mlserver', 'triton'],
    ['the version of the runtime', MODEL, { runtimeVersion: '1.10' }, '1.3.2', '"1.10"'],
    ['the version of the model format', MODEL, { modelFormatVersion: '2' }, '"1"', '"2"'],
    ['the image of the model', MODEL, { image: 'ghcr.io/acme/server:v2' }, 'server:v1', 'server:v2'],
    ['the traffic of the canary as a number', MODEL, { canaryTrafficPercent: 50 }, '10 #', '50 #'],
    ['the image of a container of its own', CUSTOM, { image: 'ghcr.io/acme/churn:v2' }, 'churn:v1', 'churn:v2'],
    ['the image of a named container', CUSTOM, { container: 'proxy', image: 'envoy:2' }, 'envoy:1', 'envoy:2'],
    ['a variable, which stays a string', CUSTOM, { env: [{ name: 'THREADS', value: '8' }] }, '"4"', '"8"'],
    ['the variable that KServe loads a model from', CUSTOM, { storageUri: 's3://m/churn/12' }, 'churn/11', 'churn/12'],
    ['the predictor of a canary', CANARY, { canary: 'b', storageUri: 's3://m/churn/13' }, 'churn/12', 'churn/13'],
    [
      'the traffic of that canary',
      CANARY,
      { canary: 'b', canaryTrafficPercent: 0 },
      'trafficPercent: 10',
      'trafficPercent: 0',
    ],
    [
      'the image of the transformer',
      '  transformer: {containers: [{image: a:1}]}\n',
      { component: 'transformer', image: 'a:2' },
      'a:1',
      'a:2',
    ],
    [
      'the model of the explainer',
      '  explainer: {art: {storageUri: s3://m/x/1}}\n',
      { component: 'explainer', storageUri: 's3://m/x/2' },
      'x/1',
      'x/2',
    ],
  ])('gets %s', (_, spec, fields, old, now) => {
    const before = service(spec)
    expect(run(before, fields)).toBe(before.replace(old, now))
  })

  test('gets several fields at once', () => {
    const before = service(MODEL)
    expect(run(before, { storageUri: 's3://m/churn/12', runtimeVersion: '1.4.0', canaryTrafficPercent: 0 })).toBe(
      before.replace('churn/11', 'churn/12').replace('1.3.2', '1.4.0').replace('10 #', '0 #'),
    )
  })

  test('gets keys that it does not have, numbers as numbers', () => {
    const before = service(
      '  predictor:\n    minReplicas: 1\n    model:\n      modelFormat:\n        name: sklearn\n      storageUri: s3://m/11\n',
    )
    expect(run(before, { canaryTrafficPercent: 10, runtimeVersion: '1.10', modelFormatVersion: '1' })).toBe(
      before
        .replace('minReplicas: 1', 'minReplicas: 1\n    canaryTrafficPercent: 10')
        .replace('name: sklearn', 'name: sklearn\n        version: "1"')
        .replace('storageUri: s3://m/11', 'storageUri: s3://m/11\n      runtimeVersion: "1.10"'),
    )
  })

  test('of v1alpha2 has its model under `default`', () => {
    const before = service('  default: {predictor: {sklearn: {storageUri: s3://m/churn/11}}}\n', OLD_API)
    expect(run(before, { storageUri: 's3://m/churn/12' })).toBe(before.replace('churn/11', 'churn/12'))
  })

  test('of v1alpha2 with a canary has two, and the traffic beside them', () => {
    const before = service(
      '  default: {predictor: {sklearn: {storageUri: s3://m/11}}}\n  canaryTrafficPercent: 10\n  canary: {predictor: {sklearn: {storageUri: s3://m/12}}}\n',
      OLD_API,
    )
    const both = { canary: 'canary', storageUri: 's3://m/13', canaryTrafficPercent: 20 }
    expect(run(before, both)).toBe(before.replace('m/12', 'm/13').replace('10', '20'))
    expect(run(before, { canary: 'default', storageUri: 's3://m/13' })).toBe(before.replace('m/11', 'm/13'))
    expect(run(before, { canary: 'b', storageUri: 's3://m/13' })).toBe('refused 8:11 target_missing')
    const alone = before.replace(/ {2}canary:.*\n/, '')
    expect(run(alone, { canaryTrafficPercent: 20 })).toBe('refused 1:1 would_not_apply')
  })

  test('of which containers load from `storageUris` beside them', () => {
    const before = service('  predictor:\n    containers: [{image: a}]\n    storageUris: [{uri: s3://m/11}]\n')
    expect(run(before, { storageUri: 's3://m/12' })).toBe(before.replace('m/11', 'm/12'))
  })

  test('is unchanged when the traffic is as asked', () => {
    expect(run(service(MODEL), { canaryTrafficPercent: 10 })).toBe('unchanged')
  })

  test.each<[string, string, Fields, string]>([
    [
      'one of several storageUris without a mount path',
      service(SEVERAL),
      { storageUri: 's3://x' },
      '9:5 target_ambiguous',
    ],
    [
      'a mount path that is not there',
      service(SEVERAL),
      { storageUri: 's3://x', mountPath: '/y' },
      '9:5 target_missing',
    ],
    [
      'storageUri beside storageUris',
      service(SEVERAL.replace('sklearn}', 'sklearn}, storageUri: s3://x')),
      { storageUri: 's3://y' },
      '9:5 target_ambiguous',
    ],
    [
      'the runtime of a framework block',
      service('  predictor: {sklearn: {storageUri: x}}\n'),
      { runtime: 'y' },
      '6:24 target_missing',
    ],
    ['a container that is not there', service(CUSTOM), { container: 'x', image: 'y' }, '7:5 target_missing'],
    [
      'an image that the runtime decides',
      service('  predictor: {model: {storageUri: x}}\n'),
      { image: 'y' },
      '6:22 target_missing',
    ],
    ['a variable that is not there', service(CUSTOM), { env: [{ name: 'X', value: 'y' }] }, '11:7 target_missing'],
    [
      'a variable from elsewhere',
      service('  predictor: {containers: [{env: [{name: X, valueFrom: {}}]}]}\n'),
      { env: [{ name: 'X', value: 'y' }] },
      '6:35 would_not_apply',
    ],
    [
      'the traffic as a quoted number, also when it is the same',
      service(MODEL.replace('10 ', '"10" ')),
      { canaryTrafficPercent: 10 },
      '7:27 unsupported_value',
    ],
    ['more than all traffic', service(MODEL), { canaryTrafficPercent: 101 }, '1:1 unsupported_value'],
    ['a version that is no tag', service(MODEL), { runtimeVersion: 'v1@sha256:x' }, '1:1 unsupported_value'],
    ['a runtime that is an image', service(MODEL), { runtime: 'evil.io/x:1' }, '1:1 unsupported_value'],
    [
      'traffic in a mode that ignores it',
      service(MODEL).replace(
        'name: churn\n',
        'name: churn\n  annotations: {serving.kserve.io/deploymentMode: Standard}\n',
      ),
      { canaryTrafficPercent: 50 },
      '1:1 would_not_apply',
    ],
    ['a canary that is not there', service(CANARY), { canary: 'c', storageUri: 'x' }, '8:3 target_missing'],
    [
      'v1alpha2 with a canary',
      service(
        '  default: {predictor: {sklearn: {storageUri: x}}}\n  canary: {predictor: {sklearn: {storageUri: y}}}\n',
        OLD_API,
      ),
      { storageUri: 'z' },
      '7:11 target_ambiguous',
    ],
    ['weights', service(MODEL), { weights: [{ node: 'a', step: 'b', weight: 1 }] }, '1:1 target_missing'],
    ['another group', service(MODEL, 'example.com/v1'), { storageUri: 'x' }, '1:1 target_missing'],
  ])('refuses %s', (_, text, fields, expected) => {
    expect(run(text, fields)).toBe(`refused ${expected}`)
  })
})

describe('other objects of KServe', () => {
  const V1 = 'serving.kserve.io/v1alpha1'
  test.each<[string, string, Fields, string, string]>([
    [
      'a TrainedModel',
      object('TrainedModel', '  model: {storageUri: s3://m/11, framework: sklearn}\n', V1),
      { resource: 'TrainedModel', storageUri: 's3://m/12' },
      'm/11',
      'm/12',
    ],
    [
      'a ServingRuntime',
      object('ServingRuntime', '  containers: [{name: kserve-container, image: "a:1"}, {name: b, image: "b:1"}]\n', V1),
      { resource: 'ServingRuntime', image: 'a:2' },
      'a:1',
      'a:2',
    ],
    [
      'a ClusterServingRuntime',
      object('ClusterServingRuntime', '  containers: [{name: c, image: "a:1"}]\n', V1),
      { resource: 'ClusterServingRuntime', image: 'a:2' },
      'a:1',
      'a:2',
    ],
    [
      'the worker of a ServingRuntime',
      object(
        'ServingRuntime',
        '  containers: [{name: kserve-container, image: "a:1"}]\n  workerSpec: {containers: [{name: worker, image: "b:1"}]}\n',
        V1,
      ),
      { resource: 'ServingRuntime', component: 'worker', image: 'b:2' },
      'b:1',
      'b:2',
    ],
    [
      'the model of an LLM',
      object('LLMInferenceService', LLM, V1),
      { resource: 'LLMInferenceService', storageUri: 's3://m/llm/2' },
      'hf://acme/llm',
      's3://m/llm/2',
    ],
    [
      'an adapter of an LLM',
      object('LLMInferenceService', LLM, V1),
      { resource: 'LLMInferenceService', adapters: [{ name: 'churn', uri: 's3://m/lora/2' }] },
      'lora/1',
      'lora/2',
    ],
    [
      'the image of an LLM',
      object('LLMInferenceService', LLM, V1),
      { resource: 'LLMInferenceService', image: 'vllm:v9' },
      'vllm:v1',
      'vllm:v9',
    ],
    [
      'the prefill of an LLM',
      object('LLMInferenceService', LLM, V1),
      { resource: 'LLMInferenceService', component: 'prefill', image: 'vllm:v9' },
      'vllm:v2',
      'vllm:v9',
    ],
    [
      'the worker of an LLM',
      object('LLMInferenceService', LLM, V1),
      { resource: 'LLMInferenceService', component: 'worker', image: 'vllm:v9' },
      'vllm:v3',
      'vllm:v9',
    ],
    [
      'a graph',
      object('InferenceGraph', GRAPH, V1),
      {
        resource: 'InferenceGraph',
        weights: [
          { node: 'root', step: 'old', weight: 50 },
          { node: 'root', step: 'new', weight: 50 },
        ],
      },
      '80\n      - {name: new, serviceName: churn-12, weight: 20',
      '50\n      - {name: new, serviceName: churn-12, weight: 50',
    ],
  ])('%s is edited', (_, before, fields, old, now) => {
    expect(run(before, fields)).toBe(before.replace(old, now))
  })

  test.each<[string, string, Fields, string]>([
    [
      'a step of two that have its name',
      object('InferenceGraph', GRAPH.replace('serviceName: old', 'serviceName: churn-12'), V1),
      { resource: 'InferenceGraph', weights: [{ node: 'root', step: 'churn-12', weight: 30 }] },
      '12:9 target_ambiguous',
    ],
    [
      'a node that is not there',
      object('InferenceGraph', GRAPH, V1),
      { resource: 'InferenceGraph', weights: [{ node: 'leaf', step: 'new', weight: 30 }] },
      '7:5 target_missing',
    ],
    [
      'weights of a Splitter that are not 100 together',
      object('InferenceGraph', GRAPH, V1),
      { resource: 'InferenceGraph', weights: [{ node: 'root', step: 'new', weight: 30 }] },
      '10:7 would_not_apply',
    ],
    [
      'a step that is not there',
      object('InferenceGraph', GRAPH, V1),
      { resource: 'InferenceGraph', weights: [{ node: 'root', step: 'x', weight: 30 }] },
      '10:7 target_missing',
    ],
    [
      'a URI that a base has',
      object('LLMInferenceService', '  baseRefs: [{name: b}]\n  replicas: 1\n', V1),
      { resource: 'LLMInferenceService', storageUri: 's3://x' },
      '6:3 target_missing',
    ],
    [
      'one of several containers without its name',
      object('ServingRuntime', '  containers: [{name: a, image: "a:1"}, {name: b, image: "b:1"}]\n', V1),
      { resource: 'ServingRuntime', image: 'a:2' },
      '6:41 target_ambiguous',
    ],
  ])('refuses %s', (_, text, fields, expected) => {
    expect(run(text, fields)).toBe(`refused ${expected}`)
  })
})

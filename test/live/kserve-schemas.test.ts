/** The fields that `kserve:` edits write are those of KServe's own schemas. Without a network it is said and skipped. */
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { filesOfModule, goProxy, KSERVE } from './go-modules.ts'

/** `[]` is an item of a list, `*` any key. `spec.canary[]` came with 0.20, so it is not in this version. */
const FIELDS: readonly (readonly [crd: string, ...fields: readonly string[]])[] = [
  [
    'inferenceservices',
    ...[
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
    ].flatMap((block) =>
      ['storageUri', 'storage.path', 'runtimeVersion', 'image', 'env.[].value'].map(
        (field) => `predictor.${block}.${field}`,
      ),
    ),
    ...['predictor', 'transformer', 'explainer'].flatMap((component) =>
      [
        'storageUris.[].uri',
        'storageUris.[].mountPath',
        'containers.[].image',
        'containers.[].env.[].value',
        'canaryTrafficPercent',
      ].map((field) => `${component}.${field}`),
    ),
    ...['predictor.model.runtime', 'predictor.model.modelFormat.version', 'explainer.art.storageUri'],
  ],
  ['trainedmodels', 'model.storageUri'],
  ['servingruntimes', 'containers.[].image', 'containers.[].env.[].value', 'workerSpec.containers.[].image'],
  ['clusterservingruntimes', 'containers.[].image', 'containers.[].env.[].value', 'workerSpec.containers.[].image'],
  [
    'inferencegraphs',
    ...['name', 'serviceName', 'nodeName', 'weight'].map((field) => `nodes.*.steps.[].${field}`),
    'nodes.*.routerType',
  ],
  [
    'llminferenceservices',
    ...['model.uri', 'model.lora.adapters', 'template.containers.[].image', 'worker.containers.[].image'],
    ...['prefill.template.containers.[].image', 'baseRefs'],
  ],
]

test('every field that an edit writes is in the schema of its kind', async (context) => {
  const files = await filesOfModule(KSERVE).catch((error: Error) => error)
  if (files instanceof Error) {
    if (/has the sum/.test(files.message)) throw files
    console.warn(`!!! NOT CHECKED AGAINST KSERVE'S SCHEMAS: ${goProxy()} is needed once (${files.message})`)
    context.skip(files.message)
    return
  }
  for (const [crd, ...fields] of FIELDS) {
    const file = files.find(
      ({ name }) => name.startsWith('config/crd/full/') && name.endsWith(`serving.kserve.io_${crd}.yaml`),
    )
    const schema = at(load(file?.bytes.toString('utf8') ?? ''), [
      'spec',
      'versions',
      '0',
      'schema',
      'openAPIV3Schema',
      'properties',
      'spec',
    ])
    for (const field of fields) expect(within(schema, field.split('.')), `${crd}: ${field}`).toBeDefined()
    expect(within(schema, ['no such field'])).toBeUndefined()
  }
})

test('a model has no storageUris of its own', async (context) => {
  const files = await filesOfModule(KSERVE).catch(() => undefined)
  if (files === undefined) return context.skip('no network')
  const file = files.find(({ name }) => name === 'config/crd/full/serving.kserve.io_inferenceservices.yaml')
  const schema = at(load(file?.bytes.toString('utf8') ?? ''), [
    'spec',
    'versions',
    '0',
    'schema',
    'openAPIV3Schema',
    'properties',
    'spec',
  ])
  expect(within(schema, ['predictor', 'model', 'storageUris'])).toBeUndefined()
})

function within(schema: unknown, path: readonly string[]): unknown {
  return path.reduce((here, key) => {
    if (key === '[]') return at(here, ['items'])
    return key === '*' ? at(here, ['additionalProperties']) : at(here, ['properties', key])
  }, schema)
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) => (typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined),
    value,
  )
}

/** What a promotion wrote that pods show, and whether they show it: an old healthy workload must never pass for a new one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ManifestEdit } from '../../src/domain/manifest/index.ts'
import { lackOf, NOTHING_WRITTEN, type PodTemplate } from '../../src/domain/pod-template.ts'
import { type Addressee, writtenByChanges, writtenByEdits } from '../../src/domain/written-values.ts'
import { DIGEST, IMAGE, imageOf, NEW, OLD, OTHER_DIGEST, template, written } from './serving-fixture.ts'

const ISVC: Addressee = { kind: 'InferenceService', name: 'churn' }
const DEPLOYMENT: Addressee = { kind: 'Deployment', name: 'churn' }
const REFERENCE = `${IMAGE}@${DIGEST}`
const image = (change: object) => ({
  name: undefined,
  tag: undefined,
  digest: undefined,
  container: undefined,
  ...change,
})
const value = (path: string, text: string) => ({ segments: path.split('.'), path, value: text })

describe('what was written to a workload', () => {
  it.each<[string, Addressee, ManifestEdit, object]>([
    [
      'the model of a service',
      ISVC,
      { kind: 'kserve', name: 'churn', storageUri: NEW },
      { uris: [NEW], isAddressed: true },
    ],
    ['its path', ISVC, { kind: 'kserve', name: 'churn', storagePath: 'models/12' }, { paths: ['models/12'] }],
    [
      'a variable of its container',
      ISVC,
      { kind: 'kserve', name: 'churn', env: [{ name: 'MODEL_URI', value: NEW }] },
      { env: [{ name: 'MODEL_URI', value: NEW }] },
    ],
    [
      'the model of another service',
      { ...ISVC, name: 'fraud' },
      { kind: 'kserve', name: 'churn', storageUri: NEW },
      { uris: [] },
    ],
    [
      'a service with the prefix of an overlay',
      { ...ISVC, name: 'prod-churn' },
      { kind: 'kserve', name: 'churn', storageUri: NEW },
      { uris: [NEW] },
    ],
    [
      'its transformer',
      ISVC,
      { kind: 'kserve', name: 'churn', component: 'transformer', image: REFERENCE },
      { images: [] },
    ],
    [
      'its transformer, where that is asked about',
      { ...ISVC, component: 'transformer' },
      { kind: 'kserve', name: 'churn', component: 'transformer', image: REFERENCE },
      { images: [imageOf()] },
    ],
    [
      'the runtime that it uses',
      { ...ISVC, runtimes: ['sk'] },
      { kind: 'kserve', resource: 'ServingRuntime', name: 'sk', image: REFERENCE },
      { images: [imageOf()] },
    ],
    [
      'a runtime that it does not use',
      ISVC,
      { kind: 'kserve', resource: 'ServingRuntime', name: 'sk', image: REFERENCE },
      { images: [] },
    ],
    [
      'adapters',
      { kind: 'LLMInferenceService', name: 'chat' },
      { kind: 'kserve', resource: 'LLMInferenceService', name: 'chat', adapters: [{ name: 'a', uri: NEW }] },
      { uris: [NEW] },
    ],
    [
      'a container of a Deployment',
      DEPLOYMENT,
      { kind: 'deployment', name: 'churn', container: 'api', image: REFERENCE },
      { images: [imageOf(DIGEST, 'api')] },
    ],
    [
      'a StatefulSet of the same name',
      DEPLOYMENT,
      { kind: 'deployment', resource: 'StatefulSet', name: 'churn', image: REFERENCE },
      { images: [] },
    ],
    [
      'an overlay',
      DEPLOYMENT,
      { kind: 'kustomize_image', name: IMAGE, digest: DIGEST },
      { images: [imageOf()], isAddressed: false },
    ],
    [
      'an overlay with another name and a tag',
      DEPLOYMENT,
      { kind: 'kustomize_image', name: 'server', newName: IMAGE, newTag: 'v12' },
      { images: [image({ name: IMAGE, tag: 'v12' })] },
    ],
    [
      'a chart',
      DEPLOYMENT,
      { kind: 'helm', images: [{ segments: ['image'], path: 'image', image: REFERENCE }] },
      { images: [imageOf()] },
    ],
    [
      'values of a chart',
      DEPLOYMENT,
      { kind: 'yaml', values: [value('model.uri', NEW), value('image.tag', 'v12')] },
      { uris: [NEW], images: [image({ tag: 'v12' })] },
    ],
    [
      'a tag beside its digest',
      DEPLOYMENT,
      { kind: 'yaml', values: [value('image.tag', 'v12'), value('image.digest', DIGEST)] },
      { images: [image({ digest: DIGEST })] },
    ],
    [
      'a HelmRelease',
      DEPLOYMENT,
      { kind: 'yaml', document: { kind: 'HelmRelease', name: 'churn' }, values: [value('spec.values.model', NEW)] },
      { uris: [NEW] },
    ],
    [
      'a ConfigMap, which no pod template shows',
      DEPLOYMENT,
      { kind: 'yaml', document: { kind: 'ConfigMap' }, values: [value('data.uri', NEW)] },
      { uris: [], images: [] },
    ],
    [
      'a key path into the Deployment itself',
      DEPLOYMENT,
      {
        kind: 'yaml',
        document: { kind: 'Deployment', name: 'churn' },
        values: [value('spec.template.spec.containers.0.image', REFERENCE), value('metadata.labels.a', 'b')],
      },
      { images: [imageOf()], uris: [], isAddressed: true },
    ],
    [
      'parameters of an Application',
      DEPLOYMENT,
      {
        kind: 'argocd_parameters',
        name: 'churn',
        parameters: [{ name: 'model', value: NEW }],
        images: [{ name: 'x', image: REFERENCE }],
      },
      { uris: [NEW], images: [imageOf()] },
    ],
    [
      'the container that `verify:` names',
      { ...DEPLOYMENT, container: 'api' },
      { kind: 'kustomize_image', name: IMAGE, digest: DIGEST },
      { images: [imageOf(DIGEST, 'api')] },
    ],
  ])('%s', (_, to, edit, expected) => {
    expect(writtenByEdits(to, [edit], NEW)).toMatchObject(expected)
  })

  it('of a way back to as found only the scalars are known', () => {
    const change = (path: string, after: string, document?: string) => ({
      file: 'f',
      path,
      document,
      before: 'x',
      after,
    })
    expect(
      writtenByChanges(ISVC, [change('spec.predictor.model.storageUri', OLD, 'InferenceService churn')]),
    ).toMatchObject({ uris: [OLD], isAddressed: true })
    expect(writtenByChanges(DEPLOYMENT, [change('images[0].digest', DIGEST)])).toMatchObject({
      images: [image({ digest: DIGEST })],
      isAddressed: false,
    })
    expect(
      writtenByChanges(DEPLOYMENT, [change('spec.template.spec.containers[0].image', REFERENCE, 'Deployment churn')]),
    ).toMatchObject({ images: [imageOf()] })
    expect(writtenByChanges(DEPLOYMENT, [change('spec.x', 'y', 'Deployment fraud')])).toMatchObject({
      images: [],
      uris: [],
    })
  })
})

describe('what pods lack of it', () => {
  const pods = (images: readonly string[], change: Partial<PodTemplate> = {}) => ({
    ...template([], images),
    ...change,
  })
  const loose = (change: object) => written({ isAddressed: false, ...change })
  it.each<[string, PodTemplate, Parameters<typeof lackOf>[1], string | undefined]>([
    ['nothing was written', pods(['a:1']), NOTHING_WRITTEN, undefined],
    ['the digest', pods([REFERENCE]), written({ images: [imageOf()] }), undefined],
    ['the digest beside a tag', pods([`${IMAGE}:v12@${DIGEST}`]), written({ images: [imageOf()] }), undefined],
    [
      'another digest',
      pods([`${IMAGE}@${OTHER_DIGEST}`]),
      written({ images: [imageOf()] }),
      `container kserve-container runs ${IMAGE}@${OTHER_DIGEST}, not ${REFERENCE}`,
    ],
    [
      'the tag alone, where a digest was written',
      pods([`${IMAGE}:v12`]),
      written({ images: [{ ...imageOf(), tag: 'v12' }] }),
      `container kserve-container runs ${IMAGE}:v12, not ${IMAGE}:v12@${DIGEST}`,
    ],
    [
      'the tag, where no digest was written',
      pods([`${IMAGE}:v12`]),
      written({ images: [image({ name: IMAGE, tag: 'v12' })] }),
      undefined,
    ],
    ['another repository', pods(['nginx:1']), written({ images: [imageOf()] }), `they run nginx:1, not ${REFERENCE}`],
    [
      'Docker Hub by its other name',
      pods(['nginx:1']),
      written({ images: [image({ name: 'docker.io/library/nginx', tag: '1' })] }),
      undefined,
    ],
    [
      'a side container of the same image that is old',
      pods([REFERENCE, `${IMAGE}:old`]),
      written({ images: [imageOf()] }),
      `container sidecar-1 runs ${IMAGE}:old, not ${REFERENCE}`,
    ],
    [
      'the same, with the container named',
      pods([REFERENCE, `${IMAGE}:old`]),
      written({ images: [imageOf(DIGEST, 'kserve-container')] }),
      undefined,
    ],
    [
      'no such container',
      pods([REFERENCE]),
      written({ images: [imageOf(DIGEST, 'api')] }),
      'they have no container api',
    ],
    [
      'a digest without a name, on one of two containers',
      pods(['proxy:1', REFERENCE]),
      loose({ images: [image({ digest: DIGEST })] }),
      undefined,
    ],
    [
      'a chart writes an image that others use, too',
      pods([REFERENCE]),
      loose({ images: [imageOf(), image({ name: 'other', tag: '2' })] }),
      undefined,
    ],
    [
      'a chart writes only what others use',
      pods(['proxy:1']),
      loose({ images: [imageOf()] }),
      `they run proxy:1, not ${REFERENCE}`,
    ],
    [
      'the model is an argument of its server',
      pods(['vllm:1'], { words: ['--model', NEW] }),
      written({ uris: [NEW] }),
      undefined,
    ],
    [
      'the model before is an argument of its server',
      pods(['vllm:1'], { words: ['--model', OLD] }),
      written({ uris: [NEW] }),
      `they carry no model, not ${NEW}`,
    ],
    [
      'a longer version begins alike',
      pods(['vllm:1'], { words: [`${NEW}3`] }),
      written({ uris: [NEW] }),
      `they carry no model, not ${NEW}`,
    ],
    [
      'a variable',
      pods(['a:1'], { env: [{ name: 'URI', value: NEW }] }),
      written({ env: [{ name: 'URI', value: NEW }] }),
      undefined,
    ],
    [
      'a variable with the value before',
      pods(['a:1'], { env: [{ name: 'URI', value: OLD }] }),
      written({ env: [{ name: 'URI', value: NEW }] }),
      `their URI is not ${NEW}`,
    ],
    [
      'no such variable',
      pods(['a:1']),
      written({ env: [{ name: 'URI', value: NEW }] }),
      `they have no variable URI, not ${NEW}`,
    ],
    ['a storage path', template(['s3://bucket/models/churn/12']), written({ paths: ['models/churn/12'] }), undefined],
    [
      'the storage path before',
      template(['s3://bucket/models/churn/11']),
      written({ paths: ['models/churn/12'] }),
      'they carry s3://bucket/models/churn/11, not models/churn/12',
    ],
    [
      'a model in an image, brought in natively',
      template(['oci://ghcr.io/acme/churn:12']),
      written({ uris: ['oci+native://ghcr.io/acme/churn:12'] }),
      undefined,
    ],
    [
      'an adapter beside its model',
      {
        ...template([NEW]),
        sources: [
          { uri: NEW, mountPath: '/mnt/models' },
          { uri: OLD, mountPath: '/mnt/lora/a' },
        ],
      },
      written({ uris: [NEW, OLD] }),
      undefined,
    ],
  ])('%s', (_, observed, values, expected) => {
    expect(lackOf(observed, values)).toBe(expected)
  })

  it('a template without any of the written digests never carries them', () => {
    const digests = fc.constantFrom(DIGEST, OTHER_DIGEST)
    fc.assert(
      fc.property(
        fc.array(digests, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (held, isAddressed, isNamed) => {
          const wanted = isNamed ? imageOf() : image({ digest: DIGEST })
          const lack = lackOf(
            pods(held.map((digest) => `${IMAGE}@${digest}`)),
            written({ images: [wanted], isAddressed }),
          )
          if (!held.includes(DIGEST)) expect(lack).toBeDefined()
          if (held.every((digest) => digest === DIGEST)) expect(lack).toBeUndefined()
        },
      ),
    )
  })
})

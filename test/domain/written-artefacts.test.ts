/** What counts as written when a config repository limits images and URIs. */
import { describe, expect, test } from 'vitest'
import type { ManifestEdit } from '../../src/domain/manifest/index.ts'
import type { TemplateValues } from '../../src/domain/template.ts'
import { NOTHING_WRITTEN, writtenArtefacts } from '../../src/domain/written-artefacts.ts'

const COMMIT = '3f9c2e1d'.repeat(5)
const DIGEST = `sha256:${'a'.repeat(64)}`
const release: TemplateValues = {
  'model.name': 'churn',
  'model.version': '12',
  'model.uri': 's3://acme-models/churn/12',
  'image.repository': 'ghcr.io/acme/churn',
  'image.tag': COMMIT,
  'image.digest': DIGEST,
  'commit.sha': COMMIT,
  'release.id': 'rel-0123456789abcdef',
  environment: 'prod',
}
const of = (values: TemplateValues, ...edits: readonly ManifestEdit[]) =>
  writtenArtefacts([{ file: 'f.yaml', edits }], values)
const written = (...edits: readonly ManifestEdit[]) => of(release, ...edits)
const yaml = (value: string): ManifestEdit => ({ kind: 'yaml', values: [{ path: 'a', segments: ['a'], value }] })
const textsOf = (value: string, values = release) => of(values, yaml(value)).texts

describe('what a promotion writes', () => {
  test('a storage URI is judged as written, wherever its text came from', () => {
    expect(written({ kind: 'kserve', name: 'churn', storageUri: 's3://evil/x' }).uris).toEqual(['s3://evil/x'])
  })

  test('a path in storage is a URI of the scheme `storage`', () => {
    expect(written({ kind: 'kserve', name: 'churn', storagePath: 'models/x' }).uris).toEqual(['storage://models/x'])
  })

  test.each<[string, ManifestEdit, string]>([
    ['a new image name, not the one that it replaces', kustomize({ newName: 'evil.io/miner' }), 'evil.io/miner'],
    ['the name where there is no new one', kustomize({ digest: 'sha256:b' }), 'ghcr.io/acme/churn@sha256:b'],
    ['a tag with the name that it belongs to', kustomize({ newTag: '5000/evil' }), 'ghcr.io/acme/churn:5000/evil'],
    ['the image of a workload', { kind: 'deployment', name: 'churn', image: 'evil.io/x' }, 'evil.io/x'],
    ['in values', { kind: 'helm', images: [{ path: 'image', segments: ['image'], image: 'evil.io/x' }] }, 'evil.io/x'],
    [
      'of an Application',
      { kind: 'argocd_parameters', name: 'a', images: [{ name: 'b', image: 'evil.io/x' }] },
      'evil.io/x',
    ],
    ['of a KServe object', { kind: 'kserve', name: 'a', image: 'evil.io/x' }, 'evil.io/x'],
  ])('an image: %s', (_, edit, image) => {
    expect(written(edit)).toEqual({ ...NOTHING_WRITTEN, images: [image] })
  })

  test('text: variables, parameters, values, and what was found', () => {
    const inner = yaml('x')
    const named = [{ name: 'image', value: 'evil.io/other' }]
    const values = [{ path: 'a', segments: ['a'], value: 'debug' }]
    for (const [edit, ...texts] of [
      [{ kind: 'kserve', name: 'churn', env: named }, 'evil.io/other'],
      [{ kind: 'argocd_parameters', name: 'a', parameters: named, values }, 'evil.io/other', 'debug'],
      [{ kind: 'restore', edit: inner, values: new Map([['a', '//evil/x']]) }, '//evil/x'],
    ] as const satisfies readonly (readonly [ManifestEdit, ...string[]])[]) {
      expect(written(edit)).toEqual({ ...NOTHING_WRITTEN, texts: texts.map((text) => ({ text })) })
    }
  })

  test('a runtime and its version choose an image, never a model', () => {
    const edit = {
      kind: 'kserve',
      name: 'a',
      runtime: 'other',
      runtimeVersion: 'beta',
      modelFormatVersion: '2',
    } as const
    expect(written(edit).texts).toEqual([
      { text: 'other', onlyImage: true },
      { text: 'beta', onlyImage: true },
    ])
  })

  test('adapters by their URI', () => {
    const adapters = [{ name: 'a', uri: 's3://evil/a' }]
    expect(written({ kind: 'kserve', name: 'a', adapters }).uris).toEqual(['s3://evil/a'])
  })
})

describe('text that names nothing', () => {
  test.each([
    [`${COMMIT}@${DIGEST}`, 'tag and digest'],
    [DIGEST, 'the digest'],
    ['v12', 'a version'],
    [`v12-${COMMIT}`, 'a version and a commit'],
    ['rel-0123456789abcdef', 'the release'],
    ['true', 'a switch'],
    ['1.5', 'a number'],
    ['-3', 'a number'],
    ['500ms', 'a time'],
    ['2Gi', 'a quantity'],
    ['v1.2.3', 'a version'],
  ])('%s (%s)', (value) => {
    expect(textsOf(value)).toEqual([])
  })

  test.each([
    'ghcr.io/acme/churn',
    'evil.io/miner:latest',
    'nginx',
    `evil.io/${COMMIT}`,
    '12/12',
    '12:12',
    '12.12.12.12',
    '6.6.6.6',
    'v',
    '--',
    '12-',
    `${DIGEST}/x`,
    `x@${DIGEST}`,
    `${COMMIT}@sha256:${'b'.repeat(64)}`,
    '１２',
    '12\n',
    '12 ',
    ' ',
    'gs://elsewhere/model',
  ])('but not %j', (value) => {
    expect(textsOf(value)).toEqual([{ text: value }])
  })

  test('nothing is of a release that has no values', () => {
    expect(textsOf('v', {})).toEqual([{ text: 'v' }])
  })

  test('a tag that somebody chose stands for the image that it belongs to', () => {
    const chosen = { ...release, 'image.tag': 'evil' }
    expect(textsOf('evil', chosen)).toEqual([{ text: 'evil', tagOf: 'ghcr.io/acme/churn:evil' }])
    expect(textsOf(`evil@${DIGEST}`, chosen)).toEqual([{ text: `evil@${DIGEST}`, tagOf: 'ghcr.io/acme/churn:evil' }])
  })

  test.each(['evil.io', 'localhost', '10.0.0.7', 'registry.internal'])(
    'a tag that is spelled like a host is no tag: %s',
    (tag) => {
      const chosen = { ...release, 'image.tag': tag }
      expect(textsOf(tag, chosen)).toEqual([{ text: tag }])
    },
  )

  test('nor is a version that is no number', () => {
    expect(textsOf('evil', { ...release, 'model.version': 'evil' })).toEqual([{ text: 'evil' }])
  })
})

function kustomize(set: { newName?: string; newTag?: string; digest?: string }): ManifestEdit {
  return { kind: 'kustomize_image', name: 'ghcr.io/acme/churn', ...set }
}

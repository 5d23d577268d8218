/** What each format finds, adds and refuses. The proof and the styles are tested beside. */
import { describe, expect, test } from 'vitest'
import { editManifest, type KustomizeImageEdit, type ManifestEdit } from '../../../src/domain/manifest/index.ts'
import { edited } from './support.ts'

const run = (text: string, ...edits: readonly ManifestEdit[]) => edited(editManifest({ file: 'f.yaml', text, edits }))

const service = (predictor: string, name = 'churn', apiVersion = 'serving.kserve.io/v1beta1') =>
  `apiVersion: ${apiVersion}\nkind: InferenceService\nmetadata: {name: ${name}}\nspec:\n  predictor:\n${predictor}\n`
const uri = 's3://m/churn/12'
const kserve = (text: string) => run(text, { kind: 'kserve', name: 'churn', storageUri: uri })

describe('kserve', () => {
  const shapes = ['model', 'sklearn', 'xgboost', 'tensorflow', 'pytorch', 'triton', 'onnx', 'huggingface', 'pmml']
  test.each([...shapes, 'lightgbm', 'paddle'])('edits the storageUri of %s', (shape) => {
    const before = service(`    ${shape}:\n      storageUri: s3://m/churn/11 # old`)
    expect(kserve(before)).toBe(before.replace('churn/11', 'churn/12'))
  })

  test('finds the service among other documents, also in a List', () => {
    const other = service('    model: {storageUri: s3://m/churn/11}', 'fraud')
    const mine = service('    model: {storageUri: s3://m/churn/11}')
    const list = (items: string) => `kind: List\nitems:\n- ${items.trimEnd().replaceAll('\n', '\n  ')}\n`
    for (const wrap of [(text: string) => text, list]) {
      const before = `# first\n---\n${wrap(other)}---\n---\n${wrap(mine)}...\n`
      const at = before.lastIndexOf('churn/11')
      expect(kserve(before)).toBe(`${before.slice(0, at)}churn/12${before.slice(at + 8)}`)
    }
  })

  test.each([
    ['no such service', service('    model: {storageUri: x}', 'fraud'), '1:1 target_missing'],
    [
      'two such services',
      `${service('    model: {storageUri: x}')}---\n${service('    model: {storageUri: x}')}`,
      '8:1 target_ambiguous',
    ],
    ['two models', service('    model: {storageUri: x}\n    sklearn: {storageUri: y}'), '7:14 target_ambiguous'],
    ['a container of its own', service('    containers: [{image: x}]'), '6:5 target_missing'],
    [
      'an older API',
      service('    model: {storageUri: x}', 'churn', 'serving.kubeflow.org/v1alpha2'),
      '5:3 target_missing',
    ],
    ['a model without storageUri', service('    model: {storage: {key: k}}'), '6:12 target_missing'],
    ['a model that is repeated', service('    model: &m {storageUri: x}\n  other: *m'), '6:28 alias'],
    [
      'a name that is only an anchor of another',
      service('    model: {storageUri: x}', '&churn x'),
      '1:1 target_missing',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(kserve(text)).toBe(`refused ${expected}`)
  })
})

const kustomization = (entries: string) => `kind: Kustomization\nimages:\n${entries}`
const image = (edit: Omit<KustomizeImageEdit, 'kind' | 'name'>, text: string) =>
  run(text, { kind: 'kustomize_image', name: 'r/churn', ...edit })

describe('kustomize_image', () => {
  test.each([
    [
      'the digest',
      { digest: 'sha256:b' },
      '- name: r/churn\n  digest: sha256:a\n',
      '- name: r/churn\n  digest: sha256:b\n',
    ],
    [
      'name and tag',
      { newName: 'q/churn', newTag: '1.10' },
      '- {name: r/churn, newName: x, newTag: x}\n',
      '- {name: r/churn, newName: q/churn, newTag: "1.10"}\n',
    ],
    ['a quoted tag', { newTag: '1.10' }, '- newTag: "1.9"\n  name: r/churn\n', '- newTag: "1.10"\n  name: r/churn\n'],
  ])('edits %s', (_, edit, before, after) => {
    expect(image(edit, kustomization(before))).toBe(kustomization(after))
  })

  test.each([
    [
      'a digest under the tag',
      { digest: 'sha256:b' },
      '- name: r/churn # c\n  newTag: v1 # d\n- name: x\n',
      '- name: r/churn # c\n  newTag: v1 # d\n  digest: sha256:b\n- name: x\n',
    ],
    [
      'a tag that would be a number',
      { newTag: '1.10' },
      '-   name: r/churn\n',
      '-   name: r/churn\n    newTag: "1.10"\n',
    ],
    [
      'two keys',
      { digest: 'sha256:b', newTag: 'v2' },
      '  - name: r/churn',
      '  - name: r/churn\n    newTag: v2\n    digest: sha256:b',
    ],
    ['in CRLF', { newTag: 'v2' }, '- name: r/churn\r\n', '- name: r/churn\r\n  newTag: v2\r\n'],
    ['in flow style', { newTag: 'v2' }, '- { name: r/churn }\n', '- { name: r/churn, newTag: v2 }\n'],
    ['in JSON', { newTag: 'v2' }, '- {"name":"r/churn"}\n', '- {"name":"r/churn", "newTag": "v2"}\n'],
    ['on a line of its own', { newTag: 'v2' }, '-\n  name: r/churn\n', '-\n  name: r/churn\n  newTag: v2\n'],
  ])('adds %s to an entry without it', (_, edit, before, after) => {
    expect(image(edit, kustomization(before))).toBe(kustomization(after))
  })

  test.each([
    [
      'as the last one is indented',
      '  -   name: a # c\n      newTag: v1 # d\n# e\n',
      '  -   name: a # c\n      newTag: v1 # d\n  -   name: r/churn\n      newTag: v2\n# e\n',
    ],
    ['behind one without a final newline', '- name: a', '- name: a\n- name: r/churn\n  newTag: v2'],
    ['in CRLF', '- name: a\r\n', '- name: a\r\n- name: r/churn\r\n  newTag: v2\r\n'],
    [
      'in flow style',
      '- { name: a, newTag: v1 } # c\n',
      '- { name: a, newTag: v1 } # c\n- { name: r/churn, newTag: v2 }\n',
    ],
    ['with quoted keys', '- "name": "a"\n', '- "name": "a"\n- "name": "r/churn"\n  "newTag": "v2"\n'],
    ['under a dash on its own line', '-\n  name: a\n', '-\n  name: a\n- name: r/churn\n  newTag: v2\n'],
    [
      'behind a block',
      '- name: |- # c\n    a\n\n# d\n',
      '- name: |- # c\n    a\n- name: r/churn\n  newTag: v2\n\n# d\n',
    ],
    [
      'behind a key without value',
      '- name: a\n  newTag: # c',
      '- name: a\n  newTag: # c\n- name: r/churn\n  newTag: v2',
    ],
    ['behind one of several lines', '- {\n  name: a,\n  }\n', '- {\n  name: a,\n  }\n- {name: r/churn, newTag: v2}\n'],
  ])('adds an entry that is not there %s', (_, before, after) => {
    expect(image({ newTag: 'v2' }, kustomization(before))).toBe(kustomization(after))
  })

  test('adds an entry to a list in one line, also to an empty one and in JSON', () => {
    const list = (items: string) => `{"kind": "Kustomization", "images": [${items}], "a": 1}`
    expect(image({ newTag: 'v2' }, list(''))).toBe(list('{"name": "r/churn", "newTag": "v2"}'))
    expect(image({ newTag: 'v2' }, 'images: []\n')).toBe('images: [{name: r/churn, newTag: v2}]\n')
    expect(image({ newTag: 'v2' }, list('{"name":"a"}'))).toBe(
      list('{"name":"a"}, {"name": "r/churn", "newTag": "v2"}'),
    )
  })

  test('says which fields an added entry has', () => {
    const edits = [{ kind: 'kustomize_image', name: 'r/churn', newTag: '1.10', digest: 'sha256:b' }] as const
    const result = editManifest({ file: 'f.yaml', text: kustomization('- name: a\n'), edits })
    expect(edited(result)).toBe(kustomization('- name: a\n- name: r/churn\n  newTag: "1.10"\n  digest: sha256:b\n'))
    const added = { file: 'f.yaml', line: 4, document: 'Kustomization', before: '', added: true }
    expect(result.kind === 'edited' && result.changes).toEqual([
      { ...added, path: 'images[name=r/churn].newTag', after: '1.10' },
      { ...added, path: 'images[name=r/churn].digest', after: 'sha256:b' },
    ])
  })

  test('needs no kind, as Kustomize does not', () => {
    expect(image({ newTag: 'v2' }, 'images:\n- name: r/churn\n  newTag: v1\n')).toBe(
      'images:\n- name: r/churn\n  newTag: v2\n',
    )
  })

  test.each([
    ['two entries', kustomization('- name: r/churn\n- name: r/churn\n'), '4:3 target_ambiguous'],
    ['no images at all', 'kind: Kustomization\nresources: []\n', '1:1 target_missing'],
    ['images without a value', 'kind: Kustomization\nimages:\nresources: []\n', '2:1 target_missing'],
    ['images that are no list', 'kind: Kustomization\nimages: {r/churn: v1}\n', '2:9 target_missing'],
    [
      'an entry to add behind one that is an alias',
      'kind: Kustomization\nx: &a {name: a}\nimages:\n- *a\n',
      '4:1 target_missing',
    ],
    [
      'an entry to add behind one that ends in a block with the blank lines behind it',
      kustomization('- name: |+\n    a\n\n'),
      '3:1 target_missing',
    ],
    [
      'an entry to add behind one that ends in an anchor on a line of its own',
      kustomization('- name: a\n  newTag:\n    &x\n'),
      '3:1 target_missing',
    ],
    ['an entry to add to a list that is used twice', 'images: &i\n- name: a\nx: *i\n', '2:1 alias'],
    [
      'an entry with an image that Flux sets',
      kustomization('- name: r/churn\n  newName: r/x # {"$imagepolicy": "f:c:name"}\n'),
      '4:12 flux_marker',
    ],
    ['another kind of file', 'kind: Deployment\n', '1:1 target_missing'],
    ['two kustomizations', 'kind: Kustomization\n---\nkind: Kustomization\n', '3:1 target_ambiguous'],
    [
      'a tag under a digest, which would win',
      kustomization('- name: r/churn\n  digest: sha256:a\n'),
      '3:3 would_not_apply',
    ],
    ['a tagSuffix', kustomization('- name: r/churn\n  tagSuffix: -x\n'), '3:3 would_not_apply'],
    ['an entry that is used twice', kustomization('- &e\n  name: r/churn\n  newTag: v1\nother: [*e]\n'), '5:11 alias'],
    [
      'an entry that is used twice and lacks the key',
      kustomization('- &e\n  name: r/churn\nother: [*e]\n'),
      '4:3 alias',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(image({ newTag: 'v2' }, text)).toBe(`refused ${expected}`)
  })
})

test('several edits of one file are done together', () => {
  const text = `${kustomization('- name: r/churn\n  newTag: v1\n')}labels: {release: ""}\n`
  const edits: readonly ManifestEdit[] = [
    { kind: 'yaml', values: [{ path: 'labels.release', segments: ['labels', 'release'], value: 'rel-1' }] },
    { kind: 'kustomize_image', name: 'r/churn', newTag: 'v2', digest: 'sha256:b' },
  ]
  const result = editManifest({ file: 'f.yaml', text, edits })
  expect(edited(result)).toBe(
    `${kustomization('- name: r/churn\n  newTag: v2\n  digest: sha256:b\n')}labels: {release: "rel-1"}\n`,
  )
  expect(result.kind === 'edited' && result.changes).toEqual([
    {
      file: 'f.yaml',
      line: 4,
      path: 'images[name=r/churn].newTag',
      document: 'Kustomization',
      before: 'v1',
      after: 'v2',
    },
    {
      file: 'f.yaml',
      line: 5,
      path: 'images[name=r/churn].digest',
      document: 'Kustomization',
      before: '',
      after: 'sha256:b',
      added: true,
    },
    { file: 'f.yaml', line: 6, path: 'labels.release', document: 'Kustomization', before: '', after: 'rel-1' },
  ])
})

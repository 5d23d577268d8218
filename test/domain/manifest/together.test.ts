/** Several edits of one file in one go: what two of them add stands in a row, in the style of the file. */
import { describe, expect, test } from 'vitest'
import { editManifest, type KserveEdit, type ManifestEdit } from '../../../src/domain/manifest/index.ts'
import { edited, set } from './support.ts'

const image = (name: string, newTag: string, digest?: string): ManifestEdit => ({
  kind: 'kustomize_image',
  name,
  newTag,
  digest,
})
const kserve = (fields: Omit<KserveEdit, 'kind' | 'name'>): ManifestEdit => ({
  kind: 'kserve',
  name: 'churn',
  ...fields,
})
const value = (path: string, to: string): ManifestEdit => {
  return { kind: 'yaml', values: [{ path, segments: path.split('.'), value: to }] }
}
const run = (text: string, ...edits: readonly ManifestEdit[]) => editManifest({ file: 'f.yaml', text, edits })
/** The order of the edits does not decide how the file looks, apart from the order of what is added. */
const bothWays = (text: string, ...edits: readonly ManifestEdit[]) => {
  const result = edited(run(text, ...edits))
  const words = (all: string) => all.split(/[\s,{}]+/).toSorted()
  expect(words(edited(run(text, ...edits.toReversed())))).toEqual(words(result))
  return result
}

describe('two images that one list lacks', () => {
  test.each([
    ['a block', 'images:\n- name: a\n', 'images:\n- name: a\n- name: b\n  newTag: v2\n- name: c\n  newTag: "1.10"\n'],
    [
      'a block in front of more',
      'images:\n  - newTag: v1 # d\n    name: a # c\n\n# e\nx: y\n',
      'images:\n  - newTag: v1 # d\n    name: a # c\n  - name: b\n    newTag: v2\n  - name: c\n    newTag: "1.10"\n\n# e\nx: y\n',
    ],
    [
      'a block without a final newline',
      'images:\r\n- name: a',
      'images:\r\n- name: a\r\n- name: b\r\n  newTag: v2\r\n- name: c\r\n  newTag: "1.10"',
    ],
    [
      'braces in a block',
      'images:\n- { name: a }\n',
      'images:\n- { name: a }\n- { name: b, newTag: v2 }\n- { name: c, newTag: "1.10" }\n',
    ],
    ['brackets', 'images: [{name: a}]\n', 'images: [{name: a}, {name: b, newTag: v2}, {name: c, newTag: "1.10"}]\n'],
    ['empty brackets', 'images: [] # c\n', 'images: [{name: b, newTag: v2}, {name: c, newTag: "1.10"}] # c\n'],
    [
      'empty brackets in JSON',
      '{"images": []}',
      '{"images": [{"name": "b", "newTag": "v2"}, {"name": "c", "newTag": "1.10"}]}',
    ],
  ])('are added to %s', (_, before, after) => {
    const result = run(before, image('b', 'v2'), image('c', '1.10'))
    expect(edited(result)).toBe(after)
    expect(result.kind === 'edited' && result.changes.map(({ path, after: now }) => [path, now])).toEqual([
      ['images[name=b].newTag', 'v2'],
      ['images[name=c].newTag', '1.10'],
    ])
    expect(run(after, image('b', 'v2'), image('c', '1.10')).kind).toBe('unchanged')
  })

  test('each on its own line of the file', () => {
    const result = run('images:\n- name: a\n', image('b', 'v2'), image('c', 'v3'))
    expect(result.kind === 'edited' && result.changes.map(({ line, added }) => [line, added])).toEqual([
      [3, true],
      [5, true],
    ])
  })
})

describe('one edit adds while another', () => {
  test.each([
    [
      'edits the entry before it',
      'images:\n- name: a\n  newTag: v1 # c',
      [image('b', 'v2'), image('a', 'v3')],
      'images:\n- name: a\n  newTag: v3 # c\n- name: b\n  newTag: v2',
    ],
    [
      'adds a key to the entry before it',
      'images:\n- name: a # c\n',
      [image('b', 'v2'), image('a', 'v3')],
      'images:\n- name: a # c\n  newTag: v3\n- name: b\n  newTag: v2\n',
    ],
    [
      'adds a key to the entry in braces before it',
      'images: [{name: a}]\n',
      [image('b', 'v2'), image('a', 'v3')],
      'images: [{name: a, newTag: v3}, {name: b, newTag: v2}]\n',
    ],
    [
      'sets another field of the same entry',
      'images:\n- name: a\n',
      [
        { kind: 'kustomize_image', name: 'b', newTag: 'v2' },
        { kind: 'kustomize_image', name: 'b', digest: 'sha256:b', newTag: 'v2' },
      ] as const,
      'images:\n- name: a\n- name: b\n  newTag: v2\n  digest: sha256:b\n',
    ],
    [
      'fills the value in front of it',
      'images:\n- name: a\n  newTag:',
      [image('b', 'v2'), image('a', 'v3')],
      'images:\n- name: a\n  newTag: v3\n- name: b\n  newTag: v2',
    ],
    [
      'says the same',
      'images:\n- name: a\n',
      [image('b', 'v2'), image('b', 'v2')],
      'images:\n- name: a\n- name: b\n  newTag: v2\n',
    ],
  ])('%s', (_, before, edits, after) => {
    expect(bothWays(before, ...edits)).toBe(after)
  })

  test('edits a value elsewhere', () => {
    expect(bothWays('images: []\nlabels: {a: x}\n', image('b', 'v2'), value('labels.a', 'v2'))).toBe(
      'images: [{name: b, newTag: v2}]\nlabels: {a: v2}\n',
    )
  })

  test('wants another value for the same new entry', () => {
    const text = 'images:\n- name: a\n'
    expect(run(text, image('b', 'v2'), image('b', 'v3'))).toMatchObject({
      refusal: {
        code: 'conflicting_edits',
        line: 2,
        reason: 'two edits want different values for `images[name=b]`',
        hint: 'Remove one of the two edits from the configuration.',
      },
    })
  })
})

describe('keys that one mapping, or one inside the other, lacks', () => {
  const service = (predictor: string) =>
    `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: churn}\nspec:\n  predictor:\n${predictor}`
  const model = '    model:\n      modelFormat:\n        name: sklearn\n      storageUri: s3://m/11\n'

  test.each<[string, string, readonly Omit<KserveEdit, 'kind' | 'name'>[], string]>([
    [
      'two edits, one key each',
      model,
      [{ runtimeVersion: '1.10' }, { runtime: 'triton' }],
      `${model}      runtimeVersion: "1.10"\n      runtime: triton\n`,
    ],
    [
      'the inner one first',
      model,
      [{ canaryTrafficPercent: 10 }, { runtime: 'triton' }],
      `${model}      runtime: triton\n    canaryTrafficPercent: 10\n`,
    ],
    [
      'in braces',
      '    model: {storageUri: s3://m/11}\n',
      [{ runtimeVersion: '1.10' }, { runtime: 'triton' }],
      '    model: {storageUri: s3://m/11, runtimeVersion: "1.10", runtime: triton}\n',
    ],
    [
      'in empty braces',
      '    model: {}\n',
      [{ runtimeVersion: '1.10' }, { runtime: 'triton' }],
      '    model: {runtimeVersion: "1.10", runtime: triton}\n',
    ],
    [
      'in front of a block of text',
      '    model:\n      args: |\n        x\n',
      [{ runtimeVersion: '1.10' }, { runtime: 'triton' }],
      '    model:\n      runtimeVersion: "1.10"\n      runtime: triton\n      args: |\n        x\n',
    ],
    [
      'behind a value that is filled',
      '    model:\n      storageUri:',
      [{ runtime: 'triton' }, { storageUri: 's3://m/12' }],
      '    model:\n      storageUri: s3://m/12\n      runtime: triton',
    ],
  ])('%s', (_, predictor, fields, after) => {
    expect(bothWays(service(predictor).trimEnd(), ...fields.map(kserve))).toBe(service(after).trimEnd())
    if (predictor.endsWith('\n')) expect(edited(run(service(predictor), ...fields.map(kserve)))).toBe(service(after))
  })
})

describe('a file of many documents', () => {
  const around = (text: string) => `# one\n---\nb: {c: [x]} # c\n---   # two\n${text}---\nd: z\n`
  test.each([
    ['a value', 'a: x\n', 'a: v2\n'],
    ['a value that its document ends', 'a: x\n...\n', 'a: v2\n...\n'],
    ['a value below directives', 'e: z\n...\n%YAML 1.2\n---\na: x\n', 'e: z\n...\n%YAML 1.2\n---\na: v2\n'],
    ['a value below a lone CR', 'a: x\r---\r\nf: z\n', 'a: v2\r---\r\nf: z\n'],
    ['a value beside a line that is no marker', '---x: |\n  y\n  ---\na: x\n', '---x: |\n  y\n  ---\na: v2\n'],
    ['a value that repeats', 'e: &e x\nf: [*e, *e]\na: x\n', 'e: &e x\nf: [*e, *e]\na: v2\n'],
    ['a document that has no marker', 'e: z\n...\na: x\n', 'e: z\n...\na: v2\n'],
  ])('keeps all others: %s', (_, before, after) => {
    expect(edited(set(around(before), 'a', 'v2'))).toBe(around(after))
  })

  test('is edited in several documents at once', () => {
    const text = '---\na: x\n---\nb: x\n---\nc: x\n'
    expect(bothWays(text, value('a', '1'), value('c', 'v2'))).toBe('---\na: "1"\n---\nb: x\n---\nc: v2\n')
  })
})

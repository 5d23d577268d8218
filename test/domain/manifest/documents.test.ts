/** Which object of a file is meant: by kind and name, in files of several documents and in Lists. */
import { describe, expect, test } from 'vitest'
import { type DocumentName, editManifest, parsePath } from '../../../src/domain/manifest/index.ts'
import { edited } from './support.ts'

const BUNDLE = `# churn, all of it
apiVersion: v1
kind: Service
metadata: {name: churn}
spec: {type: ClusterIP}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: churn
  labels: {tier: web}
---
# the second one
kind: "Deployment"
metadata:
  name: 'churn-canary'
  labels: {tier: web}
...
---
---
kind: List
items:
- kind: ConfigMap
  metadata: {name: churn, labels: {tier: web}}
- kind: ConfigMap
  metadata: {name: other, labels: {tier: web}}
`

function edit(text: string, document: DocumentName | undefined, path = 'metadata.labels.tier') {
  const parsed = parsePath(path)
  if (!parsed.ok) throw new Error(parsed.problem.reason)
  const values = [{ path, segments: parsed.segments, value: 'v2' }]
  return editManifest({ file: 'bundle.yaml', text, edits: [{ kind: 'yaml', document, values }] })
}

describe('a document named by', () => {
  test.each([
    ['kind and name', { kind: 'Deployment', name: 'churn' }, '  name: churn\n  labels: {tier: web}'],
    ['quoted kind and name', { kind: 'Deployment', name: 'churn-canary' }, "-canary'\n  labels: {tier: web}"],
    ['kind and name in a List', { kind: 'ConfigMap', name: 'other' }, 'name: other, labels: {tier: web}'],
  ])('%s is the only one that changes', (_, document, place) => {
    expect(edited(edit(BUNDLE, document))).toBe(BUNDLE.replace(place, place.replace('tier: web', 'tier: v2')))
  })

  test('a kind that is there once', () => {
    expect(edited(edit(BUNDLE, { kind: 'Service' }, 'spec.type'))).toBe(BUNDLE.replace('ClusterIP', 'v2'))
    expect(edit(BUNDLE, { kind: 'Service' }, 'spec.type')).toMatchObject({
      changes: [{ document: 'Service churn', line: 5, path: 'spec.type' }],
    })
  })

  test('its name in a JSON file', () => {
    const text = '{"kind": "List", "items": [{"kind": "A", "metadata": {"name": "x"}, "v": "1"}]}'
    expect(edited(edit(text, { kind: 'A', name: 'x' }, 'v'))).toBe(text.replace('"1"', '"v2"'))
  })
})

describe('a document is refused when', () => {
  test.each([
    ['its path is in several and none is named', undefined, 'target_ambiguous', 17, 'Name the document by its kind'],
    ['its kind is there twice', { kind: 'Deployment' }, 'target_ambiguous', 14, 'Name the one that is meant, too.'],
    [
      'nothing has its name',
      { kind: 'Deployment', name: 'chrun' },
      'target_missing',
      1,
      'It holds Service/churn, Deployment/churn, Deployment/churn-canary, ConfigMap/churn, ConfigMap/other.',
    ],
    ['the path is in another one', { kind: 'Service' }, 'target_missing', 4, 'Its keys are name'],
  ])('%s', (_, document, code, line, hint) => {
    expect(edit(BUNDLE, document)).toMatchObject({
      kind: 'refused',
      refusal: { file: 'bundle.yaml', code, line, hint: expect.stringContaining(hint) },
    })
  })

  test('the file has no objects', () => {
    expect(edit('image: {tag: x}\n', { kind: 'Deployment' })).toMatchObject({
      refusal: { code: 'target_missing', hint: 'The file holds no object with a `kind`; leave the document out.' },
    })
  })

  test('two objects have its kind and name', () => {
    const text = 'kind: A\nmetadata: {name: x}\n---\nkind: A\nmetadata: {name: x}\n'
    expect(edit(text, { kind: 'A', name: 'x' })).toMatchObject({
      refusal: { code: 'target_ambiguous', line: 4, hint: 'Keep one object of that name in the file.' },
    })
  })
})

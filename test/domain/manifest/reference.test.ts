/** The five manifests of the reference config repository, edited as a promotion edits them: the whole file is asserted. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { editManifest, type ManifestEdit, readManifest } from '../../../src/domain/manifest/index.ts'

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/manifests/reference/${name}`, import.meta.url), 'utf8')

const OLD_DIGEST = 'sha256:1f0e7c0f6f6f2b0f2a4e2d6a9a0f3e1b7c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f'
const NEW_DIGEST = `sha256:${'ab'.repeat(32)}`

type Case = {
  readonly file: string
  readonly edits: readonly ManifestEdit[]
  readonly replaced: readonly (readonly [string, string])[]
  readonly changes: readonly object[]
}

const cases: readonly Case[] = [
  {
    file: 'staging-fraud-inference.yaml',
    edits: [{ kind: 'kserve', name: 'fraud', storageUri: 's3://acme-models/fraud/77aa' }],
    replaced: [['s3://acme-models/fraud/0d1c9b2a}', 's3://acme-models/fraud/77aa}']],
    changes: [
      {
        line: 6,
        path: 'spec.predictor.model.storageUri',
        document: 'InferenceService fraud',
        before: 's3://acme-models/fraud/0d1c9b2a',
        after: 's3://acme-models/fraud/77aa',
      },
    ],
  },
  {
    file: 'staging-churn-inference.yaml',
    edits: [{ kind: 'kserve', name: 'churn', storageUri: 's3://acme-models/churn/12' }],
    replaced: [['"s3://acme-models/churn/11"   #', '"s3://acme-models/churn/12"   #']],
    changes: [
      {
        line: 14,
        path: 'spec.predictor.model.storageUri',
        document: 'InferenceService churn',
        before: 's3://acme-models/churn/11',
        after: 's3://acme-models/churn/12',
      },
    ],
  },
  {
    file: 'prod-churn-inference.yaml',
    edits: [{ kind: 'kserve', name: 'churn', storageUri: 's3://acme-models/churn/12' }],
    replaced: [["'s3://acme-models/churn/11'", "'s3://acme-models/churn/12'"]],
    changes: [
      {
        line: 15,
        path: 'spec.predictor.sklearn.storageUri',
        document: 'InferenceService churn',
        before: 's3://acme-models/churn/11',
        after: 's3://acme-models/churn/12',
      },
    ],
  },
  {
    file: 'staging-churn-kustomization.yaml',
    edits: [{ kind: 'kustomize_image', name: 'ghcr.io/acme/churn', digest: NEW_DIGEST }],
    replaced: [[`${OLD_DIGEST}   #`, `${NEW_DIGEST}   #`]],
    changes: [
      {
        line: 7,
        path: 'images[name=ghcr.io/acme/churn].digest',
        document: 'Kustomization',
        before: OLD_DIGEST,
        after: NEW_DIGEST,
      },
    ],
  },
  {
    file: 'prod-churn-values.yaml',
    edits: [
      {
        kind: 'yaml',
        values: [
          { path: 'image.repository', segments: ['image', 'repository'], value: 'ghcr.io/acme/churn' },
          { path: 'image.tag', segments: ['image', 'tag'], value: `685e230@${NEW_DIGEST}` },
          {
            path: 'podAnnotations."lockkeeper.dev/release"',
            segments: ['podAnnotations', 'lockkeeper.dev/release'],
            value: 'rel-0123456789abcdef',
          },
        ],
      },
    ],
    replaced: [
      [`3f9c2e1d@${OLD_DIGEST}`, `685e230@${NEW_DIGEST}`],
      ['"lockkeeper.dev/release": ""', '"lockkeeper.dev/release": "rel-0123456789abcdef"'],
    ],
    changes: [
      {
        line: 6,
        path: 'image.tag',
        document: undefined,
        before: `3f9c2e1d@${OLD_DIGEST}`,
        after: `685e230@${NEW_DIGEST}`,
      },
      {
        line: 10,
        path: 'podAnnotations."lockkeeper.dev/release"',
        document: undefined,
        before: '',
        after: 'rel-0123456789abcdef',
      },
    ],
  },
]

describe('a promotion into the reference config repository', () => {
  test.each(cases)('changes exactly the named scalars of $file', ({ file, edits, replaced, changes }) => {
    const text = fixture(file)
    const expected = replaced.reduce((before, [from, to]) => {
      expect(before.split(from)).toHaveLength(2)
      return before.replace(from, to)
    }, text)
    const result = editManifest({ file, text, edits })
    expect(result).toMatchObject({
      kind: 'edited',
      text: expected,
      changes: changes.map((change) => ({ file, ...change })),
    })
  })

  test.each(cases)('finds $file as it should be when asked twice', ({ file, edits }) => {
    const first = editManifest({ file, text: fixture(file), edits })
    if (first.kind !== 'edited') throw new Error(first.kind)
    const second = editManifest({ file, text: first.text, edits })
    expect(second).toMatchObject({ kind: 'unchanged', changes: [] })
    const read = readManifest({ file, text: first.text, edits })
    expect(read.kind === 'read' && second.kind === 'unchanged' && read.values).toEqual(
      second.kind === 'unchanged' && second.alreadyThere,
    )
  })

  test('the values found before the edit can be read for a way back', () => {
    const file = 'prod-churn-values.yaml'
    const edits = cases.find((one) => one.file === file)?.edits ?? []
    expect(readManifest({ file, text: fixture(file), edits })).toEqual({
      kind: 'read',
      values: [
        {
          edit: 0,
          field: 'image.repository',
          path: 'image.repository',
          document: undefined,
          line: 5,
          value: 'ghcr.io/acme/churn',
        },
        {
          edit: 0,
          field: 'image.tag',
          path: 'image.tag',
          document: undefined,
          line: 6,
          value: `3f9c2e1d@${OLD_DIGEST}`,
        },
        {
          edit: 0,
          field: 'podAnnotations."lockkeeper.dev/release"',
          path: 'podAnnotations."lockkeeper.dev/release"',
          document: undefined,
          line: 10,
          value: '',
        },
      ],
    })
  })
})

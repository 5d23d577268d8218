/** What counts as written when a config repository limits images and URIs. */
import { describe, expect, test } from 'vitest'
import type { ManifestEdit } from '../../src/domain/manifest/index.ts'
import { writtenArtefacts } from '../../src/domain/written-artefacts.ts'

const release = {
  image: 'ghcr.io/acme/churn',
  parts: ['3f9c2e1', `sha256:${'a'.repeat(64)}`, '12', 'rel-0123456789abcdef'],
}
const written = (...edits: readonly ManifestEdit[]) => writtenArtefacts([{ file: 'f.yaml', edits }], release)
const yaml = (value: string): ManifestEdit => ({ kind: 'yaml', values: [{ path: 'a', segments: ['a'], value }] })

describe('what a promotion writes', () => {
  test('a storage URI is judged as written, wherever its text came from', () => {
    expect(written({ kind: 'kserve', name: 'churn', storageUri: 's3://evil/x' })).toEqual({
      images: [],
      uris: ['s3://evil/x'],
    })
  })

  test('a new image name is judged, not the one it replaces', () => {
    expect(written({ kind: 'kustomize_image', name: 'ghcr.io/acme/churn', newName: 'evil.io/miner' }).images).toEqual([
      'evil.io/miner',
    ])
    expect(written({ kind: 'kustomize_image', name: 'ghcr.io/acme/churn', digest: 'sha256:b' }).images).toEqual([
      'ghcr.io/acme/churn',
    ])
  })

  test('every image and URI of a KServe object is judged, also in its variables', () => {
    const edit: ManifestEdit = {
      kind: 'kserve',
      name: 'churn',
      image: 'evil.io/miner:1',
      adapters: [{ name: 'a', uri: 's3://evil/a' }],
      env: [
        { name: 'MODEL_URI', value: 's3://evil/x' },
        { name: 'IMAGE', value: 'evil.io/other' },
        { name: 'VERSION', value: '12' },
      ],
    }
    expect(written(edit)).toEqual({
      images: ['evil.io/miner:1', 'evil.io/other'],
      uris: ['s3://evil/a', 's3://evil/x'],
    })
  })

  test('a path in storage counts as a URI, which no list allows', () => {
    expect(written({ kind: 'kserve', name: 'churn', storagePath: 'evil/x' }).uris).toEqual(['evil/x'])
  })

  test('images in values and of an Application are judged', () => {
    const image = 'evil.io/miner:1'
    expect(written({ kind: 'helm', images: [{ path: 'image', segments: ['image'], image }] }).images).toEqual([image])
    const parameters = [{ name: 'image', value: 'evil.io/other' }]
    expect(
      written({ kind: 'argocd_parameters', name: 'a', parameters, images: [{ name: 'b', image }] }).images,
    ).toEqual([image, 'evil.io/other'])
  })

  test('the image of a workload is judged', () => {
    expect(written({ kind: 'deployment', name: 'churn', image: 'evil.io/miner' }).images).toEqual(['evil.io/miner'])
  })

  test.each([
    [`3f9c2e1@sha256:${'a'.repeat(64)}`, 'tag and digest'],
    ['v12', 'a version'],
    ['rel-0123456789abcdef', 'the release'],
    ['true', 'a switch'],
    ['1.5', 'a number'],
  ])('the text %s (%s) names no image', (value) => {
    expect(written(yaml(value))).toEqual({ images: [], uris: [] })
  })

  test.each(['ghcr.io/acme/churn', 'evil.io/miner:latest', 'nginx', 'evil.io/3f9c2e1', '12/12'])(
    'the text %s counts as an image',
    (value) => {
      expect(written(yaml(value)).images).toEqual([value])
    },
  )

  test('a URI in any YAML value is judged', () => {
    expect(written(yaml('gs://elsewhere/model')).uris).toEqual(['gs://elsewhere/model'])
  })
})

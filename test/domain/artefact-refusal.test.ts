/** What a refused promotion is told: each artefact that is not allowed, and the lines that would allow it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accept } from '../../src/domain/acceptance.ts'
import { imageRepository } from '../../src/domain/artefact-limits.ts'
import { DIGEST, entryWith, IMAGES, release, request, URIS, writes, yaml } from './limits-fixture.ts'

describe('the refusal', () => {
  it('tells each text, and the lines in which each would be allowed', () => {
    const edit = yaml('evil.io/miner:1', 's3://evil/x', 'eu-west-1', 'chosen')
    const answer = accept(
      entryWith(IMAGES, URIS),
      writes(edit, { ...release, 'image.repository': 'evil.io/x', 'image.tag': 'chosen' }),
    )
    expect(answer).toEqual({
      kind: 'refused',
      code: 'accepts_refused',
      reasons: [
        "the value `evil.io/miner:1` is not the release's own, and not among `images`, `uris` or `values`",
        "the value `s3://evil/x` is not the release's own, and not among `images`, `uris` or `values`",
        "the value `eu-west-1` is not the release's own, and not among `images`, `uris` or `values`",
        'the value `chosen` is a tag of `evil.io/x`, which is not among `images`',
      ],
      missingLine: [
        '    images: ["ghcr.io/acme/*", "evil.io/miner", "evil.io/x"]',
        '    uris: ["s3://acme-models/{{ model.name }}/**", "storage://models/{{ model.name }}/**", "s3://evil/x"]',
        '    values: ["eu-west-1"]',
      ].join('\n'),
    })
  })

  it('says that an `oci://` URI is an image, too', () => {
    const edit = { kind: 'kserve', name: 'churn', storageUri: 'oci://evil.io/m:1' } as const
    expect(accept(entryWith(IMAGES), writes(edit))).toMatchObject({
      reasons: ['the URI `oci://evil.io/m:1` is not among `uris`, or its image not among `images`'],
      missingLine: '    images: ["ghcr.io/acme/*", "evil.io/m"]',
    })
  })

  it('shows letters that only look like others', () => {
    const answer = accept(
      entryWith(IMAGES),
      request({ images: ['ghcr.io/acme/ok'], texts: [{ text: 'ghcr.io/\u0430cme/x' }] }),
    )
    expect(answer).toMatchObject({ missingLine: '    values: ["ghcr.io/\\u0430cme/x"]' })
  })

  it('names lines that let exactly this through when they are pasted', () => {
    const piece = fc.constantFrom(
      'ghcr.io',
      'evil.io',
      'acme',
      'churn',
      '/',
      ':',
      '@',
      '://',
      's3',
      'oci',
      '12',
      DIGEST,
      '.',
      '..',
      '{',
      '"',
      '*',
      '\u0430',
      '\n',
      ' ',
      '%2e',
    )
    const text = fc
      .array(piece, { minLength: 1, maxLength: 6 })
      .map((pieces) => pieces.join(''))
      .filter((whole) => whole.trim() !== '' && !whole.includes('{{'))
    const name = fc.constantFrom('ghcr.io/acme/churn:1', 'evil.io/x', 'nginx', 'oci.io/a/b@sha256:00')
    const uri = fc.constantFrom('s3://evil/x', 'oci://evil.io/m:1', 's3://acme-models/churn/[1]', 'storage://a/b')
    const written = fc.record({
      images: fc.array(name, { maxLength: 2 }),
      uris: fc.array(uri, { maxLength: 2 }),
      texts: fc.array(fc.record({ text }), { maxLength: 3 }),
    })
    fc.assert(
      fc.property(written, fc.subarray([IMAGES, URIS]), (artefacts, lists) => {
        const asked = request(artefacts)
        const answer = accept(entryWith(...lists), asked)
        if (answer.kind === 'accepted') return
        const lines = answer.missingLine.split('\n').map((line) => line.trim())
        const kept = lists.filter((list) => !lines.some((line) => line.startsWith(list.slice(0, 5))))
        expect(accept(entryWith(...kept, ...lines), asked)).toMatchObject({ kind: 'accepted' })
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the repository of an image', () => {
  it.each([
    ['ghcr.io/acme/churn', 'ghcr.io/acme/churn'],
    ['ghcr.io/acme/churn:1', 'ghcr.io/acme/churn'],
    ['ghcr.io/acme/churn@sha256:00', 'ghcr.io/acme/churn'],
    ['localhost:5000/churn', 'localhost:5000/churn'],
    ['localhost:5000/churn:1@sha256:00', 'localhost:5000/churn'],
  ])('%s is %s', (image, repository) => {
    expect(imageRepository(image)).toBe(repository)
  })
})

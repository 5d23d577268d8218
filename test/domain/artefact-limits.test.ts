/** That whoever owns a model repository cannot point production at an artefact that the config repository did not allow. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accept } from '../../src/domain/acceptance.ts'
import type { ManifestEdit } from '../../src/domain/manifest/index.ts'
import { COMMIT, DIGEST, entryWith, IMAGES, release, URIS, verdict, writes, yaml } from './limits-fixture.ts'
import { known } from './reference-settings.ts'

const MALICIOUS = [
  '/mnt/x',
  '//host/path',
  'oci:evil',
  'oci:evil/x:1',
  'hf:org/model',
  'org/model',
  'file:///mnt/x',
  'evil.io/acme/churn',
  'evil.io',
  'evil.io:443/acme/churn',
  'evil.io/ghcr.io/acme/churn',
  'ghcr.io/evil/churn',
  'ghcr.io/acme',
  'ghcr.io/acme/../evil/churn',
  'ghcr.io/acme/churn/../../evil',
  'ghcr.io/acme/churn:1@evil.io/x',
  'ghcr.io/acme/churn,image.repository=evil.io/x',
  'ghcr.io/acme/churn:5000/evil',
  'ghcr.io@evil.io/acme/churn',
  'ghcr.io\\@evil.io/acme/churn',
  'ghcr.io/\u0430cme/churn',
  'ghcr\u3002io/acme/churn',
  'ghcr.io\uff0facme/churn',
  'ghcr.io/acme/churn\u200b',
  'GHCR.IO/evil/churn',
  'http://ghcr.io/acme/churn',
  'oci://ghcr.io/evil/churn',
  's3://evil/churn/12',
  's3://acme-models/fraud/12',
  's3://acme-models/churn/../fraud/12',
  's3://acme-models/churn/%2e%2e/fraud/12',
  's3://acme-models/churn/%252e%252e/fraud/12',
  's3://acme-models/churn/\u2025/fraud/12',
  's3://acme-models/churn/12?x=/../',
  's3://acme-models/churn/12#x',
  's3://acme-models@evil/churn/12',
  's3://acme-models\\@evil/churn/12',
  's3://\u0430cme-models/churn/12',
  'S3://acme-models/fraud/12',
  's3:acme-models/fraud',
  's3:/acme-models/fraud',
  '--model=s3://evil/x',
  '{"uri": "s3://evil/x"}',
  's3%3A%2F%2Fevil%2Fx',
  'debug',
  '..',
]

describe('free text', () => {
  it.each(MALICIOUS)('%j is refused where images and URIs are limited', (text) => {
    expect(verdict(entryWith(IMAGES, URIS), yaml(text))).toBe('refused')
  })

  it.each(MALICIOUS)('%j is refused where only URIs are limited', (text) => {
    expect(verdict(entryWith(URIS), yaml(text))).toBe('refused')
  })

  it.each(MALICIOUS.filter((text) => !/^(?:s3|http):\/\/[^\\@?#%\u2025]+$/.test(text) || /\.\./.test(text)))(
    '%j is refused where only images are limited',
    (text) => {
      if (text === 's3://\u0430cme-models/churn/12') return
      expect(verdict(entryWith(IMAGES), yaml(text))).toBe('refused')
    },
  )

  it.each(MALICIOUS)('%j is written where nothing is limited', (text) => {
    expect(verdict(entryWith(), yaml(text))).toBe('accepted')
  })

  it.each(['env', 'parameters', 'values', 'restore'])('the same holds for what is written by %s', (way) => {
    const value = '//evil/x'
    const list = [{ name: 'X', value }]
    const edits: Record<string, ManifestEdit> = {
      env: { kind: 'kserve', name: 'churn', env: list },
      parameters: { kind: 'argocd_parameters', name: 'churn', parameters: list },
      values: { kind: 'argocd_parameters', name: 'churn', values: [{ path: 'a', segments: ['a'], value }] },
      restore: { kind: 'restore', edit: yaml('x'), values: new Map([['a0', value]]) },
    }
    for (const lists of [[IMAGES], [URIS], [IMAGES, URIS]]) {
      expect(verdict(entryWith(...lists), known(edits[way]))).toBe('refused')
    }
  })

  it.each([
    'ghcr.io/acme/churn',
    `ghcr.io/acme/churn:1@${DIGEST}`,
    's3://acme-models/churn/12',
    `${COMMIT}@${DIGEST}`,
    'v12',
    'rel-0123456789abcdef',
    'true',
    '3',
  ])('%j is the release’s own, or allowed', (text) => {
    expect(verdict(entryWith(IMAGES, URIS), yaml(text))).toBe('accepted')
  })
})

describe('an artefact in two values', () => {
  it('repository in one key, tag in another: the repository is judged', () => {
    expect(verdict(entryWith(IMAGES), yaml('evil.io/miner', COMMIT))).toBe('refused')
    expect(verdict(entryWith(IMAGES), yaml('ghcr.io/acme/churn', COMMIT))).toBe('accepted')
  })

  it('registry in one key, repository in another', () => {
    expect(verdict(entryWith(IMAGES), yaml('evil.io', 'acme/churn'))).toBe('refused')
  })

  it('a tag of an image that is not allowed, in whatever key', () => {
    const foreign = { ...release, 'image.repository': 'evil.io/x', 'image.tag': 'other-tool' }
    expect(verdict(entryWith(IMAGES), yaml('other-tool'), foreign)).toBe('refused')
    expect(verdict(entryWith(URIS), yaml('other-tool'), foreign)).toBe('refused')
    const own = { ...release, 'image.tag': 'other-tool' }
    expect(verdict(entryWith(IMAGES), yaml('other-tool'), own)).toBe('accepted')
  })

  it('a new name in a kustomization', () => {
    const edit = { kind: 'kustomize_image', name: 'ghcr.io/acme/churn', newName: 'evil.io/x', newTag: '1' } as const
    expect(verdict(entryWith(IMAGES), edit)).toBe('refused')
    expect(verdict(entryWith(IMAGES), { ...edit, newName: 'ghcr.io/acme/other' })).toBe('accepted')
    expect(verdict(entryWith(IMAGES), { ...edit, newName: undefined, newTag: '1@evil.io/x' })).toBe('refused')
  })

  it('a URI that KServe runs as a container counts as an image, too', () => {
    const edit: ManifestEdit = { kind: 'kserve', name: 'churn', storageUri: 'oci://evil.io/miner:1' }
    expect(verdict(entryWith(IMAGES), edit)).toBe('refused')
    expect(verdict(entryWith(IMAGES), { ...edit, storageUri: 'oci://ghcr.io/acme/churn:1' })).toBe('accepted')
    expect(verdict(entryWith('uris: ["oci://**"]', IMAGES), edit)).toBe('refused')
  })

  it('another runtime', () => {
    const edit: ManifestEdit = { kind: 'kserve', name: 'churn', runtime: 'other-runtime' }
    expect(verdict(entryWith(IMAGES), edit)).toBe('refused')
    expect(verdict(entryWith(URIS), edit)).toBe('accepted')
    expect(verdict(entryWith(IMAGES, 'values: ["other-*"]'), edit)).toBe('accepted')
  })
})

describe('a path in storage', () => {
  const path = (storagePath: string): ManifestEdit => ({ kind: 'kserve', name: 'churn', storagePath })

  it('is limited as `storage://<path>`', () => {
    expect(verdict(entryWith(URIS), path('models/churn/12'))).toBe('accepted')
    expect(verdict(entryWith(URIS), path('models/fraud/12'))).toBe('refused')
    expect(verdict(entryWith('uris: ["s3://**"]'), path('models/churn/12'))).toBe('refused')
    expect(verdict(entryWith(), path('anything/12'))).toBe('accepted')
  })

  it.each(['models/churn/../fraud', '/models/churn', 's3://evil/x', '../x', 'models//churn', 'models/churn/%2e%2e/x'])(
    '%s is refused whatever is allowed',
    (text) => {
      expect(accept(entryWith(), writes(path(text)))).toMatchObject({ kind: 'refused', missingLine: '' })
    },
  )

  it('is told with the line that allows it', () => {
    expect(accept(entryWith(URIS), writes(path('models/fraud/12')))).toMatchObject({
      reasons: ['the URI `storage://models/fraud/12` is not among `uris`'],
      missingLine:
        '    uris: ["s3://acme-models/{{ model.name }}/**", "storage://models/{{ model.name }}/**", "storage://models/fraud/12"]',
    })
  })
})

describe('other values', () => {
  it('are written when the entry has them, and matched as patterns', () => {
    const values = 'values: ["eu-*", "{{ model.name }}", "--model=s3://acme/{{ model.name }}/**"]'
    for (const text of ['eu-west-1', 'churn', '--model=s3://acme/churn/12'])
      expect(verdict(entryWith(IMAGES, URIS, values), yaml(text))).toBe('accepted')
    for (const text of ['us-east-1', 'eu-x/y', 'eu-\u200b', 'eu-\n', '--model=s3://acme/churn/../x', 'fraud'])
      expect(verdict(entryWith(IMAGES, URIS, values), yaml(text))).toBe('refused')
  })
})

describe('whatever is composed', () => {
  it('no accepted text can be read as an artefact elsewhere', () => {
    const piece = fc.constantFrom(
      'ghcr.io/acme/',
      'ghcr.io',
      'evil.io',
      'acme',
      'churn',
      's3://acme-models/churn/',
      's3://',
      'oci://',
      'oci:',
      'hf:',
      '/',
      '//',
      '..',
      '.',
      ':',
      '@',
      '-',
      '_',
      '\\',
      '%2e',
      '%2f',
      ',',
      '=',
      '?',
      '#',
      '12',
      'v',
      COMMIT,
      DIGEST,
      'rel-0123456789abcdef',
      'evil',
      '\u0430',
      '\uff0f',
      '\u200b',
      ' ',
      '\n',
    )
    const own = new RegExp(`^(?:v?(?:12|${COMMIT}|rel-0123456789abcdef)|[-_@v\\d.]|${DIGEST}|true|false)+$`)
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 7 }),
        fc.constantFrom<readonly string[]>([IMAGES, URIS], [URIS], [IMAGES]),
        (pieces, lists) => {
          const text = pieces.join('')
          if (verdict(entryWith(...lists), yaml(text)) === 'refused') return
          if (own.test(text)) {
            expect(text).not.toMatch(/\/|^(?:\d+\.){3}\d+$/)
            return
          }
          const [, scheme, rest] = /^([a-z0-9-]+):\/\/(.*)$/.exec(text) ?? []
          if (scheme === 'oci' && lists.includes(IMAGES)) expect(rest).toMatch(/^ghcr\.io\/acme\/[^/]+$/)
          if (scheme !== undefined && lists.includes(URIS)) {
            const url = new URL(text)
            expect(`${url.host}${decodeURIComponent(url.pathname)}`).toMatch(/^acme-models\/churn\//)
          }
          if (scheme !== undefined) return
          expect(lists).toContain(IMAGES)
          expect(text).toMatch(/^ghcr\.io\/acme\/[a-z0-9._-]+(?::[\w.-]+)?(?:@[a-z0-9]+:[0-9a-f]+)?$/)
        },
      ),
      { numRuns: 20_000 },
    )
  })
})

/** A release's id is its content: what deploys, and nothing else. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommitSha, parseDigest, parseRepoName } from '../../src/domain/ids.ts'
import { type Release, type ReleaseContent, releaseId, releaseLabel, releaseValues } from '../../src/domain/release.ts'
import { CHURN, known } from './reference-settings.ts'

const digest = (letter: string) => known(parseDigest(`sha256:${letter.repeat(64)}`))
const commit = (letter: string) => known(parseCommitSha(letter.repeat(40)))
const image = { repository: 'ghcr.io/acme/churn', tag: 'abc', digest: digest('a') }
const content: ReleaseContent = {
  repository: known(parseRepoName('acme/models')),
  model: CHURN,
  commit: commit('c'),
  pullRequest: { number: 7, headSha: commit('d') },
  modelVersion: '12',
  registeredModel: 'churn',
  modelUri: 's3://acme-models/churn/12',
  image,
  runs: ['r1', 'r2'],
  metrics: { auc: 0.91 },
  dataDigests: ['train:1', 'test:2'],
}

describe('the id', () => {
  it('is one that people can type', () => {
    expect(releaseId(content)).toMatch(/^rel-[0-9a-f]{16}$/)
  })

  it.each<[string, Partial<ReleaseContent>]>([
    ['its commit', { commit: commit('e') }],
    ['its version', { modelVersion: '13' }],
    ['the registered model that numbered it', { registeredModel: 'fraud' }],
    ['its URI', { modelUri: 's3://acme-models/churn/13' }],
    ['its image’s digest', { image: { ...image, digest: digest('b') } }],
    ['its image’s tag', { image: { ...image, tag: 'abd' } }],
    ['an image that has no tag', { image: { ...image, tag: undefined } }],
    ['its image', { image: undefined }],
    ['its data', { dataDigests: ['train:1'] }],
  ])('changes with %s', (_, change) => {
    expect(releaseId({ ...content, ...change })).not.toBe(releaseId(content))
  })

  it.each<[string, Partial<ReleaseContent>]>([
    ['its metrics', { metrics: { auc: 0.5 } }],
    ['its runs', { runs: ['r3'] }],
    ['the order of its data', { dataDigests: ['test:2', 'train:1'] }],
    ['data that two runs name', { dataDigests: ['train:1', 'test:2', 'train:1'] }],
    ['the pull request it came from', { pullRequest: undefined }],
  ])('does not change with %s', (_, change) => {
    expect(releaseId({ ...content, ...change })).toBe(releaseId(content))
  })

  it('is the same whatever the order in which content, runs and data were written', () => {
    const entries = fc.shuffledSubarray(Object.entries(content), { minLength: Object.keys(content).length })
    const digests = fc.shuffledSubarray([...content.dataDigests], { minLength: content.dataDigests.length })
    const runs = fc.shuffledSubarray([...content.runs])
    fc.assert(
      fc.property(entries, digests, runs, (shuffled, dataDigests, some) => {
        const again = { ...(Object.fromEntries(shuffled) as ReleaseContent), dataDigests, runs: some }
        expect(releaseId(again)).toBe(releaseId(content))
        expect(releaseId(JSON.parse(JSON.stringify(again)))).toBe(releaseId(content))
      }),
    )
  })

  it('tells any two contents apart', () => {
    const text = fc.constantFrom('', '1', '12', '2', '"', '","', 'pull_request', '7')
    const some = fc.option(text, { nil: undefined })
    const made = fc.record({
      modelVersion: some,
      registeredModel: some,
      modelUri: some,
      dataDigests: fc.uniqueArray(text, { maxLength: 3 }),
      origin: fc.constantFrom(undefined, 'pull_request' as const),
    })
    const meant = ({ dataDigests, ...rest }: typeof made extends fc.Arbitrary<infer T> ? T : never) =>
      JSON.stringify([
        rest.modelVersion ?? '',
        rest.registeredModel ?? '',
        rest.modelUri ?? '',
        rest.origin ?? '',
        dataDigests.toSorted(),
      ])
    fc.assert(
      fc.property(made, made, (a, b) => {
        expect(releaseId({ ...content, ...a }) === releaseId({ ...content, ...b })).toBe(meant(a) === meant(b))
      }),
      { numRuns: 2000 },
    )
  })

  it('does not mix up neighbouring parts', () => {
    const left = { ...content, modelVersion: '1', modelUri: '2x' }
    expect(releaseId(left)).not.toBe(releaseId({ ...content, modelVersion: '12', modelUri: 'x' }))
  })
})

it('people call it by its version, else by its commit', () => {
  expect(releaseLabel(content)).toBe('v12')
  expect(releaseLabel({ ...content, modelVersion: undefined })).toBe('ccccccc')
})

it('templates get exactly what it has', () => {
  const release: Release = {
    ...content,
    image: undefined,
    pullRequest: undefined,
    id: releaseId(content),
    completedAt: '2026-11-24T09:00:00Z',
    gates: { verdict: 'pass', failing: [] },
  }
  expect(releaseValues(release, 'prod')).toEqual({
    'model.name': 'churn',
    'model.version': '12',
    'model.uri': 's3://acme-models/churn/12',
    'image.repository': undefined,
    'image.tag': undefined,
    'image.digest': undefined,
    'commit.sha': commit('c'),
    'pull_request.sha': undefined,
    'pull_request.number': undefined,
    'release.id': release.id,
    environment: 'prod',
  })
})

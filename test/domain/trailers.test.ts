/** What is written into a commit's trailers is read back the same. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PromotionTrailers, parseTrailers, renderTrailers } from '../../src/domain/trailers.ts'

const full: PromotionTrailers = {
  repository: 'acme/models',
  model: 'churn',
  environment: 'prod',
  kind: 'promotion',
  release: 'rel-0123456789abcdef',
  commit: '3f9c2e1d'.repeat(5),
  pullRequest: 17,
  runs: ['a1b2', 'c3d4'],
  modelVersion: '12',
  imageDigest: `sha256:${'ab'.repeat(32)}`,
  dataDigests: ['train=9f', 'eval=77'],
  requestedBy: 'alice',
  approvedBy: ['bob', 'carol'],
}
const block = `Lockkeeper-Repository: acme/models
Lockkeeper-Model: churn
Lockkeeper-Environment: prod
Lockkeeper-Kind: promotion
Lockkeeper-Release: rel-0123456789abcdef
Lockkeeper-Commit: ${'3f9c2e1d'.repeat(5)}
Lockkeeper-Pull-Request: 17
Lockkeeper-Run: a1b2
Lockkeeper-Run: c3d4
Lockkeeper-Model-Version: 12
Lockkeeper-Image-Digest: sha256:${'ab'.repeat(32)}
Lockkeeper-Data-Digest: train=9f
Lockkeeper-Data-Digest: eval=77
Lockkeeper-Requested-By: alice
Lockkeeper-Approved-By: bob
Lockkeeper-Approved-By: carol`
const minimal = { ...full, pullRequest: undefined, runs: [], modelVersion: undefined, imageDigest: undefined }
const bare: PromotionTrailers = { ...minimal, dataDigests: [], requestedBy: undefined, approvedBy: [] }

/** Anything that an API could hand over, with line breaks and invisible characters. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\n', '\r', '\u2028', '\u200b', ': ', 'Lockkeeper-Kind: '),
    fc.string({ unit: 'binary', maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 20,
})
const visible = text.map((one) => `x${one}`)
const trailers: fc.Arbitrary<PromotionTrailers> = fc.record({
  repository: visible,
  model: visible,
  environment: visible,
  kind: fc.constantFrom('promotion', 'rollback'),
  release: visible,
  commit: visible,
  pullRequest: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  runs: fc.array(visible, { maxLength: 3 }),
  modelVersion: fc.option(visible, { nil: undefined }),
  imageDigest: fc.option(visible, { nil: undefined }),
  dataDigests: fc.array(visible, { maxLength: 3 }),
  requestedBy: fc.option(visible, { nil: undefined }),
  approvedBy: fc.array(visible, { maxLength: 3 }),
})

describe('the trailers of a promotion commit', () => {
  test('are one line each, in one order', () => {
    expect(renderTrailers(full)).toBe(block)
    expect(renderTrailers(bare)).toBe(block.split('\n').slice(0, 6).join('\n'))
  })

  test.each([
    ['behind subject and body', `churn 12 to prod\n\nBecause of auc.\n\n${block}\n`],
    ['with CRLF', `churn 12 to prod\r\n\r\n${block.replaceAll('\n', '\r\n')}\r\n`],
    [
      'with a co-author that a squash added behind them',
      `churn (#3)\n\n${block}\n\nCo-authored-by: Al <al@example.com>\n`,
    ],
    ['with a trailer of somebody else among them', `churn\n\n${block}\nSigned-off-by: Al <al@example.com>`],
    ['in other case', `churn\n\n${block.replaceAll('Lockkeeper-Model-Version', 'Lockkeeper-model-version')}`],
  ])('are read %s', (_, message) => {
    expect(parseTrailers(message)).toEqual(full)
  })

  test.each([
    ['a message without them', 'churn\n\nbody'],
    ['an incomplete block', `churn\n\n${block.replace(/Lockkeeper-Release.*\n/, '')}`],
    ['a kind nobody knows', `churn\n\n${block.replace('Kind: promotion', 'Kind: revolution')}`],
    ['a second environment', `churn\n\n${block}\nLockkeeper-Environment: staging`],
    ['a pull request that is no number', `churn\n\n${block.replace('Request: 17', 'Request: 17x')}`],
    ['a quotation in the body', `churn\n\n${block}\n\nThat was the old message.`],
    ['a subject alone', block.split('\n')[0] ?? ''],
  ])('are not read from %s', (_, message) => {
    expect(parseTrailers(message)).toBeUndefined()
  })

  test('come back whatever the values hold, and no value starts a line of its own', () => {
    fc.assert(
      fc.property(trailers, (one) => {
        const rendered = renderTrailers(one)
        const parsed = parseTrailers(`subject\n\n${rendered}`)
        expect(parsed).toBeDefined()
        expect(parsed?.kind).toBe(one.kind)
        expect(parsed?.runs).toHaveLength(one.runs.length)
        expect(parsed?.approvedBy).toHaveLength(one.approvedBy.length)
        // What was neutralised once stays as it is.
        expect(parsed === undefined ? '' : renderTrailers(parsed)).toBe(rendered)
      }),
    )
  })

  test('come back exactly when the values are ordinary', () => {
    const word = fc.stringMatching(/^[\w./:=@#+-]{1,40}$/)
    const ordinary = trailers.chain((one) =>
      fc
        .record({
          ...Object.fromEntries(
            (
              [
                'repository',
                'model',
                'environment',
                'release',
                'commit',
                'modelVersion',
                'imageDigest',
                'requestedBy',
              ] as const
            ).map((key) => [key, word]),
          ),
          runs: fc.array(word, { maxLength: 3 }),
          dataDigests: fc.array(word, { maxLength: 3 }),
          approvedBy: fc.array(word, { maxLength: 3 }),
        })
        .map((plain) => ({ ...one, ...plain })),
    )
    fc.assert(
      fc.property(ordinary, (one) => {
        expect(parseTrailers(`s\n\n${renderTrailers(one)}`)).toEqual(one)
      }),
    )
  })

  test('are trailers to Git too', () => {
    const seen = execFileSync('git', ['interpret-trailers', '--parse'], {
      input: `subject\n\nbody\n\n${block}\n`,
      encoding: 'utf8',
    })
    expect(seen.trim()).toBe(block)
  })
})

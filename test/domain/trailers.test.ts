/** What is written into a commit's trailers is read back the same. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type PromotionTrailers,
  parseTrailers,
  renderTrailers,
  trailersOfPromotion,
} from '../../src/domain/trailers.ts'

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

/** Long lines broken at blanks, the rest indented: as `git interpret-trailers` unfolds them. */
function folded(message: string): string {
  return message.replaceAll(/^Lockkeeper-.{60,}$/gm, (line) => line.replaceAll(/(?<=\S) (?=\S)/g, '\n '))
}

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
    [
      'from a squash of several commits, with its row of dashes',
      `churn (#7)\n\n* churn\n\n${block}\n\n---------\n\nCo-authored-by: Al <al@example.com>`,
    ],
    ['with a co-author right below them', `churn (#7)\n\n${block}\nCo-authored-by: Al <al@example.com>`],
    ['picked to another branch', `churn\n\n${block}\n(cherry picked from commit ${'ab'.repeat(20)})`],
    ['when the same block is there twice', `churn\n\n${block}\n\n${block}`],
    ['folded at 72 columns', `churn\n\n${folded(block)}`],
    ['with blank lines that hold blanks', `churn\n \n\t\n${block}\n \nSigned-off-by: Al <al@example.com>\n \n`],
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
    ['two blocks that differ', `churn\n\n${block}\n\n${block.replace('rel-0', 'rel-1')}`],
    [
      'a line that a hand broke in two',
      `churn\n\n${block.replace('ab'.repeat(32), `${'ab'.repeat(16)}\n${'ab'.repeat(16)}`)}`,
    ],
    ['a commit of "as found"', `churn\n\n${block.replace(/Release: .*/, 'Release: as-found')}`],
    ['a release without its commit', `churn\n\n${block.replace(/Lockkeeper-Commit.*\n/, '')}`],
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
        expect(parsed?.pullRequest).toBe(one.pullRequest)
        expect(parsed?.runs.length).toBeLessThanOrEqual(one.runs.length)
        // What was neutralised once stays as it is.
        expect(parsed === undefined ? '' : renderTrailers(parsed)).toBe(rendered)
      }),
    )
  })

  test('come back whatever happens to the message on its way into the branch', () => {
    const happens = fc.constantFrom(
      (message: string) => message.replaceAll('\n', '\r\n'),
      (message: string) => message.replace('\n', ' (#7)\n'),
      (message: string) => `${message}\n\nCo-authored-by: Al <al@example.com>`,
      (message: string) => `${message}\nSigned-off-by: Zoë <z@example.com>`,
      (message: string) => `${message}\n\n---------\n\nCo-authored-by: Al <al@example.com>`,
      (message: string) => `${message}\n\n${message.slice(message.indexOf('\n')).trim()}`,
      (message: string) => message.replace('\n', '\n\nwritten by hand: see below\nand more\n'),
      folded,
    )
    fc.assert(
      fc.property(trailers, fc.array(happens, { maxLength: 4 }), (one, all) => {
        const rendered = renderTrailers(one)
        const message = all.reduce((text, happen) => happen(text), `subject\n\n${rendered}`)
        expect(parseTrailers(message)).toEqual(parseTrailers(`subject\n\n${rendered}`))
      }),
    )
  })

  test('of a rollback to what was found name no commit', () => {
    const found: PromotionTrailers = { ...bare, kind: 'rollback', release: 'as-found', commit: undefined }
    expect(renderTrailers(found)).not.toContain('Lockkeeper-Commit')
    expect(parseTrailers(`Roll back\n\n${renderTrailers(found)}`)).toEqual(found)
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
          runs: fc.uniqueArray(word, { maxLength: 3 }),
          dataDigests: fc.uniqueArray(word, { maxLength: 3 }),
          approvedBy: fc.uniqueArray(word, { maxLength: 3 }),
        })
        .map((plain) => ({ ...one, ...plain })),
    )
    fc.assert(
      fc.property(ordinary, (one) => {
        expect(parseTrailers(`s\n\n${renderTrailers(one)}`)).toEqual(one)
      }),
    )
  })

  test.each(['squash', 'merge'])('are read by Git too, after a %s', (how) => {
    const message =
      how === 'squash' ? `subject (#7)\n\n${block}\n\nCo-authored-by: Al <al@example.com>` : `s\n\n${block}`
    const seen = execFileSync('git', ['interpret-trailers', '--parse', '--unfold'], {
      input: folded(message),
      encoding: 'utf8',
    })
    expect(seen.trim()).toBe(how === 'squash' ? 'Co-authored-by: Al <al@example.com>' : block)
  })

  test('are trailers to Git too', () => {
    const seen = execFileSync('git', ['interpret-trailers', '--parse'], {
      input: `subject\n\nbody\n\n${block}\n`,
      encoding: 'utf8',
    })
    expect(seen.trim()).toBe(block)
  })
})

describe('the history of one promotion', () => {
  const head = `Promote\n\n${renderTrailers({ ...full, approvedBy: [] })}`
  const merge = (changes: Partial<PromotionTrailers> = {}) =>
    `Promote (#7)\n\n${renderTrailers({ ...full, ...changes })}`

  test('is what its own commit says, and who had approved it when it was merged', () => {
    expect(trailersOfPromotion(head, merge())).toEqual(full)
    expect(trailersOfPromotion(head, merge({ runs: ['other'], requestedBy: 'mallory' }))).toEqual(full)
  })

  test.each([
    ['there is no merge yet', undefined],
    ['the merge lost them', 'Promote (#7)'],
    ['the merge is about another release', merge({ release: 'rel-ffffffffffffffff' })],
    ['the merge is about another environment', merge({ environment: 'staging' })],
  ])('has no approvals where %s', (_, message) => {
    expect(trailersOfPromotion(head, message)).toEqual({ ...full, approvedBy: [] })
  })

  test('is not read from the merge alone, which anybody may have written', () => {
    expect(trailersOfPromotion('somebody pushed', merge())).toBeUndefined()
  })
})

test('a message that somebody filled with trailers is read in no time', () => {
  const message = `Promote\n\n${Array.from({ length: 20_000 }, (_, index) => `Lockkeeper-Run: ${index}`).join('\n\n')}\n\n${block}`
  const begun = performance.now()
  expect(parseTrailers(message)?.runs).toHaveLength(20_002)
  expect(performance.now() - begun).toBeLessThan(2000)
})

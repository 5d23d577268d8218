/** The body of a promotion pull request as somebody reads it who has to approve: short enough, safe, and nothing told that is not theirs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderDryRun } from '../../src/comments/dry-run.ts'
import { COMMENT_LIMIT, title } from '../../src/comments/markdown.ts'
import { type PromotionReport, renderPromotionBody } from '../../src/comments/promotion-pull-request.ts'
import { parseDigest, parseRepoName } from '../../src/domain/ids.ts'
import { keepComparison } from '../../src/domain/kept-comparison.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import type { Release } from '../../src/domain/release.ts'
import type { RuleVerdict } from '../../src/domain/rules.ts'
import { CHURN, prod as environment, known, PROD } from '../domain/reference-settings.ts'
import { compared, gate, sha } from './comparison-fixture.ts'
import { readComment, references } from './github-markdown.ts'
import { hostileText } from './hostile-text.ts'

const AT = '2026-11-24T09:00:00.000Z'
const words = (text: string) => text

type Say = (slot: string) => string

const releaseOf = (say: Say): Release => ({
  id: 'rel-0123456789abcdef' as Release['id'],
  repository: known(parseRepoName('acme/models')),
  model: CHURN,
  commit: sha('3f9c2e1'),
  pullRequest: { number: 7, headSha: sha('abc') },
  modelVersion: say('version'),
  registeredModel: say('registered'),
  modelUri: say('uri'),
  image: { repository: say('image'), tag: say('tag'), digest: known(parseDigest(`sha256:${'ab'.repeat(32)}`)) },
  runs: [say('run one'), say('run two')],
  metrics: { [say('metric')]: 0.5 },
  dataDigests: [say('data')],
  completedAt: AT,
  gates: { verdict: 'pass', failing: [], waived: [say('metric')] },
  comparison: keepComparison(
    compared(
      {
        candidate: [{ [say('metric')]: 0.5, [say('other')]: 0.123 }],
        baseline: [{ [say('metric')]: 0.9, [say('other')]: 0.1 }],
        gates: [gate(say('metric'), { min: 0.8 })],
        waivers: [{ gate: say('metric'), by: say('who'), reason: say('why') }],
      },
      { notes: [say('note')] },
    ),
    say('headline'),
  ),
})

const rule = (verdict: Partial<RuleVerdict>): RuleVerdict => ({
  rule: 'hold',
  state: 'pass',
  detail: 'no hold',
  earliest: undefined,
  code: 'held',
  ...verdict,
})

const promotionOf = (say: Say, over: Partial<Promotion> = {}): Promotion => ({
  repository: known(parseRepoName('acme/models')),
  model: CHURN,
  environment: PROD,
  id: 'pro-1',
  kind: 'promotion',
  release: undefined,
  label: say('label'),
  via: { kind: 'force', by: say('asker'), reason: say('reason'), rules: [] },
  leaves: undefined,
  restore: [],
  thread: 7,
  asked: undefined,
  createdAt: AT,
  changes: [{ file: say('file'), path: say('path'), document: undefined, before: say('before'), after: say('after') }],
  pullRequest: undefined,
  stage: { at: 'proposed' },
  ...over,
})

const failed = (say: Say) =>
  promotionOf(say, {
    label: say('bad'),
    stage: {
      at: 'failed',
      failedAt: AT,
      code: 'verify_failed',
      message: say('message'),
      revision: undefined,
      rollback: undefined,
      evidence: [{ check: say('check'), verdict: 'fails', seen: say('seen'), wanted: say('wanted'), at: AT }],
    },
  })

const reportOf = (say: Say, over: Partial<PromotionReport> = {}): PromotionReport => ({
  promotion: promotionOf(say),
  release: releaseOf(say),
  environment,
  rules: [rule({ state: 'open', detail: say('detail'), earliest: new Date(AT) })],
  modelUrl: 'https://github.test/acme/models',
  wider: 'neither',
  earlier: [{ label: say('older'), endedAt: AT, by: say('newer') }],
  ...over,
})

const rollback = (say: Say): PromotionReport =>
  reportOf(say, {
    promotion: promotionOf(say, { kind: 'rollback', via: { kind: 'automatic-rollback', of: 'pro-0' } }),
    way: { from: failed(say), verifiedAt: AT },
  })

describe('the body of a promotion pull request', () => {
  it('says what is open and until when before anything else, then why it may go', () => {
    const text = renderPromotionBody(reportOf(words))
    const places = ['→ prod', '**Open:** detail (until 2026-11-24 09:00 UTC)', '#### ✅ Headline', '| ⚠️ | `metric` ↑ |']
    expect(places.map((place) => text.indexOf(place)).every((at, index, all) => at > (all[index - 1] ?? 0))).toBe(true)
  })

  it('says of a waived gate who waived it, and why', () => {
    expect(renderPromotionBody(reportOf(words))).toContain('waived by `who`: why')
  })

  it('of a release from before comparisons were kept has its metrics', () => {
    const { comparison: _, ...old } = releaseOf(words)
    const text = renderPromotionBody(reportOf(words, { release: old }))
    expect(text).toContain(
      '#### ✅ Every gate passes or is waived (1 waived)\n\n| Metric | Value |\n| --- | --: |\n| `metric` | 0.5 |',
    )
  })

  it('of a release that was not measured has none', () => {
    const { comparison: _, ...old } = releaseOf(words)
    expect(renderPromotionBody(reportOf(words, { release: { ...old, metrics: {} } }))).not.toContain('Every gate')
  })

  it.each([
    ['promotion', reportOf(words, { wider: 'config' })],
    ['rollback', { ...rollback(words), wider: 'config' as const }],
  ])(
    'of a %s in a repository that more people can read tells neither numbers nor what was written elsewhere',
    (_, report) => {
      const text = renderPromotionBody(report)
      for (const told of [
        '0.5',
        '0.123',
        '`metric`',
        '`other`',
        '`who`',
        'why',
        'note',
        'message',
        '`seen`',
        '`check`',
      ])
        expect(text).not.toContain(told)
      expect(text).toContain('#### What changes')
    },
  )

  it.each([
    ['values', 4000, 'x'],
    ['values with long hostile names', 400, '|`*_<>@'.repeat(60)],
  ])('with very many %s is shorter, and whole', (_, count, text) => {
    const change = { document: undefined, before: text, after: text }
    const changes = Array.from({ length: count }, (_, index) => ({ file: `${text}${index}`, path: text, ...change }))
    const body = renderPromotionBody(reportOf(words, { promotion: promotionOf(words, { changes }) }))
    expect(body.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(body).toMatch(/and \d+ more values; the diff has them all\./)
    expect(body.match(/<details>/g)?.length).toBe(body.match(/<\/details>/g)?.length)
    expect(body.trimEnd().endsWith('`/rollback prod`.')).toBe(true)
  })

  it('with the longest of everything fits', () => {
    const say: Say = (slot) => `${slot}${'<&@#|`$'.repeat(600)}`
    for (const report of [reportOf(say), rollback(say)])
      expect(renderPromotionBody(report).length).toBeLessThanOrEqual(COMMENT_LIMIT)
  })
})

describe.each([
  ['promotion', reportOf],
  ['rollback', rollback],
])('in the body of a %s', (_, make) => {
  const harmless = readComment(renderPromotionBody(make((slot) => slot)))
  /** Text that leaves nothing to be read leaves out its sentence, too. */
  const visible = hostileText.filter((text) => title(text) !== '')

  it('every text from outside is text', () => {
    fc.assert(
      fc.property(fc.uniqueArray(visible, { minLength: 30, maxLength: 30 }), (texts) => {
        const chosen = new Map<string, string>()
        const say: Say = (slot) => {
          const text = chosen.get(slot) ?? `${slot.charAt(0)}${texts[chosen.size % texts.length] ?? ''}`
          chosen.set(slot, text)
          // With a slash it would be a slice, which has a table of its own.
          return slot === 'metric' || slot === 'other' ? text.replaceAll('/', '') : text
        }
        const body = readComment(renderPromotionBody(make(say)))
        const { html: _html, ...counts } = body.counts
        const { html: _same, ...expected } = harmless.counts
        expect(counts).toEqual(expected)
        expect(body.html).toEqual(harmless.html)
        expect(references(body.texts)).toEqual([])
        expect(new Set(body.addresses)).toEqual(new Set(harmless.addresses))
      }),
      { numRuns: 60 },
    )
  })
})

describe('the answer to a dry run', () => {
  const dryRun = {
    promotion: promotionOf(words),
    rules: [],
    changes: promotionOf(words).changes,
    hiddenFrom: undefined,
  }

  it('has the diff, which cannot end its own block', () => {
    const { blocks } = readComment(renderDryRun({ ...dryRun, diff: '--- a/x\n+++ b/x\n+```\n+# no heading\n' }))
    expect(blocks.at(-1)).toEqual({ language: 'diff', text: '--- a/x\n+++ b/x\n+```\n+# no heading' })
  })

  it('names the command where the diff is too long', () => {
    const text = renderDryRun({ ...dryRun, diff: '+x\n'.repeat(10_000) })
    expect(text.length).toBeLessThan(2000)
    expect(text).toContain('The diff is too long for a comment; `lockkeeper plan` prints it.')
  })

  it('where more people read it than the config repository says how much changes, and nothing else', () => {
    const text = renderDryRun({ ...dryRun, diff: '+secret', hiddenFrom: 'acme/ml-config' })
    expect(text).toContain('It would change 1 value in 1 file of `acme/ml-config`. They are not shown')
    for (const told of ['secret', '@@', '-before', '+after']) expect(text).not.toContain(told)
  })
})

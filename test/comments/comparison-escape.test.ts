/** A whole comment, every outside text of which is hostile, has the shape of the same comment with harmless ones. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderComparison } from '../../src/comments/comparison.ts'
import { renderComparisonCheck } from '../../src/comments/comparison-check.ts'
import { title } from '../../src/comments/markdown.ts'
import type { ComparisonReport, ModelReport } from '../../src/domain/comparison-report.ts'
import { compared, gate, open, report } from './comparison-fixture.ts'
import { readComment, references } from './github-markdown.ts'
import { hostileText } from './hostile-text.ts'

/** Places for texts from outside, to be filled; `slot(n)` is a whole string, so that nothing of ours is replaced. */
const slot = (name: string): string => `slot ${name}`
const address = (name: string): string => `https://mlflow.test/${slot(name)}`
const baseline = {
  label: slot('baseline'),
  reference: slot('reference'),
  url: address('version'),
  runs: [{ id: slot('old run'), url: address('old run') }],
  version: slot('version'),
}
const parametersChanged = [{ name: slot('parameter'), before: slot('before'), after: slot('after') }]
const waived = { gate: slot('gate'), by: slot('who'), reason: slot('why') }

const everything: ModelReport = compared(
  {
    candidate: [1, 2].map((value) => ({
      [slot('base')]: value,
      [slot('other')]: 3,
      [slot('waived')]: 0,
      [`${slot('base')}/a=b`]: 1,
    })),
    baseline: [{ [slot('base')]: 3, [slot('other')]: 4, [slot('waived')]: 5 }],
    gates: [gate(slot('base'), { min: 9 }), gate(slot('gone')), gate(slot('waived'), { min: 1 })],
    waivers: [{ ...waived, gate: slot('waived') }],
  },
  {
    baseline,
    parametersChanged,
    dataDigests: [slot('data')],
    baselineDataDigests: [slot('old data')],
    notes: [slot('note'), `metric \`${slot('in note')}\` and ${slot('noted')}`],
    outside: (['fail', 'missing', 'pass', 'pending'] as const).map((verdict) => ({
      name: slot(`check ${verdict}`),
      verdict,
      required: verdict !== 'missing',
      evidence: slot(`evidence ${verdict}`),
      url: address('check'),
      waived: verdict === 'pass' ? waived : undefined,
    })),
    trend: [
      { at: '2026-11-01T00:00:00Z', label: slot('release'), metrics: { [slot('base')]: 0.5, [slot('waived')]: 1e-9 } },
      { at: slot('at'), label: slot('newer'), metrics: { [slot('base')]: 0.6 } },
    ],
  },
)
const broken: ModelReport = open('not_found', {
  failedChecks: [slot('training')],
  problem: { code: 'gates_failed', message: slot('message'), hint: slot('hint') },
})
const waiting: ModelReport = open('pending', {
  waiting: { for: { kind: 'checks', names: [slot('check')] }, until: undefined },
})
const refused: ModelReport = open('refused', {
  problem: {
    code: 'policy_missing',
    message: `\`${slot('quoted')}\` ${slot('said')}`,
    hint: `Add it.\n\`\`\`yaml\n${slot('line')}\n\`\`\``,
  },
})
const REPORTS = { everything, broken, waiting, refused }

/** The report with each slot replaced; the same slot by the same text. */
function fill(whole: ComparisonReport, text: (slot: string) => string): ComparisonReport {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replaceAll(/slot [a-z]+(?: (?:pass|fail|missing|pending|run|data|note))?/g, text)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [String(walk(key)), walk(inner)]))
  }
  return walk(whole) as ComparisonReport
}

/** Text that leaves nothing to be read leaves out its sentence, too. */
const visibleText = hostileText.filter((text) => title(text) !== '')

describe.each(Object.entries(REPORTS))('a comment about %s', (_, model) => {
  const whole = report([model], { isFork: true })
  const harmless = readComment(renderComparison(fill(whole, (slot) => slot.replaceAll(/[^a-z]/g, 'x'))))

  it('has only text where text belongs', () => {
    fc.assert(
      fc.property(fc.uniqueArray(visibleText, { minLength: 40, maxLength: 40 }), (texts) => {
        const chosen = new Map<string, string>()
        const choose = (slot: string): string => {
          const text = chosen.get(slot) ?? texts[chosen.size % texts.length] ?? ''
          chosen.set(slot, text)
          return text
        }
        const filled = fill(whole, choose)
        for (const body of [renderComparison(filled), renderComparisonCheck(filled).summary]) {
          const comment = readComment(body)
          const { html: _html, ...counts } = comment.counts
          const { html: _same, ...expected } = harmless.counts
          expect(counts).toEqual(expected)
          expect(comment.html.filter((tag) => !tag.startsWith('<!-- lockkeeper:'))).toEqual(harmless.html.slice(1))
          expect(references(comment.texts)).toEqual([])
          expect(
            comment.addresses.every(
              (url) => url.startsWith('https://mlflow.test/') || url.startsWith('http://mlflow.test/'),
            ),
          ).toBe(true)
          expect(comment.blocks.map(({ language }) => language)).toEqual(
            harmless.blocks.map(({ language }) => language),
          )
        }
      }),
      { numRuns: 100 },
    )
  })
})

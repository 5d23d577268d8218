/** Charts that Mermaid's own parser accepts, whatever the releases are called and whatever was measured. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trendBlock } from '../../src/comments/comparison-trend.ts'
import type { TrendPoint } from '../../src/domain/comparison-report.ts'
import { compared, gate } from './comparison-fixture.ts'
import { readComment } from './github-markdown.ts'
import { hostileText } from './hostile-text.ts'
import { parseDiagram } from './mermaid.ts'

type Measured = Readonly<Record<string, number>>

const point = (metrics: Measured, index: number): TrendPoint => ({
  at: `2026-11-0${index + 1}T09:30:00Z`,
  label: `v${index + 8}`,
  metrics,
})
const trend = (past: readonly Measured[], now: Measured, metrics: readonly string[] = Object.keys(now)) =>
  trendBlock(
    compared(
      { candidate: [now], baseline: [now], gates: metrics.map((metric) => gate(metric, { min: 0 })) },
      { trend: past.map(point) },
    ),
  )

describe('the trend', () => {
  it('is a chart per gated metric, with a sentence for who cannot see it', () => {
    const past = [0.88, 0.893, 0.9031].map((auc, index) => ({ auc, recall: 0.4, p95: 96 - index }))
    expect(trend(past, { auc: 0.9144, recall: 0.41, p95: 101 }, ['auc', 'p95'])).toMatchInlineSnapshot(`
      "<details><summary>Trend: the last 3 champions and this PR</summary>

      \`auc\` ↑: from 0.8800 (v8) to 0.9031 (v10), this PR 0.9144.

      \`\`\`mermaid
      %%{init: {"xyChart": {"width": 700, "height": 240}, "themeVariables": {"xyChart": {"plotColorPalette": "#2fa36b"}}}}%%
      xychart-beta
          x-axis ["v8", "v9", "v10", "PR"]
          y-axis 0.87656 --> 0.91784
          line [0.8800, 0.8930, 0.9031, 0.9144]
      \`\`\`

      \`p95\` ↑: from 96 (v8) to 94 (v10), this PR 101.

      \`\`\`mermaid
      %%{init: {"xyChart": {"width": 700, "height": 240}, "themeVariables": {"xyChart": {"plotColorPalette": "#2fa36b"}}}}%%
      xychart-beta
          x-axis ["v8", "v9", "v10", "PR"]
          y-axis 93.0 --> 102.0
          line [96, 95, 94, 101]
      \`\`\`

      </details>"
    `)
  })

  it('names one champion as one', () => {
    expect(trend([{ auc: 0.88 }], { auc: 0.9 })).toContain('`auc` ↑: 0.8800 (v8), this PR 0.9000.')
  })

  it('is a table where a release lacks the metric, or a value has more digits than a chart', () => {
    expect(trend([{ auc: 0.88, tiny: 1e-9 }, { tiny: 2e-9 }], { auc: 0.9, tiny: 3e-9 })).toMatchInlineSnapshot(`
      "<details><summary>Trend: the last 2 champions and this PR</summary>

      | Release | Live since | \`auc\` | \`tiny\` |
      | --- | --- | --: | --: |
      | \`v8\` | 2026-11-01 09:30 UTC | 0.8800 | 1.000e−9 |
      | \`v9\` | 2026-11-02 09:30 UTC | – | 2.000e−9 |
      | this PR | – | 0.9000 | 3.000e−9 |

      </details>"
    `)
  })

  it('shows at most three metrics, those that fail first, over the last twenty champions', () => {
    const names = ['a', 'b', 'c', 'd']
    const past = Array.from({ length: 30 }, (_, index) => Object.fromEntries(names.map((name) => [name, index])))
    const model = compared(
      {
        candidate: [{ a: 1, b: 1, c: 1, d: 1 }],
        baseline: [{ a: 1 }],
        gates: names.map((name) => gate(name, { min: name === 'd' ? 9 : 0 })),
      },
      { trend: past.map((metrics, index) => ({ ...point(metrics, 0), label: `v${index}` })) },
    )
    const block = trendBlock(model) ?? ''
    const charts = readComment(block).blocks.map(({ text }) => text)
    expect(block.match(/^`\w` ↑/gm)).toEqual(['`d` ↑', '`a` ↑', '`b` ↑'])
    expect(charts[0]).toContain('["v10", "v11",')
    expect(charts[0]?.match(/"v\d+"/g)).toHaveLength(20)
  })

  it('counts backwards where the names would not fit side by side', () => {
    const model = compared(
      { candidate: [{ auc: 1 }], gates: [gate('auc')] },
      { trend: Array.from({ length: 12 }, () => ({ ...point({ auc: 1 }, 0), label: '3f9c2e1' })) },
    )
    expect(trendBlock(model)).toContain(
      '["-12", "-11", "-10", "-9", "-8", "-7", "-6", "-5", "-4", "-3", "-2", "-1", "PR"]',
    )
  })

  it.each([
    ['no champion yet', [], { auc: 0.9 }, ['auc']],
    ['no gate', [{ auc: 0.9 }], { auc: 0.9 }, []],
    ['only slices', [{ 'auc/a=b': 0.9 }], { 'auc/a=b': 0.9 }, ['auc/a=b']],
    ['other metrics before', [{ f1: 0.9 }], { auc: 0.9 }, ['auc']],
  ])('is left out with %s', (_, past, now, metrics) => {
    expect(trend(past as readonly Measured[], now as Measured, metrics)).toBeUndefined()
  })
})

const size = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e13, max: 1e13, noNaN: true }),
  fc.double({ min: -1e-5, max: 1e-5, noNaN: true }),
  fc.constantFrom(0, -0, 1, 1e-7, 1e-6, -1e-6, 999_999_999_999, 1e12, 0.1 + 0.2, Number.NaN, Number.POSITIVE_INFINITY),
)
const releases = fc.array(fc.record({ label: hostileText, value: size, has: fc.boolean() }), {
  minLength: 1,
  maxLength: 22,
})

it('Mermaid reads every chart, with all points at places of their own', async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, releases, size, async (name, past, now) => {
      const model = compared(
        { candidate: [{ [name]: now }], baseline: [{ [name]: 1 }], gates: [gate(name)] },
        {
          trend: past.map(({ label, value, has }, index) => ({
            ...point(has || index % 2 === 0 ? { [name]: value } : {}, 0),
            label,
          })),
        },
      )
      for (const { language, text } of readComment(trendBlock(model) ?? '').blocks) {
        expect([language, await parseDiagram(text)]).toEqual(['mermaid', 'xychart'])
        const labels = /x-axis \[(.*)\]/.exec(text)?.[1]?.match(/"[^"]*"/g) ?? []
        const values = /line \[(.*)\]/.exec(text)?.[1]?.split(', ') ?? []
        expect(new Set(labels).size).toBe(labels.length)
        expect(values).toHaveLength(labels.length)
        expect(values.every((value) => /^-?\d+(?:\.\d+)?$/.test(value))).toBe(true)
        const [low = 0, high = 0] = (/y-axis (.*)/.exec(text)?.[1] ?? '').split(' --> ').map(Number)
        expect(values.every((value) => low < Number(value) && Number(value) < high)).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
})

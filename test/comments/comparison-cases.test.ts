/** Comments of unusual comparisons, whole: few gates, none, optional ones, gates that are no metrics; and very long ones. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderComparison } from '../../src/comments/comparison.ts'
import { renderComparisonCheck } from '../../src/comments/comparison-check.ts'
import { CHECK_SUMMARY_LIMIT, COMMENT_LIMIT } from '../../src/comments/markdown.ts'
import type { ModelReport } from '../../src/domain/comparison-report.ts'
import type { OutsideGate } from '../../src/domain/outside-gate.ts'
import { compared, gate, modelName, report } from './comparison-fixture.ts'
import { readComment } from './github-markdown.ts'
import { richReport } from './rich-report.ts'

/** What stands under the marker, short of what was compared with what. */
const said = (model: ModelReport): string =>
  renderComparison(report([model]))
    .split('\n')
    .filter((line) => !/^(?:<!--|> Compared|>$)/.test(line))
    .join('\n')
    .trim()

const check = (name: string, verdict: OutsideGate['verdict'], changes: Partial<OutsideGate> = {}): OutsideGate => ({
  ...{ name, verdict, required: true, evidence: verdict === 'pass' ? 'success' : 'failure', url: undefined },
  ...{ waived: undefined, ...changes },
})

describe('a comment', () => {
  it('about a single metric is short', () => {
    const gates = [gate('auc', { min: 0.8 })]
    expect(said(compared({ candidate: [{ auc: 0.91 }], baseline: [{ auc: 0.9 }], gates }))).toMatchInlineSnapshot(`
      "### 🔒 churn — ✅ better than champion v11, its gate passes
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9000 | 0.9100 | +0.0100 (+1.1%) | ≥ 0.8 |"
    `)
  })

  it('without gates leaves the judgement to its reader', () => {
    expect(said(compared({ candidate: [{ auc: 0.91 }], baseline: [{ auc: 0.9 }], gates: [] }))).toMatchInlineSnapshot(`
      "### 🔒 churn — ➖ compared with champion v11, no gate is set
      **Next:** read the numbers, since no gate judges them, then review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ➖ | \`auc\` | 0.9000 | 0.9100 | +0.0100 (+1.1%) | – |"
    `)
  })

  it('about optional gates warns, and passes', () => {
    const gates = [gate('auc', { min: 0.8 }), gate('f1', { min: 0.7, required: false })]
    const model = compared({ candidate: [{ auc: 0.91, f1: 0.6 }], baseline: [{ auc: 0.9, f1: 0.6 }], gates })
    expect(said(model)).toMatchInlineSnapshot(`
      "### 🔒 churn — ✅ better than champion v11, its gate passes, 1 optional one fails
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ⚠️ | \`f1\` ↑ | 0.6000 | 0.6000 | 0 | **≥ 0.7** — optional |
      | ✅ | \`auc\` ↑ | 0.9000 | 0.9100 | +0.0100 (+1.1%) | ≥ 0.8 |"
    `)
    expect(renderComparisonCheck(report([model])).conclusion).toBe('success')
  })

  it('shows other checks below the metrics, what fails first', () => {
    const outside = [
      check('check/lint', 'pass'),
      check('check/coverage', 'fail', { url: 'https://ci.test/7', evidence: 'failure' }),
      check('drift/Share of drifted columns', 'fail', { required: false, evidence: '0.31, must be less than 0.1' }),
      check('check/slow', 'waived', { waived: { gate: 'check/slow', by: 'alice', reason: 'known' } }),
    ]
    const gates = [gate('auc', { min: 0.8 })]
    expect(
      said(compared({ candidate: [{ auc: 0.9 }], baseline: [{ auc: 0.9 }], gates }, { outside })),
    ).toMatchInlineSnapshot(`
      "### 🔒 churn — ❌ on a par with champion v11, but 1 gate fails, 1 optional too
      **Next:** fix \`check/coverage\`, then push; the comparison runs again by itself. Or a maintainer may \`/override check/coverage <reason>\`. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9000 | 0.9000 | 0 | ≥ 0.8 |

      |  | Check | Result |
      | :-: | --- | --- |
      | ❌ | [\`check/coverage\`](https://ci.test/7) | **failure** |
      | ⚠️ | \`drift/Share of drifted columns\` | **0.31, must be less than 0.1** — optional |
      | ⚠️ | \`check/slow\` | failure — waived by \`alice\`: known |
      | ✅ | \`check/lint\` | success |"
    `)
  })

  it('folds the checks that pass when there are many', () => {
    const outside = [check('a', 'fail'), ...Array.from({ length: 30 }, (_, index) => check(`tests/${index}`, 'pass'))]
    const text = said(compared({ candidate: [{ auc: 0.9 }], gates: [gate('auc', { min: 0.8 })] }, { outside }))
    expect(text).toContain('first model, nothing to compare with yet, but 1 gate fails')
    expect(text.slice(0, text.indexOf('<details>'))).toContain('| ❌ | `a` | **failure** |')
    expect(text).toContain('<details><summary>30 more checks pass</summary>')
  })

  it('of several runs a side says by which p a drop failed', () => {
    const runs = (auc: number) => [-1, 0, 1].map((step) => ({ auc: auc + step / 1000 }))
    const gates = [gate('auc', { maxRegression: { kind: 'percent', value: 0.005 } })]
    expect(said(compared({ candidate: runs(0.85), baseline: runs(0.9), gates }))).toContain(
      '**drop ≤ 0.5%** — p < 0.001',
    )
  })
})

/** Everything that can be many or long, many or long. */
const long = fc.record({
  metrics: fc.integer({ min: 0, max: 3000 }),
  slices: fc.integer({ min: 0, max: 3000 }),
  gated: fc.boolean(),
  fails: fc.boolean(),
  nameLength: fc.constantFrom(1, 40, 2000),
  outside: fc.integer({ min: 0, max: 400 }),
  parameters: fc.integer({ min: 0, max: 400 }),
  models: fc.constantFrom(1, 2, 30),
})

it('is never too long and never cut, however much there is', () => {
  fc.assert(
    fc.property(long, ({ metrics, slices, gated, fails, nameLength, outside, parameters, models }) => {
      const name = (index: number): string => `m${index}${'x'.repeat(nameLength)}`
      const names = [
        ...Array.from({ length: metrics }, (_, index) => name(index)),
        ...Array.from({ length: slices }, (_, index) => `${name(index % 7)}/s=${index}`),
      ]
      const run = Object.fromEntries(names.map((metric, index) => [metric, index]))
      const gates = gated ? names.map((metric) => gate(metric, { min: fails ? 1e9 : 0 })) : []
      const model = compared(
        { candidate: [run], baseline: [run], gates },
        {
          outside: Array.from({ length: outside }, (_, index) => check(name(index), fails ? 'fail' : 'pass')),
          parametersChanged: Array.from({ length: parameters }, (_, index) => ({
            name: name(index),
            before: '1',
            after: name(0),
          })),
        },
      )
      const whole = report(
        Array.from({ length: models }, (_, index) => ({ ...model, model: modelName(`model${index}`) })),
      )
      const body = renderComparison(whole)
      expect(body.length).toBeLessThanOrEqual(COMMENT_LIMIT)
      expect(renderComparisonCheck(whole).summary.length).toBeLessThanOrEqual(CHECK_SUMMARY_LIMIT)
      const { counts, html } = readComment(body)
      const opened = html.filter((tag) => tag.startsWith('<details>')).length
      expect(html.filter((tag) => tag === '</details>')).toHaveLength(opened)
      expect((counts['heading'] ?? 0) > 0 && (counts['table'] ?? 0) * 2 <= (counts['tableRow'] ?? 0)).toBe(true)
    }),
    { numRuns: 25 },
  )
})

it('of everything is what a reader of Markdown takes for tables, folded blocks and charts', () => {
  const { counts, blocks } = readComment(renderComparison(richReport))
  expect(counts).toMatchObject({ heading: 1, table: 4, code: 3, blockquote: 1 })
  expect(blocks.map(({ language }) => language)).toEqual(['mermaid', 'mermaid', 'mermaid'])
})

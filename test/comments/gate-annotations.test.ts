/** What the annotations of failing gates say, and which gates have one. */
import { expect, it } from 'vitest'
import { gateAnnotations } from '../../src/comments/gate-annotations.ts'
import type { ModelReport } from '../../src/domain/comparison-report.ts'
import { compared, gate } from './comparison-fixture.ts'

const said = (model: ModelReport) =>
  gateAnnotations([model], { path: 'f', lineOf: (_, path) => (path[1] === 'elsewhere' ? undefined : path.length) }).map(
    ({ level, title, message, startLine }) => `${startLine} ${level}: ${title}: ${message}`,
  )

it('says what was measured, what it is compared with, and what is allowed', () => {
  const model = compared(
    {
      candidate: [{ auc: 0.86, p95: 131, 'f1/a=b': 0.5, elsewhere: 0, nan: Number.NaN, loss: 1 }],
      baseline: [{ auc: 0.9, p95: 96, 'f1/a=b': 0.6, elsewhere: 1, loss: 2 }],
      gates: [
        gate('auc', { required: false, maxRegression: { kind: 'percent', value: 0.02 } }),
        gate('p95', { goal: 'minimize', max: 120, maxRegression: { kind: 'absolute', value: 10 } }),
        gate('f1/a=b', { min: 0.55 }),
        gate('elsewhere', { min: 1 }),
        gate('nan', { min: 1 }),
        gate('gone', { min: 1 }),
        gate('loss', { goal: 'minimize', max: 3 }),
      ],
    },
    {
      outside: [
        {
          name: 'check/coverage',
          verdict: 'fail',
          required: true,
          evidence: 'failure',
          url: undefined,
          waived: undefined,
        },
        { name: 'drift/share', verdict: 'missing', required: false, evidence: '', url: undefined, waived: undefined },
        { name: 'check/lint', verdict: 'pass', required: true, evidence: 'success', url: undefined, waived: undefined },
      ],
    },
  )
  expect(said(model)).toMatchInlineSnapshot(`
    [
      "2 failure: churn: p95 fails: p95 is 131; the limit is ≤ 120. p95 is 131, champion v11 has 96 (+36%); allowed is a rise ≤ 10.",
      "2 failure: churn: f1/a=b fails: f1/a=b is 0.5000; the limit is ≥ 0.55.",
      "2 failure: churn: nan fails: nan is NaN, not a finite number.",
      "2 failure: churn: gone fails: gone was not measured.",
      "1 failure: churn: check/coverage fails: failure",
      "2 warning: churn: auc fails (optional): auc is 0.8600, champion v11 has 0.9000 (−4.4%); allowed is a drop ≤ 2%.",
      "1 warning: churn: drift/share fails (optional): It fails.",
    ]
  `)
})

it('are at most fifty, those of required gates first', () => {
  const gates = Array.from({ length: 120 }, (_, index) => gate(`m${index}`, { min: 1, required: index >= 100 }))
  const all = said(compared({ candidate: [{}], gates }))
  expect(all).toHaveLength(50)
  expect(all.filter((one) => one.includes('failure'))).toHaveLength(20)
})

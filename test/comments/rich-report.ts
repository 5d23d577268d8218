/** A report with everything a comment can have, as a person would meet it: failing, waived, open and optional gates, slices, other checks, a trend. */
import type { ComparisonReport, TrendPoint } from '../../src/domain/comparison-report.ts'
import type { OutsideGate } from '../../src/domain/outside-gate.ts'
import { compared, gate, report } from './comparison-fixture.ts'

const around = (mean: number, step: number): readonly number[] => [-2, -1, 0, 1, 2].map((times) => mean + times * step)

const seeds = (shift: number) =>
  around(0, 1).map((_, seed) => ({
    auc: around(0.9031 + shift, 0.0012)[seed] ?? 0,
    'auc/segment=eu': around(0.91 - 2 * shift, 0.002)[seed] ?? 0,
    'auc/segment=us': around(0.89 + shift, 0.002)[seed] ?? 0,
    'auc/segment=apac': around(0.88 + 3 * shift, 0.004)[seed] ?? 0,
    log_loss: around(0.3744 - shift, 0.01)[seed] ?? 0,
    p95_latency_ms: 96 + 3000 * shift + seed,
    calibration_error: around(0.021 + shift / 5, 0.003)[seed] ?? 0,
    'recall@10': around(0.41 + shift, 0.01)[seed] ?? 0,
    train_rows: 120_000,
  }))

/** Twenty champions, each a little better than the one before, more or less. */
const trend: readonly TrendPoint[] = Array.from({ length: 20 }, (_, index) => ({
  at: new Date(Date.UTC(2026, 0, 5 + 16 * index, 10)).toISOString(),
  label: `v${index + 1}`,
  metrics: {
    auc: 0.86 + index * 0.0022 + ((index * 7) % 5) * 0.002,
    log_loss: 0.46 - index * 0.004 + ((index * 3) % 4) * 0.006,
    p95_latency_ms: 88 + ((index * 11) % 13),
  },
}))

const check = (name: string, changes: Partial<OutsideGate> = {}): OutsideGate => ({
  name,
  verdict: 'pass',
  required: true,
  evidence: 'success',
  url: `https://ci.test/${encodeURIComponent(name)}`,
  waived: undefined,
  ...changes,
})

export const richReport: ComparisonReport = report([
  compared(
    {
      candidate: seeds(0.0113),
      baseline: seeds(0),
      gates: [
        gate('auc', { min: 0.8, maxRegression: { kind: 'percent', value: 0.005 } }),
        gate('auc/segment=*', { maxRegression: { kind: 'percent', value: 0.01 } }),
        gate('log_loss', { goal: 'minimize', maxRegression: { kind: 'percent', value: 0.02 } }),
        gate('p95_latency_ms', { goal: 'minimize', max: 120 }),
        gate('calibration_error', { goal: 'minimize', max: 0.02, required: false }),
      ],
      waivers: [
        { gate: 'auc/segment=eu', by: 'alice', reason: 'the new labels of #12 are stricter, agreed with @bob' },
      ],
    },
    {
      outside: [
        check('check/coverage', { verdict: 'fail', evidence: 'failure' }),
        check('check/trivy', { verdict: 'pending', evidence: 'still at work' }),
        check('drift/Share of drifted columns', {
          verdict: 'fail',
          required: false,
          evidence: '0.31, must be less than 0.1',
          url: undefined,
        }),
        check('check/lint'),
      ],
      trend,
      notes: [
        'recall@10: several datasets or models have this metric, so the plain name means none of them; set `dataset`, or gate one slice.',
      ],
      parametersChanged: [
        { name: 'C', before: '1.0', after: '0.5' },
        { name: 'features', before: '3', after: '5' },
        { name: 'solver', before: undefined, after: 'saga' },
      ],
      dataDigests: ['churn-training:a26f30e2'],
      baselineDataDigests: ['churn-training:100fbf37'],
    },
  ),
])

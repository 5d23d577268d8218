/** The one comment and the check run, whole, as people read them. */
import { describe, expect, it } from 'vitest'
import { renderComparison, renderComparisonSections } from '../../src/comments/comparison.ts'
import { renderComparisonCheck, renderComparisonStart } from '../../src/comments/comparison-check.ts'
import { verdictWords } from '../../src/comments/comparison-words.ts'
import { COMMENT_LIMIT } from '../../src/comments/markdown.ts'
import { NO_GATES } from '../../src/domain/gate-summary.ts'
import { countOutside } from '../../src/domain/outside-gate.ts'
import { compared, gate, modelName, open, report, sha } from './comparison-fixture.ts'

const champion = { auc: 0.9031, log_loss: 0.31, p95_latency_ms: 96 }
const seeds = (values: readonly number[], rest: Readonly<Record<string, number>>) =>
  values.map((auc) => ({ auc, ...rest }))

describe('the comment', () => {
  it('decides in its first two lines, and shows failing gates first', () => {
    const model = compared(
      {
        candidate: [{ auc: 0.9144, log_loss: 0.3, p95_latency_ms: 131, 'auc/segment:eu': 0.91, recall: 0.41 }],
        baseline: [{ ...champion, 'auc/segment:eu': 0.9, recall: 0 }],
      },
      {
        parametersChanged: [{ name: 'C', before: '1.0', after: undefined }],
        dataDigests: ['0ff1ce'],
        baselineDataDigests: ['c0ffee'],
      },
    )
    expect(renderComparison(report([model]))).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ### 🔒 churn — ❌ better than champion v11 on 2 metrics, worse on 1; 1 gate fails
      **Next:** fix \`p95_latency_ms\`, then push; the comparison runs again by itself. Or a maintainer may \`/override p95_latency_ms <reason>\`. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ❌ | \`p95_latency_ms\` ↓ | 96 | 131 | +35 (+36%) | **≤ 120** |
      | ✅ | \`auc\` ↑ | 0.9031 | 0.9144 | +0.0113 (+1.3%) | ≥ 0.8, drop ≤ 0.5% |
      | ✅ | \`log_loss\` ↓ | 0.3100 | 0.3000 | −0.0100 (−3.2%) | rise ≤ 2% |
      | ➖ | \`recall\` | 0.0000 | 0.4100 | +0.4100 | – |

      <details><summary>1 slice</summary>

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9031 | 0.9144 | +0.0113 (+1.3%) | ≥ 0.8, drop ≤ 0.5% |
      | ➖ | ↳ \`segment:eu\` | 0.9000 | 0.9100 | +0.0100 (+1.1%) | – |

      </details>

      > Compared run [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d40) at \`3f9c2e1\` with [\`models:/churn/11\`](http://mlflow.test/#/models/churn/versions/11).
      >
      > One run on a side: changes are judged by tolerance alone, not against noise.

      <details><summary>1 parameter changed</summary>

      | Parameter | before | after |
      | --- | --- | --- |
      | \`C\` | \`1.0\` | – |

      </details>

      <details><summary>Training data changed</summary>

      \`0ff1ce\` (before: \`c0ffee\`)

      </details>"
    `)
    const { summary, ...check } = renderComparisonCheck(report([model]))
    expect(check).toMatchInlineSnapshot(`
      {
        "actions": [
          {
            "description": "Read the metrics again and judge",
            "identifier": "re-evaluate",
            "label": "Re-evaluate",
          },
        ],
        "annotations": [],
        "conclusion": "failure",
        "detailsUrl": undefined,
        "status": "completed",
        "title": "churn: better than champion v11 on 2 metrics, worse on 1; 1 gate fails (p95_latency_ms)",
      }
    `)
    expect(renderComparison(report([model]))).toBe(`<!-- lockkeeper:comparison:v1 -->\n${summary}`)
  })

  it('shows intervals and n over seeds, and a drop that is within noise', () => {
    const model = compared({
      candidate: seeds([0.893, 0.905, 0.89, 0.904, 0.893], { log_loss: 0.3, p95_latency_ms: 96.5 }),
      baseline: seeds([0.902, 0.904, 0.91, 0.8935, 0.9025], { log_loss: 0.31, p95_latency_ms: 96.5 }),
    })
    expect(renderComparison(report([model]))).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ### 🔒 churn — ✅ better than champion v11, all 3 gates pass
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9024 ±0.0073 (5) | 0.8970 ±0.0086 (5) | −0.0054 (−0.60%) | ≥ 0.8, drop ≤ 0.5% — within noise (p = 0.45 over 2 gates) |
      | ✅ | \`log_loss\` ↓ | 0.3100 ±0 (5) | 0.3000 ±0 (5) | −0.0100 (−3.2%) | rise ≤ 2% |
      | ✅ | \`p95_latency_ms\` ↓ | 96.50 ±0 (5) | 96.50 ±0 (5) | 0 | ≤ 120 |

      > Compared 5 seeds at \`3f9c2e1\` ([\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d40), [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d41), [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d42), [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d43), [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d44)) with [\`models:/churn/11\`](http://mlflow.test/#/models/churn/versions/11).
      >
      > ± is the 95% interval of the mean; in brackets, the number of seeds."
    `)
  })

  it('has one section per model under a line that decides over all', () => {
    const fraud = compared(
      {
        candidate: [{ f1: 0.71, 'f1/segment=eu': 0.6 }],
        baseline: [{ f1: 0.7, 'f1/segment=eu': 0.7 }],
        gates: [gate('f1', { min: 0.7 }), gate('f1/segment=eu', { maxRegression: { kind: 'percent', value: 0.02 } })],
      },
      {
        model: modelName('fraud'),
        candidate: {
          commit: sha('3f9c2e1'),
          file: 'models/fraud/metrics.json',
          runs: [],
          failedRuns: 0,
          newerRunning: false,
        },
        baseline: {
          label: 'main',
          reference: 'models/fraud/metrics.json',
          url: undefined,
          runs: [],
          version: undefined,
        },
      },
    )
    const churn = compared({ candidate: [champion], baseline: [champion] })
    expect(renderComparison(report([churn, fraud], { isFork: true }))).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ## 🔒 ❌ 2 models: fraud fails

      ### 🔒 fraud — ❌ better than main on 1 metric, worse on 1; 1 gate fails
      **Next:** fix \`f1/segment=eu\`, then push; the comparison runs again by itself. Or a maintainer may \`/override f1/segment=eu fraud <reason>\`. · \`/help\`

      |  | Metric | main | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`f1\` ↑ | 0.7000 | 0.7100 | +0.0100 (+1.4%) | ≥ 0.7 |
      | ❌ | ↳ \`segment=eu\` ↑ | 0.7000 | 0.6000 | −0.1000 (−14%) | **drop ≤ 2%** |

      > Compared \`models/fraud/metrics.json\` at \`3f9c2e1\` with the same file of main.
      >
      > One run on a side: changes are judged by tolerance alone, not against noise.

      ### 🔒 churn — ✅ on a par with champion v11, all 3 gates pass
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`auc\` ↑ | 0.9031 | 0.9031 | 0 | ≥ 0.8, drop ≤ 0.5% |
      | ✅ | \`log_loss\` ↓ | 0.3100 | 0.3100 | 0 | rise ≤ 2% |
      | ✅ | \`p95_latency_ms\` ↓ | 96 | 96 | 0 | ≤ 120 |

      > Compared run [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d40) at \`3f9c2e1\` with [\`models:/churn/11\`](http://mlflow.test/#/models/churn/versions/11).
      >
      > One run on a side: changes are judged by tolerance alone, not against noise.

      > From a fork: metrics are looked up by the head commit only, and say what the fork measured."
    `)
    expect(renderComparisonCheck(report([churn, fraud])).title).toMatchInlineSnapshot(
      `"fraud: better than main on 1 metric, worse on 1; 1 gate fails (f1/segment=eu) · churn: on a par with champion v11, all 3 gates pass"`,
    )
  })

  it('says of a first model that there is nothing to compare with, and names what is missing', () => {
    expect(
      renderComparison(report([compared({ candidate: [{ auc: 0.9, log_loss: Number.NaN }] })])),
    ).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ### 🔒 churn — ❌ first model, nothing to compare with yet, but 2 gates fail
      **Next:** log a finite \`log_loss\`, \`p95_latency_ms\`, then push; the comparison runs again by itself. Or a maintainer may \`/override log_loss <reason>\`, \`/override p95_latency_ms <reason>\`. · \`/help\`

      |  | Metric | this PR | Gate |
      | :-: | --- | --: | --- |
      | ❌ | \`log_loss\` ↓ | **NaN** | rise ≤ 2% — **not a finite number**, fails |
      | ❌ | \`p95_latency_ms\` ↓ | – | ≤ 120 — **missing**, fails |
      | ✅ | \`auc\` ↑ | 0.9000 | ≥ 0.8, drop ≤ 0.5% — first model |

      > Measured run [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d40) at \`3f9c2e1\`."
    `)
  })

  it('shows no number that looks like the limit it does not keep', () => {
    const body = renderComparison(
      report([
        compared({
          candidate: [{ auc: 0.79998, rows: 12004.3, f1: 0.78997, map: 0.79599, size: 0.1, exact: 0.8 }],
          baseline: [{ auc: 0.79998, rows: 12004.3, f1: 0.8, map: 0.8, size: 96, exact: 0.8 }],
          gates: [
            gate('auc', { min: 0.8 }),
            gate('rows', { goal: 'minimize', max: 12004 }),
            gate('f1', { maxRegression: { kind: 'absolute', value: 0.01 } }),
            gate('map', { maxRegression: { kind: 'percent', value: 0.005 } }),
            gate('size', { goal: 'minimize', max: 120 }),
            gate('exact', { min: 0.8 }),
          ],
        }),
      ]),
    )
    expect(body.split('\n').filter((line) => /^\| [❌✅]/u.test(line))).toMatchInlineSnapshot(`
      [
        "| ❌ | \`auc\` ↑ | 0.79998 | 0.79998 | 0 | **≥ 0.8** |",
        "| ❌ | \`rows\` ↓ | 12004.3 | 12004.3 | 0 | **≤ 12004** |",
        "| ❌ | \`f1\` ↑ | 0.80000 | 0.78997 | −0.01003 (−1.3%) | **drop ≤ 0.01** |",
        "| ❌ | \`map\` ↑ | 0.8000 | 0.7960 | −0.0040 (−0.501%) | **drop ≤ 0.5%** |",
        "| ✅ | \`size\` ↓ | 96.00 | 0.10 | −95.90 (−99.9%) | ≤ 120 |",
        "| ✅ | \`exact\` ↑ | 0.8000 | 0.8000 | 0 | ≥ 0.8 |",
      ]
    `)
  })

  it('counts as better and worse what the verdict rests on, not every slice of a pattern', () => {
    const slices = { 'auc/segment=a': 0.9, 'auc/segment=b': 0.7, 'auc/segment=c': 0.7 }
    const model = compared({
      candidate: [{ auc: 0.9, latency_ms: 110, ...slices }],
      baseline: [{ auc: 0.8, latency_ms: 100, 'auc/segment=a': 0.8, 'auc/segment=b': 0.8, 'auc/segment=c': 0.8 }],
      gates: [
        gate('auc', { min: 0 }),
        gate('latency_ms', { goal: 'minimize', max: 120 }),
        gate('auc/segment=*', { min: 0 }),
      ],
    })
    expect(verdictWords(model)).toBe('better than champion v11 on 1 metric, worse on 1; all 5 gates pass')
  })

  it('names the metrics that not every seed has, and those that no test could tell from noise', () => {
    const regression = { maxRegression: { kind: 'percent', value: 0.01 } } as const
    const body = renderComparison(
      report([
        compared({
          candidate: [{ auc: 0.9 }, { auc: 0.91 }, { auc: 0.9, f1: 1 }],
          baseline: [
            { auc: 0.9, f1: 1 },
            { auc: 0.92, f1: 1 },
          ],
          gates: [gate('auc', regression), gate('f1', regression)],
        }),
      ]),
    )
    expect(body).toContain('> Not every seed has `f1`: judged by those that do.')
    expect(body).toContain('> `f1`: one run on a side, so changes are judged by tolerance alone, not against noise.')
  })

  it.each([
    [[0.9, 0.9], '0.9000 ±0 (2)'],
    [[0.9, 0.900002], '0.9000 ±<0.0001 (2)'],
    [[99.99, 100.01], '100 ±<1 (2)'],
    [[0.9, 0.91], '0.9050 ±0.0635 (2)'],
  ])('writes the interval of %j as %s', (values, text) => {
    const body = renderComparison(
      report([compared({ candidate: values.map((auc) => ({ auc })), gates: [gate('auc', { min: 0 })] })]),
    )
    expect(body).toContain(`| ${text} |`)
  })

  it('says in words that the only gate is waived', () => {
    const waivers = [{ gate: 'auc', by: 'alice', reason: 'agreed' }]
    const model = compared({
      candidate: [{ auc: 1 }],
      baseline: [{ auc: 2 }],
      gates: [gate('auc', { min: 2 })],
      waivers,
    })
    expect(verdictWords(model)).toBe('worse than champion v11, but its gate is waived')
  })

  it('names the models that fail in the title of the check run, however many there are', () => {
    const bad = { auc: 0.5, log_loss: 0.3, p95_latency_ms: 100 }
    const models = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      compared({ candidate: [name === 'e' ? { ...bad, auc: 0.9 } : bad] }, { model: modelName(`model-${name}`) }),
    )
    expect(renderComparisonCheck(report(models)).title).toBe('5 models: model-a, model-b, model-c, model-d fail')
  })

  it('says over several models that gates were waived, and that others were not required', () => {
    const gates = [gate('auc', { min: 2 }), gate('f1', { min: 2, required: false })]
    const waivers = [{ gate: 'auc', by: 'alice', reason: 'agreed' }]
    const models = ['a', 'b'].map((name) =>
      compared({ candidate: [{ auc: 1, f1: 1 }], gates, waivers }, { model: modelName(name) }),
    )
    expect(renderComparison(report(models))).toContain('## 🔒 ✅ 2 models: every required gate passes or is waived')
  })

  it('counts as passed neither what was waived nor what fails without being required', () => {
    const gates = ['a', 'b', 'c', 'd'].map((name) => gate(name, name < 'c' ? { min: 0 } : { min: 2, required: false }))
    const model = compared({
      candidate: [{ a: 1, b: 1, c: 1, d: 1 }],
      baseline: [{ a: 1, b: 1, c: 1, d: 1 }],
      gates,
      waivers: [{ gate: 'c', by: 'alice', reason: 'agreed' }],
    })
    expect(verdictWords(model)).toBe('on a par with champion v11, 2 of 4 gates pass, 1 waived, 1 optional one fails')
  })

  it.each(['pending', 'unavailable'] as const)('says that a check failed while the metrics are %s', (verdict) => {
    const outside = [
      { name: 'check/tests', verdict: 'fail', required: true, evidence: 'failure', url: undefined, waived: undefined },
    ] as const
    const problem = { code: 'mlflow_unavailable', message: 'MLflow does not answer.', hint: 'Nothing to do.' } as const
    const model = open(verdict, {
      outside,
      gates: countOutside(NO_GATES, outside),
      problem: verdict === 'unavailable' ? problem : undefined,
    })
    expect(renderComparisonCheck(report([model]))).toMatchObject({
      conclusion: 'failure',
      title: expect.stringContaining(', but 1 gate fails (check/tests)'),
      summary: expect.stringContaining('**Next:** fix `check/tests`, then push'),
    })
  })

  it('names who waived a gate, and why', () => {
    const model = compared({
      candidate: [{ ...champion, p95_latency_ms: 131 }],
      baseline: [champion],
      waivers: [{ gate: 'p95_latency_ms', by: 'alice', reason: 'new machine, see #12 @bob' }],
    })
    expect(renderComparison(report([model]))).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ### 🔒 churn — ✅ worse than champion v11, but 2 of 3 gates pass, 1 waived
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | champion v11 | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ⚠️ | \`p95_latency_ms\` ↓ | 96 | 131 | +35 (+36%) | **≤ 120** — waived by \`alice\`: new machine, see #⁠12 ⁠@⁠bob |
      | ✅ | \`auc\` ↑ | 0.9031 | 0.9031 | 0 | ≥ 0.8, drop ≤ 0.5% |
      | ✅ | \`log_loss\` ↓ | 0.3100 | 0.3100 | 0 | rise ≤ 2% |

      > Compared run [\`a1b2c3d4\`](http://mlflow.test/#/experiments/1/runs/a1b2c3d40) at \`3f9c2e1\` with [\`models:/churn/11\`](http://mlflow.test/#/models/churn/versions/11).
      >
      > One run on a side: changes are judged by tolerance alone, not against noise."
    `)
    expect(renderComparisonCheck(report([model])).conclusion).toBe('success')
  })

  it('says what it waits for, and shows the older metrics as older', () => {
    const waiting = { for: { kind: 'checks', names: ['train'] }, until: new Date('2026-03-03T16:00:00Z') } as const
    const pending = report([open('pending', { waiting })], {
      earlier: { headSha: sha('abcdef1'), sections: '### earlier sections' },
    })
    expect(renderComparison(pending)).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ### 🔒 churn — ⏳ waiting for train
      **Next:** nothing to do, this comment is updated by itself; what is not there by 2026-03-03 16:00 UTC counts as missing. · \`/help\`

      ---

      > ⚠️ The head has moved to \`3f9c2e1\`; below are the metrics of \`abcdef1\`.

      ### earlier sections"
    `)
    expect(renderComparisonCheck(pending)).toMatchObject({
      status: 'in_progress',
      conclusion: undefined,
      title: 'churn: waiting for train',
    })
  })

  const WAITS = '**Next:** nothing to do, this comment is updated by itself. · `/help`'

  it.each([
    [
      open('pending', { waiting: { for: { kind: 'runs', count: 2 }, until: undefined } }),
      ['### 🔒 churn — ⏳ 2 training runs are still at work', WAITS],
    ],
    [
      open('pending', { waiting: { for: { kind: 'checks', names: [] }, until: undefined } }),
      ['### 🔒 churn — ⏳ waiting for the first check to report', WAITS],
    ],
    [
      open('after_merge'),
      [
        '### 🔒 churn — ➖ trained and judged after the merge',
        '**Next:** merge when reviewed; the gates are judged when the release is made. · `/help`',
      ],
    ],
    [
      open('unavailable', {
        problem: {
          code: 'mlflow_unavailable',
          message: 'MLflow server default does not answer',
          hint: 'Nothing to do.',
        },
      }),
      [
        '### 🔒 churn — ⚠️ the metrics cannot be read just now',
        '**Next:** nothing to do. · `/help`',
        '',
        '> MLflow server default does not answer (`mlflow_unavailable`)',
      ],
    ],
    [
      open('refused', {
        problem: {
          code: 'policy_missing',
          message: 'acme/models may not use bucket <x>',
          hint: 'Add it to the policy.',
        },
      }),
      [
        '### 🔒 churn — ❌ the metrics cannot be read',
        '**Next:** add it to the policy. · `/help`',
        '',
        '> acme/models may not use bucket \\<x\\> (`policy_missing`)',
      ],
    ],
    [
      open('not_found', {
        gates: { verdict: 'fail', failing: ['auc'], missing: ['auc'], pending: [], waived: [], advisory: [] },
        failedChecks: ['train'],
      }),
      [
        '### 🔒 churn — ❌ no metrics found, 1 gate fails',
        '**Next:** look into why `train` failed, then push or train again. · `/help`',
        '',
        '> `train` failed.',
      ],
    ],
  ])('reads naturally, case %#', (model, lines) => {
    expect(renderComparison(report([model]))).toBe(['<!-- lockkeeper:comparison:v1 -->', ...lines].join('\n'))
  })

  it('says when no model is touched any more', () => {
    expect(renderComparison(report([]))).toMatchInlineSnapshot(`
      "<!-- lockkeeper:comparison:v1 -->
      ### 🔒 No model is touched by this pull request any more
      **Next:** nothing to do; the last push took the model changes out. · \`/help\`"
    `)
    expect(renderComparisonCheck(report([]))).toMatchObject({ status: 'completed', conclusion: 'neutral', actions: [] })
  })

  it.each([
    ['metrics without gates', { values: 10_000, gates: 1, models: 1 }, '9887 more metrics are not shown'],
    ['gates that pass', { values: 10_000, gates: 10_000, models: 1 }, '9900 more metrics are not shown'],
    ['gates that fail', { values: 0, gates: 10_000, models: 1 }, '9900 more failing metrics are not shown'],
    ['models', { values: 1, gates: 1, models: 1000 }, '1000 models: every gate passes'],
  ])('is rendered shorter, not cut, for very many %s', (_, { values, gates, models }, said) => {
    const names = Array.from({ length: Math.max(values, gates) }, (__, index) => `metric_with_a_long_name_${index}`)
    const run = Object.fromEntries(names.slice(0, values).map((name, index) => [name, index]))
    const model = compared({
      candidate: [run],
      baseline: [run],
      gates: names.slice(0, gates).map((name) => gate(name, { min: 0 })),
    })
    const body = renderComparison(report(Array.from({ length: models }, () => model)))
    expect(body.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(body).toContain(said)
    expect((body.match(/<details>/g) ?? []).length).toBe((body.match(/<\/details>/g) ?? []).length)
  })

  it('leaves out the older comparison before it leaves out the new one', () => {
    const model = compared({ candidate: [champion], baseline: [champion] })
    const sections = renderComparisonSections(
      report([model], { earlier: { headSha: sha('a'), sections: 'x'.repeat(COMMENT_LIMIT) } }),
      COMMENT_LIMIT,
    )
    expect(sections).toContain('churn — ✅')
    expect(sections).not.toContain('xxxx')
  })
})

describe('the check run', () => {
  it('starts at once, before anything was read', () => {
    expect(renderComparisonStart([modelName('churn'), modelName('fraud')])).toMatchObject({
      status: 'in_progress',
      title: 'Reading the metrics of churn, fraud',
    })
  })

  it.each([
    [[compared({ candidate: [champion], baseline: [champion] })], 'completed', 'success'],
    [[compared({ candidate: [{}], baseline: [champion] }), open('pending')], 'completed', 'failure'],
    [[compared({ candidate: [champion], baseline: [champion] }), open('pending')], 'in_progress', undefined],
    [[compared({ candidate: [champion], baseline: [champion], gates: [] })], 'completed', 'neutral'],
    [[open('after_merge')], 'completed', 'neutral'],
    [[open('unavailable')], 'in_progress', undefined],
    [[open('refused')], 'completed', 'failure'],
  ] as const)('case %#: concludes', (models, status, conclusion) => {
    expect(renderComparisonCheck(report(models))).toMatchObject({ status, conclusion })
  })
})

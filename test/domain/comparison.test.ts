/** What teams are told about their candidate: changes, gates, verdicts. */
import { describe, expect, it } from 'vitest'
import { type ComparisonInput, compareMetrics } from '../../src/domain/comparison.ts'
import type { GateSpec } from '../../src/domain/settings.ts'

const gate = (metric: string, rules: Partial<GateSpec> = {}): GateSpec => ({
  metric,
  goal: 'maximize',
  min: undefined,
  max: undefined,
  maxRegression: undefined,
  required: true,
  ...rules,
})
const half = { kind: 'percent', value: 0.005 } as const

/** Runs from columns: `{ auc: [0.9, 0.91] }` is two runs. */
const runs = (columns: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, number>[] => {
  const n = Math.max(0, ...Object.values(columns).map((values) => values.length))
  return Array.from({ length: n }, (_, index) => {
    const run = new Map<string, number>()
    for (const [name, values] of Object.entries(columns)) {
      const value = values[index]
      if (value !== undefined) run.set(name, value)
    }
    return run
  })
}

const compare = (input: Partial<ComparisonInput>) =>
  compareMetrics({ candidate: [], baseline: [], gates: [], waivers: [], ...input })

const only = (spec: GateSpec, candidate: readonly number[], baseline: readonly number[] | undefined) => {
  const comparison = compare({
    candidate: runs({ [spec.metric]: candidate }),
    baseline: baseline && runs({ [spec.metric]: baseline }),
    gates: [spec],
  })
  const row = comparison.rows[0]
  if (row?.gate === undefined) throw new Error('no gate')
  return { row, gate: row.gate, rules: row.gate.rules.map((rule) => rule.outcome), comparison }
}

describe('a gate', () => {
  it.each([
    ['a candidate above the minimum', gate('m', { min: 0.8 }), [0.81], [0.9], 'pass'],
    ['a candidate at the minimum', gate('m', { min: 0.8 }), [0.8], [0.9], 'pass'],
    ['a candidate below the minimum', gate('m', { min: 0.8 }), [0.79], [0.9], 'fail'],
    ['a candidate above the maximum', gate('m', { goal: 'minimize', max: 120 }), [131], [96], 'fail'],
    ['a drop within the tolerance', gate('m', { maxRegression: half }), [0.898], [0.9], 'pass'],
    ['a drop beyond the tolerance', gate('m', { maxRegression: half }), [0.895], [0.9], 'fail'],
    ['a rise where less is better', gate('m', { goal: 'minimize', maxRegression: half }), [0.905], [0.9], 'fail'],
    ['an improvement where less is better', gate('m', { goal: 'minimize', maxRegression: half }), [0.5], [0.9], 'pass'],
    [
      'an absolute tolerance used up exactly',
      gate('m', { maxRegression: { kind: 'absolute', value: 0.01 } }),
      [0.69],
      [0.7],
      'pass',
    ],
    [
      'an absolute tolerance exceeded',
      gate('m', { maxRegression: { kind: 'absolute', value: 0.01 } }),
      [0.689],
      [0.7],
      'fail',
    ],
    ['any drop from a baseline of 0 in percent', gate('m', { maxRegression: half }), [-0.001], [0], 'fail'],
    ['a percent tolerance of a negative baseline', gate('m', { maxRegression: half }), [-100.4], [-100], 'pass'],
  ] as const)('judges %s', (_, spec, candidate, baseline, verdict) => {
    expect(only(spec, candidate, baseline).gate.verdict).toBe(verdict)
  })

  it('fails closed, by name, for what is absent, NaN or infinite', () => {
    const gates = ['absent', 'nan', 'infinite'].map((name) => gate(name, { min: 0 }))
    const candidate = runs({ nan: [1, Number.NaN], infinite: [Number.POSITIVE_INFINITY], other: [1] })
    const comparison = compare({ candidate, baseline: undefined, gates })
    expect(comparison.gates).toEqual({
      verdict: 'fail',
      failing: ['absent', 'nan', 'infinite'],
      missing: ['absent', 'nan', 'infinite'],
      pending: [],
      waived: [],
      advisory: [],
    })
  })

  it('is pending, not missing, while training runs', () => {
    const comparison = compare({ gates: [gate('auc', { min: 0.8 })], trainingWaits: true })
    expect(comparison.gates).toMatchObject({ verdict: 'pending', failing: [], pending: ['auc'] })
  })

  it('passes relative rules of a first model and still holds the absolute ones', () => {
    const spec = gate('auc', { min: 0.8, maxRegression: half })
    expect(only(spec, [0.9], undefined)).toMatchObject({ gate: { verdict: 'pass' }, rules: ['pass', 'first_model'] })
    expect(only(spec, [0.7], undefined)).toMatchObject({ gate: { verdict: 'fail' }, rules: ['fail', 'first_model'] })
    expect(only(spec, [0.9], undefined).comparison.verdict).toBe('first')
  })

  it('passes a relative rule over a metric that the baseline does not have, and says so', () => {
    const spec = gate('auc', { maxRegression: half })
    const comparison = compare({ candidate: runs({ auc: [0.9] }), baseline: runs({ f1: [0.1] }), gates: [spec] })
    expect(comparison.rows[0]).toMatchObject({
      change: 'new',
      gate: { verdict: 'pass', rules: [{ outcome: 'not_in_baseline' }] },
    })
  })

  it('lets a drop pass that is within noise, visibly', () => {
    const spec = gate('auc', { maxRegression: half })
    const noisy = only(spec, [0.88, 0.91, 0.87, 0.92], [0.9, 0.91, 0.89, 0.92])
    expect(noisy).toMatchObject({ gate: { verdict: 'pass' }, rules: ['within_noise'], row: { change: 'same' } })
    const clear = only(spec, [0.88, 0.881, 0.879, 0.88], [0.9, 0.901, 0.899, 0.9])
    expect(clear).toMatchObject({ gate: { verdict: 'fail' }, row: { change: 'worse' } })
  })

  it('uses the tolerance alone where one side has a single run', () => {
    expect(only(gate('auc', { maxRegression: half }), [0.88], [0.9, 0.91, 0.89, 0.85]).gate.verdict).toBe('fail')
  })

  it('says whether a test or the tolerance alone told a regression', () => {
    const test = (candidate: readonly number[], baseline: readonly number[]) =>
      only(gate('auc', { maxRegression: half }), candidate, baseline).gate.rules[0]?.test
    expect(test([0.88], [0.9, 0.91])).toEqual({ kind: 'tolerance_only' })
    expect(test([0.88, 0.89], [0.9, 0.91])).toMatchObject({ kind: 'welch', family: 1 })
    expect(only(gate('auc', { min: 0.8 }), [0.88, 0.89], [0.9, 0.91]).gate.rules[0]?.test).toBeUndefined()
    expect(only(gate('auc', { maxRegression: half }), [0.88, 0.89], undefined).gate.rules[0]?.test).toBeUndefined()
  })

  it('is waived by a person, who is named, and only when it would fail', () => {
    const waivers = [{ gate: 'f1/segment=eu', by: 'alice', reason: 'known outage' }]
    const gates = [gate('f1/segment:eu', { min: 0.8 })]
    const waived = compare({ candidate: runs({ 'f1/segment=eu': [0.7] }), gates, waivers })
    expect(waived.rows[0]?.gate).toMatchObject({ verdict: 'waived', waived: { by: 'alice', instead: 'fail' } })
    expect(waived.gates).toMatchObject({ verdict: 'pass', failing: [], waived: ['f1/segment:eu'] })
    const passing = compare({ candidate: runs({ 'f1/segment=eu': [0.9] }), gates, waivers })
    expect(passing.rows[0]?.gate).toMatchObject({ verdict: 'pass', waived: undefined })
  })
})

describe('several regressions', () => {
  // p is 0.021 for each.
  const [before, after] = [
    [0.9, 0.91, 0.92],
    [0.87, 0.88, 0.89],
  ] as const
  const tested = (names: readonly string[], significance?: number) =>
    compare({
      candidate: runs(Object.fromEntries(names.map((name) => [name, after]))),
      baseline: runs(Object.fromEntries(names.map((name) => [name, before]))),
      gates: names.map((name) => gate(name, { maxRegression: half })),
      ...(significance === undefined ? {} : { significance }),
    })

  it('that only chance could have made one of are noise, and the headline agrees', () => {
    expect(tested(['a']).gates.failing).toEqual(['a'])
    expect(tested(['a', 'b']).gates.failing).toEqual(['a', 'b'])
    const three = tested(['a', 'b', 'c'])
    expect(three).toMatchObject({ verdict: 'same', gates: { verdict: 'pass' } })
    expect(three.rows.map(({ change, gate: judged }) => [change, judged?.rules[0]?.outcome])).toEqual(
      Array.from({ length: 3 }, () => ['same', 'within_noise']),
    )
    expect(three.rows[0]?.gate?.rules[0]?.test).toEqual({
      kind: 'welch',
      p: three.rows[0]?.delta?.p,
      adjusted: 3 * (three.rows[0]?.delta?.p ?? 0),
      family: 3,
    })
  })

  it('are told from noise at the level that the team set', () => {
    expect(tested(['a', 'b', 'c'], 0.1).gates.verdict).toBe('fail')
    expect(tested(['a'], 0.01)).toMatchObject({ verdict: 'same', gates: { verdict: 'pass' } })
  })

  it('are corrected for every gate that was tested, those that improved included', () => {
    const gates = ['a', 'b', 'c'].map((name) => gate(name, { maxRegression: half }))
    const { verdict, gates: summary } = compare({
      candidate: runs({ a: after, b: [0.99, 0.991, 0.99], c: [0.99, 0.991, 0.99] }),
      baseline: runs({ a: before, b: before, c: before }),
      gates,
    })
    expect(summary.failing).toEqual([])
    expect(verdict).toBe('better')
  })
})

describe('the comparison', () => {
  it('shows metrics without a gate and does not judge them', () => {
    const comparison = compare({ candidate: runs({ b: [2], a: [1] }), baseline: runs({ b: [1], c: [1] }) })
    expect(comparison.rows.map(({ name, change, gate: judged }) => [name, change, judged])).toEqual([
      ['a', 'new', undefined],
      ['b', 'changed', undefined],
      ['c', 'gone', undefined],
    ])
    expect(comparison).toMatchObject({ verdict: 'unjudged', gates: { verdict: 'none' } })
  })

  it('gives the difference with its percentage, which a baseline of 0 does not have', () => {
    const comparison = compare({ candidate: runs({ a: [0.9144], z: [1] }), baseline: runs({ a: [0.9031], z: [0] }) })
    expect(comparison.rows[0]?.delta?.absolute).toBeCloseTo(0.0113, 10)
    expect(comparison.rows[0]?.delta?.percent).toBeCloseTo(1.2512, 3)
    expect(comparison.rows[1]?.delta).toEqual({ absolute: 1, percent: undefined, p: undefined })
  })

  it('knows no difference that only rounding made', () => {
    const comparison = compare({
      candidate: runs({ a: [0.1 + 0.2] }),
      baseline: runs({ a: [0.3] }),
      gates: [gate('a')],
    })
    expect(comparison.rows[0]).toMatchObject({ change: 'same', delta: { absolute: 0, percent: 0 } })
  })

  it.each([
    [{ a: [2], b: [2] }, 'better'],
    [{ a: [0.5], b: [1] }, 'worse'],
    [{ a: [2], b: [0.5] }, 'mixed'],
    [{ a: [1], b: [1] }, 'same'],
    [{ c: [1] }, 'unjudged'],
  ] as const)('of %j with ones is %s', (candidate, verdict) => {
    const gates = [gate('a', { min: 0 }), gate('b', { min: 0 })]
    expect(compare({ candidate: runs(candidate), baseline: runs({ a: [1], b: [1] }), gates }).verdict).toBe(verdict)
  })
})

/** Which gates hold for which slices. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareMetrics } from '../../src/domain/comparison.ts'
import { expandGates } from '../../src/domain/gate-pattern.ts'
import type { GateSpec } from '../../src/domain/settings.ts'

const gate = (metric: string, rules: Partial<GateSpec> = {}): GateSpec => ({
  metric,
  goal: 'maximize',
  min: 0.8,
  max: undefined,
  maxRegression: undefined,
  required: true,
  ...rules,
})

/** `slice ← gate` of every gate that holds. */
const expanded = (gates: readonly string[], metrics: readonly string[]): string[] =>
  expandGates(
    gates.map((metric) => gate(metric)),
    metrics,
  ).map(({ name, spec }) => (name === spec.metric ? name : `${name} ← ${spec.metric}`))

describe('a pattern over slices', () => {
  it.each([
    [
      'each slice that it names',
      ['auc/segment=*'],
      ['auc', 'auc/segment=eu', 'auc/age=9', 'f1/segment=eu'],
      ['auc/segment=eu ← auc/segment=*'],
    ],
    ['either spelling', ['auc/segment:*'], ['auc/segment=eu'], ['auc/segment=eu ← auc/segment:*']],
    [
      'every slice',
      ['auc/*'],
      ['auc/a=1', 'auc/b=2', 'auc/plain', 'val/auc/a=1'],
      ['auc/a=1 ← auc/*', 'auc/b=2 ← auc/*'],
    ],
    ['values with a slash', ['auc/path=a/*'], ['auc/path=a/b', 'auc/path=b'], ['auc/path=a/b ← auc/path=a/*']],
    ['crossed slices', ['auc/segment=*'], ['auc/segment=eu,device=tv'], ['auc/segment=eu,device=tv ← auc/segment=*']],
    [
      'several wildcards',
      ['auc/a=*x*y'],
      ['auc/a=xy', 'auc/a=1x2y', 'auc/a=yx', 'auc/a=x'],
      ['auc/a=1x2y ← auc/a=*x*y', 'auc/a=xy ← auc/a=*x*y'],
    ],
    ['no text twice', ['auc/a=ab*ba'], ['auc/a=aba', 'auc/a=abba'], ['auc/a=abba ← auc/a=ab*ba']],
  ])('holds for %s', (_, gates, metrics, expected) => expect(expanded(gates, metrics)).toEqual(expected))

  it('gives way to a gate for the slice alone, and to a pattern that says more', () => {
    const gates = ['auc/*', 'auc/segment=*', 'auc/segment=e*', 'auc/segment:eu']
    expect(expanded(gates, ['auc/segment=eu', 'auc/segment=es', 'auc/segment=us', 'auc/age=9'])).toEqual([
      'auc/age=9 ← auc/*',
      'auc/segment=us ← auc/segment=*',
      'auc/segment=es ← auc/segment=e*',
      'auc/segment:eu',
    ])
  })

  it('is a gate by its own name where there is no slice for it', () => {
    expect(expanded(['auc/segment=*'], ['auc', 'auc/age=9'])).toEqual(['auc/segment=*'])
  })

  it('has nothing left to say where other gates hold for all its slices', () => {
    expect(expanded(['auc/*', 'auc/segment=*'], ['auc/segment=eu'])).toEqual(['auc/segment=eu ← auc/segment=*'])
    expect(expanded(['auc/*', 'auc/segment=eu'], ['auc/segment=eu'])).toEqual(['auc/segment=eu'])
  })

  it('gives each slice one gate, whatever the order of gates and metrics', () => {
    const slices = ['auc/a=1', 'auc/a=12', 'auc/b=1', 'auc/ab=21', 'auc', 'f1/a=1']
    const patterns = ['auc/*', 'auc/a=*', 'auc/a=1*', 'auc/a=*2', 'auc/*=1', 'auc/a=12', 'f1/*']
    fc.assert(
      fc.property(fc.shuffledSubarray(slices), fc.shuffledSubarray(patterns), fc.nat(), (metrics, gates, seed) => {
        const there = expanded(gates, metrics)
        expect(new Set(there.map((line) => line.split(' ')[0])).size).toBe(there.length)
        const turned = [...gates.slice(seed % (gates.length + 1)), ...gates.slice(0, seed % (gates.length + 1))]
        expect(expanded(turned, metrics.toReversed()).toSorted()).toEqual(there.toSorted())
      }),
      { numRuns: 2000 },
    )
  })

  it('does not take long over hostile names', () => {
    const begin = performance.now()
    expanded([`auc/a=${'*a'.repeat(200)}*b`], [`auc/a=${'a'.repeat(20_000)}`])
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

describe('the slices of a pattern, judged', () => {
  const run = (metrics: Record<string, number>) => new Map(Object.entries(metrics))
  const judge = (
    spec: GateSpec,
    {
      candidate,
      baseline = {},
      ...more
    }: {
      candidate: Record<string, number>
      baseline?: Record<string, number>
      trainingWaits?: boolean
      waived?: string
    },
  ) =>
    compareMetrics({
      candidate: [run(candidate)],
      baseline: [run(baseline)],
      gates: [spec],
      waivers: more.waived === undefined ? [] : [{ gate: more.waived, by: 'alice', reason: 'known' }],
      trainingWaits: more.trainingWaits ?? false,
    })

  it('fail by their own names', () => {
    const { gates, rows } = judge(gate('auc/segment=*'), {
      candidate: { 'auc/segment:eu': 0.9, 'auc/segment:us': 0.7 },
    })
    expect(gates).toMatchObject({ verdict: 'fail', failing: ['auc/segment=us'], missing: [] })
    expect(rows.map(({ name, base, slice }) => [name, base, slice])).toEqual([
      ['auc/segment=eu', 'auc', 'segment=eu'],
      ['auc/segment=us', 'auc', 'segment=us'],
    ])
  })

  it('are missing where only the baseline has them', () => {
    const found = judge(gate('auc/segment=*'), {
      candidate: { 'auc/segment=eu': 0.9 },
      baseline: { 'auc/segment=us': 0.9 },
    })
    expect(found.gates).toMatchObject({ verdict: 'fail', failing: ['auc/segment=us'], missing: ['auc/segment=us'] })
  })

  it('are waived one by one', () => {
    const candidate = { 'auc/segment=eu': 0.7, 'auc/segment=us': 0.7 }
    const { gates } = judge(gate('auc/segment=*'), { candidate, waived: 'auc/segment:eu' })
    expect(gates).toMatchObject({ verdict: 'fail', failing: ['auc/segment=us'], waived: ['auc/segment=eu'] })
  })

  it('fail closed where there are none, unless nothing depends on it or training is still at work', () => {
    const candidate = { auc: 0.9 }
    const pattern = gate('auc/segment=*')
    expect(judge(pattern, { candidate }).gates).toMatchObject({ verdict: 'fail', missing: ['auc/segment=*'] })
    expect(judge(pattern, { candidate, trainingWaits: true }).gates).toMatchObject({
      verdict: 'pending',
      pending: ['auc/segment=*'],
    })
    expect(judge(gate('auc/segment=*', { required: false }), { candidate }).gates).toMatchObject({
      verdict: 'none',
      failing: [],
      advisory: ['auc/segment=*'],
    })
  })

  it('leave the headline to the metrics that have a gate of their own, until one regresses', () => {
    const tolerance = { kind: 'absolute', value: 0.05 } as const
    const gates = [gate('auc', { maxRegression: tolerance }), gate('auc/s=*', { maxRegression: tolerance })]
    const verdict = (candidate: Record<string, number>) =>
      compareMetrics({
        candidate: [run(candidate)],
        baseline: [run({ auc: 0.9, 'auc/s=a': 0.9, 'auc/s=b': 0.9 })],
        gates,
        waivers: [],
      }).verdict
    expect(verdict({ auc: 0.91, 'auc/s=a': 0.93, 'auc/s=b': 0.89 })).toBe('better')
    expect(verdict({ auc: 0.91, 'auc/s=a': 0.93, 'auc/s=b': 0.82 })).toBe('mixed')
    expect(verdict({ 'auc/s=a': 0.93, 'auc/s=b': 0.89 })).toBe('mixed')
  })
})

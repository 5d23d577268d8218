/** A metric after the deployment, against limits and against itself before. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrometheusCheck } from '../../src/domain/check-settings.ts'
import { type Before, judgeNoData, judgeValue } from '../../src/domain/query-value.ts'
import { parseTemplate } from '../../src/domain/template.ts'

const parsed = parseTemplate('up')
if (!parsed.ok) throw new Error('not a template')
const query = parsed.template
const check = (more: Partial<PrometheusCheck>): PrometheusCheck => ({
  server: 'default',
  query,
  min: undefined,
  max: undefined,
  ...more,
})
const slower = check({ maxRegression: { kind: 'percent', value: 0.05 }, goal: 'minimize', unit: 's' })
const fewer = check({ maxRegression: { kind: 'absolute', value: 0.01 }, goal: 'maximize' })
const was = (value: number): Before => ({ kind: 'value', value })
const none: Before = { kind: 'none' }
const unasked: Before = { kind: 'unasked' }

describe('a value', () => {
  it.each([
    ['below its limit', 0.084, check({ max: 0.12 }), unasked, 'holds', '0.084', '≤ 0.12'],
    ['at its limit', 0.12, check({ max: 0.12 }), unasked, 'holds', '0.12', '≤ 0.12'],
    ['above it', 0.31, check({ max: 0.12, unit: 's' }), unasked, 'fails', '0.31 s', '≤ 0.12 s'],
    ['above it by less than four digits tell', 0.120001, check({ max: 0.12 }), unasked, 'fails', '0.120001', '≤ 0.12'],
    ['between two', 5, check({ min: 1, max: 9, unit: '%' }), unasked, 'holds', '5%', '≥ 1%, ≤ 9%'],
    ['zero where zero is the limit', 0, check({ max: 0 }), unasked, 'holds', '0', '≤ 0'],
    ['as slow as before', 0.084, slower, was(0.084), 'holds', '0.084 s', '≤ 0.0882 s (5% more than 0.084 s before)'],
    [
      'as much slower as it may be',
      0.0882,
      slower,
      was(0.084),
      'holds',
      '0.0882 s',
      '≤ 0.0882 s (5% more than 0.084 s before)',
    ],
    ['slower', 0.1, slower, was(0.084), 'fails', '0.1 s', '≤ 0.0882 s (5% more than 0.084 s before)'],
    ['faster', 0.01, slower, was(0.084), 'holds', '0.01 s', '≤ 0.0882 s (5% more than 0.084 s before)'],
    ['less by too much', 0.93, fewer, was(0.95), 'fails', '0.93', '≥ 0.94 (0.01 less than 0.95 before)'],
    [
      'less by 0.01, in binary a little more',
      0.69,
      fewer,
      was(0.7),
      'holds',
      '0.69',
      '≥ 0.69 (0.01 less than 0.7 before)',
    ],
    [
      'worse than a baseline below zero',
      -1.2,
      check({ ...fewer, maxRegression: { kind: 'percent', value: 0.1 } }),
      was(-1),
      'fails',
      '-1.2',
      '≥ -1.1 (10% less than -1 before)',
    ],
    [
      'any, of a baseline of zero in percent',
      0.001,
      slower,
      was(0),
      'fails',
      '0.001 s',
      '≤ 0 s (5% more than 0 s before)',
    ],
    ['without one before', 0.1, slower, none, 'holds', '0.1 s', 'at most 5% more than before (nothing then)'],
    [
      'without one before, where one is needed',
      0.1,
      { ...slower, noBaseline: 'fail' as const },
      none,
      'fails',
      '0.1 s, nothing before the deployment to compare with',
      'at most 5% more than before (nothing then)',
    ],
    [
      'on a way back',
      0.1,
      slower,
      unasked,
      'holds',
      '0.1 s',
      'at most 5% more than before (not compared on a way back)',
    ],
    [
      'on a way back, above its limit',
      0.3,
      { ...slower, max: 0.2 },
      unasked,
      'fails',
      '0.3 s',
      '≤ 0.2 s, at most 5% more than before (not compared on a way back)',
    ],
    [
      'better than before, above its limit',
      0.3,
      { ...slower, max: 0.2 },
      was(0.5),
      'fails',
      '0.3 s',
      '≤ 0.2 s, ≤ 0.525 s (5% more than 0.5 s before)',
    ],
  ] as const)('%s', (_, value, rule, then, verdict, seen, wanted) => {
    expect(judgeValue(value, rule, then)).toEqual({ verdict, seen, wanted })
  })

  it('that is no worse than before holds, whatever the tolerance', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    const tolerance = fc.record({
      kind: fc.constantFrom('percent', 'absolute'),
      value: fc.double({ min: 0, max: 10, noNaN: true }),
    })
    fc.assert(
      fc.property(number, fc.double({ min: 0, max: 1e9, noNaN: true }), tolerance, (value, gain, maxRegression) => {
        const rule = { ...maxRegression } as const
        const up = judgeValue(value + gain, check({ maxRegression: rule, goal: 'maximize' }), was(value))
        const down = judgeValue(value - gain, check({ maxRegression: rule, goal: 'minimize' }), was(value))
        expect([up.verdict, down.verdict]).toEqual(['holds', 'holds'])
      }),
    )
  })

  it('is shown so that it stands on the side of its limit on which it is', () => {
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(positive, positive, (value, max) => {
        const { seen, verdict } = judgeValue(value, check({ max }), unasked)
        expect(Number(seen) <= max * (1 + 1e-12)).toBe(verdict === 'holds')
      }),
    )
  })
})

describe('no value', () => {
  it.each([
    ['waits, unless told', undefined, 'no_data', 'no data'],
    ['waits', 'wait', 'no_data', 'no data'],
    ['passes', 'pass', 'holds', 'no data, which passes here'],
    ['fails', 'fail', 'fails', 'no data, which fails here'],
  ] as const)('%s', (_, noData, verdict, seen) => {
    expect(judgeNoData('no data', check({ max: 0.12, noData }), unasked)).toEqual({ verdict, seen, wanted: '≤ 0.12' })
  })
})

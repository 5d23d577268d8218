/** The values of every metric over the runs of both sides. */
import { describe, expect, it } from 'vitest'
import { sampleMetrics } from '../../src/domain/metric-samples.ts'

type Run = Readonly<Record<string, number>>
const sides = (candidate: readonly Run[], baseline: readonly Run[]) => {
  const runs = (side: readonly Run[]) => side.map((run) => new Map(Object.entries(run)))
  return sampleMetrics({ candidate: runs(candidate), baseline: runs(baseline) })
}
/** What both sides measured of each metric; the same runs on both must give the same. */
const sample = (...runs: readonly Run[]) => {
  const found = [...sides(runs, runs)].map(([key, { name, candidate, baseline }]) => {
    expect(baseline).toEqual(candidate)
    return [key, { name, measured: candidate }] as const
  })
  return new Map(found)
}

describe('the values of a metric', () => {
  it('are those of the runs that have it, in either spelling', () => {
    const found = sample({ a: 1, 'f1/s=x': 3 }, { 'f1/s:x': 5 }, { b: 2, a: 3, 'f1/s=x': 7 })
    expect([...found.keys()]).toEqual(['a', 'f1/s=x', 'b'])
    expect(found.get('a')).toMatchObject({ name: 'a', measured: { kind: 'measured', summary: { n: 2, mean: 2 } } })
    expect(found.get('f1/s=x')).toMatchObject({ measured: { summary: { n: 3, mean: 5 } } })
    expect(found.get('b')).toMatchObject({ measured: { summary: { n: 1, mean: 2 } } })
  })

  it('are none where there is no run, or no metric', () => {
    expect(sample()).toEqual(new Map())
    expect(sample({}, {})).toEqual(new Map())
  })

  it.each([
    [Number.NaN, [1, Number.NaN, 3]],
    [Number.POSITIVE_INFINITY, [Number.POSITIVE_INFINITY, 1, 3]],
    [Number.NEGATIVE_INFINITY, [1, Number.NEGATIVE_INFINITY, 3]],
    [Number.NaN, [Number.NaN, Number.POSITIVE_INFINITY, 1]],
  ])('are spoilt by one %d', (value, values) => {
    expect(sample(...values.map((m) => ({ m }))).get('m')?.measured).toEqual({ kind: 'not_finite', value, n: 3 })
  })

  it('have no mean next to the largest number that there is', () => {
    const found = sample({ m: Number.MAX_VALUE }, { m: -Number.MAX_VALUE }).get('m')
    expect(found?.measured).toMatchObject({ kind: 'not_finite' })
  })

  it('are not two where one run has both spellings: equal ones are one value, different ones none', () => {
    expect(sample({ 'f1/s=x': 0.5, 'f1/s:x': 0.5 }).get('f1/s=x')?.measured).toMatchObject({ summary: { n: 1 } })
    expect(sample({ 'f1/s=x': 0.5, 'f1/s:x': 0.6 }).get('f1/s=x')?.measured).toEqual({
      kind: 'not_finite',
      value: Number.NaN,
      n: 1,
    })
  })

  it('stay on their side', () => {
    const found = sides([{ a: 1 }, { a: 2, 'f1/s:x': 4 }, { a: 3 }], [{ a: 10, 'f1/s=x': 8, b: 5 }])
    expect(found.get('a')).toMatchObject({
      candidate: { summary: { n: 3, mean: 2 } },
      baseline: { summary: { n: 1, mean: 10 } },
    })
    expect(found.get('f1/s=x')).toMatchObject({ name: 'f1/s:x', candidate: { summary: { mean: 4 } } })
    expect(found.get('b')).toMatchObject({ name: 'b', candidate: { kind: 'absent' }, baseline: { kind: 'measured' } })
  })

  it('stay with their metric, however many metrics come only in later runs', () => {
    const runs = Array.from({ length: 8 }, (_, run) =>
      Object.fromEntries([...Array(run * 50 + 1).keys()].map((metric) => [`m${run}/${metric}`, run * 1000 + metric])),
    )
    for (const [name, { measured }] of sample(...runs)) {
      const [run = '', metric = ''] = name.slice(1).split('/')
      expect(measured).toMatchObject({ summary: { n: 1, mean: Number(run) * 1000 + Number(metric) } })
    }
  })
})

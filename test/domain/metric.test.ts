/** Metric names and files as people's scripts write them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalMetricName, flattenMetrics, parseMetricName, parseMetricsFile } from '../../src/domain/metric.ts'

describe('a metric name', () => {
  it.each([
    ['auc', 'auc', undefined],
    ['f1/segment=eu', 'f1', 'segment=eu'],
    ['f1/segment:eu', 'f1', 'segment:eu'],
    ['eval/auc', 'eval/auc', undefined],
    ['eval/auc/segment=eu', 'eval/auc', 'segment=eu'],
    ['f1/segment=eu,age=18-25', 'f1', 'segment=eu,age=18-25'],
    ['recall@10', 'recall@10', undefined],
    ['/x=1', '/x=1', undefined],
    ['', '', undefined],
  ])('%s has base %s and slice %s', (name, base, slice) => {
    expect(parseMetricName(name)).toEqual({ base, slice })
  })

  it("means the same slice in MLflow's spelling", () => {
    expect(canonicalMetricName('f1/segment:eu')).toBe(canonicalMetricName('f1/segment=eu'))
    expect(canonicalMetricName('f1/a:1,b:2')).toBe(canonicalMetricName('f1/a=1,b=2'))
    expect(canonicalMetricName('f1/time=12:30')).toBe('f1/time=12:30')
  })
})

describe('a metrics file', () => {
  it('gives nested numbers dotted names and leaves out everything that is no number', () => {
    const text = '{"f1": 0.8, "by_country": {"DE": {"auc": 0.9}}, "name": "x", "ok": true, "list": [1], "none": null}'
    expect(parseMetricsFile(text)).toEqual({
      ok: true,
      metrics: new Map([
        ['f1', 0.8],
        ['by_country.DE.auc', 0.9],
      ]),
    })
  })

  it('reads the bare NaN and Infinity that Python writes', () => {
    const read = parseMetricsFile('{"a": NaN, "b": Infinity, "c": -Infinity, "d": "NaN", "e": 1e-3}')
    expect(read).toEqual({
      ok: true,
      metrics: new Map([
        ['a', Number.NaN],
        ['b', Number.POSITIVE_INFINITY],
        ['c', Number.NEGATIVE_INFINITY],
        ['d', Number.NaN],
        ['e', 0.001],
      ]),
    })
  })

  it('may be YAML, and may start with a byte order mark', () => {
    expect(parseMetricsFile('train:\n  f1: 0.5\n')).toEqual({ ok: true, metrics: new Map([['train.f1', 0.5]]) })
    expect(parseMetricsFile('\uFEFF{"f1": 1}')).toEqual({ ok: true, metrics: new Map([['f1', 1]]) })
  })

  it.each(['', '[1, 2]', '3', '{"a": ', 'a: *x', `${'['.repeat(5000)}`])('refuses %j with a reason', (text) => {
    expect(parseMetricsFile(text)).toMatchObject({ ok: false, reason: expect.any(String) })
  })

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const number of flattenMetrics(value).values()) expect(typeof number).toBe('number')
      }),
    )
  })
})

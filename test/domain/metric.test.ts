/** Metric names as people's scripts write them. */
import { describe, expect, it } from 'vitest'
import { canonicalMetricName, parseMetricName } from '../../src/domain/metric.ts'

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

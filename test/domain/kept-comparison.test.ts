/** What stays of a comparison with its release: little, and enough to be shown the same again after years in a database. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { metricTable } from '../../src/comments/comparison-table.ts'
import type { ModelReport } from '../../src/domain/comparison-report.ts'
import { keepComparison, keptReport } from '../../src/domain/kept-comparison.ts'
import { compared, gate } from '../comments/comparison-fixture.ts'

/** Kept, stored as JSON, and read again. */
const stored = (report: ModelReport) => JSON.parse(JSON.stringify(keepComparison(report, 'said'))) as never
const restored = (report: ModelReport) => keptReport(report.model, stored(report))

const anyNumber = fc.oneof(
  fc.double({ min: -1e100, max: 1e100 }).map((value) => (Math.abs(value) < 1e-100 ? 0 : value)),
  fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)
const SIDES = { baseline: 'before', candidate: 'after' }
const side = fc.array(fc.dictionary(fc.constantFrom('auc', 'auc/segment=eu', 'loss', 'p95'), anyNumber), {
  minLength: 1,
  maxLength: 3,
})

describe('the comparison that is kept with a release', () => {
  test('makes the same table after it was stored, whatever was measured', () => {
    const rules = [gate('auc', { min: 0.5 }), gate('loss', { maxRegression: { kind: 'percent', value: 0.01 } })]
    fc.assert(
      fc.property(side, fc.option(side, { nil: undefined }), (candidate, baseline) => {
        const report = compared({ candidate, baseline, gates: rules })
        const rows = (one: ModelReport) => metricTable(one.comparison?.rows ?? [], SIDES)
        expect(rows(restored(report))).toBe(rows(report))
      }),
    )
  })

  test('is at most 50 metrics: those that fail or are waived, then those with a gate, in the order they had', () => {
    const names = Array.from({ length: 200 }, (_, index) => `m${String(index).padStart(3, '0')}`)
    const candidate = [Object.fromEntries(names.map((name) => [name, name === 'm099' || name === 'm150' ? 0 : 1]))]
    const gates = names.slice(0, 100).map((name) => gate(name, { min: 0.5 }))
    const kept = keepComparison(compared({ candidate, gates }), 'said')
    expect(kept.rows.map(({ name }) => name)).toEqual([...names.slice(0, 49), 'm099'])
    expect(kept.rowsLeft).toBe(150)
    expect(JSON.stringify(kept).length).toBeLessThan(32_000)
  })

  test('keeps who waived a gate, and why', () => {
    const waivers = [{ gate: 'auc', by: 'bob', reason: 'the data moved' }]
    const report = compared({ candidate: [{ auc: 0.4 }], gates: [gate('auc', { min: 0.5 })], waivers })
    expect(restored(report).comparison?.rows[0]?.gate?.waived).toEqual({ ...waivers[0], instead: 'fail' })
  })

  test('keeps the runs, with addresses of the first five', () => {
    const runs = Array.from({ length: 30 }, (_, index) => ({ id: `run${index}`, url: `https://m.test/${index}` }))
    const report = compared({ candidate: [{ auc: 1 }] })
    if (report.candidate === undefined) throw new Error('a compared report has a candidate')
    const kept = restored({ ...report, candidate: { ...report.candidate, runs } }).candidate?.runs
    expect(kept).toHaveLength(30)
    expect(kept?.filter(({ url }) => url !== undefined)).toEqual(runs.slice(0, 5))
  })
})

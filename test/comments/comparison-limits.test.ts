/** Numbers beside the limits that they do not keep, of every size: what is shown never contradicts what is judged. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { renderComparisonCheck } from '../../src/comments/comparison-check.ts'
import { metricCells } from '../../src/comments/comparison-table.ts'
import { compared, gate, report } from './comparison-fixture.ts'

/** As a reader takes it, `−1.20e−9 (−3%)` as -1.2e-9. */
const read = (cell: string): number => Number(cell.replaceAll('*', '').replaceAll('−', '-').split(' ')[0])
const share = (cell: string): string | undefined => /\(([^)]*)%\)/.exec(cell)?.[1]

const digits = (value: number, count: number): number => Number(value.toPrecision(count))

const situation = fc
  .record({
    scale: fc.integer({ min: -9, max: 7 }),
    part: fc.double({ min: 0.1, max: 1, noNaN: true }),
    move: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    nearness: fc.integer({ min: 0, max: 6 }),
    off: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
    count: fc.integer({ min: 1, max: 4 }),
    isLess: fc.boolean(),
    isShare: fc.boolean(),
  })
  .map(({ scale, part, move, nearness, off, count, isLess, isShare }) => {
    const before = part * 10 ** scale
    const after = before * (1 + move * 10 ** -nearness)
    const change = Math.abs(after - before) * (1 + off)
    const limit = digits(after * (1 + off * 10 ** -nearness), count)
    const bound = isLess ? ({ goal: 'minimize', max: limit } as const) : ({ goal: 'maximize', min: limit } as const)
    const maxRegression = isShare
      ? { kind: 'percent' as const, value: digits(change / before, 2) }
      : { kind: 'absolute' as const, value: digits(change, 2) }
    return { before, after, limit, maxRegression, spec: gate('m', { ...bound, maxRegression }) }
  })

it('no number looks like a limit that it does not keep', () => {
  fc.assert(
    fc.property(situation, ({ before, after, limit, maxRegression, spec }) => {
      const model = compared({ candidate: [{ m: after }], baseline: [{ m: before }], gates: [spec] })
      const [row] = model.comparison?.rows ?? []
      if (row?.gate === undefined) throw new Error('no gate')
      const cells = metricCells(row)
      const broken = row.gate.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)
      if (broken.includes('min')) expect(read(cells.candidate)).toBeLessThan(limit)
      if (broken.includes('max')) expect(read(cells.candidate)).toBeGreaterThan(limit)
      if (broken.includes('max_regression')) {
        const shown = maxRegression.kind === 'absolute' ? read(cells.delta) : read(share(cells.delta) ?? '') / 100
        expect(Math.abs(shown)).toBeGreaterThan(maxRegression.value)
      }
      const conclusion = broken.length > 0 ? 'failure' : 'success'
      expect(renderComparisonCheck(report([model])).conclusion).toBe(conclusion)
    }),
    {
      numRuns: 2000,
      examples: [
        [
          {
            before: 0.0001,
            after: 0.00010000000000010001,
            limit: 0.0001,
            maxRegression: { kind: 'absolute', value: 1e-16 },
            spec: gate('m', { goal: 'minimize', max: 0.0001, maxRegression: { kind: 'absolute', value: 1e-16 } }),
          },
        ],
      ],
    },
  )
})

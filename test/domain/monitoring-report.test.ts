/** A report of monitoring: written after the merge, and every test passes. */
import { describe, expect, it } from 'vitest'
import { parseEvidently } from '../../src/domain/evidently.ts'
import { judgeMonitoringReport } from '../../src/domain/monitoring-report.ts'
import type { ToolReport } from '../../src/domain/tool-report.ts'

const MERGED = new Date('2026-11-24T10:00:00.500Z')
const report = (...passes: readonly boolean[]): ToolReport => ({
  ok: true,
  tests: passes.map((each, index) => ({ name: `drift ${index}`, passes: each, evidence: 'p = 0.03' })),
})

describe('a report of monitoring', () => {
  it.each([
    ['holds', report(true, true), '10:07:30', 'holds', '2 of 2 tests pass, written 2026-11-24 10:07 UTC'],
    [
      'written in the second of the merge',
      report(true),
      '10:00:00',
      'holds',
      '1 of 1 tests pass, written 2026-11-24 10:00 UTC',
    ],
    [
      'about the release before',
      report(false),
      '09:59:59',
      'pending',
      'written 2026-11-24 09:59 UTC, before the merge',
    ],
    [
      'with a test that fails',
      report(true, false, false),
      '10:07:30',
      'fails',
      '2 of 3 tests fail, first drift 1: p = 0.03',
    ],
    [
      'that cannot be read',
      parseEvidently('<html>'),
      '10:07:30',
      'no_data',
      expect.stringMatching(/^it cannot be read: /),
    ],
    [
      'without tests',
      parseEvidently('{"metrics":[]}'),
      '10:07:30',
      'no_data',
      expect.stringContaining('it holds no tests'),
    ],
  ] as const)('%s', (_, read, time, verdict, seen) => {
    const modifiedAt = new Date(`2026-11-24T${time}Z`)
    expect(judgeMonitoringReport({ report: read, modifiedAt }, MERGED)).toEqual({ verdict, seen })
  })

  it('of which nobody knows when it was written proves nothing', () => {
    expect(judgeMonitoringReport({ report: report(true), modifiedAt: undefined }, MERGED).verdict).toBe('no_data')
  })
})

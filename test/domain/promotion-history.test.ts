/** What the history of an environment says: which releases are bad, and for how long one was verified. */
import { describe, expect, test } from 'vitest'
import type { ReleaseId } from '../../src/domain/ids.ts'
import { badReleases, type Promotion, rollbackTarget, type Stage } from '../../src/domain/promotion.ts'
import { soakedSpan, verifiedSpans } from '../../src/domain/verified-spans.ts'

const at = (minutes: number) => new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000)
const release = (name: string) => name as ReleaseId
const verified = (minutes: number): Stage => ({
  at: 'verified',
  revision: 'c' as never,
  mergedAt: at(minutes).toISOString(),
  verifiedAt: at(minutes).toISOString(),
  evidence: [],
  alias: undefined,
})
const failed: Stage = {
  at: 'failed',
  failedAt: at(0).toISOString(),
  code: 'verify_failed',
  message: '',
  revision: 'c' as never,
  evidence: [],
  rollback: undefined,
}
const cancelled: Stage = { at: 'cancelled', endedAt: at(0).toISOString(), reason: '' }
const one = (name: string, stage: Stage, leaves?: string): Promotion =>
  ({
    id: `${name}-${JSON.stringify(stage)}`,
    kind: leaves === undefined ? 'promotion' : 'rollback',
    release: release(name),
    leaves: leaves && release(leaves),
    label: name,
    changes: [],
    stage,
  }) as unknown as Promotion
/** Oldest first, as it happened. */
const history = (...happened: readonly Promotion[]) => happened.toReversed()

describe('bad releases', () => {
  test('one that failed is bad until it is verified', () => {
    expect([...badReleases(history(one('a', failed)))]).toEqual(['a'])
    expect([...badReleases(history(one('a', failed), one('a', verified(1))))]).toEqual([])
  })

  test('one that a rollback left is bad, but not when the rollback came to nothing', () => {
    expect([...badReleases(history(one('a', verified(0)), one('b', verified(1)), one('a', verified(2), 'b')))]).toEqual(
      ['b'],
    )
    expect([...badReleases(history(one('b', verified(1)), one('a', cancelled, 'b')))]).toEqual([])
  })

  test('a rollback never goes to what an earlier one left', () => {
    const past = history(
      one('a', verified(0)),
      one('b', verified(1)),
      one('c', verified(2)),
      one('b', verified(3), 'c'),
    )
    expect(rollbackTarget(past, release('b'))?.label).toBe('a')
  })
})

describe('soak', () => {
  const past = history(one('a', verified(0)), one('b', verified(5)), one('a', verified(60)))

  test('a stretch ends when another release is verified', () => {
    expect(verifiedSpans(past, release('a'))).toEqual([
      { since: at(0), until: at(5) },
      { since: at(60), until: undefined },
    ])
  })

  test('a completed soak stays completed, an interrupted one begins anew', () => {
    const hour = { soak: 60 * 60_000, now: at(90) }
    expect(soakedSpan(past, release('b'), { ...hour, soak: 50 * 60_000 })).toEqual({ since: at(5), until: at(60) })
    expect(soakedSpan(past, release('a'), hour)).toEqual({ since: at(60), until: undefined })
  })
})

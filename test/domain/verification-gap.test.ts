/** The bot's own absence: time in which nobody looked proves nothing and counts against nobody. */
import { describe, expect, test } from 'vitest'
import { assessVerification, withoutGap } from '../../src/domain/verification.ts'

const minute = (count: number) => new Date(Date.parse('2026-11-24T10:00:00Z') + count * 60_000)
const holds = { check: 'c', verdict: 'holds', seen: '', wanted: '', at: '' } as const
const base = {
  syncedAt: minute(0),
  lookedAt: undefined,
  unwatched: 0,
  holdingSince: undefined,
  within: 20 * 60_000,
  for: 10 * 60_000,
}

describe('looking again after an absence', () => {
  test('a healthy release is not failed because the bot was away', () => {
    const state = withoutGap({ ...base, lookedAt: minute(0) }, minute(15))
    const verdict = assessVerification(state, { evidence: [holds], fatal: undefined, now: minute(15) })
    expect(verdict).toEqual({ kind: 'holding', since: minute(15), until: minute(25) })
  })

  test('what was not watched does not count as held', () => {
    const state = withoutGap({ ...base, lookedAt: minute(1), holdingSince: minute(0) }, minute(61))
    const verdict = assessVerification(state, { evidence: [holds], fatal: undefined, now: minute(61) })
    expect(verdict).toEqual({ kind: 'holding', since: minute(61), until: minute(71) })
  })

  test('looks a minute apart are no absence', () => {
    const state = withoutGap({ ...base, lookedAt: minute(9), holdingSince: minute(0) }, minute(10))
    expect(assessVerification(state, { evidence: [holds], fatal: undefined, now: minute(10) })).toEqual({
      kind: 'verified',
    })
  })
})

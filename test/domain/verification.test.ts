/** From looks to a verdict: every check holds without a break, for its time, before the deadline. Absences: verification-gap.test.ts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../src/domain/promotion.ts'
import { assessVerification, enough, type VerificationState } from '../../src/domain/verification.ts'

const MINUTE = 60_000
const at = (minute: number) => new Date(Date.parse('2026-11-24T10:00:00Z') + minute * MINUTE)
const evidence = (verdict: Evidence['verdict'], seen = '0.31'): Evidence => ({
  check: 'latency',
  verdict,
  seen,
  wanted: '≤ 0.12',
  at: at(0).toISOString(),
})
/** Synced at 0, within 20 minutes, for 10. */
const state = (holdingSince?: number): VerificationState => ({
  syncedAt: at(0),
  holdingSince: holdingSince === undefined ? undefined : at(holdingSince),
  lookedAt: undefined,
  unwatched: 0,
  within: 20 * MINUTE,
  for: 10 * MINUTE,
  every: 15_000,
})
const look = (minute: number, ...looks: readonly Evidence[]) => ({ evidence: looks, fatal: undefined, now: at(minute) })

describe('a verification', () => {
  it('begins to hold when every check holds', () => {
    const verdict = assessVerification(state(), look(1, evidence('holds'), evidence('holds')))
    expect(verdict).toEqual({ kind: 'holding', since: at(1), until: at(11) })
  })

  it('goes on holding from when it began', () => {
    const verdict = assessVerification(state(1), look(5, evidence('holds')))
    expect(verdict).toEqual({ kind: 'holding', since: at(1), until: at(11) })
  })

  it('is verified when it has held for its time', () => {
    expect(assessVerification(state(1), look(11, evidence('holds')))).toEqual({ kind: 'verified' })
  })

  it('is verified at once where no time is asked', () => {
    expect(assessVerification({ ...state(), for: 0 }, look(0))).toEqual({ kind: 'verified' })
  })

  it.each(['fails', 'no_data'] as const)('begins anew when one check %s', (verdict) => {
    const seen = assessVerification(state(1), look(9, evidence('holds'), evidence(verdict)))
    expect(seen).toEqual({ kind: 'not-holding', deadline: at(20) })
  })

  it('fails when it cannot hold long enough any more, saying what was seen', () => {
    expect(assessVerification(state(), look(11, evidence('holds'), evidence('fails')))).toEqual({
      kind: 'failed',
      because: 'seen',
      reason: 'not verified within 20m: 1 of 2 checks did not hold (0.31, wanted ≤ 0.12)',
    })
  })

  it('fails when it begins to hold too late', () => {
    const verdict = assessVerification(state(), look(12, evidence('holds')))
    expect(verdict).toEqual({
      kind: 'failed',
      because: 'seen',
      reason: 'cannot hold for 10m before the deadline of 20m',
    })
  })

  it('fails at once of what no waiting mends', () => {
    const fatal = { ...look(1, evidence('holds')), fatal: 'the model cannot be loaded' }
    const reason = 'the model cannot be loaded'
    expect(assessVerification(state(), fatal)).toEqual({ kind: 'failed', because: 'fatal', reason })
  })

  it('goes on holding while one check is not decided yet, and is not verified before it is', () => {
    const seen = [evidence('holds'), evidence('pending')]
    expect(assessVerification(state(1), look(5, ...seen))).toEqual({ kind: 'holding', since: at(1), until: at(11) })
    expect(assessVerification(state(1), look(12, ...seen))).toEqual({ kind: 'holding', since: at(1), until: at(20) })
    expect(assessVerification(state(1), look(13, evidence('holds'), evidence('holds')))).toEqual({ kind: 'verified' })
  })

  it('fails as unknown when a check is not decided at the deadline', () => {
    expect(assessVerification(state(1), look(20, evidence('holds'), evidence('pending', 'in progress')))).toEqual({
      kind: 'failed',
      because: 'unknown',
      reason: 'not verified within 20m: 1 of 2 checks came to no end (in progress, wanted ≤ 0.12)',
    })
  })

  it('fails as unknown when nothing was seen to be wrong, and something was not seen at all', () => {
    expect(assessVerification(state(), look(11, evidence('holds'), evidence('no_data', 'connection refused')))).toEqual(
      {
        kind: 'failed',
        because: 'unknown',
        reason: 'not verified within 20m: no data for 1 of 2 checks (connection refused, wanted ≤ 0.12)',
      },
    )
  })

  it('fails as seen when one check saw what is wrong, whatever the others lack', () => {
    expect(assessVerification(state(), look(11, evidence('no_data', 'no data'), evidence('fails')))).toMatchObject({
      because: 'seen',
      reason: 'not verified within 20m: 2 of 2 checks did not hold (0.31, wanted ≤ 0.12; no data, wanted ≤ 0.12)',
    })
  })
})

describe('n of m looks', () => {
  it.each([
    ['5 of 6 with one miss', [true, true, false, true, true, true], 5, 6, 'yes'],
    ['5 of 6 after five', [true, true, true, true, true], 5, 6, 'yes'],
    ['5 of 6 with two misses', [false, true, false], 5, 6, 'no'],
    ['5 of 6 in the middle', [true, true, false], 5, 6, 'unknown'],
    ['1 of 1', [false], 1, 1, 'no'],
    ['no look yet', [], 1, 3, 'unknown'],
    ['old looks that are forgotten', [true, true, true, false, false, false], 1, 3, 'no'],
  ] as const)('%s', (_, looks, successes, of, expected) => {
    expect(enough(looks, { successes, of })).toBe(expected)
  })

  it('is decided before all looks only when the rest cannot change it', () => {
    const rule = fc
      .integer({ min: 1, max: 8 })
      .chain((of) => fc.tuple(fc.integer({ min: 1, max: of }), fc.constant(of)))
    fc.assert(
      fc.property(rule, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), ([successes, of], looks) => {
        const all = looks.slice(0, of)
        const final = all.filter(Boolean).length >= successes ? 'yes' : 'no'
        for (let count = 0; count <= of; count += 1)
          expect(['unknown', final]).toContain(enough(all.slice(0, count), { successes, of }))
        expect(enough(all, { successes, of })).toBe(final)
      }),
    )
  })
})

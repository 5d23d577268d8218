/** The bot's own absence and a clock that jumps: time that nobody watched proves nothing and counts against nobody. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Evidence } from '../../src/domain/promotion.ts'
import { assessVerification, resumed, type VerificationState } from '../../src/domain/verification.ts'

const MINUTE = 60_000
const minute = (count: number) => new Date(Date.parse('2026-11-24T10:00:00Z') + count * MINUTE)
const evidence = (verdict: Evidence['verdict']): Evidence => ({ check: 'c', verdict, seen: '', wanted: '', at: '' })
const base: VerificationState = {
  syncedAt: minute(0),
  lookedAt: undefined,
  unwatched: 0,
  holdingSince: undefined,
  within: 20 * MINUTE,
  for: 10 * MINUTE,
  every: 15_000,
}

/** Looks one after the other, as verify-rollout.ts makes them; each at a minute, with a verdict. */
function looks(
  seen: readonly (readonly [at: number, verdict: Evidence['verdict']])[],
  of: Partial<VerificationState> = {},
) {
  const { kind, at } = looksOf(seen, of)
  return { kind, at }
}

/** `index`: of the look that ended it. */
function looksOf(
  seen: readonly (readonly [at: number, verdict: Evidence['verdict']])[],
  of: Partial<VerificationState> = {},
) {
  let state: VerificationState = { ...base, ...of }
  for (const [index, [at, verdict]] of seen.entries()) {
    const { state: here, now } = resumed(state, minute(at))
    const judged = assessVerification(here, { evidence: [evidence(verdict)], fatal: undefined, now })
    if (judged.kind === 'verified' || judged.kind === 'failed') return { kind: judged.kind, at, index }
    state = { ...here, lookedAt: now, holdingSince: judged.kind === 'holding' ? judged.since : undefined }
  }
  return { kind: state.holdingSince === undefined ? 'open' : 'holding', at: undefined, index: undefined }
}
const every = (from: number, to: number, verdict: Evidence['verdict'] = 'holds') =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, verdict] as const)

describe('looking again after an absence', () => {
  it.each([
    ['a healthy release is not failed because the bot was away at first', [...every(15, 25)], 'verified', 25],
    ['what was not watched does not count as held', [...every(0, 1), ...every(61, 70)], 'holding', undefined],
    ['and holds anew, for its whole time', [...every(0, 1), ...every(61, 71)], 'verified', 71],
    ['a late absence leaves as much time as there was', [...every(0, 9), ...every(30, 40)], 'verified', 40],
    ['two late absences do, too', [...every(0, 9), ...every(30, 39), ...every(60, 70)], 'verified', 70],
    ['time that was watched in vain stays spent', [...every(0, 9, 'fails'), ...every(60, 70)], 'verified', 70],
    ['also when it is too much', [...every(0, 9, 'fails'), [60, 'fails'], [61, 'fails']], 'failed', 61],
    ['what fails after the absence has its deadline', [...every(0, 9), ...every(60, 80, 'fails')], 'failed', 70],
    ['looks three minutes apart are no absence', [0, 3, 6, 9, 12].map((at) => [at, 'holds'] as const), 'verified', 12],
  ] as const)('%s', (_, seen, kind, at) => {
    expect(looks(seen)).toEqual({ kind, at })
  })

  test('looks as far apart as they are configured to be are no absence', () => {
    const seen = [0, 10, 20].map((at) => [at, 'holds'] as const)
    expect(looks(seen, { every: 10 * MINUTE, within: 60 * MINUTE, for: 20 * MINUTE })).toEqual({
      kind: 'verified',
      at: 20,
    })
  })

  test('there is an end also where every look comes late', () => {
    const late = Array.from({ length: 200 }, (_, index) => [index * 5, 'fails'] as const)
    expect(looks(late).kind).toBe('failed')
  })
})

describe('a clock that jumps', () => {
  it.each([
    ['back while it holds: it holds as long as it did', [...every(0, 5), ...every(-55, -51)], 'holding', undefined],
    ['back while it holds: the rest of its time is the same', [...every(0, 5), ...every(-55, -50)], 'verified', -50],
    ['back before it holds: nothing is won', [...every(0, 5, 'fails'), ...every(-55, -46)], 'holding', undefined],
    ['back before it holds: nor lost', [...every(0, 5, 'fails'), ...every(-55, -45)], 'verified', -45],
    ['forward while it holds: it begins anew', [...every(0, 9), ...every(600, 610)], 'verified', 610],
    ['forward and back', [...every(0, 5), [600, 'holds'], ...every(6, 16)], 'verified', 16],
    ['back by no more than replicas are apart: it waits', [...every(0, 9), ...every(7, 9)], 'holding', undefined],
    ['and goes on from there', [...every(0, 9), ...every(7, 10)], 'verified', 10],
    ['back and forward', [...every(0, 5), [-600, 'holds'], ...every(6, 16)], 'verified', 16],
  ] as const)('%s', (_, seen, kind, at) => {
    expect(looks(seen)).toEqual({ kind, at })
  })

  const jump = fc.oneof(fc.integer({ min: -5000, max: -1 }), fc.integer({ min: 4, max: 5000 }))

  it('never fails what holds, wherever it jumps', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(1), jump), { maxLength: 40 }), (steps) => {
        let at = 0
        const seen = steps.map((step) => {
          at += step
          return [at, 'holds'] as const
        })
        expect(looks([[0, 'holds'], ...seen]).kind).not.toBe('failed')
      }),
    )
  })

  it('never verifies by itself what was not watched for its time', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3), jump), { maxLength: 40 }), (steps) => {
        let watched = 0
        for (const [index, step] of steps.entries()) {
          const isSeen = step >= 0 && step <= 3
          watched = step > 3 ? 0 : isSeen ? watched + step : watched
          const seen = [0, ...steps.slice(0, index + 1)].map((_, to) => {
            const sum = steps.slice(0, to).reduce((total, each) => total + each, 0)
            return [sum, 'holds'] as const
          })
          const { kind } = looks(seen)
          if (watched < 10 && kind === 'verified') throw new Error(`verified after ${watched} minutes`)
          if (kind === 'verified') return
        }
      }),
      { numRuns: 60 },
    )
  })
})

/** Seconds to the next look, and which of the replicas makes it. */
const turn = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean())
/** How far their clocks are from the true time, in seconds; never more than 120 from each other. */
const clocks = fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 }))
const APART = 2

describe('replicas that look in turn, with clocks up to two minutes apart,', () => {
  /** Every look of theirs in minutes, as their clocks have it, and when it truly is. */
  const inTurn = (turns: readonly (readonly [number, boolean])[], [one, other]: readonly [number, number]) => {
    let truly = 0
    return turns.map(([seconds, isOther], index) => {
      truly += index === 0 ? 0 : seconds
      return { truly: truly / 60, told: (truly + (isOther ? other : one)) / 60 }
    })
  }

  it.each([
    ['verify what has held for its time, and not before', 'holds', 'verified'],
    ['fail what did not hold in time, and not before', 'fails', 'failed'],
  ] as const)('%s', (_, verdict, wanted) => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 60, maxLength: 120 }), clocks, (turns, apart) => {
        const seen = inTurn(turns, apart)
        // Of 20 minutes to be verified in, what must hold for 10 has the first 10 to begin in.
        const { kind, index } = looksOf(
          seen.map(({ told }) => [told, verdict]),
          { syncedAt: minute(apart[0] / 60) },
        )
        if (index === undefined) return expect(seen.at(-1)?.truly).toBeLessThan(10 + 2 * APART)
        expect(kind).toBe(wanted)
        expect(seen[index]?.truly).toBeGreaterThanOrEqual(10 - APART - 0.001)
      }),
    )
  })
})

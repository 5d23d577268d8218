/** What Lockkeeper does by itself about a failed rollout, whatever else began meanwhile; and that it never goes round in circles. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { answerFailure } from '../../src/domain/answered-failure.ts'
import type { ReleaseId } from '../../src/domain/ids.ts'
import {
  badReleases,
  type History,
  isActive,
  isMerged,
  livePromotion,
  type Promotion,
} from '../../src/domain/promotion.ts'
import { wantedReleases } from '../../src/domain/wanted-releases.ts'
import { planRollback, standingPromotion } from '../../src/domain/way-back.ts'
import { at, CONFIG, failed, PROPOSED, promotion, SYNCING, verified } from './outcome-history.ts'

const AUTOMATIC = { mode: 'automatic', into: CONFIG } as const
/** Oldest first, as it happened. */
const answer = (...happened: readonly Promotion[]) => answerFailure(happened.toReversed(), AUTOMATIC)
const v12 = promotion('v12', verified(0))
const v13 = promotion('v13', failed())
const byHand = { kind: 'rollback', via: { kind: 'rollback', by: 'alice' } } as const

describe('one failure, one answer', () => {
  it('goes back to what was verified last, and holds', () => {
    const given = answer(v12, v13)
    expect(given).toMatchObject({ isHeld: true, gives: undefined, rollback: { label: 'v12', leaves: 'rel-v13' } })
    expect(given?.failed.stage).toMatchObject({ rollback: given?.rollback?.id })
  })

  it('is the same when it is decided again, and none once it is saved', () => {
    const first = answer(v12, v13)
    expect(answer(v12, v13)?.rollback?.id).toBe(first?.rollback?.id)
    expect(first && answer(v12, first.failed)).toBeUndefined()
  })

  it('after a crash between its two halves it finds the rollback that it made', () => {
    const first = answer(v12, v13)
    if (first?.rollback === undefined) throw new Error('no rollback')
    expect(answer(v12, v13, first.rollback)).toMatchObject({
      rollback: undefined,
      isHeld: true,
      failed: { stage: { rollback: first.rollback.id } },
    })
  })
})

describe('what began in the same second', () => {
  it('a deploy that is not merged gives way to the rollback', () => {
    const deploy = promotion('v14', PROPOSED, { via: { kind: 'deploy', by: 'bob' } })
    expect(answer(v12, v13, deploy)).toMatchObject({
      isHeld: true,
      gives: { label: 'v14' },
      rollback: { label: 'v12' },
    })
  })

  it('a deploy that is merged is left to its own proof', () => {
    const deploy = promotion('v14', SYNCING, { via: { kind: 'deploy', by: 'bob' } })
    expect(answer(v12, v13, deploy)).toMatchObject({ isHeld: true, gives: undefined, rollback: undefined })
  })

  it('a person’s rollback is the answer', () => {
    const back = promotion('back', PROPOSED, byHand)
    expect(answer(v12, v13, back)).toMatchObject({ rollback: undefined, failed: { stage: { rollback: 'pro-back' } } })
  })

  it('what has an end of its own since is not gone back behind', () => {
    expect(answer(v12, v13, promotion('v14', verified(60)))).toMatchObject({ isHeld: false, rollback: undefined })
  })

  it('one that came too late changes nothing', () => {
    const late = promotion('v14', {
      at: 'refused',
      endedAt: at(30),
      code: 'promotion_in_progress',
      message: '',
      hint: '',
    })
    expect(answer(v12, v13, late)).toMatchObject({ isHeld: true, rollback: { label: 'v12' } })
  })
})

test.each<[string, Promotion, { isHeld: boolean; answeredBy: string }]>([
  ['a rollback that failed', promotion('v12-back', failed(), byHand), { isHeld: true, answeredBy: 'none' }],
  ['a blocked sync', promotion('v13', failed('sync_blocked')), { isHeld: false, answeredBy: 'none' }],
  ['a sync that never began', promotion('v13', failed('sync_timeout')), { isHeld: true, answeredBy: 'none' }],
  ['another one’s values', promotion('v13', failed('merge_differs')), { isHeld: true, answeredBy: 'none' }],
  [
    'never merged',
    promotion('v13', failed('rollout_failed', { revision: undefined })),
    { isHeld: false, answeredBy: 'none' },
  ],
])('no way back by itself after %s', (_, last, { isHeld, answeredBy }) => {
  expect(answer(v12, last)).toMatchObject({ isHeld, rollback: undefined, failed: { stage: { rollback: answeredBy } } })
})

test('with nothing verified and nothing found there is nowhere to go, which is another thing than not wanting to', () => {
  const adopted = promotion('v13', failed(), { changes: [] })
  expect(answer(adopted)?.failed.stage).toMatchObject({ rollback: 'nowhere' })
  expect(answerFailure([adopted], { ...AUTOMATIC, mode: 'manual' })?.failed.stage).toMatchObject({ rollback: 'none' })
})

/** What may happen next in an environment, for a machine of the rules alone. */
type Move = {
  readonly kind: 'automation' | 'deploy' | 'rollback' | 'good' | 'bad' | 'unsynced' | 'unlock'
  readonly pick: number
}
const move = fc.record({
  kind: fc.constantFrom('automation', 'automation', 'deploy', 'rollback', 'good', 'bad', 'bad', 'unsynced', 'unlock'),
  pick: fc.nat(5),
}) as fc.Arbitrary<Move>

/** The environment as the rules see it: newest first, and whether it is held. */
type World = { history: Promotion[]; isHeld: boolean; log: string[]; clock: number }
const releases = [5, 4, 3, 2, 1, 0].map((n) => ({
  release: { id: `rel-r${n}` as ReleaseId, gates: { verdict: 'pass', failing: [] } as const },
  sequence: n,
}))

function settle(world: World): void {
  const given = answerFailure(world.history, AUTOMATIC)
  if (given === undefined) return
  if (given.isHeld) world.isHeld = true
  // The hold is there before anything is proposed.
  if (given.rollback !== undefined) expect(world.isHeld).toBe(true)
  world.history = world.history.map((one) => {
    if (one.id === given.failed.id) return given.failed
    if (one.id !== given.gives?.id) return one
    return { ...one, stage: { at: 'superseded', endedAt: at(0), by: given.rollback?.id ?? '', wasMerged: false } }
  })
  if (given.rollback !== undefined) world.history.unshift(given.rollback)
}

function begin(world: World, one: Promotion): void {
  if (!world.history.some(isActive)) world.history.unshift(one)
}

function end(world: World, stage: Promotion['stage']): void {
  world.history = world.history.map((one) => (isActive(one) ? { ...one, stage } : one))
}

function play(world: World, { kind, pick }: Move): void {
  world.clock += 10
  const chosen = `r${pick}`
  if (kind === 'automation' && !world.isHeld) {
    const [wanted] = wantedReleases(releases.slice(pick), world.history)
    if (wanted === undefined) return
    expect(badReleases(world.history).has(wanted.id)).toBe(false)
    const name = wanted.id.replace('rel-', '')
    begin(world, promotion(`${name}`, PROPOSED, { id: `auto-${world.clock}` }))
  }
  if (kind === 'deploy' && !world.isHeld)
    begin(world, promotion(chosen, PROPOSED, { id: `deploy-${world.clock}`, via: { kind: 'deploy', by: 'alice' } }))
  if (kind === 'rollback') {
    const leaving = standingPromotion(world.history)
    const cause = `command ${world.clock}`
    const via = { kind: 'rollback', by: 'alice' } as const
    const back = leaving && planRollback({ leaving, history: world.history, via, cause, into: CONFIG }, at(world.clock))
    if (back === undefined) return
    world.isHeld = true
    begin(world, back)
  }
  if (kind === 'good') end(world, verified(world.clock))
  if (kind === 'bad') end(world, failed())
  if (kind === 'unsynced') end(world, failed('sync_timeout'))
  if (kind === 'unlock') world.isHeld = false
  settle(world)
}

test('whatever happens: no release is tried twice by automation, one way back per failure, and never two by itself in a row', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const world: World = { history: [], isHeld: false, log: [], clock: 0 }
      for (const each of moves) {
        play(world, each)
        // Deciding again changes nothing.
        const before = JSON.stringify(world.history)
        settle(world)
        expect(JSON.stringify(world.history)).toBe(before)
      }
      expectSound(world.history)
    }),
    { numRuns: 400 },
  )
})

function expectSound(history: History): void {
  const happened = history.toReversed()
  const automated = happened.filter(({ via }) => via.kind === 'automation').map(({ release }) => release)
  expect(new Set(automated).size).toBe(automated.length)
  const causes = happened.flatMap(({ via }) => (via.kind === 'automatic-rollback' ? [via.of] : []))
  expect(new Set(causes).size).toBe(causes.length)
  for (const [index, one] of happened.entries()) {
    if (one.via.kind !== 'automatic-rollback') continue
    const { of } = one.via
    expect(happened[index - 1]?.via.kind).not.toBe('automatic-rollback')
    expect(happened.find(({ id }) => id === of)?.kind).toBe('promotion')
    // To what was verified here before, or to what was found.
    const proven = happened
      .slice(0, index)
      .some(({ stage, release }) => stage.at === 'verified' && release === one.release)
    expect(one.release === undefined || proven).toBe(true)
  }
  expect(history.filter((one) => isActive(one)).length).toBeLessThanOrEqual(1)
  expect(history.some(isMerged)).toBe(false)
  expect(livePromotion(history)?.stage.at ?? 'verified').toBe('verified')
}

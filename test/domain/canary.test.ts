/** The steps of a canary, without anything around them. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  afterStep,
  beginCanary,
  type Canary,
  compareValues,
  follow,
  mergedShare,
  partialShare,
  retreat,
  timesOf,
  WHOLE,
} from '../../src/domain/canary.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import { parseTemplate } from '../../src/domain/template.ts'

const repository = parseRepoName('acme/models')
if (repository === undefined) throw new Error('no repository')
const comment = { repository, commentId: 7, line: '/canary' }
const parsed = parseTemplate('f.yaml')
if (!parsed.ok) throw new Error('no template')
const traffic = { kind: 'kserve', file: parsed.template, name: parsed.template } as const
const STEPS = [
  { percent: 10, for: 600_000 },
  { percent: 50, for: 1_800_000 },
]
const begun = beginCanary({ steps: STEPS, traffic })
const at = (share: number, more: Partial<Canary> = {}): Canary => ({ ...begun, share, ...more })
const wish = (share: number) => ({ wish: { share, by: 'alice', comment } })
const live = (share: number, revision = 'r1') => ({
  live: { share, revision, mergedAt: '2026-11-24T10:00:00Z', pullRequest: undefined, changes: [] },
})

describe('what follows a share whose checks held', () => {
  it.each([
    ['the first step', at(10), undefined, 50],
    ['the last step', at(50), undefined, WHOLE],
    ['all of the traffic', at(WHOLE), undefined, 'done'],
    ['no canary at all', undefined, undefined, 'done'],
    ['a hold', at(10), 'held by bob', 'stays'],
    ['a hold when all of it is there', at(WHOLE), 'held by bob', 'done'],
    ['a share that somebody chose', at(25, { stays: { by: 'alice' } }), undefined, 'stays'],
    ['a wish for more', at(25, { stays: { by: 'alice' }, ...wish(60) }), undefined, 60],
    ['a wish for all', at(25, { stays: { by: 'alice' }, ...wish(WHOLE) }), undefined, WHOLE],
    ['a wish for more during a hold', at(10, wish(60)), 'held by bob', 'stays'],
    ['a wish for less during a hold', at(50, wish(10)), 'held by bob', 10],
    ['a share between two steps', at(25), undefined, 50],
    ['the way back', retreat(at(10, live(10)), undefined), undefined, WHOLE],
  ])('%s', (_, canary, stop, expected) => {
    const move = afterStep(canary, stop)
    expect(move.kind === 'goes-on' ? move.canary.share : move.kind).toBe(expected)
  })
})

test('left alone it takes every step once, rising, and ends', () => {
  const shares = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(shares, (percents) => {
      const steps = percents.toSorted((a, b) => a - b).map((percent) => ({ percent, for: percent }))
      let canary = beginCanary({ steps, traffic })
      const taken = [canary.share]
      for (let move = afterStep(canary, undefined); move.kind === 'goes-on'; move = afterStep(canary, undefined)) {
        canary = move.canary
        taken.push(canary.share)
      }
      expect(taken).toEqual([...steps.map(({ percent }) => percent), WHOLE])
    }),
  )
})

test('whatever is asked for, a stop never lets it up, and it never stays without a reason', () => {
  const word = fc.record({ share: fc.integer({ min: 1, max: 100 }), stops: fc.boolean(), asks: fc.boolean() })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      let canary = begun
      for (const { share, stops, asks } of words) {
        const asked = asks ? { ...canary, ...wish(share) } : canary
        const move = afterStep(asked, stops ? 'held' : undefined)
        const next = move.kind === 'goes-on' ? move.canary : asked
        if (stops) expect(next.share).toBeLessThanOrEqual(canary.share)
        if (move.kind === 'stays') expect(stops || asked.stays !== undefined).toBe(true)
        if (move.kind === 'done') return
        canary = next
      }
    }),
  )
})

test('a wish that was followed is remembered, and asks for nothing again', () => {
  const followed = follow(at(10, wish(25)), undefined)
  expect(followed).toMatchObject({ share: 25, stays: { by: 'alice' }, heard: comment })
  expect(followed?.wish).toBe(undefined)
  expect(followed && follow(followed, undefined)).toBe(undefined)
})

test('a step has its own time on top of what proving may take; all of the traffic has that of verify', () => {
  const times = { for: 60_000, within: 900_000 }
  expect(timesOf(at(10), times)).toEqual({ for: 600_000, within: 1_500_000 })
  expect(timesOf(at(25, { stays: { by: 'alice' } }), times)).toEqual({ for: 0, within: 900_000 })
  expect(timesOf(at(WHOLE), times)).toEqual(times)
  expect(timesOf(undefined, times)).toEqual(times)
})

describe('the way back', () => {
  it.each([
    ['before the first step is merged', at(10), undefined, undefined],
    ['the first step is merged', at(10), 'r1', 0],
    ['between two steps', at(50, live(10)), undefined, 0],
    ['the last share is merged, and all of the traffic waits', at(WHOLE, live(50)), undefined, 0],
    ['all of the traffic is merged: the old revision is pinned no more', at(WHOLE, live(50)), 'r9', undefined],
    ['a way back that is left for another one', at(0), 'r1', 0],
  ])('%s', (_, canary, revision, expected) => {
    expect(retreat(canary, revision)?.share).toBe(expected)
  })

  it('is from what Git has', () => {
    expect(mergedShare(at(50, live(10)), 'r2')).toBe(50)
    expect(mergedShare(at(50, live(10)), 'r1')).toBe(10)
  })
})

test('it has a part of the traffic only while it is on its way', () => {
  const stage = { at: 'proposed' } as const
  const promotion = { kind: 'promotion', stage, canary: at(50, live(10)) } as const
  expect(partialShare(promotion)).toBe(10)
  expect(partialShare({ ...promotion, kind: 'rollback' })).toBe(undefined)
  expect(partialShare({ ...promotion, canary: undefined })).toBe(undefined)
  expect(partialShare({ ...promotion, stage: { at: 'superseded', endedAt: '', by: '', wasMerged: true } })).toBe(
    undefined,
  )
})

describe('the canary against the stable release', () => {
  const percent = { kind: 'percent', value: 0.1 } as const
  const absolute = { kind: 'absolute', value: 0.01 } as const
  it.each([
    ['minimize', percent, 0.0022, 0.002, 'holds', '≤ 0.0022'],
    ['minimize', percent, 0.0023, 0.002, 'fails', '≤ 0.0022'],
    ['minimize', percent, 0.001, 0, 'fails', '≤ 0'],
    ['minimize', percent, 0, 0, 'holds', '≤ 0'],
    ['minimize', percent, -0.91, -1, 'holds', '≤ -0.9'],
    ['minimize', absolute, 0.011, 0.002, 'holds', '≤ 0.012'],
    ['maximize', percent, 89, 100, 'fails', '≥ 90'],
    ['maximize', percent, 90, 100, 'holds', '≥ 90'],
    ['maximize', absolute, 0.94, 0.96, 'fails', '≥ 0.95'],
  ] as const)('%s is better, %o: %d against %d %s', (goal, maxRegression, canary, stable, verdict, wanted) => {
    expect(compareValues({ goal, maxRegression }, { canary, stable })).toEqual({ verdict, wanted })
  })
})

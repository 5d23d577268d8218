/** What is left of a failing schedule is what made it fail, and nothing else. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOrder, type Schedule } from './delivery-play.ts'
import { smaller, smallestFailing } from './delivery-shrinking.ts'
import { type Fate, isPrompt, PROMPT } from './postman.ts'

const fate: fc.Arbitrary<Fate> = fc.record({ after: fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 4 }) })
const schedule: fc.Arbitrary<Schedule> = fc.record({
  script: fc.constant('locks' as const),
  gaps: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
  echoes: fc.array(fate, { maxLength: 8 }),
})
const generous = { within: 60_000, atOnce: 7 }
const isDropped = (one: Fate | undefined): boolean => one?.after.length === 0

test('what fails by one dropped event shrinks to that event, whatever else there was', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.nat(), async (one, drawn) => {
      const culprit = drawn % one.fates.length
      const failing = { ...one, fates: one.fates.with(culprit, { after: [] }) }
      const fails = async (some: readonly Schedule[]) => some.map(({ fates }) => isDropped(fates[culprit]))
      const found = await smallestFailing(failing, { ...generous, fails })
      expect(found).toMatchObject({ isLast: true })
      expect(found.schedule).toEqual({
        ...inOrder('locks'),
        gaps: found.schedule.gaps.map(() => 1),
        fates: [...Array.from({ length: culprit }, () => PROMPT), { after: [] }],
      })
    }),
  )
})

test('what fails by three that are late shrinks to those three, each as little late as it takes', async () => {
  const late = (least: number) => (one: Fate | undefined) => one?.after.some((minutes) => minutes >= least) === true
  const isFailing = ({ fates, echoes }: Schedule) => late(4)(fates[1]) && late(2)(fates[3]) && late(7)(echoes[0])
  const failing: Schedule = {
    ...inOrder('locks'),
    gaps: [3, 0, 2],
    fates: Array.from({ length: 8 }, () => ({ after: [10, 0, 9] })),
    echoes: [{ after: [8, 8] }, { after: [] }],
  }
  const fails = async (some: readonly Schedule[]) => some.map(isFailing)
  const { schedule: found } = await smallestFailing(failing, { ...generous, fails })
  expect(found.fates).toEqual([PROMPT, { after: [4] }, PROMPT, { after: [2] }])
  expect(found.echoes).toEqual([{ after: [7] }])
})

test('every candidate leaves something out, so that shrinking ends', () => {
  const odd = ({ fates, echoes }: Schedule) => [...fates, ...echoes].filter((one) => !isPrompt(one))
  const rank = (one: Schedule): readonly number[] => {
    const copies = odd(one).flatMap(({ after }) => after)
    const gaps = one.gaps.filter((gap) => gap !== 1).length
    return [odd(one).length, copies.length, copies.reduce((sum, late) => sum + late, 0), gaps]
  }
  const isBelow = ([one = 0, ...ones]: readonly number[], [other = 0, ...others]: readonly number[]): boolean =>
    one < other || (one === other && ones.length > 0 && isBelow(ones, others))
  fc.assert(fc.property(schedule, (one) => smaller(one).every((candidate) => isBelow(rank(candidate), rank(one)))))
})

test('when the time is over it gives what it has', async () => {
  const failing: Schedule = { ...inOrder('locks'), fates: [{ after: [3] }] }
  const fails = async (some: readonly Schedule[]) => some.map(() => true)
  expect(await smallestFailing(failing, { fails, within: 0, atOnce: 9 })).toEqual({
    ...{ schedule: failing, tried: 0, isLast: false },
  })
})

/**
 * Makes a schedule that ends otherwise smaller, until nothing can be left out. fast-check tries one at a time, which is a world of its own each; here some hundred
 * play side by side. Used by deliveries-schedules.test.ts.
 */
import type { Schedule } from './delivery-play.ts'
import { type Fate, isPrompt, PROMPT } from './postman.ts'

export type Shrinking = {
  /** Which of them end otherwise, in the same order. */
  readonly fails: (schedules: readonly Schedule[]) => Promise<readonly boolean[]>
  /** Nothing more is tried after so many milliseconds. */
  readonly within: number
  /** So many are tried side by side. */
  readonly atOnce: number
}

export type Smallest = {
  readonly schedule: Schedule
  /** How many schedules were played to find it. */
  readonly tried: number
  /** False: the time was over before. */
  readonly isLast: boolean
}

/** The smallest that still fails, of those that can be found by leaving out more and more. */
export async function smallestFailing(failing: Schedule, { fails, within, atOnce }: Shrinking): Promise<Smallest> {
  const began = performance.now()
  let schedule = failing
  let tried = 0
  const isOver = () => performance.now() - began >= within
  for (;;) {
    let next: Schedule | undefined
    const candidates = smaller(schedule)
    for (let from = 0; next === undefined && from < candidates.length; from += atOnce) {
      if (isOver()) return { schedule, tried, isLast: false }
      const some = candidates.slice(from, from + atOnce)
      const failed = await fails(some)
      tried += some.length
      // The smallest comes first.
      next = some.find((_, index) => failed[index] === true)
    }
    if (next === undefined) return { schedule, tried, isLast: true }
    schedule = next
  }
}

/** Every way to leave something out, the smallest first; without what is no smaller. */
export function smaller(schedule: Schedule): readonly Schedule[] {
  const odd = LISTS.flatMap((list) =>
    schedule[list].flatMap((fate, index) => (isPrompt(fate) ? [] : [{ list, index, fate }])),
  )
  const kept = (some: readonly Odd[]) => withOdd(schedule, some)
  const halves = [odd.slice(0, Math.ceil(odd.length / 2)), odd.slice(Math.ceil(odd.length / 2))]
  const pairs =
    odd.length > MOST_PAIRED ? [] : odd.flatMap((one, index) => odd.slice(index + 1).map((other) => [one, other]))
  const candidates = [
    ...[[], ...odd.map((one) => [one]), ...pairs, ...halves].map(kept),
    ...odd.map((one) => kept(odd.filter((other) => other !== one))),
    ...odd.flatMap((one) =>
      milder(one.fate).map((fate) => kept(odd.map((each) => (each === one ? { ...one, fate } : each)))),
    ),
    ...(odd.length === 0 ? [] : [kept(odd)]),
    { ...schedule, gaps: [] },
    ...schedule.gaps.map((_, index) => ({ ...schedule, gaps: schedule.gaps.with(index, USUAL_GAP) })),
  ]
  const size = sizeOf(schedule)
  const distinct = new Map(candidates.map((candidate) => [JSON.stringify(candidate), candidate]))
  return [...distinct.values()]
    .filter((candidate) => sizeOf(candidate) < size)
    .toSorted((one, other) => sizeOf(one) - sizeOf(other))
}

const LISTS = ['fates', 'echoes'] as const
/** As in delivery-play.ts, where none is named. */
const USUAL_GAP = 1
/** Of more, halves are tried first. */
const MOST_PAIRED = 12

type Odd = { readonly list: (typeof LISTS)[number]; readonly index: number; readonly fate: Fate }

/** Everything prompt but these. */
function withOdd(schedule: Schedule, some: readonly Odd[]): Schedule {
  const listed = (list: Odd['list']): readonly Fate[] => {
    const mine = new Map(some.filter((odd) => odd.list === list).map(({ index, fate }) => [index, fate]))
    return Array.from({ length: Math.max(-1, ...mine.keys()) + 1 }, (_, index) => mine.get(index) ?? PROMPT)
  }
  return { ...schedule, fates: listed('fates'), echoes: listed('echoes') }
}

/** Fewer copies, and earlier ones. */
function milder({ after }: Fate): readonly Fate[] {
  const fewer = after.length > 1 ? after.map((_, index) => after.toSpliced(index, 1)) : []
  const earlier = after.flatMap((late, index) =>
    [0, 1, Math.floor(late / 2), late - 1]
      .filter((less) => less >= 0 && less < late)
      .map((less) => after.with(index, less)),
  )
  return [...fewer, ...earlier].map((some) => ({ after: some }))
}

/** What is left out counts more than what is milder. */
function sizeOf({ fates, echoes, gaps }: Schedule): number {
  const odd = [...fates, ...echoes].filter((fate) => !isPrompt(fate))
  const copies = odd.flatMap(({ after }) => after)
  const minutes = copies.reduce((sum, late) => sum + late, 0)
  return odd.length * 1e6 + copies.length * 1e4 + minutes * 10 + gaps.filter((gap) => gap !== USUAL_GAP).length
}

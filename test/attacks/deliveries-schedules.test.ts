/**
 * Deliveries that come up to five times, up to ten minutes late, in any order, or not at all: in the end everything is as if they had come in order.
 * Some hundred schedules here, 10,000 in `npm run test:deliveries`. LOCKKEEPER_TEST_SEED draws others.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type End, inOrder, onDeliveryStage, playSchedules, type Schedule } from '../support/delivery-play.ts'
import { SCRIPT_NAMES, SCRIPTS, type ScriptName } from '../support/delivery-scripts.ts'
import { smallestFailing } from '../support/delivery-shrinking.ts'
import { type Fate, PROMPT } from '../support/postman.ts'

const SEED = Number(process.env['LOCKKEEPER_TEST_SEED'] ?? 4711)
const RUNS = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 150)
/** Schedules that share a world and its bot. */
const EACH = 50
/** Worlds at once: each has a bot and a database of its own, and waits at times. */
const ABREAST = 2
/** So often the smallest one is played again, with nothing but itself. */
const ALONE = 3
/** A failing schedule is made smaller for so long. */
const SHRINKING_MS = Number(process.env['LOCKKEEPER_TEST_SHRINK'] ?? 300_000)
/** So many failures are told whole. */
const TOLD = 12

/** GitHub's lists show for so long not what its events tell of, however often they are read. */
const LAG = { seconds: 50, reviews: true } as const

const copies = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 5 })
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { withCrossShrink: true },
  { arbitrary: fc.constant(PROMPT), weight: 3 },
  { arbitrary: fc.record({ after: copies }), weight: 5 },
  { arbitrary: fc.constant({ after: [] }), weight: 2 },
)
const schedule: fc.Arbitrary<Schedule> = fc.record({
  script: fc.constantFrom(...SCRIPT_NAMES),
  gaps: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }),
  // As many as a script has events: fast-check's own choice of a length is ten at most.
  fates: fc.array(fate, { minLength: 8, maxLength: 30, size: 'max' }),
  echoes: fc.array(fate, { maxLength: 20, size: 'max' }),
})

test(`whatever becomes of deliveries, the end is the same (seed ${SEED})`, { timeout: 36_000_000 }, async () => {
  const all = fc.sample(schedule, { seed: SEED, numRuns: RUNS })
  const [beside, ...others] = Array.from({ length: Math.ceil(RUNS / EACH) }, (_, index) => index * EACH)
  const { expected, ends } = await expectations(all.slice(beside, EACH))
  const failed: End[] = []
  let played = 0
  const judge = (some: readonly End[]) => {
    const others = some.filter((end) => !isAsInOrder(end, expected))
    for (const end of others.slice(0, Math.max(0, TOLD - failed.length)))
      process.stdout.write(`${story(end, expected)}\n`)
    failed.push(...others)
    played += some.length
    process.stdout.write(`deliveries: ${played} schedules, ${failed.length} ended otherwise (seed ${SEED})\n`)
  }
  judge(ends)
  await Promise.all(
    Array.from({ length: ABREAST }, async () => {
      for (let from = others.shift(); from !== undefined; from = others.shift())
        judge(await play(all.slice(from, from + EACH), SEED + from))
    }),
  )
  const [first] = failed
  if (first === undefined) return
  expect.unreachable(await counterexample(first.schedule, expected))
})

type Expected = ReadonlyMap<ScriptName, End>

/** How each script ends when nothing is late, lost or doubled; and how the first schedules do, in the same world. */
async function expectations(
  schedules: readonly Schedule[],
): Promise<{ readonly expected: Expected; readonly ends: readonly End[] }> {
  const all = await play([...SCRIPT_NAMES.map(inOrder), ...schedules], SEED)
  const [calm, ends] = [all.slice(0, SCRIPT_NAMES.length), all.slice(SCRIPT_NAMES.length)]
  expect(calm.flatMap(({ left }) => left)).toEqual([])
  return { expected: new Map(calm.map((end) => [end.schedule.script, end])), ends }
}

const play = (schedules: readonly Schedule[], seed: number): Promise<readonly End[]> =>
  onDeliveryStage(schedules.length, (stage) => playSchedules(stage, schedules, seed), LAG)

function compared({ schedule: { script }, left, all, live }: End): unknown {
  return SCRIPTS[script].likeness === 'all' ? { left, all } : { left, live }
}

function isAsInOrder(end: End, expected: Expected): boolean {
  const wanted = expected.get(end.schedule.script)
  return wanted !== undefined && JSON.stringify(compared(end)) === JSON.stringify(compared(wanted))
}

/** What was done and what became of it; what is there in the end and should not be, and the other way round; and the schedule. */
function story(end: End, expected: Expected): string {
  const lines = (one: End | undefined) =>
    JSON.stringify(one === undefined ? [] : compared(one), undefined, 1).split('\n')
  const [seen, wanted] = [lines(end), lines(expected.get(end.schedule.script))]
  const only = (some: readonly string[], others: readonly string[], sign: string) =>
    some.filter((line) => !others.includes(line)).map((line) => `${sign} ${line.trim()}`)
  return [...end.told, ...only(wanted, seen, '-'), ...only(seen, wanted, '+'), JSON.stringify(end.schedule)].join('\n')
}

/** The failing schedule made smaller, as a story that a person can read. */
async function counterexample(failing: Schedule, expected: Expected): Promise<string> {
  const ends = (schedules: readonly Schedule[]) => play(schedules, SEED)
  const { schedule, tried, isLast } = await smallestFailing(failing, {
    fails: async (schedules) => (await ends(schedules)).map((end) => !isAsInOrder(end, expected)),
    within: SHRINKING_MS,
    atOnce: EACH,
  })
  const again = await ends(Array.from({ length: ALONE }, () => schedule))
  const others = again.filter((end) => !isAsInOrder(end, expected))
  const [end = again[0]] = others
  const found = `the smallest of ${tried} smaller ones${isLast ? '' : ` within ${SHRINKING_MS / 1000} s`}`
  return [
    `"${schedule.script}" ends otherwise (${found}, ${others.length} of ${ALONE} times; seed ${SEED}):`,
    ...(end === undefined ? [] : [story(end, expected)]),
  ].join('\n')
}

/**
 * `kill -9` of the bot at random calls of a story, reads as well, and between them; in half of the runs its database dies with it. At the end of
 * each run the database is lost, and `lockkeeper rebuild` makes the ledger anew. A few here, 1,000 in
 * `npm run chaos`. LOCKKEEPER_TEST_SEED draws others, LOCKKEEPER_TEST_RUNS says how many kills there are to be at least, LOCKKEEPER_CHAOS_STATE names the file that
 * keeps which runs have ended well, so that the next start goes on there, LOCKKEEPER_TEST_MINUTES says how long runs are begun, and LOCKKEEPER_CHAOS_RUN repeats one. Every effect in turn: crash-boundaries.test.ts.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Kill, type Killer, type Played, playCrashed } from '../support/crash-play.ts'
import { CRASH_STORIES, type CrashStory } from '../support/crash-stories.ts'
import { type Random, seeded } from '../support/fault-plans.ts'

const SEED = Number(process.env['LOCKKEEPER_TEST_SEED'] ?? 4711)
const KILLS = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 8)
const MINUTES = Number(process.env['LOCKKEEPER_TEST_MINUTES'] ?? Number.POSITIVE_INFINITY)
const STATE_FILE = process.env['LOCKKEEPER_CHAOS_STATE']
const ONLY = process.env['LOCKKEEPER_CHAOS_RUN']
/** After so many that ended otherwise there is enough to look into. */
const MOST_BAD = 5
/** Each story is two processes, and a database server that is shared or its own. */
const AT_ONCE = 3
/** A run has about so many. A start of the bot costs less than a story: many make a kill cheap, few leave the bot time to get somewhere. */
const KILLS_EACH = [6, 12, 24] as const
/** A start asks six times, and one step of a release thirteen times: a bot that never lives so long gets nowhere. */
const LEAST_APART = 20

type Run = {
  readonly seed: number
  readonly run: number
  readonly story: string
  readonly isEmbedded: boolean
  readonly kills: readonly string[]
  readonly isWell: boolean
  readonly problem?: string
}

const undisturbed = new Map<CrashStory, Promise<Played>>()

test(`killed at random, every story ends as if nothing had happened (seed ${SEED})`, { timeout: 0 }, async () => {
  const before = doneBefore()
  const runs: Run[] = []
  const begun = Date.now()
  const killed = (some: Iterable<Run>) => [...some].reduce((all, run) => all + run.kills.length, 0)
  let last = 0
  const place = async () => {
    const isLate = () =>
      Date.now() > begun + MINUTES * 60_000 || runs.filter(({ isWell }) => !isWell).length >= MOST_BAD
    while (killed(before.values()) + killed(runs) < KILLS && !isLate()) {
      last += 1
      if (!before.has(last)) runs.push(keep(await playRun(last)))
    }
  }
  if (ONLY !== undefined) runs.push(await playRun(Number(ONLY)))
  else await Promise.all(Array.from({ length: AT_ONCE }, place))
  const bad = runs.filter(({ isWell }) => !isWell)
  const all = killed(before.values()) + killed(runs)
  const pace = (killed(runs) / ((Date.now() - begun) / 60_000)).toFixed(1)
  const words = [
    `${all} kills in ${before.size + runs.length} runs, ${bad.length} ended otherwise (seed ${SEED}); ${pace} kills a minute`,
  ]
  for (const { run } of bad)
    words.push(`run ${run} again: LOCKKEEPER_TEST_SEED=${SEED} LOCKKEEPER_CHAOS_RUN=${run} npm run chaos`)
  process.stdout.write(`${words.join('\n')}\n`)
  expect(bad.map((run) => `${run.problem}\nkilled ${run.kills.join('; ')}`)).toEqual([])
})

/** Those that ended well: a run that did not is played again. */
function doneBefore(): ReadonlyMap<number, Run> {
  const lines = STATE_FILE !== undefined && existsSync(STATE_FILE) ? readFileSync(STATE_FILE, 'utf8').split('\n') : []
  const runs = lines.filter(Boolean).map((line) => JSON.parse(line) as Run)
  return new Map(runs.filter(({ seed, isWell }) => seed === SEED && isWell).map((run) => [run.run, run]))
}

function keep(run: Run): Run {
  if (STATE_FILE !== undefined) appendFileSync(STATE_FILE, `${JSON.stringify(run)}\n`)
  return run
}

async function playRun(run: number): Promise<Run> {
  const random = seeded(SEED * 1_000_003 + run)
  const story = CRASH_STORIES[Math.floor(random() * CRASH_STORIES.length)] ?? CRASH_STORIES[0]
  const isEmbedded = random() < 0.5
  const each = KILLS_EACH[Math.floor(random() * KILLS_EACH.length)] ?? KILLS_EACH[0]
  if (story === undefined) throw new Error('there is no story')
  const wanted = undisturbed.get(story) ?? playCrashed(story)
  undisturbed.set(story, wanted)
  const { calls, ended } = await wanted
  const about = { seed: SEED, run, story: story.name, isEmbedded }
  try {
    const played = await playCrashed(story, {
      isEmbedded,
      isRebuilt: true,
      killer: randomKiller(random, Math.max(LEAST_APART, calls / each)),
    })
    const problem = difference(played.ended, ended) ?? difference(played.rebuilt?.to, played.rebuilt?.from)
    return { ...about, kills: played.kills, isWell: problem === undefined, ...(problem && { problem }) }
  } catch (error) {
    return { ...about, kills: [], isWell: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** `apart`: how many calls there are between two kills, on average. */
function randomKiller(random: Random, apart: number): Killer {
  const gap = () => 1 + Math.floor(random() * 2 * apart)
  let left = gap()
  return () => {
    left -= 1
    if (left > 0) return undefined
    left = gap()
    return kindOf(random)
  }
}

function kindOf(random: Random): Kill {
  const kind = random()
  if (kind < 0.4) return 'before'
  return kind < 0.8 ? 'after' : { later: Math.floor(random() * 200) }
}

function difference(actual: unknown, expected: unknown): string | undefined {
  try {
    expect(actual).toEqual(expected)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

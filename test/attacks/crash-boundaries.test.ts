/**
 * `kill -9` of the bot at every effect that it has outside: once before the request reaches the other side, and once after it was applied and before its
 * answer arrives. In half of the stories its database dies with it. They end as if nothing had happened. At random: crash.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { type Played, playCrashed } from '../support/crash-play.ts'
import { CRASH_STORIES, type CrashStory } from '../support/crash-stories.ts'
import type { Boundary } from '../support/effect-boundaries.ts'

type Moment = 'before' | 'after'
/** Where it is to die: at the first coming of a boundary, then at the next ones. */
type Plan = Map<Boundary, Moment[]>

/** A boundary that only comes when nothing else was killed before it gets stories with fewer others. */
const ROUNDS = 4
/** Stories among which the kills are shared out: a bot waits more than it works. */
const PLAYS = 2

describe.concurrent('killed at every effect', () => {
  test.each(CRASH_STORIES)('$name: it ends as if nothing had happened', { timeout: 900_000 }, async (story) => {
    const undisturbed = await playCrashed(story)
    const all = undisturbed.boundaries.filter((boundary) => story.isOwn(boundary))
    expect(all).not.toEqual([])
    let left: Plan = new Map(all.map((boundary) => [boundary, ['before', 'after']]))
    for (let round = 0; round < ROUNDS && left.size > 0; round += 1) {
      const plans = shared(left, PLAYS)
      const plays = plans.map((plan, at) => disturbed(story, undisturbed, { plan, isEmbedded: at % 2 === 1 }))
      // One that fails leaves the others time to end their bots.
      await Promise.allSettled(plays)
      left = new Map((await Promise.all(plays)).flatMap((plan) => [...plan]))
      process.stdout.write(`${story.name}: ${left.size} of ${all.length} effects are left for another round\n`)
    }
    expect([...left]).toEqual([])
  })
})

/** Neighbours in different plays; both moments of an effect in one, so that it dies again where it was to go on. */
function shared(left: Plan, plays: number): readonly Plan[] {
  const plans: Plan[] = Array.from({ length: plays }, () => new Map())
  for (const [index, [boundary, moments]] of [...left].entries()) plans[index % plays]?.set(boundary, moments)
  return plans.filter(({ size }) => size > 0)
}

/** Gives the kills that never came to be. */
async function disturbed(
  story: CrashStory,
  undisturbed: Played,
  { plan, isEmbedded }: { readonly plan: Plan; readonly isEmbedded: boolean },
): Promise<Plan> {
  const left: Plan = new Map([...plan].map(([boundary, moments]) => [boundary, [...moments]]))
  const { ended, kills } = await playCrashed(story, {
    isEmbedded,
    killer: (_, boundary) => left.get(boundary ?? '')?.shift(),
  })
  expect(ended, kills.join('\n')).toEqual(undisturbed.ended)
  return new Map([...left].filter(([, moments]) => moments.length > 0))
}

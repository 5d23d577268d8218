/**
 * `kill -9` of the bot at every effect that it has outside: once before the request reaches the other side, and once after it was applied and before its
 * answer arrives. In half of the stories its database dies with it. They end as if nothing had happened. At random: crash.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { type Killer, type Played, playCrashed } from '../support/crash-play.ts'
import { CRASH_STORIES, type CrashStory } from '../support/crash-stories.ts'
import type { Boundary } from '../support/effect-boundaries.ts'

type Plan = ReadonlyMap<Boundary, 'before' | 'after'>

/** A boundary that only comes when nothing else was killed before it gets stories of its own. */
const ROUNDS = 3
/** Stories among which the boundaries are shared out: a bot waits more than it works. */
const PARTS = 2

describe('killed at every effect', () => {
  test.each(CRASH_STORIES)('$name: it ends as if nothing had happened', { timeout: 900_000 }, async (story) => {
    const undisturbed = await playCrashed(story)
    const all = undisturbed.boundaries.filter((boundary) => story.isOwn(boundary))
    expect(all).not.toEqual([])
    const parts = Array.from({ length: PARTS }, (_, part) => all.filter((_, index) => index % PARTS === part))
    const plays = parts.flatMap((part) => [
      disturbed(story, undisturbed, { plan: alternating(part, 'before', 'after'), isEmbedded: false }),
      disturbed(story, undisturbed, { plan: alternating(part, 'after', 'before'), isEmbedded: true }),
    ])
    // One that fails leaves the others time to end their bots.
    await Promise.allSettled(plays)
    expect((await Promise.all(plays)).flat()).toEqual([])
  })
})

function alternating(boundaries: readonly Boundary[], first: 'before' | 'after', second: 'before' | 'after'): Plan {
  return new Map(boundaries.map((boundary, index) => [boundary, index % 2 === 0 ? first : second]))
}

/** Plays until every boundary was met; gives those that never were. */
async function disturbed(
  story: CrashStory,
  undisturbed: Played,
  { plan, isEmbedded }: { readonly plan: Plan; readonly isEmbedded: boolean },
): Promise<readonly string[]> {
  const left = new Map(plan)
  for (let round = 0; round < ROUNDS && left.size > 0; round += 1) {
    const killer: Killer = (_, boundary) => {
      const when = left.get(boundary ?? '')
      left.delete(boundary ?? '')
      return when
    }
    const { ended, kills } = await playCrashed(story, { isEmbedded, killer })
    expect(ended, kills.join('\n')).toEqual(undisturbed.ended)
  }
  return [...left].map(([boundary, when]) => `${when} ${boundary}`)
}

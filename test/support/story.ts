/** How scenarios are told: sentences about what people do (story-acts.ts) and read (story-reading.ts). The bot and its world are bot.ts and sandbox/world/. */
import { expect, test } from 'vitest'
import { type Story, type StoryOptions, startStory } from './bot.ts'
import { type Acts, acts } from './story-acts.ts'
import { type Reading, reading } from './story-reading.ts'

export { HOUR, MINUTE } from './story-acts.ts'

/** One story with its tellers. */
export type Tale = Story & Acts & Reading

/** The tellers of a story. */
export function tale(story: Story): Tale {
  return Object.assign(Object.create(story) as Story, acts(story), reading(story.world))
}

/** One test per sentence, told over a world and a bot of its own; at its end no stand-in may have seen anything that the real system refuses. */
export const scenarios =
  (options: StoryOptions = {}) =>
  (sentence: string, tell: (story: Tale) => Promise<void>): void =>
    test(sentence, async () => {
      const story = await startStory(options)
      try {
        await tell(tale(story))
        expect(story.world.violations()).toEqual([])
      } finally {
        await story.end()
      }
    })

/** On a Tuesday at 10:00 in Berlin. */
export const scenario = scenarios()

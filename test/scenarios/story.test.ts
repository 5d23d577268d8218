/** The demo's story, played with the bot in this process: every step is seen at the sandbox, or it fails. */
import { afterEach, beforeEach, test } from 'vitest'
import { playStory } from '../../sandbox/demo/script.ts'
import { type Story, startStory } from '../support/bot.ts'

let story: Story
beforeEach(async () => {
  story = await startStory()
})
afterEach(() => story.end())

test('three releases, one of them bad, and two ways back', async () => {
  await playStory(story.world, { settle: story.settle, onStep: (s) => console.log(JSON.stringify(s)) })
}, 120_000)

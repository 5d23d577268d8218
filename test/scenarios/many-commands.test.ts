/** A comment that holds more commands than anybody means. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStory } from '../support/bot.ts'
import { type Tale, tale } from '../support/story.ts'

let story: Tale

beforeAll(async () => {
  story = tale(await startStory())
  await story.releases('better')
})
afterAll(async () => {
  expect(story.world.violations()).toEqual([])
  await story.end()
})

test('thousands of commands in one comment are refused together, and none is run', async () => {
  const body = `/lock staging\n${'/compare\n'.repeat(2000)}`
  expect(await story.says(body)).toMatchInlineSnapshot(`
    😕 these are 2001 commands, and one comment may hold 20: none of them was run.
    Write them in several comments.
  `)
  expect(await story.says('/status staging')).not.toContain('held')
})

test('twenty are run', async () => {
  expect((await story.says('/status staging\n'.repeat(20))).match(/Nothing is under way/g)).toHaveLength(20)
})

/** The comparison on a pull request, over the whole bot. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finishTraining, openChurnPullRequest, startTraining } from '../../sandbox/world/acts.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { type Story, startStory } from '../support/bot.ts'

let story: Story
beforeEach(async () => {
  story = await startStory()
})
afterEach(async () => {
  expect(story.world.violations()).toEqual([])
  await story.end()
})

test('a better model is said to be better once training has finished', async () => {
  const { world } = story
  const pullRequest = openChurnPullRequest(world, 'better')
  startTraining(world, pullRequest)
  await story.settle()
  finishTraining(world, pullRequest)
  await story.settle()
  console.log(
    world.github
      .comments(MODELS, pullRequest.number)
      .map(({ body }) => body)
      .join('\n=====\n'),
  )
  console.log(JSON.stringify(world.github.checkRuns(MODELS, pullRequest.headSha), null, 1).slice(0, 3000))
})

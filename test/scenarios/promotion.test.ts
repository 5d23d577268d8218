/** From the merge to a verified release, over the whole bot. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finishTraining, mergeModel, openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { type Story, startStory } from '../support/bot.ts'

let story: Story
beforeEach(async () => {
  story = await startStory()
})
afterEach(async () => {
  expect(story.world.violations()).toEqual([])
  await story.end()
})

test('a merged model goes to staging by itself and is verified there', async () => {
  const { world } = story
  const pullRequest = openChurnPullRequest(world, 'better')
  finishTraining(world, pullRequest)
  await story.settle()
  const before = world.github.requests.length
  mergeModel(world, pullRequest)
  await story.settle()
  console.log(
    world.github.requests
      .slice(before)
      .map((r) => `${r.method} ${r.path} ${r.graphql ?? ''} ${r.status}`)
      .join('\n'),
  )
  await story.pass(60_000, 20_000)
  console.log(
    world.github
      .comments(MODELS, pullRequest.number)
      .slice(1)
      .map(({ body }) => body)
      .join('\n=====\n'),
  )
  console.log(JSON.stringify(world.github.pullRequests(CONFIG), null, 1).slice(0, 6000))
  console.log(
    world.github
      .deployments(MODELS)
      .map((d) => JSON.stringify(d))
      .join('\n'),
  )
})

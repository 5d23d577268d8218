/** `/deploy prod` and `/rollback`, over the whole bot. */
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

const HOUR = 3_600_000

test('deploy story', async () => {
  const { world } = story
  const calls = (from: number) =>
    world.github.requests
      .slice(from)
      .map((r) => `${r.method} ${r.path} ${r.graphql ?? ''} ${r.status}`)
      .join('\n')
  const last = (n: number) => world.github.comments(MODELS, n).at(-1)?.body
  const pullRequest = openChurnPullRequest(world, 'better')
  finishTraining(world, pullRequest)
  await story.settle()
  mergeModel(world, pullRequest)
  await story.settle()
  world.github.comment(MODELS, pullRequest.number, '/deploy prod', { by: 'alice' })
  await story.settle()
  console.log('--- soak', last(1))
  await story.pass(HOUR)
  let from = world.github.requests.length
  world.github.comment(MODELS, pullRequest.number, '/deploy prod', { by: 'alice' })
  await story.settle()
  console.log('--- waits', last(1))
  console.log(calls(from))
  from = world.github.requests.length
  const prod = world.github.pullRequests(CONFIG).find(({ title }) => title.includes('prod'))
  world.github.review(CONFIG, prod?.number ?? 0, { by: 'bob', state: 'APPROVED' })
  await story.settle()
  console.log('--- approved', last(1))
  console.log(calls(from))
  from = world.github.requests.length
  await story.pass(11 * 60_000, 60_000)
  console.log('--- verified', last(1))
  console.log(calls(from))
  console.log('alias', world.mlflow.alias('champion'))
  const second = openChurnPullRequest(world, 'better-2')
  finishTraining(world, second)
  await story.settle()
  console.log('--- comparison 2', last(second.number)?.slice(0, 600))
  world.prometheus.answer((query) =>
    query.includes('latency')
      ? world.argocd.kserve.liveUri('prod', 'churn') === 's3://acme-models/churn/13'
        ? 0.31
        : 0.084
      : 0.002,
  )
  mergeModel(world, second)
  await story.settle()
  await story.pass(HOUR)
  world.github.comment(MODELS, second.number, '/deploy prod', { by: 'alice' })
  await story.settle()
  const prod2 = world.github
    .pullRequests(CONFIG)
    .filter(({ title, state }) => title.includes('prod') && state === 'open')[0]
  world.github.review(CONFIG, prod2?.number ?? 0, { by: 'bob', state: 'APPROVED' })
  await story.settle()
  await story.pass(12 * 60_000, 60_000)
  console.log(
    '--- bad',
    world.github
      .comments(MODELS, second.number)
      .slice(1)
      .map(({ body, reactions }) => body + JSON.stringify(reactions))
      .join('\n=====\n'),
  )
  console.log(
    world.github
      .deployments(MODELS)
      .map((d) => `${d.environment} ${d.description} ${d.statuses.map((s) => s.state)}`)
      .join('\n'),
  )
  world.github.comment(MODELS, second.number, '/status', { by: 'erin' })
  await story.settle()
  console.log('--- status', last(second.number))
})

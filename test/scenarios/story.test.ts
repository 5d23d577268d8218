/** The demo's story with the bot in this process: every step is seen at the sandbox, or it fails. crash.test.ts plays it with a bot that is killed. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { playStory } from '../../sandbox/demo/script.ts'
import type { Narration } from '../../sandbox/demo/tale.ts'
import { createTranscript } from '../../sandbox/demo/transcript.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { type Story, startStory } from '../support/bot.ts'

let story: Story
beforeEach(async () => {
  story = await startStory()
})
afterEach(() => story.end())

test('three releases, one of them bad, and two ways back; the transcript tells all of it', {
  timeout: 180_000,
}, async () => {
  const steps: Narration[] = []
  const lines: string[] = []
  const transcript = createTranscript({ write: (line) => lines.push(line), colours: false })
  await playStory(story.world, {
    settle: story.settle,
    onStep: (step) => {
      steps.push(step)
      transcript.tell(step)
    },
  })
  const { github } = story.world
  expect(steps.filter(({ kind }) => kind === 'diff')).toHaveLength(8)
  expect(github.pullRequests(CONFIG).map(({ title, merged }) => [title, merged])).toEqual([
    ['Promote churn v12 to staging', true],
    ['Promote churn v12 to prod', true],
    ['Promote churn v13 to staging', true],
    ['Promote churn v13 to prod', true],
    ['Promote churn v14 to staging', true],
    ['Promote churn v14 to prod', true],
    ['Roll back churn in prod to v13', true],
    ['Roll back churn in prod to v12', true],
  ])
  for (const { environment, statuses } of github.deployments(MODELS)) {
    const states = statuses.map(({ state }) => state)
    expect(new Set(states).size, `${environment}: ${states}`).toBe(states.length)
  }
  const text = lines.join('\n')
  expect(text).toContain('Tue 10:00  alice comments on acme/models#1: /deploy prod')
  expect(text).toContain("storageUri: [-'s3://acme-models/churn/11'-]{+'s3://acme-models/churn/12'+}")
  expect(text).toMatch(/# \d GitHub calls \(at most 8\) for \/deploy until it waits for the approval: /)
})

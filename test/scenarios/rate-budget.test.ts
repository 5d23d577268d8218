/** A busy hour: what is left of GitHub's limits goes to whoever needs it most, and those who wait are told until when. The rule: clients/github/rate-budget.ts. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

/** GitHub's limits hold from now on, with so much left of this hour; the bot has heard of it. */
async function withLeft(story: Tale, left: number): Promise<void> {
  // What was made before counts for a minute.
  await story.pass(2 * MINUTE)
  for (const id of story.world.github.state.installations.keys()) story.world.github.enforceLimits(id, left)
  await story.says('/help')
}

/** dave opens so many pull requests that change fraud's metrics. */
function opensMany(story: Tale, count: number): readonly { readonly number: number; readonly headSha: string }[] {
  const { github } = story.world
  return Array.from({ length: count }, (_, index) => {
    const head = `fraud-${index}`
    const files = { 'models/fraud/metrics.json': `{"f1": 0.${80 + index}}\n` }
    const headSha = github.commit(MODELS, head, { message: 'Train fraud', files, by: 'dave' })
    return { number: github.openPullRequest(MODELS, { title: head, head, by: 'dave' }), headSha }
  })
}

const checkOf = (story: Tale, headSha: string) =>
  story.world.github.checkRuns(MODELS, headSha).findLast(({ app }) => app === 'lockkeeper')

const refused = (story: Tale) =>
  story.world.github.requests.filter(({ status }) => status === 403 || status === 429).map(({ path }) => path)

scenario(
  'with little left of the hour forty comparisons wait and say until when, and a rollback goes through',
  async (story) => {
    const { github } = story.world
    await story.releases('better')
    await story.releases('better-2')
    await withLeft(story, 1000)
    const before = github.requests.length
    const pulls = opensMany(story, 40)
    await story.settle()
    // Others used much of this hour, as far as the bot can tell: it makes no more than a third of what a minute allows.
    await story.pass(2 * MINUTE, MINUTE)
    const made = github.requests.slice(before).map(({ graphql, operation }) => graphql ?? operation)
    expect(made).toEqual(Array.from({ length: 40 }, () => 'Write'))
    const titles = new Set(pulls.map(({ headSha }) => checkOf(story, headSha)?.title))
    expect([...titles]).toEqual([expect.stringMatching(/^Waits for GitHub's limit until 2026-11-24 \d\d:\d\d UTC$/)])

    const reply = await story.says('/rollback staging churn', { on: pulls[0]?.number ?? 0 })
    expect(story.promotions().at(-1), reply).toBe('Roll back churn in staging to v12 (merged)')

    await story.pass(HOUR)
    const after = pulls.map(({ headSha }) => checkOf(story, headSha)?.status)
    expect(after).toEqual(pulls.map(() => 'completed'))
    expect(refused(story)).toEqual([])
  },
)

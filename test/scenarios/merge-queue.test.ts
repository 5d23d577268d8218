/** Branches behind a merge queue: what it would merge gets the check runs that the branch demands, so that nothing waits in vain. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { scenario, type Tale } from '../support/story.ts'

type Where = { readonly in?: string }

/** The branch takes what is green by itself, and then once more in its queue. */
const demands = ({ world }: Tale, checks: readonly string[], { in: name = MODELS }: Where = {}): void =>
  world.github.protectBranch(name, 'main', { checks, mergeQueue: 'squash' })

/** carol puts it into the queue; gives the commit that would be merged. */
async function enqueues(
  { world, settle }: Tale,
  { number }: { readonly number: number },
  { in: name = MODELS }: Where = {},
): Promise<string> {
  const sha = world.github.enqueue(name, number, { by: 'carol' })
  // CI of the default branch runs on what has landed.
  world.registry.push('acme/churn', sha)
  await settle()
  return sha
}

/** CI reports on a commit. */
async function builds({ world, settle }: Tale, sha: string, { in: name = MODELS }: Where = {}): Promise<void> {
  world.github.reportCheck(name, sha, { name: 'build', status: 'completed', conclusion: 'success' })
  await settle()
}

/** Our check runs on a commit, whole. */
const checkRuns = ({ world }: Tale, sha: string, { in: name = MODELS }: Where = {}): string =>
  said(
    world.github
      .checkRuns(name, sha)
      .filter(({ app }) => app === 'lockkeeper')
      .map((run) => `${run.name} ${run.conclusion ?? run.status}: ${run.title}\n${run.summary}\n${run.detailsUrl}`)
      .join('\n\n'),
  )

const isMerged = ({ world }: Tale, { number }: { readonly number: number }, { in: name = MODELS }: Where = {}) =>
  world.github.pullRequest(name, number).merged

const opensReadme = async ({ world, settle }: Tale, { in: name = MODELS }: Where = {}) => {
  world.github.commit(name, 'words', { message: 'Words', files: { 'README.md': 'Words\n' }, by: 'carol' })
  const number = world.github.openPullRequest(name, { title: 'Words', head: 'words', by: 'carol' })
  await settle()
  return { number }
}

scenario('a model that is better goes through the queue, and is promoted', async (story) => {
  demands(story, ['lockkeeper'])
  const pull = await story.proposes('better')
  const sha = await enqueues(story, pull)
  expect(checkRuns(story, sha)).toMatchInlineSnapshot(`
    lockkeeper success: #1: churn: better than champion v11, all 3 gates pass
    Taken over from [#1](<github>/acme/models/pull/1) at \`<sha>\`: what \`lockkeeper\` concludes there counts here. The merge group is not judged by itself.
    <github>/acme/models/pull/1
  `)
  expect(isMerged(story, pull)).toBe(true)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

scenario('a model that turns red while it waits leaves the queue', async (story) => {
  demands(story, ['lockkeeper'])
  const pull = await story.proposes('better')
  demands(story, ['lockkeeper', 'build'])
  await builds(story, pull.headSha)
  const sha = await enqueues(story, pull)
  story.world.mlflow.attach('regression', pull.headSha)
  await story.clicks(pull, 're-evaluate')
  expect(checkRuns(story, sha)).toMatchInlineSnapshot(`
    lockkeeper failure: #1: churn: better than champion v11 on 1 metric, worse on 2; 2 gates fail (auc, log_loss)
    Taken over from [#1](<github>/acme/models/pull/1) at \`<sha>\`: what \`lockkeeper\` concludes there counts here. The merge group is not judged by itself.
    <github>/acme/models/pull/1
  `)
  expect([isMerged(story, pull), story.world.github.mergeQueue(MODELS)]).toEqual([false, []])
})

scenario('a model that is still being trained waits in the queue, and then goes on', async (story) => {
  demands(story, ['build'])
  const pull = await story.opens('better')
  await builds(story, pull.headSha)
  const sha = await enqueues(story, pull)
  expect(checkRuns(story, sha)).toMatchInlineSnapshot(`
    lockkeeper in_progress: Waits for the check run of #1
    \`lockkeeper\` is not completed on [#1](<github>/acme/models/pull/1) at \`<sha>\`. As soon as it is, its conclusion is taken over.
    <github>/acme/models/pull/1
  `)
  demands(story, ['build', 'lockkeeper'])
  await builds(story, sha)
  expect(isMerged(story, pull)).toBe(false)
  await story.trains(pull)
  expect(checkRuns(story, sha)).toMatchInlineSnapshot(`
    lockkeeper success: #1: churn: better than champion v11, all 3 gates pass
    Taken over from [#1](<github>/acme/models/pull/1) at \`<sha>\`: what \`lockkeeper\` concludes there counts here. The merge group is not judged by itself.
    <github>/acme/models/pull/1
  `)
  expect(isMerged(story, pull)).toBe(true)
})

scenario('of two in the queue, each stands for itself', async (story) => {
  demands(story, ['lockkeeper'])
  const pull = await story.proposes('better')
  const words = await opensReadme(story)
  demands(story, ['lockkeeper', 'build'])
  for (const { number } of [pull, words]) await builds(story, story.world.github.pullRequest(MODELS, number).headSha)
  const [first, second] = [await enqueues(story, pull), await enqueues(story, words)]
  await builds(story, second)
  await builds(story, first)
  expect(checkRuns(story, second)).toMatchInlineSnapshot(`
    lockkeeper neutral: #2: No model is touched
    Taken over from [#2](<github>/acme/models/pull/2) at \`<sha>\`: what \`lockkeeper\` concludes there counts here. The merge group is not judged by itself.
    <github>/acme/models/pull/2
  `)
  expect([isMerged(story, pull), isMerged(story, words)]).toEqual([true, true])
})

scenario('a lost delivery is found, one that comes three times makes one check run', async (story) => {
  demands(story, ['lockkeeper'])
  const pull = await story.proposes('better')
  demands(story, ['lockkeeper', 'build'])
  await builds(story, pull.headSha)
  story.world.github.onDelivery(({ event }) => (event === 'merge_group' ? 'drop' : { times: 3 }))
  const sha = await enqueues(story, pull)
  expect(checkRuns(story, sha)).toBe('')
  story.world.github.onDelivery(undefined)
  await story.restart()
  await story.settle()
  const [asked] = story.world.github.deliveries.filter(({ event }) => event === 'merge_group')
  for (let time = 0; time < 3; time += 1) story.world.github.redeliver(asked?.guid ?? '')
  await story.settle()
  expect(checkRuns(story, sha).match(/^lockkeeper success/gm)).toHaveLength(1)
})

scenario('it costs one read and one write', async (story) => {
  demands(story, ['lockkeeper'])
  const pull = await story.proposes('better')
  demands(story, ['lockkeeper', 'build'])
  await builds(story, pull.headSha)
  expect(await story.calls(() => enqueues(story, pull))).toEqual(['ReadPullRequest', 'Write'])
})

scenario("people's own pull requests in the config repository are not held up", async (story) => {
  demands(story, ['lockkeeper/promotion'], { in: CONFIG })
  const pull = await opensReadme(story, { in: CONFIG })
  const sha = await enqueues(story, pull, { in: CONFIG })
  expect(checkRuns(story, sha, { in: CONFIG })).toMatchInlineSnapshot(`
    lockkeeper/promotion neutral: Not a promotion
    This is no pull request of a promotion by Lockkeeper: the rules of promotions do not apply.
    <github>/acme/ml-config/pull/1
  `)
  expect(isMerged(story, pull, { in: CONFIG })).toBe(true)
})

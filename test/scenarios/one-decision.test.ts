/** What is decided together: races between people, heads of forks, and checks that a head must have passed. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { builds, previews, ready } from '../support/preview-story.ts'
import { MINUTE, scenario } from '../support/story.ts'

scenario('two people roll back within a second: one rollback, and both are told', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  const { github } = story.world
  const first = github.comment(MODELS, 2, '/rollback staging', { by: 'alice' })
  const second = github.comment(MODELS, 2, '/rollback staging', { by: 'carol' })
  await story.settle()
  await story.verifies()
  const replies = [story.replyTo(first), story.replyTo(second)]
  expect(replies.filter((reply) => reply.startsWith('✅ **Rollback of churn in staging to v12**'))).toHaveLength(1)
  expect(replies.filter((reply) => reply.includes('(`promotion_in_progress`)'))).toHaveLength(1)
  expect(story.promotions().filter((line) => line.startsWith('Roll back'))).toHaveLength(1)
})

scenario('a rollback and a deployment in one second: the rollback is what comes', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  const { github } = story.world
  const back = github.comment(MODELS, 2, '/rollback staging', { by: 'alice' })
  const forth = github.comment(MODELS, 2, '/deploy staging', { by: 'carol' })
  await story.settle()
  await story.verifies()
  expect(story.replyTo(back)).toMatch('✅ **Rollback of churn in staging to v12**')
  expect(story.replyTo(forth)).toMatch('👎 **Refused**')
  expect(story.world.argocd.kserve.liveUri('staging', 'churn')).toBe('s3://acme-models/churn/12')
})

previews('a head whose required check fails goes nowhere before it is mended', async (story) => {
  const { github } = story.world
  github.protectBranch(MODELS, 'main', { checks: ['lint'] })
  const pull = await ready(story, 'better')
  expect(await story.says('/deploy dev')).toMatch(
    '(`checks_open`): churn PR 1 at `<sha>` may not go to dev now: required checks: `lint` was not reported yet',
  )
  github.reportStatus(MODELS, pull.headSha, { context: 'lint', state: 'failure' })
  expect(await story.says('/deploy dev')).toMatch('required checks: `lint` ended as failure')
  github.reportStatus(MODELS, pull.headSha, { context: 'lint', state: 'success' })
  expect(await story.says('/deploy dev')).toMatch('✅')
})

previews('a fork that the environment lets in is deployed by its whole commit id only', async (story) => {
  const { github } = story.world
  const settings = '.github/lockkeeper.yml'
  const text = github.file(MODELS, 'main', settings) ?? ''
  const files = { [settings]: text.replace('from: pull_request', 'from: pull_request\n    forks: allow') }
  github.commit(MODELS, 'main', { message: 'Forks', files, by: 'carol' })
  const fork = github.forkRepository(MODELS, 'erin')
  const headSha = github.commit(fork, 'faster', {
    message: 'Faster',
    files: { 'models/churn/train.py': 'CANDIDATE = "fork"\n' },
    by: 'erin',
  })
  github.openPullRequest(MODELS, { title: 'Faster', head: 'erin:faster', by: 'erin' })
  builds(story, { headSha })
  await story.pass(MINUTE)
  expect(await story.says('/deploy dev')).toMatch('Look at what is there, and name it whole: `/deploy dev <sha>`')
  expect(await story.says(`/deploy dev ${headSha.slice(0, 8)}`)).toMatch('(`fork_refused`)')
  expect(await story.says(`/deploy dev ${headSha}`, { by: 'erin' })).toMatch('erin may not deploy to dev')
  expect(await story.says(`/deploy dev ${headSha}`)).toMatch('its release is being made')
})

previews(
  'a head whose check is run again while it waits: merged when that has passed, and nobody says a word',
  async (story) => {
    const { github } = story.world
    github.protectBranch(MODELS, 'main', { checks: ['lint'] })
    const pull = await ready(story, 'better')
    github.reportStatus(MODELS, pull.headSha, { context: 'lint', state: 'success' })
    github.protectBranch(CONFIG, 'main', { checks: ['policy'] })
    await story.says('/deploy dev')
    expect(story.promotions().at(-1)).toMatch('to dev (open)')
    github.reportStatus(MODELS, pull.headSha, { context: 'lint', state: 'pending' })
    github.protectBranch(CONFIG, 'main', {})
    await story.pass(10 * MINUTE, MINUTE)
    expect(story.promotions().at(-1)).toMatch('to dev (open)')
    github.reportStatus(MODELS, pull.headSha, { context: 'lint', state: 'success' })
    await story.pass(MINUTE)
    expect(story.promotions().at(-1)).toMatch('to dev (merged)')
  },
)

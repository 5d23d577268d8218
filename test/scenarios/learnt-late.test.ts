/** Live before Lockkeeper knew of it: merged by a person while it was down, or in Git already. What was observed in between is about the release all the same. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** carol merges the promotion pull request of prod; ten minutes later somebody starts the bot again. */
async function mergesWhileDown(story: Tale, then: () => void = () => {}): Promise<void> {
  await story.restart(async ({ env }) => {
    story.world.github.merge(CONFIG, story.promotion('prod').number, { by: 'carol', method: 'merge' })
    then()
    story.world.clock.advance(10 * MINUTE)
    return 'url' in env.database ? env.database.url : ''
  })
  await story.settle()
}

const ARGOCD = 'argocd: { application: "{{ model.name }}-prod", namespace: argocd }'
const REPORTED = 'reported: { commit_status: "argocd/{{ model.name }}", by: "argocd[bot]" }, within: 5m'
const followsReports = (story: Tale) =>
  story.configures((text) => text.replace(`sync:\n      ${ARGOCD}`, `sync: { ${REPORTED} }`))

const reports = ({ world: { github } }: Tale) =>
  github.reportStatus(CONFIG, github.branches(CONFIG)['main'] ?? '', {
    ...{ context: 'argocd/churn', state: 'success', by: 'argocd[bot]' },
  })

scenario('its metrics are compared with those from before the merge, not with its own', async (story) => {
  await story.configures((text) => text.replace('max: 0.120', 'max_regression: 5%, goal: minimize'))
  const pull = await story.waitsForApproval()
  const worse = new Date(story.world.clock.now().getTime() + MINUTE)
  story.world.prometheus.answer((query, at) => (query.includes('latency') ? (at < worse ? 0.08 : 0.1) : 0.002))
  await mergesWhileDown(story)
  await story.pass(22 * MINUTE, 2 * MINUTE)
  expect(story.reply(pull)).toContain('`≤ 0.084 (5% more than 0.08 before)`')
})

scenario('what was reported live in between counts', async (story) => {
  await followsReports(story)
  const pull = await story.waitsForApproval()
  await mergesWhileDown(story, () => reports(story))
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.reply(pull)).toContain('checks have held since')
})

scenario('what Git held already, and was reported live before it was approved, counts as well', async (story) => {
  await followsReports(story)
  const pull = await story.waitsForApproval()
  const { files, headSha } = story.promotion('prod')
  for (const { path } of files) await story.writes(path, story.world.github.file(CONFIG, headSha, path) ?? null)
  reports(story)
  await story.pass(5 * MINUTE, MINUTE)
  await story.says('/approve prod', { by: 'bob' })
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.thread(pull)).toContain('checks have held since')
})

scenario('its time to be synced begins when it is learnt of', async (story) => {
  await followsReports(story)
  const pull = await story.waitsForApproval()
  await mergesWhileDown(story)
  await story.pass(3 * MINUTE, MINUTE)
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress')
  reports(story)
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.reply(pull)).toContain('checks have held since')
})

/** The database is lost while something is under way: what was rebuilt is taken up where it is, and people are asked for what nobody knows any more. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { REBUILT_MARKER } from '../../src/comments/rebuilt.ts'
import { canaryBegins, shareIn } from '../support/canary-story.ts'
import { loseDatabase, promised } from '../support/rebuilt.ts'
import { said } from '../support/said.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** What people are asked in a thread. */
const asked = ({ world }: Tale, repository: string, number: number): readonly string[] =>
  world.github
    .comments(repository, number)
    .filter(({ body }) => body.startsWith(REBUILT_MARKER))
    .map(({ body }) => said(body).replaceAll(/issuecomment-\d+/g, 'issuecomment-<id>'))

scenario('a canary at its first share is proven anew, and gets the next ones', async (story) => {
  const { manifest, traffic } = await canaryBegins(story)
  expect(shareIn(manifest())).toBe('10')
  const { before, after } = await loseDatabase(story)
  expect(promised(after)).toEqual(promised(before))
  await story.pass(12 * MINUTE, 2 * MINUTE)
  // Who approved the first share is not known any more.
  expect(story.promotions().at(-1)).toBe('Promote churn v13 to prod (canary 50 %) (open)')
  await story.reviews('bob')
  expect(shareIn(manifest())).toBe('50')
  await story.pass(36 * MINUTE, 2 * MINUTE)
  expect(traffic()).toEqual(['100 % s3://acme-models/churn/13'])
  expect(story.promotions().slice(-3)).toEqual([
    'Promote churn v13 to prod (canary 10 %) (merged)',
    'Promote churn v13 to prod (canary 50 %) (merged)',
    'Promote churn v13 to prod (all of the traffic) (merged)',
  ])
})

scenario('a canary at its second share knows what it was before the first one, and goes back there', async (story) => {
  const { manifest, before: original } = await canaryBegins(story)
  await story.pass(12 * MINUTE, 2 * MINUTE)
  expect(shareIn(manifest())).toBe('50')
  const { before, after } = await loseDatabase(story)
  expect(promised(after)).toEqual(promised(before))
  await story.says('/rollback prod')
  await story.verifies()
  expect(manifest()).toBe(original)
})

scenario('a waiver of an open pull request is asked for again there, one that was released is known', async (story) => {
  const released = await story.proposes('slow')
  await story.pass(MINUTE)
  await story.says('/override p95_latency_ms the new machines come in May', { by: 'carol' })
  await story.merges(released)
  const open = await story.proposes('regression')
  await story.pass(MINUTE)
  for (const gate of ['auc', 'log_loss']) await story.says(`/override ${gate} a smaller model`, { by: 'carol' })
  expect(story.check(open)).toMatch(/^success/)
  const { before, after, rebuilt } = await loseDatabase(story)
  expect(promised(after)).toEqual(promised(before))
  expect(
    rebuilt.ledger.releases.flatMap(({ state }) => (state.kind === 'complete' ? state.release.gates.waivers : [])),
  ).toEqual([{ gate: 'p95_latency_ms', by: 'carol', reason: 'the new machines come in May' }])
  expect(asked(story, MODELS, released.number)).toEqual([])
  expect(asked(story, MODELS, open.number)).toMatchInlineSnapshot(`
    [
      <!-- lockkeeper:rebuilt:v1 -->
    ### 🗄️ Lockkeeper's database was rebuilt from GitHub
    **Next:** not everything is written there. Please say again what is missing.

    - A gate that \`/override auc a smaller model\` in <github>/acme/models/pull/2#issuecomment-<id> waived counts again: write it again, if it is still meant for what is here now.
    - A gate that \`/override log_loss a smaller model\` in <github>/acme/models/pull/2#issuecomment-<id> waived counts again: write it again, if it is still meant for what is here now.,
    ]
  `)
  await story.pass(3 * MINUTE)
  expect(story.check(open)).toMatch(/^failure/)
  for (const gate of ['auc', 'log_loss']) await story.says(`/override ${gate} a smaller model`, { by: 'carol' })
  expect(story.check(open)).toMatch(/^success/)
})

scenario('an open promotion with one of two approvals is finished once both have approved again', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 2 '))
  const pull = await story.waitsForApproval()
  await story.pass(MINUTE)
  await story.says('/approve prod', { by: 'bob' })
  const { number } = story.promotion('prod')
  const { before, after } = await loseDatabase(story)
  expect(before.approvals).toHaveLength(1)
  expect(after.promotions.map(({ stage }) => stage.at)).toEqual(['proposed', 'verified'])
  expect(asked(story, CONFIG, number)).toMatchInlineSnapshot(`
    [
      <!-- lockkeeper:rebuilt:v1 -->
    ### 🗄️ Lockkeeper's database was rebuilt from GitHub
    **Next:** not everything is written there. Please say again what is missing.

    - The commit here is made anew, so approvals from before do not count: look at it, and approve it again.,
    ]
  `)
  await story.pass(MINUTE)
  await story.says('/approve prod', { by: 'carol', on: pull.number })
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.says('/approve prod', { by: 'bob', on: pull.number })
  await story.verifies()
  expect(story.promotion('prod').number).toBe(number)
  expect(story.thread(pull)).toContain('live in prod')
  expect(story.world.argocd.kserve.liveUri('prod', 'churn')).toBe('s3://acme-models/churn/12')
})

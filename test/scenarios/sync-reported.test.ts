/** Rollouts that are followed by what Argo CD Notifications reports on the config repository's commits: no credential of a cluster. The table of reports: test/domain/reported-readiness.test.ts. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const ENGINE = 'argocd: { application: "{{ model.name }}-staging", namespace: argocd, sync: auto }'
const CHECKS = 'kserve: { name: "{{ model.name }}", namespace: staging }'
const STATUS = 'commit_status: "argocd/{{ model.name }}-{{ environment }}"'
const PAGE = 'https://argocd.example.com/applications/churn-staging'

/** staging is followed by reports; a look at the cluster would need an entry in the policy that its checks do not ask for. */
const follows = (story: Tale, reporter: string = STATUS, forTime = '') =>
  story.configures((text) =>
    text
      .replace(ENGINE, `reported: { ${reporter}, by: "argocd[bot]" }`)
      .replace(`verify:\n      within: 15m\n      ${CHECKS}`, `verify: { within: 15m${forTime} }`),
  )

const tip = ({ world }: Tale): string => world.github.branches(CONFIG)['main'] ?? ''

type Word = { readonly state: 'pending' | 'success' | 'failure' | 'error'; readonly description?: string }

async function reports(story: Tale, word: Word, { by = 'argocd[bot]', on = tip(story) } = {}): Promise<void> {
  story.world.github.reportStatus(CONFIG, on, { context: 'argocd/churn-staging', targetUrl: PAGE, ...word, by })
  await story.settle()
  // What GitHub lists lags behind its events: the poll that follows sees it.
  await story.pass(2 * MINUTE, MINUTE)
}

scenario('statuses tell how it goes: waited for, under way, live, each as soon as it is reported', async (story) => {
  await follows(story)
  const pull = await story.releases('better')
  await story.pass(6 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: there is no status argocd/churn-staging by argocd\\[bot\\] on \`<sha>\` yet
  `)
  // Whoever may write can use the same name.
  await reports(story, { state: 'success' }, { by: 'bob' })
  expect(story.thread(pull)).toContain('is by bob, not by argocd')
  await reports(story, { state: 'pending', description: 'Sync is running' })
  expect(story.thread(pull)).not.toContain('is by bob')
  await reports(story, { state: 'success', description: 'Synced and healthy' })
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:12 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:11 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

scenario('a failure that is reported ends the rollout with the words and the link of the report', async (story) => {
  await follows(story)
  const pull = await story.releases('better')
  await reports(story, { state: 'error', description: 'one or more synchronization tasks failed' })
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    The status argocd/churn-staging by argocd\\[bot\\] is error: one or more synchronization tasks failed (https:⁠//argocd.example.com/applications/churn-staging). Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario(
  'live and then degraded inside `for:` is not verified; a later commit that left it alone counts',
  async (story) => {
    await follows(story, STATUS, ', for: 5m')
    const pull = await story.releases('better')
    await reports(story, { state: 'success' })
    expect(story.thread(pull)).toContain('checks have held since')
    await reports(story, { state: 'failure', description: 'Degraded' })
    expect(story.thread(pull)).toContain('checks do not hold')
    await story.writes('README.md', '# Somebody else was here\n')
    await reports(story, { state: 'success' })
    await story.pass(3 * MINUTE, MINUTE)
    expect(story.thread(pull)).not.toContain('✅ live')
    await story.pass(3 * MINUTE, MINUTE)
    expect(story.thread(pull)).toContain('✅ live in staging')
  },
)

scenario('deployment statuses, when their events are lost: the poll finds them', async (story) => {
  await follows(story, 'deployment: "{{ environment }}/{{ model.name }}"')
  const pull = await story.releases('better')
  const { github } = story.world
  github.onDelivery(({ event }) => (event === 'deployment_status' ? 'lose' : 'deliver'))
  const id = github.createDeployment(CONFIG, { ref: tip(story), environment: 'staging/churn', by: 'argocd[bot]' })
  github.reportDeployment(CONFIG, id, { state: 'in_progress', by: 'argocd[bot]' })
  await story.pass(MINUTE)
  expect(story.thread(pull)).toContain('staging')
  github.reportDeployment(CONFIG, id, { state: 'success', by: 'argocd[bot]' })
  await story.pass(2 * MINUTE, MINUTE)
  expect(story.thread(pull)).toContain('✅ live in staging')
})

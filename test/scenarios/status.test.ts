/** `/status`: from what Lockkeeper knows, with two requests to GitHub, wherever it is written. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { HOUR, MINUTE, scenario, scenarios } from '../support/story.ts'

scenario('what is live, under way, held and frozen; on either pull request, with two requests', async (story) => {
  const pull = await story.releases('better')
  await story.pass(15 * MINUTE, 5 * MINUTE)
  await story.pass(HOUR)
  await story.says('/deploy prod')
  await story.says('/lock prod churn for 2h an audit')
  await story.says('/lock staging new labels', { by: 'bob' })
  const { github } = story.world
  const asks = (repository: string, number: number, body: string) =>
    story.calls(() => github.comment(repository, number, body, { by: 'erin' }))
  expect(await asks(MODELS, pull.number, '/status')).toEqual(['Write', 'Write'])
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    1 under way, 3 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: lock by alice since 2026-11-24 10:15 UTC, until 2026-11-24 12:16 UTC: an audit (\`/unlock prod churn\` lifts it)
    - \`staging\` for every model: lock by bob since 2026-11-24 10:15 UTC: new labels (\`/unlock staging\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v12 since 2026-11-24 09:00 UTC, by automation | – | 🔒 held by bob |
    | churn | prod | as found | v12 by alice: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: held by alice: an audit (until 2026-11-24 12:16 UTC) – when the reason is gone: \`/unlock prod churn\`; needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\` | 🔒 held by alice; next freeze 2026-11-27 15:00 UTC |
    | fraud | staging | as found | – | 🔒 held by bob |
  `)
  const { number } = story.promotion('prod')
  expect(await asks(CONFIG, number, '/status prod')).toEqual(['Write', 'Write'])
  const onPromotion = github.comments(CONFIG, number).findLast(({ body }) => body.startsWith('<!-- lockkeeper:reply:'))
  expect(said(onPromotion?.body ?? '')).toMatchInlineSnapshot(`
    <!-- lockkeeper:reply:v1 comment=<id> -->
    1 under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: lock by alice since 2026-11-24 10:15 UTC, until 2026-11-24 12:16 UTC: an audit (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | as found | v12 by alice: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: held by alice: an audit (until 2026-11-24 12:16 UTC) – when the reason is gone: \`/unlock prod churn\`; needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\` | 🔒 held by alice; next freeze 2026-11-27 15:00 UTC |
  `)
})

scenario('a release whose checks failed and that nothing put back is not called live', async (story) => {
  await story.configures((text) => text.replace('rollback: automatic', 'rollback: manual'))
  await story.pass(MINUTE)
  await story.releases('better')
  story.prodSlowsDown()
  await story.deploys()
  await story.pass(11 * MINUTE, 2 * MINUTE)
  expect(await story.says('/status prod')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:11 UTC: v12 failed: not verified within 20m: 1 of 5 checks did not hold (0.31, wanted ≤ 0.12) (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | ⚠️ v12, not verified | – | 🔒 held by Lockkeeper; next freeze 2026-11-27 15:00 UTC |
  `)
})

scenario('during a freeze: until when, and why; what is there only by name is refused', async (story) => {
  await story.proposes('better')
  story.world.clock.advance(Date.parse('2026-11-27T18:00:00Z') - story.world.clock.now().getTime())
  await story.settle()
  expect(await story.says('/status prod churn')).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | as found | – | ❄️ frozen until 2026-11-30 07:00 UTC (weekend); next freeze 2026-12-04 15:00 UTC |
  `)
  expect(await story.says('/status nowhere')).toMatchInlineSnapshot(`
    👎 **Refused** (\`environment_unknown\`): there is no environment or model \`nowhere\`.
    Environments: staging, prod.
  `)
})

scenario('a freeze that the config repository insists on counts, its reason is told there', async (story) => {
  await story.releases('better')
  const freeze = 'freeze: [{ from: "2026-11-24 08:00", to: "2026-11-25 08:00", zone: Europe/Berlin, reason: a merger }]'
  await story.configures((text) => text.replace('{ approvals: 1, soak: 30m }', `{ approvals: 1, ${freeze} }`), CONFIG)
  await story.pass(MINUTE)
  await story.says('/deploy prod')
  expect(await story.says('/status prod')).toContain('| ❄️ frozen until 2026-11-25 07:00 UTC; next freeze')
  const { number } = story.promotion('staging')
  expect(await story.says('/status prod', { in: CONFIG, on: number })).toContain('07:00 UTC (a merger); next freeze')
})

scenarios({ closed: [CONFIG] })('nothing of a config repository that fewer people can read', async (story) => {
  await story.releases('better')
  await story.pass(15 * MINUTE, 5 * MINUTE)
  const { number } = story.promotion('staging')
  await story.says('/lock staging before the takeover of Initech', { in: CONFIG, on: number })
  await story.says('/lock --all Initech moves in', { by: 'carol', in: CONFIG, on: number })
  expect(await story.says('/status', { by: 'dave' })).toMatchInlineSnapshot(`
    Nothing is under way, 3 held.

    🔒 **Held:**
    - \`staging\` for every model: lock by alice since 2026-11-24 09:15 UTC: why is told in acme/ml-config (\`/unlock staging\` lifts it)
    - everything that goes into \`acme/ml-config\`: lock by carol since 2026-11-24 09:15 UTC: why is told in acme/ml-config (\`/unlock --all\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v12 since 2026-11-24 09:00 UTC, by automation | – | 🔒 held by carol, alice |
    | churn | prod | as found | – | 🔒 held by carol; next freeze 2026-11-27 15:00 UTC |
    | fraud | staging | as found | – | 🔒 held by carol, alice |
  `)
  expect(await story.says('/status staging churn', { in: CONFIG, on: number })).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`staging\` for every model: lock by alice since 2026-11-24 09:15 UTC: before the takeover of Initech (\`/unlock staging\` lifts it)
    - everything that goes into \`acme/ml-config\`: lock by carol since 2026-11-24 09:15 UTC: Initech moves in (\`/unlock --all\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v12 since 2026-11-24 09:00 UTC, by automation | – | 🔒 held by carol, alice |
  `)
})

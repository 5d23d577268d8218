/** Locks: what exactly is held, by whom, until when; what a rollback holds; what stops a whole config repository. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, scenarios, type Tale } from '../support/story.ts'

/** Says it on the newest promotion pull request of the environment. */
const inConfig = (story: Tale, body: string, by = 'carol', environment = 'staging'): Promise<string> =>
  story.says(body, { by, in: CONFIG, on: story.promotion(environment).number })

/** The first line of the promotion's check run. */
const check = (story: Tale, environment = 'staging'): string => story.promotionCheck(environment).split('\n')[0] ?? ''

scenario('two people at once: one holds, the other is told who does, since when and why', async (story) => {
  const { number } = await story.proposes('better')
  const { github } = story.world
  const comments = ['alice', 'bob'].map((by) => github.comment('acme/models', number, `/lock staging by ${by}`, { by }))
  await story.settle()
  const replies = comments.map((id) => story.replyTo(id)).toSorted()
  const winner = /Reason: by (alice|bob)/.exec(replies.join('\n'))?.[1] ?? ''
  expect(replies.map((reply) => reply.replaceAll(winner, '<winner>'))).toMatchInlineSnapshot(`
    [
      👎 **Refused** (\`already_held\`): \`staging\` for every model is held already: lock by <winner> since 2026-11-24 09:00 UTC: by <winner>.
    It holds for everybody as it is. To hold it otherwise: \`/unlock staging\` first.,
      🔒 \`staging\` for every model is held until it is lifted: only a rollback goes there.
    Reason: by <winner>
    To lift it: \`/unlock staging\`.,
    ]
  `)
})

scenario('alice repeats /lock with another reason and time; bob may not change it', async (story) => {
  await story.proposes('better')
  await story.says('/lock staging an audit')
  expect(await story.says('/lock staging for 2h the audit goes on')).toMatchInlineSnapshot(`
    🔒 \`staging\` for every model is held until 2026-11-24 11:01 UTC: only a rollback goes there.
    In place of the lock by alice since 2026-11-24 09:00 UTC: an audit.
    Reason: the audit goes on
    To lift it: \`/unlock staging\`.
  `)
  expect(await story.says('/lock staging for 5m', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_held\`): \`staging\` for every model is held already: lock by alice since 2026-11-24 09:00 UTC, until 2026-11-24 11:01 UTC: the audit goes on.
    It holds for everybody as it is. To hold it otherwise: \`/unlock staging\` first.
  `)
})

scenario('without a model every model is held, with one only that', async (story) => {
  const pull = await story.proposes('better')
  expect(await story.says('/lock staging an audit')).toMatchInlineSnapshot(`
    🔒 \`staging\` for every model is held until it is lifted: only a rollback goes there.
    Reason: an audit
    To lift it: \`/unlock staging\`.
  `)
  expect(await story.says('/lock staging fraud new labels', { by: 'bob' })).toMatchInlineSnapshot(`
    🔒 \`staging\` for \`fraud\` is held until it is lifted: only a rollback goes there.
    Reason: new labels
    To lift it: \`/unlock staging fraud\`.

    Held besides:
    - \`staging\` for every model: lock by alice since 2026-11-24 09:00 UTC: an audit (\`/unlock staging\` lifts it)
  `)
  await story.merges(pull)
  expect(story.thread(pull)).toContain('held by alice for every model: an audit')
  expect(await story.says('/unlock staging', { by: 'dave' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): dave may not hold or free staging; these may: people with write access to both repositories.
    Ask one of them.
  `)
  expect(await story.says('/unlock staging')).toMatchInlineSnapshot(`
    🔓 \`staging\` for every model is free again.

    Lifted:
    - the lock by alice since 2026-11-24 09:00 UTC: an audit

    Still held:
    - \`staging\` for \`fraud\`: lock by bob since 2026-11-24 09:00 UTC: new labels (\`/unlock staging fraud\` lifts it)
  `)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(await story.says('/unlock staging')).toMatchInlineSnapshot(`
    🔓 \`staging\` for \`fraud\` is free again.

    Lifted:
    - the lock by bob since 2026-11-24 09:00 UTC: new labels
  `)
  expect(await story.says('/unlock staging')).toMatchInlineSnapshot(`\`staging\` for every model was not held.`)
})

scenario('where several models are held by themselves, /unlock asks which', async (story) => {
  await story.proposesFraud({ f1: 0.83 })
  await story.says('/lock staging churn an audit')
  await story.says('/lock staging fraud an audit')
  expect(await story.says('/unlock staging')).toMatchInlineSnapshot(`
    😕 staging is held for 2 models, each by itself.
    Name one: \`/unlock staging churn\`, \`/unlock staging fraud\`.
  `)
})

scenario(
  'on a promotion pull request: its own environment and model, unless an environment is named',
  async (story) => {
    const pull = await story.proposes('better')
    await story.says('/lock staging churn for 1h an audit')
    await story.merges(pull)
    await story.pass(61 * MINUTE)
    await story.pass(HOUR)
    await story.says('/deploy prod')
    expect(await inConfig(story, '/lock prod is on fire', 'alice', 'prod')).toMatchInlineSnapshot(`
      🔒 \`prod\` for every model is held until it is lifted: only a rollback goes there.
      Reason: is on fire
      To lift it: \`/unlock prod\`.
    `)
    expect(await inConfig(story, '/lock this model misbehaves', 'alice', 'prod')).toMatchInlineSnapshot(`
      🔒 \`prod\` for \`churn\` is held until it is lifted: only a rollback goes there.
      Reason: this model misbehaves
      To lift it: \`/unlock prod churn\`.

      Held besides:
      - \`prod\` for every model: lock by alice since 2026-11-24 11:01 UTC: is on fire (\`/unlock prod\` lifts it)
    `)
    expect(await inConfig(story, '/unlock', 'alice', 'prod')).toMatchInlineSnapshot(`
      🔓 Lifted, but \`prod\` for \`churn\` is still held.

      Lifted:
      - the lock by alice since 2026-11-24 11:01 UTC: this model misbehaves

      Still held:
      - \`prod\` for every model: lock by alice since 2026-11-24 11:01 UTC: is on fire (\`/unlock prod\` lifts it)
    `)
    expect(await inConfig(story, '/unlock', 'alice', 'prod')).toMatchInlineSnapshot(`
      \`prod\` for \`churn\` was not held.

      Still held:
      - \`prod\` for every model: lock by alice since 2026-11-24 11:01 UTC: is on fire (\`/unlock prod\` lifts it)
    `)
  },
)

scenario('a slip is not taken for a lock of every model', async (story) => {
  await story.proposes('better')
  expect(await story.says('/lock staging chrun')).toMatchInlineSnapshot(`
    😕 \`chrun\` is no model, and looks like \`churn\`.
    Write \`/lock staging churn\`, or begin the reason with another word.
  `)
  expect(await story.says('/lock staging for 31d')).toMatchInlineSnapshot(`
    😕 a timed lock lasts 30 days at most.
    Without \`for\` it lasts until \`/unlock\`.
  `)
  expect(await story.says('/lock staging for 0m')).toMatchInlineSnapshot(`
    😕 \`for\` is followed by a duration such as \`2h\`.
    Usage: \`/lock [environment] [model] [for <duration>] [reason] [--dry-run] [--all]\`.
  `)
  expect(await story.says('/status staging')).not.toContain('🔒')
})

scenario('when its time is over, what waited goes on by itself', async (story) => {
  const pull = await story.proposes('better')
  await story.says('/lock staging for 90m the feature store is being rebuilt')
  await story.merges(pull)
  await story.pass(89 * MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (open)'])
  await story.pass(2 * MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(await story.says('/unlock staging')).toBe('`staging` for every model was not held.')
})

scenario('a stop of the config repository turns every open promotion red, and lifts again', async (story) => {
  await story.waitsForApproval()
  expect(check(story, 'prod')).toMatchInlineSnapshot(
    `lockkeeper/promotion in_progress: churn v12 → prod: waits (approvals)`,
  )
  expect(await inConfig(story, '/lock --all for 2h the cluster moves', 'alice', 'prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): alice may not hold or free all that goes into acme/ml-config; these may: people with maintain access to the config repository.
    Ask one of them.
  `)
  expect(await inConfig(story, '/lock --all for 2h the cluster moves', 'carol', 'prod')).toMatchInlineSnapshot(`
    🔒 Everything that goes into \`acme/ml-config\` is held until 2026-11-24 12:01 UTC: only rollbacks go there.
    Reason: the cluster moves
    To lift it: \`/unlock --all\`.
  `)
  expect(story.promotionCheck('prod')).toMatchInlineSnapshot(`
    lockkeeper/promotion failure: churn v12 → prod: stopped (hold, approvals)

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
    | ✅ | freeze | no freeze |
    | ⏳ | hold | everything that goes into acme/ml-config is stopped by carol: the cluster moves; held since 2026-11-24 10:00 UTC until 2026-11-24 12:01 UTC, passes from 2026-11-24 12:01 UTC |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
  `)
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(await story.says('/lock --all')).toMatchInlineSnapshot(`
    😕 \`--all\` is about everything that goes into a config repository, and this is none.
    Write \`/lock --all\` on a promotion pull request in the config repository, or on an issue of it.
  `)
  expect(await story.says('/unlock prod')).toMatchInlineSnapshot(`
    \`prod\` for every model was not held.

    Still held:
    - everything that goes into \`acme/ml-config\`: lock by carol since 2026-11-24 10:00 UTC, until 2026-11-24 12:01 UTC: why is told in acme/ml-config (\`/unlock --all\` lifts it)
  `)
  expect(await inConfig(story, '/unlock --all', 'bob', 'prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): bob may not hold or free all that goes into acme/ml-config; these may: people with maintain access to the config repository.
    Ask one of them.
  `)
  expect(await inConfig(story, '/unlock --all', 'carol', 'prod')).toMatchInlineSnapshot(`
    🔓 Everything that goes into \`acme/ml-config\` is free again.

    Lifted:
    - the lock by carol since 2026-11-24 10:00 UTC, until 2026-11-24 12:01 UTC: the cluster moves
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenarios({ closed: [CONFIG] })('why a closed config repository is stopped is told in it only', async (story) => {
  await story.releases('better')
  await story.pass(HOUR)
  const pull = await story.releases('better-2')
  await inConfig(story, '/lock --all the merger with Initech')
  expect(await story.says('/deploy staging')).not.toContain('Initech')
  expect(await story.says('/status')).toMatchInlineSnapshot(`
    Nothing is under way, 3 held.

    🔒 **Held:**
    - everything that goes into \`acme/ml-config\`: lock by carol since 2026-11-24 10:00 UTC: why is told in acme/ml-config (\`/unlock --all\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v13 since 2026-11-24 10:00 UTC, by automation | – | 🔒 held by carol |
    | churn | prod | as found | – | 🔒 held by carol; next freeze 2026-11-27 15:00 UTC |
    | fraud | staging | as found | – | 🔒 held by carol |
  `)
  expect(await inConfig(story, '/status')).toContain('Initech')
  await inConfig(story, '/unlock --all')
  await inConfig(story, '/lock for 2h Initech again', 'alice')
  const words = story.world.github.comments('acme/models', pull.number).map(({ body }) => body)
  expect([...words, await story.says('/status')].join('\n')).not.toContain('Initech')
})

scenario('not by force past a stop of the config repository, whatever the environment lists', async (story) => {
  await story.configures((text) => text.replace('rules: [soak, freeze]', 'rules: [soak, freeze, hold]'))
  await story.releases('better')
  await story.pass(2 * HOUR)
  expect(await story.says('/lock prod churn an audit', { by: 'carol' })).toContain(
    'only a rollback, or `/deploy --force`, goes there',
  )
  expect(await story.says('/deploy prod --force "outage"')).not.toContain('Refused')
  await inConfig(story, '/lock --all the cluster moves', 'carol', 'prod')
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(await story.says('/deploy prod --force "outage"')).toContain(
    'everything that goes into acme/ml-config is stopped',
  )
})

scenario('the hold of a rollback is there when a lock has ended, and the other way round', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  await story.pass(15 * MINUTE, 5 * MINUTE)
  await story.says('/lock staging churn for 1h an audit', { by: 'bob' })
  await story.says('/rollback staging')
  expect(await story.says('/status staging churn')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`staging\` for \`churn\`: lock by bob since 2026-11-24 09:15 UTC, until 2026-11-24 10:16 UTC: an audit (\`/unlock staging churn\` lifts it)
    - \`staging\` for \`churn\`: hold by alice after a rollback or a failure since 2026-11-24 09:15 UTC: rolled back to v12 by alice (\`/unlock staging churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v12 since 2026-11-24 09:15 UTC, by alice | – | 🔒 held by bob, alice |
  `)
  await story.pass(61 * MINUTE)
  expect(await story.says('/deploy staging')).toContain('held by alice: rolled back to v12 by alice')
  await story.says('/lock staging churn for 1h once more', { by: 'bob' })
  expect(await story.says('/unlock staging churn')).toMatchInlineSnapshot(`
    🔓 \`staging\` for \`churn\` is free again.

    Lifted:
    - the hold by alice after a rollback or a failure since 2026-11-24 09:15 UTC: rolled back to v12 by alice
    - the lock by bob since 2026-11-24 10:16 UTC, until 2026-11-24 11:17 UTC: once more
  `)
})

scenario('who may not lift it is told who may; whoever set it may, also without the right', async (story) => {
  await story.proposes('better')
  await story.says('/lock staging an audit', { by: 'bob' })
  expect(await story.says('/unlock staging', { by: 'erin' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): erin may not hold or free staging; these may: people with write access to both repositories.
    Ask one of them.
  `)
  expect(await story.says('/unlock staging', { by: 'dave' })).toContain('Refused')
  await story.configures((text) => text.replace('  staging:\n', '  staging:\n    lockers: ["user:alice"]\n'))
  expect(await story.says('/lock staging', { by: 'bob' })).toContain('Refused')
  expect(await story.says('/unlock staging', { by: 'bob' })).toContain('is free again')
})

scenario('a lock outlives the pull request it was written on, its branch and its model’s promotion', async (story) => {
  const { github } = story.world
  const pull = await story.proposes('better')
  await story.says('/lock staging an audit')
  github.closePullRequest('acme/models', pull.number, { by: 'dave' })
  await story.settle()
  const next = await story.releases('better-2')
  expect(story.thread(next)).toContain('held by alice for every model: an audit')
  await inConfig(story, '/lock --all the cluster moves')
  github.closePullRequest(CONFIG, story.promotion('staging').number, { by: 'carol' })
  await story.settle()
  expect(await story.says('/status staging churn')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`staging\` for every model: lock by alice since 2026-11-24 09:00 UTC: an audit (\`/unlock staging\` lifts it)
    - everything that goes into \`acme/ml-config\`: lock by carol since 2026-11-24 09:00 UTC: why is told in acme/ml-config (\`/unlock --all\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | as found | – | 🔒 held by carol, alice |
  `)
})

scenario('a dry run says what would be held or lifted, and leaves all as it is', async (story) => {
  await story.proposes('better')
  expect(await story.says('/lock staging --dry-run for 2h an audit')).toMatchInlineSnapshot(
    `
    🔎 **Dry run**, nothing was done: \`staging\` for every model would be held until 2026-11-24 11:01 UTC.

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
  `,
  )
  expect(await story.says('/unlock staging')).toContain('was not held')
  await story.says('/lock staging an audit')
  expect(await story.says('/unlock staging --dry-run')).toMatchInlineSnapshot(`
    🔎 **Dry run**, nothing was done. This would be lifted:
    - \`staging\` for every model: lock by alice since 2026-11-24 09:00 UTC: an audit (\`/unlock staging\` lifts it)

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
  `)
  expect(await story.says('/status staging churn')).toContain('🔒')
})

scenario('what anybody types as a reason stays text', async (story) => {
  await story.proposes('better')
  expect(await story.says('/lock staging @carol | `rm -rf` <img src=x> #12 ![x](http://evil)')).toMatchInlineSnapshot(`
    🔒 \`staging\` for every model is held until it is lifted: only a rollback goes there.
    Reason: ⁠@⁠carol ¦ rm -rf #⁠12 x
    To lift it: \`/unlock staging\`.
  `)
  expect(await story.says('/lock staging x', { by: 'bob' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_held\`): \`staging\` for every model is held already: lock by alice since 2026-11-24 09:00 UTC: ⁠@⁠carol ¦ rm -rf #⁠12 x.
    It holds for everybody as it is. To hold it otherwise: \`/unlock staging\` first.
  `)
  expect(await story.says('/status staging churn')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`staging\` for every model: lock by alice since 2026-11-24 09:00 UTC: ⁠@⁠carol ¦ rm -rf #⁠12 x (\`/unlock staging\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | as found | – | 🔒 held by alice |
  `)
})

scenario('what is merged already is not stopped, and the reply says so', async (story) => {
  const pull = await story.releases('better')
  await story.pass(HOUR)
  await story.deploys()
  expect(await story.says('/lock prod churn an audit')).toMatchInlineSnapshot(`
    🔒 \`prod\` for \`churn\` is held until it is lifted: only a rollback goes there.
    Reason: an audit
    Merged before, so that this does not stop it: churn v12 on its way to \`prod\`.
    To lift it: \`/unlock prod churn\`.
  `)
  await story.verifies()
  expect(story.thread(pull)).toContain('live in prod')
})

scenarios({ grants: { issues: 'write' } })(
  'on an operations issue of the config repository: a stop of it, and what goes there',
  async (story) => {
    const { github } = story.world
    await story.configures((text) => `operations: { label: lockkeeper }\n${text}`, CONFIG)
    await story.releases('better')
    const number = github.openIssue(CONFIG, { title: 'The cluster moves', by: 'carol' })
    github.addLabels(CONFIG, number, ['lockkeeper'], { by: 'carol' })
    await story.settle()
    const says = async (body: string) => {
      github.comment(CONFIG, number, body, { by: 'carol' })
      await story.settle()
      return (
        github
          .comments(CONFIG, number)
          .at(-1)
          ?.body.replace(/^(?:<!--.*-->\s+)+/, '') ?? '(no reply)'
      )
    }
    expect(await says('/lock --all for 2h the cluster moves')).toMatchInlineSnapshot(`
      🔒 Everything that goes into \`acme/ml-config\` is held until 2026-11-24 11:01 UTC: only rollbacks go there.
      Reason: the cluster moves
      To lift it: \`/unlock --all\`.
    `)
    expect(await says('/status staging churn')).toMatchInlineSnapshot(`
      Nothing is under way, 1 held.

      🔒 **Held:**
      - everything that goes into \`acme/ml-config\`: lock by carol since 2026-11-24 09:00 UTC, until 2026-11-24 11:01 UTC: the cluster moves (\`/unlock --all\` lifts it)

      | Model | Environment | Live | Under way | Stops |
      | --- | --- | --- | --- | --- |
      | churn | staging | v12 since 2026-11-24 09:00 UTC, by automation | – | 🔒 held by carol |
    `)
    expect(await says('/unlock --all')).toMatchInlineSnapshot(`
      🔓 Everything that goes into \`acme/ml-config\` is free again.

      Lifted:
      - the lock by carol since 2026-11-24 09:00 UTC, until 2026-11-24 11:01 UTC: the cluster moves
    `)
  },
)

/** Days of a pipeline of several environments: what comes by itself, what waits for what, until when, and what the thread tells of it. The single rules: test/domain/rules.test.ts. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenarios, type Tale } from '../support/story.ts'

const TWO_STAGINGS = {
  applications: [{ model: 'churn', environment: 'eu-staging' }],
  policy: (text: string) => text.replace('namespaces: [staging, prod]', 'namespaces: [staging, eu-staging, prod]'),
}
const onTuesday = scenarios(TWO_STAGINGS)
/** 15:30 in Berlin: half an hour later nothing may go to prod before Monday 08:00. */
const onFriday = scenarios({ ...TWO_STAGINGS, start: new Date('2026-11-27T14:30:00Z') })

const EU_STAGING = `environments:
  eu-staging:
    deploy: on-merge
    repository: acme/ml-config
    edit:
      - file: "environments/eu-staging/{{ model.name }}/inference.yaml"
        kserve: { name: "{{ model.name }}", storage_uri: "{{ model.uri }}" }
    sync: { argocd: { application: "{{ model.name }}-eu-staging" } }
    verify: { kserve: { name: "{{ model.name }}", namespace: eu-staging } }
`

/** staging and eu-staging on each merge, prod by itself once both have soaked for an hour. */
async function goesOnByItself(story: Tale): Promise<void> {
  const manifest = story.manifest('environments/staging/churn/inference.yaml')
  await story.writes(
    'environments/eu-staging/churn/inference.yaml',
    manifest.replace('namespace: staging', 'namespace: eu-staging'),
  )
  await story.configures(
    (text) =>
      text
        .replace('environments: [staging, prod]', 'environments: [staging, eu-staging, prod]')
        .replace('prod: { approvals: 1, soak: 30m }', 'prod: { soak: 30m }'),
    CONFIG,
  )
  await story.configures((text) =>
    text
      .replace('environments: [staging, prod]', 'environments: [staging, eu-staging, prod]')
      .replace('environments:\n  staging:', `${EU_STAGING}\n  staging:`)
      .replace('after: staging ', 'after: [staging, eu-staging] ')
      .replace('deploy: on-command', 'deploy: automatic')
      .replace('approvals: 1 ', 'approvals: 0 '),
  )
}

/** The two stagings go in parallel, so that either may be the first. */
const eitherFirst = (text: string): string => text.replaceAll(/(promotion PR |ml-config\/pull\/)[12]\b/g, '$1…')

/** The thread, whichever of them was the first. */
const thread = (story: Tale, pull: { readonly number: number }): string => {
  const lines = story.thread(pull).split('\n')
  const told = lines
    .filter((line) => line.startsWith('- '))
    .map((line) => line.replaceAll(/(PR |pull\/)[12]\b/g, '$1…'))
  return [...lines.filter((line) => !line.startsWith('- ')), ...told.toSorted()].join('\n')
}

onFriday('a soak that ends in the freeze of a weekend: live on Monday at eight, once', async (story) => {
  await goesOnByItself(story)
  const pull = await story.releases('better')
  await story.pass(HOUR)
  expect(thread(story, pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to prod
    **Next:** nothing to do, this comment is updated by itself.

    - ⏳ **prod** by automation: [promotion PR 3](<github>/acme/ml-config/pull/3) is open and waits: frozen (weekend) (until 2026-11-30 07:00 UTC)
    - ✅ **eu-staging** by automation: verified 2026-11-27 14:30 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
    - ✅ **staging** by automation: verified 2026-11-27 14:30 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
  `)
  await story.pass(63 * HOUR + 28 * MINUTE, 24 * HOUR)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.pass(2 * MINUTE)
  await story.verifies()
  expect(story.promotions().filter((title) => title.includes('prod'))).toEqual(['Promote churn v12 to prod (merged)'])
  expect(thread(story, pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in prod
    **Next:** to go back: \`/rollback prod\`.

    - ✅ **eu-staging** by automation: verified 2026-11-27 14:30 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
    - ✅ **prod** by automation: verified 2026-11-30 07:10 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)), alias champion → v12
    - ✅ **staging** by automation: verified 2026-11-27 14:30 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
  `)
})

onTuesday('prod waits for both, each soaked on its own', async (story) => {
  await goesOnByItself(story)
  const pull = await story.proposes('better')
  await story.says('/lock eu-staging for 40m "an audit"')
  await story.merges(pull)
  await story.pass(40 * MINUTE)
  await story.pass(30 * MINUTE)
  expect(eitherFirst(await story.says('/deploy prod --dry-run'))).toMatchInlineSnapshot(`
    👎 **Refused** (\`soak\`): churn v12 may not go to prod now: must soak 1h in eu-staging.
    Repeat it from 2026-11-24 10:41 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging, eu-staging: [staging by promotion PR …](<github>/acme/ml-config/pull/…) since 2026-11-24 09:00 UTC; [eu-staging by promotion PR …](<github>/acme/ml-config/pull/…) since 2026-11-24 09:40 UTC |
    | ⏳ | soak | must soak 1h in eu-staging: staging since 2026-11-24 09:00 UTC until 2026-11-24 10:01 UTC; eu-staging since 2026-11-24 09:40 UTC until 2026-11-24 10:41 UTC, passes from 2026-11-24 10:41 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  await story.pass(31 * MINUTE)
  await story.verifies()
  expect(thread(story, pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in prod
    **Next:** to go back: \`/rollback prod\`.

    - ✅ **eu-staging** by automation: verified 2026-11-24 09:40 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
    - ✅ **prod** by automation: verified 2026-11-24 10:51 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)), alias champion → v12
    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
  `)
})

onTuesday('overtaken before it had soaked: the newer release goes to prod, after a soak of its own', async (story) => {
  await goesOnByItself(story)
  const older = await story.releases('better')
  await story.pass(50 * MINUTE)
  await story.releases('better-2')
  await story.pass(HOUR + MINUTE)
  expect(story.promotions().filter((title) => title.includes('prod'))).toEqual(['Promote churn v13 to prod (merged)'])
  expect(story.thread(older)).not.toContain('**prod**')
})

onTuesday('overtaken after it had soaked: it goes to prod all the same, the newer one follows', async (story) => {
  await goesOnByItself(story)
  await story.releases('better')
  await story.says('/lock prod "an audit"')
  await story.pass(70 * MINUTE)
  await story.releases('better-2')
  await story.says('/unlock prod')
  await story.verifies()
  await story.pass(HOUR)
  expect(story.promotions().filter((title) => title.includes('prod'))).toEqual([
    'Promote churn v12 to prod (merged)',
    'Promote churn v13 to prod (merged)',
  ])
})

onTuesday(
  'one of the two goes on command: prod follows when somebody has asked for it, and it has soaked',
  async (story) => {
    await goesOnByItself(story)
    await story.configures((text) =>
      text.replace('eu-staging:\n    deploy: on-merge', 'eu-staging:\n    deploy: on-command'),
    )
    const pull = await story.releases('better')
    await story.pass(2 * HOUR)
    expect(thread(story, pull)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy eu-staging\` takes it to eu-staging; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
    `)
    await story.says('/deploy eu-staging')
    await story.pass(HOUR)
    await story.verifies()
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  },
)

onFriday('rolled back in staging while it waits for Monday: it does not go on', async (story) => {
  await goesOnByItself(story)
  const pull = await story.releases('better')
  await story.pass(HOUR)
  await story.says('/rollback staging')
  await story.pass(72 * HOUR, 24 * HOUR)
  expect(story.promotions().filter((title) => title.includes('prod'))).toEqual(['Promote churn v12 to prod (closed)'])
  expect(thread(story, pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⚠️ staging was rolled back to as found
    **Next:** \`staging\` is held until \`/unlock staging churn\`.

    - ✅ **eu-staging** by automation: verified 2026-11-27 14:30 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
    - ✅ **staging** (back to as found) by alice: verified 2026-11-27 15:30 UTC ([promotion PR 4](<github>/acme/ml-config/pull/4))
    - ✅ **staging** by automation: verified 2026-11-27 14:30 UTC ([promotion PR …](<github>/acme/ml-config/pull/…))
    - ❌ **prod** by automation: refused (\`order\`): v12 failed or was rolled back in staging, so that it does not go on to prod
  `)
})

const ordinary = scenarios()
const ordinaryFriday = scenarios({ start: new Date('2026-11-27T13:30:00Z') })

ordinary('a command waits for reviews no longer than the environment says', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'expires: 90m\n    approvals: 1 '))
  const pull = await story.waitsForApproval()
  await story.pass(89 * MINUTE)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.pass(MINUTE)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ➖ **churn v12 → prod**: cancelled 2026-11-24 11:30 UTC: it waited for 1h 30m: needs 1 approval by team ml-leads, bob ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    If it is still wanted: \`/deploy prod\`.
  `)
})

ordinaryFriday(
  'what waits for a review is stopped when the freeze begins: an approval then merges nothing',
  async (story) => {
    await story.waitsForApproval()
    await story.pass(31 * MINUTE)
    expect(story.promotionCheck('prod')).toMatchInlineSnapshot(`
      lockkeeper/promotion failure: churn v12 → prod: stopped (freeze, approvals)

      |  | Rule |  |
      | --- | --- | --- |
      | ✅ | who-may | alice may |
      | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
      | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-27 13:30 UTC |
      | ✅ | soak | soaked for 1h: since 2026-11-27 13:30 UTC |
      | ⏳ | freeze | frozen (weekend): Fri 16:00 to Mon 08:00 (Europe/Berlin), passes from 2026-11-30 07:00 UTC |
      | ✅ | hold | no hold |
      | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
    `)
    await story.reviews('bob')
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  },
)

ordinaryFriday('a refusal names the time at which everything holds, not the end of the soak', async (story) => {
  await story.pass(80 * MINUTE)
  const pull = await story.releases('better')
  expect(await story.says('/deploy prod', { on: pull.number })).toMatchInlineSnapshot(`
    👎 **Refused** (\`soak\`): churn v12 may not go to prod now: must soak 1h in staging.
    Repeat it from 2026-11-30 07:00 UTC on, after the next freeze.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-27 14:50 UTC |
    | ⏳ | soak | must soak 1h in staging: since 2026-11-27 14:50 UTC, passes from 2026-11-27 15:51 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
})

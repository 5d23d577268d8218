/** Commands that are refused or not understood: each says why, and what to do. One story: v12 is verified in staging, and nothing here changes that. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStory } from '../support/bot.ts'
import { type Tale, tale } from '../support/story.ts'

let story: Tale
let unmerged: number

beforeAll(async () => {
  story = tale(await startStory())
  await story.releases('better')
  unmerged = (await story.proposes('better-2')).number
})
afterAll(async () => {
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.world.violations()).toEqual([])
  await story.end()
})

const says = (line: string, by = 'alice') => story.says(line, { on: 1, by })

test('the soak is not over: refused with the time from which on it passes', async () => {
  expect(await says('/deploy prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`soak\`): churn v12 may not go to prod now: must soak 1h in staging.
    Repeat it from 2026-11-24 10:01 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ⏳ | soak | must soak 1h in staging: since 2026-11-24 09:00 UTC, passes from 2026-11-24 10:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
})

test('somebody who may not', async () => {
  expect(await says('/deploy prod', 'dave')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): churn v12 may not go to prod now: dave may not deploy to prod; these may: team ml-leads, alice; must soak 1h in staging.
    Ask one of them to write the command from 2026-11-24 10:01 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | dave may not deploy to prod; these may: team ml-leads, alice |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ⏳ | soak | must soak 1h in staging: since 2026-11-24 09:00 UTC, passes from 2026-11-24 10:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  expect(await says('/deploy staging', 'erin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): churn v12 may not go to staging now: erin may not deploy to staging; these may: people with write access to both repositories; v12 is already live in staging.
    Ask one of them to write the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | erin may not deploy to staging; these may: people with write access to both repositories |
    | ❌ | newer | v12 is already live in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files hold them already |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  expect(await says('/rollback staging', 'erin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): churn in staging may not be rolled back now: erin may not roll back staging; these may: people with write access to both repositories.
    Ask one of them to write the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | erin may not roll back staging; these may: people with write access to both repositories |
    | ✅ | newer | v12 is live: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ➖ | approvals | a rollback does not wait for it |

    </details>
  `)
  expect(await says('/lock staging', 'erin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): erin may not hold or free staging; these may: people with write access to both repositories.
    Ask one of them.
  `)
})

test('a pull request that is not merged', async () => {
  expect(await story.says('/deploy staging', { on: unmerged })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_merged\`): pull request 2 is not merged: only releases of the default branch go to staging.
    Merge it first; its release is made then.
  `)
})

test('what is live already', async () => {
  expect(await says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_live\`): churn v12 may not go to staging now: v12 is already live in staging.
    There is nothing to do.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ❌ | newer | v12 is already live in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files hold them already |
    | ✅ | approvals | no approval asked |

    </details>
  `)
})

test('an environment, a model or a release that does not exist: did you mean', async () => {
  expect(await says('/deploy stagin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`environment_unknown\`): there is no environment or model \`stagin\`.
    Did you mean \`staging\`? Environments: staging, prod. Usage: \`/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]\`.
  `)
  expect(await says('/deploy staging chrun')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): there is no release \`chrun\` of churn.
    Did you mean \`churn\`? Known releases: v12.
  `)
  expect(await says('/deploy staging v99')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): there is no release \`v99\` of churn.
    Known releases: v12.
  `)
  expect(await says('/status production')).toMatchInlineSnapshot(`
    👎 **Refused** (\`environment_unknown\`): there is no environment or model \`production\`.
    Environments: staging, prod.
  `)
})

test('a model that has no such environment', async () => {
  expect(await says('/deploy prod fraud')).toMatchInlineSnapshot(`
    👎 **Refused** (\`environment_unknown\`): \`fraud\` has no environment \`prod\`.
    It has: staging.
  `)
})

test('more than one model could be meant', async () => {
  expect(await story.says('/lock staging', { on: unmerged })).toMatchInlineSnapshot(`
    🔒 \`staging\` for every model is held until it is lifted: only a rollback goes there.
    Reason: no reason given
    To lift it: \`/unlock staging\`.
  `)
})

test('no environment is named', async () => {
  expect(await says('/deploy')).toMatchInlineSnapshot(`
    😕 which environment?
    Environments: staging, prod. Usage: \`/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]\`.
  `)
})

test('more words than a command takes', async () => {
  expect(await says('/deploy staging churn v12 please `@bob`')).toMatchInlineSnapshot(`
    😕 \`please @bob\` is more than /deploy takes.
    Usage: \`/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]\`.
  `)
})

test('force needs a reason, and the right to force', async () => {
  expect(await says('/deploy prod --force')).toMatchInlineSnapshot(`
    😕 \`--force\` needs a reason.
    Write \`--force "<reason>"\`. Usage: \`/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]\`.
  `)
  expect(await says('/deploy prod --force "we are in a hurry"', 'carol')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): churn v12 may not go to prod now: carol may not force a promotion to prod; these may: alice; must soak 30m in staging, which the config repository insists on.
    Ask one of them to write the command from 2026-11-24 09:31 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | carol may not force a promotion to prod; these may: alice |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ⏳ | soak | must soak 30m in staging, which the config repository insists on: since 2026-11-24 09:00 UTC, passes from 2026-11-24 09:31 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
})

test('nothing to go back to', async () => {
  expect(await says('/rollback prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`no_verified_release\`): churn in prod may not be rolled back now: Lockkeeper has not put anything into prod yet, so there is nothing to go back to.
    \`/deploy prod\` puts a first release there; what stands there now goes back by a revert in acme/ml-config.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ❌ | release | Lockkeeper has not put anything into prod yet, so there is nothing to go back to |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ➖ | approvals | a rollback does not wait for it |

    </details>
  `)
  expect(await says('/rollback staging to v11')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): there is no release \`v11\` of churn.
    Known releases: v12.
  `)
  expect(await says('/rollback staging to v12')).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_live\`): churn in staging may not be rolled back now: v12 is already live in staging.
    There is nothing to do.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ❌ | newer | v12 is already live in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete: [verified in staging](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it: held by alice for every model: no reason given; held since 2026-11-24 09:00 UTC |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files hold them already |
    | ➖ | approvals | a rollback does not wait for it |

    </details>
  `)
})

test('each refusal is a 👎, each mistake a 😕', async () => {
  const reactions = new Set(story.reactions({ number: 1 }))
  expect([...reactions].toSorted()).toEqual(['-1', 'confused', 'eyes'])
})

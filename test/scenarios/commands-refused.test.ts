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
    👎 **Refused** (\`soak\`): churn v12 may not go to prod now: soaks in staging for 1h.
    Repeat it from 2026-11-24 10:01 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass |
    | ✅ | after | verified in staging |
    | ⏳ | soak | soaks in staging for 1h, passes from 2026-11-24 10:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
})

test('somebody who may not', async () => {
  expect(await says('/deploy prod', 'dave')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): churn v12 may not go to prod now: dave may not deploy to prod; these may: team ml-leads, alice; soaks in staging for 1h.
    Ask one of them to write the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | dave may not deploy to prod; these may: team ml-leads, alice |
    | ✅ | gates | gates pass |
    | ✅ | after | verified in staging |
    | ⏳ | soak | soaks in staging for 1h, passes from 2026-11-24 10:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  expect(await says('/deploy staging', 'erin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_live\`): v12 is already live in staging.
    There is nothing to do.
  `)
  expect(await says('/rollback staging', 'erin')).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): erin may not deploy to staging; these may: people with write access to both repositories.
    Ask one of them to roll back.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | erin may not deploy to staging; these may: people with write access to both repositories |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it |
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
    👎 **Refused** (\`already_live\`): v12 is already live in staging.
    There is nothing to do.
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
    😕 which model? churn, fraud can go to staging.
    Name it after the environment: \`staging churn\`.
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
    👎 **Refused** (\`not_allowed\`): carol may not force a promotion to prod; these may: alice.
    Ask one of them, or wait until the rules hold.
  `)
})

test('nothing to go back to', async () => {
  expect(await says('/rollback prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`no_verified_release\`): Lockkeeper has not put anything into prod yet, so there is nothing to go back to.
    Revert in the config repository, or deploy a release.
  `)
  expect(await says('/rollback staging to v11')).toMatchInlineSnapshot(`
    👎 **Refused** (\`release_unknown\`): there is no release \`v11\` of churn.
    Known releases: v12.
  `)
  expect(await says('/rollback staging to v12')).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_live\`): v12 is already live in staging.
    There is nothing to do.
  `)
})

test('each refusal is a 👎, each mistake a 😕', async () => {
  const reactions = new Set(story.reactions({ number: 1 }))
  expect([...reactions].toSorted()).toEqual(['-1', 'confused', 'eyes'])
})

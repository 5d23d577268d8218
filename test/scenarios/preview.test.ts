/** Preview environments (`from: pull_request`): heads of pull requests are deployed before any merge. Which head: preview-pinned.test.ts; closing: preview-closed.test.ts. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { builds, previews, pushes, ready } from '../support/preview-story.ts'
import { HOUR, MINUTE } from '../support/story.ts'

previews('an open pull request is deployed', async (story) => {
  const pull = await ready(story, 'better')
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)).
    To go back: \`/rollback dev\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ✅ live in dev
    **Next:** to go back: \`/rollback dev\`.

    - ✅ **dev** by alice: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
  expect(story.message('dev')).toMatchInlineSnapshot(`
    Promote churn PR 1 at <sha> to dev

    Lockkeeper-Repository: acme/models
    Lockkeeper-Model: churn
    Lockkeeper-Environment: dev
    Lockkeeper-Kind: promotion
    Lockkeeper-Release: <release>
    Lockkeeper-Commit: <sha>
    Lockkeeper-Pull-Request: 1
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Run: <run>
    Lockkeeper-Model-Version: 12
    Lockkeeper-Image-Digest: sha256:<digest>
    Lockkeeper-Data-Digest: churn-training:a26f30e2
    Lockkeeper-Requested-By: alice
    Lockkeeper-Record: <record>
  `)
  expect(story.deployments()).toMatchInlineSnapshot(`
    [
      dev/churn: in_progress, success,
    ]
  `)
  expect(await story.says('/status dev')).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | dev | PR 1 at \`<sha>\` since 2026-11-24 09:02 UTC, by alice | – | – |
  `)
  expect(story.world.mlflow.alias('champion')).toBe('11')
})

previews(
  'a config repository that takes no unmerged work there refuses it, with the line that would let it in',
  async (story) => {
    await ready(story, 'better')
    await story.configures((text) => text.replace('    pull_requests: [dev]\n', ''), CONFIG)
    expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
      ❌ **churn PR 1 at \`<sha>\` → dev**: refused (\`accepts_refused\`): acme/ml-config does not accept this: releases of unmerged pull requests may not go to \`dev\`, which is not among \`pull_requests\`.
      \`.github/lockkeeper.yml\` of acme/ml-config would need this:
      \`\`\`yaml
          pull_requests: ["dev"]
      \`\`\`
    `)
    expect(story.promotions()).toEqual([])
  },
)

previews('what is live already is not deployed again, and can be taken out', async (story) => {
  const pull = await ready(story, 'better')
  await story.says('/deploy dev')
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    👎 **Refused** (\`already_live\`): churn PR 1 at \`<sha>\` may not go to dev now: PR 1 at \`<sha>\` is already live in dev.
    There is nothing to do.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ❌ | newer | PR 1 at \`<sha>\` is already live in dev: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:02 UTC |
    | ✅ | release | complete |
    | ✅ | checks | its branch demands no checks |
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
  expect(await story.says('/rollback dev')).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in dev to as found**: verified 2026-11-24 09:02 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    \`dev\` is held until \`/unlock dev churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ⚠️ dev was rolled back to as found
    **Next:** \`dev\` is held until \`/unlock dev churn\`.

    - ✅ **dev** by alice: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)); replaced 2026-11-24 09:02 UTC by as found
    - ✅ **dev** (back to as found) by alice: verified 2026-11-24 09:02 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2))
  `)
})

previews('the image comes an hour later: nobody has to repeat the command', async (story) => {
  const pull = await story.proposes('better')
  await story.pass(MINUTE)
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    ⏳ **churn PR 1 at \`<sha>\` → dev**: its release is being made, and waits for the image \`ghcr.io/acme/churn:<sha>\`, until 2026-11-24 11:02 UTC at most.
    It goes on by itself as soon as all is there; nobody has to repeat the command.
  `)
  await story.pass(HOUR, 20 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn PR 1 at \`<sha>\` → dev**: its release is being made, and waits for the image \`ghcr.io/acme/churn:<sha>\`, until 2026-11-24 11:02 UTC at most.
    It goes on by itself as soon as all is there; nobody has to repeat the command.
  `)
  expect([story.promotions(), story.thread(pull)]).toEqual([[], '(no comment)'])
  builds(story, pull)
  await story.pass(10 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 10:12 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)).
    To go back: \`/rollback dev\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
})

previews('the image never comes: the reply says so, and a later command tries again', async (story) => {
  const pull = await story.proposes('better')
  await story.pass(MINUTE)
  await story.says('/deploy dev')
  await story.pass(2 * HOUR + MINUTE, 30 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ❌ **churn PR 1 at \`<sha>\` → dev**: refused (\`artefact_missing\`): no release was made of PR 1 at \`<sha>\`: the image \`ghcr.io/acme/churn:<sha>\` did not appear in time.
    Make what is missing, then write \`/deploy dev\` again.
  `)
  expect([story.promotions(), story.thread(pull)]).toEqual([[], '(no comment)'])
  builds(story, pull)
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 11:03 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)).
    To go back: \`/rollback dev\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
})

previews('training is waited for', async (story) => {
  const pull = await story.opens('better')
  builds(story, pull)
  await story.pass(MINUTE)
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    ⏳ **churn PR 1 at \`<sha>\` → dev**: its release is being made, and waits for the metrics: training has not finished, until 2026-11-24 11:02 UTC at most.
    It goes on by itself as soon as all is there; nobody has to repeat the command.
  `)
  await story.trains(pull)
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual([expect.stringMatching(/^Promote churn PR 1 at .* to dev \(merged\)$/)])
})

previews('gates that fail keep it out', async (story) => {
  const pull = await ready(story, 'regression')
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    ❌ **churn PR 1 at \`<sha>\` → dev**: refused (\`gates_failed\`): churn PR 1 at \`<sha>\` may not go to dev now: gates fail: auc, log\\_loss.
    Mend them on the pull request, then \`/deploy dev\` again.
  `)
  expect([story.promotions(), story.thread(pull)]).toEqual([[], '(no comment)'])
})

previews('who loses the right while the release is made deploys nothing', async (story) => {
  const pull = await story.proposes('better')
  await story.pass(MINUTE)
  await story.says('/deploy dev', { by: 'bob' })
  story.world.github.setCollaborator(CONFIG, 'bob', 'read')
  builds(story, pull)
  await story.pass(MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ❌ **churn PR 1 at \`<sha>\` → dev**: refused (\`not_allowed\`): churn PR 1 at \`<sha>\` may not go to dev now: bob may not deploy to dev; these may: people with write access to both repositories.
    Ask one of them to write the command.
  `)
  expect(story.promotions()).toEqual([])
})

previews('who may not, and what is held, is refused at once: nothing is begun', async (story) => {
  await ready(story, 'better')
  expect(await story.says('/deploy dev', { by: 'dave' })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_allowed\`): churn PR 1 at \`<sha>\` may not go to dev now: dave may not deploy to dev; these may: people with write access to both repositories.
    Ask one of them to write the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | dave may not deploy to dev; these may: people with write access to both repositories |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | is made now |
    | ✅ | checks | its branch demands no checks |
    | ⏳ | gates | judged when the release is there |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  await story.says('/lock dev churn until the demo is over', { by: 'bob' })
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    👎 **Refused** (\`held\`): churn PR 1 at \`<sha>\` may not go to dev now: held by bob: until the demo is over.
    When the reason is gone: \`/unlock dev churn\`. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | is made now |
    | ✅ | checks | its branch demands no checks |
    | ⏳ | gates | judged when the release is there |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ⏳ | hold | held by bob: until the demo is over; held since 2026-11-24 09:02 UTC |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  expect(await story.says('/deploy dev --dry-run')).toMatchInlineSnapshot(`
    👎 **Refused** (\`held\`): churn PR 1 at \`<sha>\` may not go to dev now: held by bob: until the demo is over.
    When the reason is gone: \`/unlock dev churn\`. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | is made now |
    | ✅ | checks | its branch demands no checks |
    | ⏳ | gates | judged when the release is there |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ⏳ | hold | held by bob: until the demo is over; held since 2026-11-24 09:02 UTC |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  await story.says('/unlock dev')
  expect(await story.says('/deploy dev --dry-run')).toMatchInlineSnapshot(`
    🔎 **Dry run of churn PR 1 at \`<sha>\` → dev**, nothing was done: its release would be made, and promoted once it is there; what that changes is known then.
    To do it: \`/deploy dev\`.

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | is made now |
    | ✅ | checks | its branch demands no checks |
    | ⏳ | gates | judged when the release is there |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ✅ | approvals | no approval asked |
  `)
})

previews('two pull requests take turns, and both are told', async (story) => {
  const first = await ready(story, 'better')
  await story.says('/deploy dev', { on: first.number })
  const second = await ready(story, 'better-2')
  await story.says('/deploy dev', { on: second.number })
  expect(story.thread(first)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ➖ replaced in dev by PR 2 at \`<sha>\`
    **Next:** \`/deploy dev\` brings it back.

    - ✅ **dev** by alice: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)); replaced 2026-11-24 09:03 UTC by PR 2 at \`<sha>\`
  `)
  expect(story.thread(second)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 2 at \`<sha>\`, before any merge — ✅ live in dev
    **Next:** to go back: \`/rollback dev\`.

    - ✅ **dev** by alice: verified 2026-11-24 09:03 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2))
  `)
  expect(await story.says('/deploy dev', { on: first.number })).toMatchInlineSnapshot(`
    ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 09:03 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)).
    To go back: \`/rollback dev\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  expect(story.thread(second)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 2 at \`<sha>\`, before any merge — ➖ replaced in dev by PR 1 at \`<sha>\`
    **Next:** \`/deploy dev\` brings it back.

    - ✅ **dev** by alice: verified 2026-11-24 09:03 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)); replaced 2026-11-24 09:03 UTC by PR 1 at \`<sha>\`
  `)
  expect(await story.says(`/rollback dev to ${second.headSha}`, { on: first.number })).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in dev to PR 2 at \`<sha>\`**: verified 2026-11-24 09:03 UTC ([promotion PR 4](<github>/acme/ml-config/pull/4)).
    \`dev\` is held until \`/unlock dev churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  expect(story.thread(first)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ⚠️ dev was rolled back to PR 2 at \`<sha>\`
    **Next:** \`dev\` is held until \`/unlock dev churn\`.

    - ✅ **dev** by alice: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)); replaced 2026-11-24 09:03 UTC by PR 2 at \`<sha>\`
    - ✅ **dev** by alice: verified 2026-11-24 09:03 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)); replaced 2026-11-24 09:03 UTC by PR 2 at \`<sha>\`
    - ✅ **dev** (back to PR 2 at \`<sha>\`) by alice: verified 2026-11-24 09:03 UTC ([promotion PR 4](<github>/acme/ml-config/pull/4))
  `)
  expect(story.thread(second)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 2 at \`<sha>\`, before any merge — ✅ live in dev
    **Next:** to go back: \`/rollback dev\`.

    - ✅ **dev** by alice: verified 2026-11-24 09:03 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2))
  `)
})

previews('another pull request takes the place of one that still waits', async (story) => {
  const first = await story.proposes('better')
  await story.pass(MINUTE)
  await story.says('/deploy dev', { on: first.number })
  const second = await ready(story, 'better-2')
  await story.says('/deploy dev', { on: second.number })
  expect(story.reply(first)).toMatchInlineSnapshot(
    `➖ **churn PR 1 at \`<sha>\` → dev**: replaced 2026-11-24 09:03 UTC by PR 2 at \`<sha>\`.`,
  )
  expect(story.thread(first)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ➖ replaced before it reached dev
    **Next:** nothing to do.

    - ➖ **dev** by alice: replaced 2026-11-24 09:03 UTC by PR 2 at \`<sha>\`
  `)
  builds(story, first)
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual([expect.stringMatching(/^Promote churn PR 2 at .* to dev \(merged\)$/)])
})

previews(
  'a head goes to no environment of the default branch, and merged it is a release of its own',
  async (story) => {
    const pull = await ready(story, 'better')
    await story.says('/deploy dev')
    expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
      👎 **Refused** (\`not_merged\`): pull request 1 is not merged: only releases of the default branch go to staging.
      Merge it first; its release is made then.
    `)
    expect(await story.says(`/deploy staging churn ${pull.headSha}`)).toMatchInlineSnapshot(`
      👎 **Refused** (\`not_merged\`): \`<sha>\` is a head of pull request 1, which was not merged: only releases of the default branch go to staging.
      Merge it first; its release is made then.
    `)
    await story.merges(pull)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ✅ live in dev
      **Next:** to go back: \`/rollback dev\`.

      - ✅ **dev** by alice: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))

      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy dev\` takes it to dev; \`/deploy prod\` takes it to prod from 2026-11-24 10:03 UTC on; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:02 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2))
    `)
    expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
      ✅ **churn v12 → dev**: verified 2026-11-24 09:02 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)).
      To go back: \`/rollback dev\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    `)
  },
)

previews('an environment that no longer takes heads gets none that still waited', async (story) => {
  const pull = await story.proposes('better')
  await story.pass(MINUTE)
  await story.says('/deploy dev')
  pushes(story, pull)
  await story.configures((text) => text.replace('    from: pull_request\n', ''))
  builds(story, pull)
  await story.pass(MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ❌ **churn PR 1 at \`<sha>\` → dev**: refused (\`not_merged\`): PR 1 at \`<sha>\` is not merged: only releases of the default branch go to dev.
    Merge it first; its release is made then.
  `)
})

previews('four calls more than another /deploy', async (story) => {
  const pull = await ready(story, 'better')
  const calls = await story.calls(() => story.says('/deploy dev', { on: pull.number }))
  expect(calls.filter((call) => call !== 'Write')).toEqual([
    'ReadPullRequest',
    'repos/list-activities',
    'ReadPromotionWorld',
    'ReadPullRequest',
    'ReadPromotionWorld',
    'issues/add-labels',
    'repos/create-deployment',
    'ReadPullRequest',
  ])
  expect(calls.length).toBeLessThanOrEqual(14)
})

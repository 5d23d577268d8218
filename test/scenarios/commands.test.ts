/** Commands that do something: /deploy with its rules, /rollback, /lock. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, scenarios } from '../support/story.ts'

scenario('/deploy prod: from the soak to the approval to verified, in one reply', async (story) => {
  const pull = await story.releases('better')
  await story.pass(HOUR)
  expect(await story.says('/deploy prod')).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
  await story.reviews('bob')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: synced 2026-11-24 10:00 UTC, checks have held since 2026-11-24 10:00 UTC.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ⏳ | \`GET https://churn.example.com/v2/health/ready\` | \`1 of 1 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
  `)
  await story.verifies()
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **churn v12 → prod**: verified 2026-11-24 10:10 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12.
    To go back: \`/rollback prod\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in prod
    **Next:** to go back: \`/rollback prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ✅ **prod** by alice: verified 2026-11-24 10:10 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12
  `)
  expect(story.reactions(pull)).toEqual(['eyes', 'rocket'])
})

scenario('only approvers approve: not who asked, not who wrote the model, not who merely reads', async (story) => {
  await story.configures((text) => text.replace('"user:bob"]', '"user:bob", "user:alice", "user:dave"]'))
  story.world.github.setCollaborator(CONFIG, 'dave', 'write')
  await story.waitsForApproval()
  for (const by of ['alice', 'dave', 'erin']) await story.reviews(by)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('an approval counts for the head that was approved, and for no other', async (story) => {
  await story.configures((text) => text.replace('deploy: on-merge ', 'approvals: 2\n    deploy: on-merge '))
  await story.releases('better')
  await story.reviews('bob', 'staging')
  await story.releases('better-2')
  await story.reviews('carol', 'staging')
  expect(story.promotions()).toEqual(['Promote churn v13 to staging (open)'])
  await story.reviews('bob', 'staging')
  expect(story.promotions()).toEqual(['Promote churn v13 to staging (merged)'])
})

scenario('while one promotion is on its way, another /deploy is refused', async (story) => {
  story.world.argocd.script('churn-staging', { neverHealthy: true })
  await story.releases('better')
  await story.releases('better-2')
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`promotion_in_progress\`): churn v13 may not go to staging now: v12 is on its way to staging.
    Wait until that has ended, or \`/rollback staging\`. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/2) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | free | v12 is on its way to staging: [now syncing](<github>/acme/ml-config/pull/1) |
    | ✅ | values | the files take them |
    | ✅ | approvals | no approval asked |

    </details>
  `)
})

scenario('a release older than what is live: refused, with the way back', async (story) => {
  const older = await story.releases('better')
  await story.releases('better-2')
  expect(await story.says('/deploy staging', { on: older.number })).toMatchInlineSnapshot(`
    👎 **Refused** (\`older_than_live\`): churn v12 may not go to staging now: v13, which is newer, is live in staging (pull request 2).
    To go back: \`/rollback staging to v12\`.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ❌ | newer | v13, which is newer, is live in staging (pull request 2): [promotion PR 2](<github>/acme/ml-config/pull/2) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ✅ | approvals | no approval asked |

    </details>
  `)
})

const onFriday = scenarios({ start: new Date('2026-11-27T13:55:00Z') })

onFriday('Friday evening in Berlin: frozen until Monday, unless alice forces it', async (story) => {
  await story.releases('better')
  await story.pass(70 * MINUTE)
  expect(await story.says('/deploy prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`freeze\`): churn v12 may not go to prod now: frozen (weekend).
    Repeat it from 2026-11-30 07:00 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-27 13:55 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-27 13:55 UTC |
    | ⏳ | freeze | frozen (weekend): Fri 16:00 to Mon 08:00 (Europe/Berlin), passes from 2026-11-30 07:00 UTC |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  expect(await story.says('/deploy prod --force "fixes the outage"')).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
    It is merged by itself when nothing is open any more.
  `)
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  expect(story.body('prod')).toContain(
    '| ➖ | freeze | forced: fixes the outage; frozen (weekend); Fri 16:00 to Mon 08:00 (Europe/Berlin) |',
  )
})

scenario('/rollback goes to the release verified before, and holds the environment', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  expect(await story.says('/rollback staging')).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in staging to v12**: verified 2026-11-24 09:00 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)).
    \`staging\` is held until \`/unlock staging churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
  `)
  expect(story.promotions().at(-1)).toBe('Roll back churn in staging to v12 (merged)')
  const third = await story.releases('better-3')
  expect(story.promotions().at(-1)).toBe('Promote churn v14 to staging (open)')
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`held\`): churn v14 may not go to staging now: held by alice: rolled back to v12 by alice.
    When the reason is gone: \`/unlock staging churn\`. Then repeat the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | newer than v12: [promotion PR 3](<github>/acme/ml-config/pull/3) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/3) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ⏳ | hold | held by alice: rolled back to v12 by alice; held since 2026-11-24 09:00 UTC |
    | ✅ | free | takes the place of v14: [now opened](<github>/acme/ml-config/pull/4) |
    | ✅ | values | the files take them |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  expect(await story.says('/unlock staging')).toMatchInlineSnapshot(`
    🔓 \`staging\` for \`churn\` is free again.

    Lifted:
    - the hold by alice after a rollback or a failure since 2026-11-24 09:00 UTC: rolled back to v12 by alice
  `)
  expect(story.thread(third)).toMatchInlineSnapshot(`
    ### 🚢 churn v14 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 4](<github>/acme/ml-config/pull/4))
  `)
})

scenario('/rollback to a named version skips what is newer', async (story) => {
  await story.releases('better')
  await story.releases('better-2')
  await story.releases('better-3')
  await story.says('/rollback staging to v12')
  expect(story.manifest('environments/staging/churn/inference.yaml')).toContain('s3://acme-models/churn/12"')
  expect(story.body('staging')).toMatchInlineSnapshot(`
    <!-- lockkeeper:promotion:v1 promotion=<promotion> -->

    ### ↩️ Rollback of churn in staging to v12
    Asked for by alice. Every rule holds, so that Lockkeeper merges it at once; nothing to do.

    #### Why

    It leaves v14. It goes back to v12, last verified here 2026-11-24 09:00 UTC.

    #### What changes

    \`\`\`diff
    @@ environments/staging/churn/inference.yaml spec.predictor.model.storageUri @@
    -s3://acme-models/churn/14
    +s3://acme-models/churn/12
    @@ environments/staging/churn/kustomization.yaml images[name=ghcr.io/acme/churn].digest @@
    -sha256:<digest>
    +sha256:<digest>
    \`\`\`

    #### Lineage

    - release \`<release>\`
    - commit \`acme/models@<sha>\` from [pull request 1 of acme/models](<github>/acme/models/pull/1)
    - model \`models:/churn/12\`
    - artefact \`s3://acme-models/churn/12\`
    - image \`ghcr.io/acme/churn:<sha>@sha256:<digest>\`
    - runs \`<run>\`, \`<run>\`, \`<run>\`, \`<run>\`, \`<run>\`
    - data \`churn-training:a26f30e2\`

    <details><summary>Rules when this was written: all held</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it: held by alice: rolled back to v12 by alice; held since 2026-11-24 09:00 UTC |
    | ➖ | approvals | a rollback does not wait for it |

    </details>

    The check run \`lockkeeper/promotion\` has them as they are now.

    After this, staging is held until \`/unlock staging churn\`.
  `)
})

scenario('/rollback of the first release puts back what was found, byte for byte', async (story) => {
  const before = story.manifest('environments/staging/churn/kustomization.yaml')
  await story.releases('better')
  expect(await story.says('/rollback staging')).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in staging to as found**: verified 2026-11-24 09:00 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    \`staging\` is held until \`/unlock staging churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |
  `)
  expect(story.manifest('environments/staging/churn/kustomization.yaml')).toBe(before)
})

scenario('on the promotion pull request the environment need not be named', async (story) => {
  await story.releases('better')
  const { number } = story.promotion('staging')
  expect(await story.says('/rollback', { on: number, in: CONFIG })).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in staging to as found**: verified 2026-11-24 09:00 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    \`staging\` is held until \`/unlock staging churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |
  `)
})

scenario('/lock stops automation until its time is over', async (story) => {
  const pull = await story.proposes('better')
  expect(await story.says('/lock staging churn for 2h data is being checked')).toMatchInlineSnapshot(
    `
    🔒 \`staging\` for \`churn\` is held until 2026-11-24 11:01 UTC: only a rollback goes there.
    Reason: data is being checked
    To lift it: \`/unlock staging churn\`.
  `,
  )
  await story.merges(pull)
  expect(story.body('staging').split('\n').slice(2, 4).join('\n')).toMatchInlineSnapshot(`
    ### 🚢 churn v12 → staging
    By automation. **Open:** held by alice: data is being checked (until 2026-11-24 11:01 UTC) – when the reason is gone: \`/unlock staging churn\`. Lockkeeper merges this by itself when nothing is open any more.
  `)
  await story.pass(2 * HOUR + MINUTE)
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
})

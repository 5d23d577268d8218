/** Argo CD that does not sync, or syncs and never gets well: who is told what, and what is put back. */
import { expect } from 'vitest'
import { MINUTE, scenario } from '../support/story.ts'

scenario(
  'a closed sync window, of which Argo CD says nothing, is named after five minutes and delays, no more',
  async (story) => {
    story.world.argocd.script('churn-staging', { syncWindow: true })
    const pull = await story.releases('better')
    await story.pass(6 * MINUTE)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ⏳ on its way to staging
      **Next:** see what it waits for; it goes on by itself once that is settled.

      - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed
    `)
    story.world.argocd.script('churn-staging', { syncWindow: false })
    await story.pass(MINUTE)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:08 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:07 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
  },
)

scenario('a sync window that stays closed is never rolled back, since nothing has changed in prod', async (story) => {
  const pull = await story.releases('better')
  story.world.argocd.script('churn-prod', { syncWindow: true })
  await story.deploys()
  await story.pass(31 * MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    Not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed. Nothing was rolled back: nothing began to apply it. Its commit is in Git and goes live whenever Argo CD syncs; it is proven then, by itself. \`/rollback prod\` takes it out. \`prod\` is held until \`/unlock prod churn\`.

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 2](<github>/acme/ml-config/pull/2)
    - release \`<release>\`, commit \`<sha>\`
  `)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  expect(await story.says('/status prod')).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: hold by Lockkeeper after a rollback or a failure since 2026-11-24 10:31 UTC: v12 failed: not synced within 30m: Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | as found; ⚠️ v12 in Git, not synced | – | 🔒 held by Lockkeeper; next freeze 2026-11-27 15:00 UTC |
  `)
})

scenario('a sync that somebody asked for in a closed window is blocked, in Argo CD’s words', async (story) => {
  story.world.argocd.script('churn-staging', { autoSync: false, syncWindow: true })
  const pull = await story.releases('better')
  story.world.argocd.sync('churn-staging')
  // The cluster's news may come a moment later than it is waited for; the poll behind them does not.
  await story.pass(MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: Sync operation blocked by sync window
  `)
})

scenario(
  'something else in the Application never gets well: rolled back, and when that does not get well either, a person is needed',
  async (story) => {
    const pull = await story.releases('better')
    story.world.argocd.script('churn-prod', { neverHealthy: true })
    await story.deploys()
    await story.pass(31 * MINUTE, 5 * MINUTE)
    await story.pass(31 * MINUTE, 5 * MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not healthy within 30m: Application is Progressing. **The rollback to as found did not work either**: failed 2026-11-24 11:01 UTC: not healthy within 30m: Application is Progressing. **What was found there before the first promotion is back in Git for prod, and is not well there.** \`prod\` is held until \`/unlock prod churn\`. A person has to look.

      **Do:**
      1. Look at what was seen; once the cause is gone, \`/rollback prod\` proves it again.
      2. No other release was verified here: \`/deploy prod\` of a mended one, or a revert in the config repository.
      3. When prod is well: \`/unlock prod churn\`. Until then automation deploys nothing there.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |

      After the rollback to as found:

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

scenario(
  'an Application that vanishes after its sync began may have changed prod: it is rolled back',
  async (story) => {
    const pull = await story.releases('better')
    story.world.argocd.script('churn-prod', { neverHealthy: true })
    await story.deploys()
    story.world.argocd.script('churn-prod', { missing: true })
    await story.pass(31 * MINUTE, 5 * MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not healthy within 30m: there is no Application argocd/churn-prod. Rolling back to as found: [promotion PR 3](<github>/acme/ml-config/pull/3) is merged, waits for Argo CD to sync \`<sha>\`. \`prod\` is held until \`/unlock prod churn\`.

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

scenario('Argo CD cannot apply the release: after the way back in Git nothing is left to apply', async (story) => {
  const pull = await story.releases('better')
  story.world.argocd.script('churn-prod', { syncFails: 'admission webhook denied the request' })
  await story.deploys()
  await story.pass(MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in prod
    The sync failed at InferenceService/churn: admission webhook denied the request. Rolling back to as found: synced 2026-11-24 10:00 UTC, checks have held since 2026-11-24 10:00 UTC. \`prod\` is held until \`/unlock prod churn\`.

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 2](<github>/acme/ml-config/pull/2)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

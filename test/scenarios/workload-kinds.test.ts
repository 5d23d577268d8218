/** Releases that run as something else than an InferenceService: proven by their own pods, and taken back when those do not come up. The rules: test/domain/*-readiness.test.ts. */
import { expect } from 'vitest'
import type { PodBehaviour } from '../../sandbox/systems/workloads.ts'
import { MINUTE, type Tale } from '../support/story.ts'
import { DEPLOYMENT, LLM_SERVICE, ROLLOUT, running, STATEFUL_SET, workloads } from '../support/workload-story.ts'

/** The pods of whatever is not live now. */
function newPods(story: Tale, pods: PodBehaviour['pods']): void {
  const live = running(story)
  story.world.argocd.workloads.behaviour({ when: (spec) => !spec.includes(live), pods })
}

workloads(DEPLOYMENT)(
  'a Deployment is proven by its pods, and taken back once Kubernetes gives up on new ones',
  async (story) => {
    const good = await story.releases('better')
    await story.pass(MINUTE)
    expect(story.thread(good)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:02 UTC on; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:01 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    `)
    newPods(story, 'crashes')
    const bad = await story.releases('better-2')
    await story.pass(12 * MINUTE)
    await story.verifies()
    expect(story.report(bad)).toMatchInlineSnapshot(`
      ### ❌ churn v13 failed in staging
      Deployment staging/churn: new pods did not become available: ReplicaSet "churn-<hash>" has timed out progressing. Rolled back to v12, verified 2026-11-24 09:14 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)). \`staging\` is held until \`/unlock staging churn\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ❌ | \`Deployment staging/churn\` | \`new pods did not become available: ReplicaSet "churn-<hash>" has timed out progressing\` | \`rolled out\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

workloads(STATEFUL_SET)(
  'a StatefulSet is proven by its pods, and never given up by Kubernetes: the deadline of verify: does',
  async (story) => {
    const good = await story.releases('better')
    await story.pass(MINUTE)
    expect(story.thread(good)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:02 UTC on; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:01 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    `)
    newPods(story, 'crashes')
    const bad = await story.releases('better-2')
    await story.pass(40 * MINUTE, 5 * MINUTE)
    expect(story.report(bad)).toMatchInlineSnapshot(`
      ### ❌ churn v13 failed in staging
      Not healthy within 30m: Application is Progressing. Rolled back to v12, verified 2026-11-24 09:32 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)). \`staging\` is held until \`/unlock staging churn\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ❌ | \`StatefulSet staging/churn\` | \`new pods are not available yet: 1 of 3 updated, 2 of 3 available\` | \`rolled out\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

workloads(ROLLOUT)(
  'a Rollout is proven by its stable version, and an aborted one is taken back with its reason',
  async (story) => {
    const good = await story.releases('better')
    await story.pass(MINUTE)
    expect(story.thread(good)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:02 UTC on; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:01 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    `)
    newPods(story, 'aborts')
    const bad = await story.releases('better-2')
    await story.pass(MINUTE)
    await story.verifies()
    expect(story.report(bad)).toMatchInlineSnapshot(`
      ### ❌ churn v13 failed in staging
      Rollout staging/churn: aborted: RolloutAborted: Rollout aborted update to revision 2: metric "errors" assessed Failed. Rolled back to v12, verified 2026-11-24 09:02 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)). \`staging\` is held until \`/unlock staging churn\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ❌ | \`Rollout staging/churn\` | \`aborted: RolloutAborted: Rollout aborted update to revision 2: metric "errors" assessed Failed\` | \`Healthy\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

workloads(LLM_SERVICE)(
  'an LLMInferenceService that stays Ready while its new pods crash is taken back',
  async (story) => {
    const good = await story.releases('better')
    await story.pass(MINUTE)
    expect(story.thread(good)).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ✅ live in staging
      **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:02 UTC on; \`/rollback staging\` goes back.

      - ✅ **staging** by automation: verified 2026-11-24 09:01 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    `)
    newPods(story, 'crashes')
    const bad = await story.releases('better-2')
    await story.pass(12 * MINUTE)
    await story.verifies()
    expect(story.report(bad)).toMatchInlineSnapshot(`
      ### ❌ churn v13 failed in staging
      LLMInferenceService staging/churn: churn-kserve: new pods did not become available: ReplicaSet "churn-kserve-<hash>" has timed out progressing. Rolled back to v12, verified 2026-11-24 09:14 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)). \`staging\` is held until \`/unlock staging churn\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ❌ | \`LLMInferenceService staging/churn\` | \`churn-kserve: new pods did not become available: ReplicaSet "churn-kserve-<hash>" has timed out progressing\` | \`Ready\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

/** A canary behind a Splitter: two InferenceServices, of which one takes the share. */
import { expect } from 'vitest'
import { apartBegins } from '../support/canary-apart-story.ts'
import { MINUTE, scenario } from '../support/story.ts'

const GRAPH = {
  edits: [
    'kserve: { name: "{{ model.name }}", storage_uri: "{{ model.uri }}" }',
    'kserve: { name: "{{ model.name }}-canary", storage_uri: "{{ model.uri }}" }',
  ],
  traffic:
    '{ inference_graph: { FILE, name: "{{ model.name }}", node: root, stable: "{{ model.name }}", canary: "{{ model.name }}-canary" } }',
  more: `---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: churn-canary
  namespace: prod
spec:
  predictor:
    model:
      modelFormat: { name: sklearn }
      storageUri: s3://acme-models/churn/11
---
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata:
  name: churn
  namespace: prod
spec:
  nodes:
    root:
      routerType: Splitter
      steps:
        - { serviceName: churn, weight: 100 } # the stable one
        - { serviceName: churn-canary, weight: 0 }
`,
}

const weightsIn = (manifest: string) => [...manifest.matchAll(/weight: (\d+)/g)].map(([, weight]) => Number(weight))

scenario(
  'a release takes a share behind a Splitter, is taken back, and takes all of it the next time',
  async (story) => {
    const { pull, manifest, before } = await apartBegins(story, GRAPH)
    const live = (name: string) => story.world.argocd.kserve.liveUri('prod', name)
    expect(weightsIn(manifest())).toEqual([90, 10])
    expect([live('churn'), live('churn-canary')]).toEqual(['s3://acme-models/churn/12', 's3://acme-models/churn/13'])
    expect(story.reply(pull)).toMatchInlineSnapshot(`
      ⏳ **churn v13 → prod**: canary at 10 %, synced 2026-11-24 11:11 UTC, checks have held since 2026-11-24 11:11 UTC.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn-canary\` | \`Ready, serves s3://acme-models/churn/13 with 1 pod\` | \`Ready\` |
      | ⏳ | \`GET https://churn.example.com/v2/health/ready\` | \`1 of 1 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.002\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
    `)
    await story.says('/rollback prod')
    await story.verifies()
    expect(manifest()).toBe(before)
    await story.says('/unlock prod churn')
    await story.releases('better-3')
    await story.deploys()
    expect(weightsIn(manifest())).toEqual([90, 10])
    await story.pass(11 * MINUTE, 2 * MINUTE)
    await story.verifies()
    expect(manifest()).toBe(before.replaceAll('churn/12', 'churn/14'))
    expect(live('churn')).toBe('s3://acme-models/churn/14')
    expect(story.promotions().slice(-4)).toMatchInlineSnapshot(`
      [
        Roll back churn in prod to v12 (without the canary) (merged),
        Promote churn v14 to staging (merged),
        Promote churn v14 to prod (canary 10 %) (merged),
        Promote churn v14 to prod (all of the traffic) (merged),
      ]
    `)
  },
)

/** A canary in KServe's Standard mode: a predictor of its own under `spec.canary` takes the share. */
import { expect } from 'vitest'
import { apartBegins } from '../support/canary-apart-story.ts'
import { MINUTE, scenario } from '../support/story.ts'

const STANDARD = {
  edits: ['kserve: { name: "{{ model.name }}", storage_uri: "{{ model.uri }}" }'],
  traffic: '{ kserve: { FILE, name: "{{ model.name }}", canary: next } }',
  more: `    canary:
      - trafficPercent: 0 # between two releases
        predictor:
            name: next
            minReplicas: 1
            model: { modelFormat: { name: sklearn }, storageUri: 's3://acme-models/churn/11' }
`,
}

scenario(
  'a release takes a share by `spec.canary`, is taken back, and takes all of it the next time',
  async (story) => {
    const { pull, manifest, before } = await apartBegins(story, STANDARD)
    const traffic = () =>
      story.world.argocd.kserve.traffic('prod', 'churn').map(({ uri, percent }) => `${percent} % ${uri}`)
    expect(traffic()).toEqual(['10 % s3://acme-models/churn/13', '90 % s3://acme-models/churn/12'])
    expect(story.reply(pull)).toMatchInlineSnapshot(`
      ⏳ **churn v13 → prod**: canary at 10 %, synced 2026-11-24 11:11 UTC, checks have held since 2026-11-24 11:11 UTC.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`canary next serves s3://acme-models/churn/13 with 1 pod and gets 10 %\` | \`Ready\` |
      | ⏳ | \`GET https://churn.example.com/v2/health/ready\` | \`1 of 1 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.002\` | \`≤ 0.12\` |
      | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
    `)
    await story.says('/rollback prod')
    await story.verifies()
    expect(manifest()).toBe(before)
    expect(traffic()).toEqual(['0 % s3://acme-models/churn/12', '100 % s3://acme-models/churn/12'])
    await story.says('/unlock prod churn')
    await story.releases('better-3')
    await story.deploys()
    await story.pass(11 * MINUTE, 2 * MINUTE)
    await story.verifies()
    expect(manifest()).toBe(before.replaceAll('churn/12', 'churn/14'))
    expect(traffic()).toEqual(['0 % s3://acme-models/churn/14', '100 % s3://acme-models/churn/14'])
  },
)

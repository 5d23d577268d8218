/** What the checks under `verify:` see of a release, and what people read of it. The rules are tables in test/domain. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const BEFORE = '      kserve: { name: "{{ model.name }}", namespace: staging }\n'
const HOST = 'churn-staging.example.com'

/** carol adds checks to staging, where churn has an address of its own. */
async function checks(story: Tale, yaml: string): Promise<void> {
  const { argocd, endpoint } = story.world
  endpoint.host(HOST, () => argocd.kserve.liveUri('staging', 'churn'))
  await story.configures((text) => text.replace(BEFORE, `${BEFORE}${yaml}`))
}

const SAMPLE = `
      http:
        - name: known customers
          url: "https://${HOST}/v2/models/{{ model.name }}/infer"
          max_latency: 2s
          sample: { request: "models/{{ model.name }}/sample.json", response: "models/{{ model.name }}/answer.json" }
`

scenario('a model that answers a known request otherwise is told apart, by output and index', async (story) => {
  const request = { inputs: [{ name: 'x', shape: [3, 2], datatype: 'FP64', data: [0, 0, 1, 1, 2, 2] }] }
  const answer = { outputs: [{ name: 'output-0', data: [0.5, 0.7311, 0.8808] }] }
  const files = {
    'models/churn/sample.json': JSON.stringify(request),
    'models/churn/answer.json': JSON.stringify(answer),
  }
  story.world.github.commit(MODELS, 'main', { message: 'Sample', files, by: 'dave' })
  await checks(story, SAMPLE)
  story.world.endpoint.model(HOST, (row) => (row[0] === 2 ? 0.61 : 1 / (1 + Math.exp(-(row[0] ?? 0)))))
  const pull = await story.releases('better')
  await story.pass(16 * MINUTE, 2 * MINUTE)
  expect(story.report(pull).replaceAll(/in \d+ ms/g, 'in <some> ms')).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    Not verified within 15m: 1 of 3 checks did not hold (HTTP 200 in <some> ms, output-0\\[2\\] is 0.61, wanted 0.8808 ± 0.001, wanted 200 in ≤ 2000 ms, the answer of the sample ± 0.001). Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ❌ | \`known customers\` | \`HTTP 200 in <some> ms, output-0[2] is 0.61, wanted 0.8808 ± 0.001\` | \`200 in ≤ 2000 ms, the answer of the sample ± 0.001\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
})

scenario('a metric that gets worse than before the deployment is not verified, and the way back is', async (story) => {
  await checks(
    story,
    `      for: 4m
      prometheus:
        - { name: p95 latency, query: 'latency{service="{{ model.name }}"}', unit: s, max_regression: 5%, goal: minimize }
`,
  )
  const worse = new Date(story.world.clock.now().getTime() + 3 * MINUTE)
  story.world.prometheus.answer((_, at) => (at < worse ? 0.084 : 0.1))
  const pull = await story.releases('better')
  await story.pass(12 * MINUTE, 2 * MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    Not verified within 15m: 1 of 3 checks did not hold (0.1 s, wanted ≤ 0.0882 s (5% more than 0.084 s before)). Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ❌ | \`p95 latency\` | \`0.1 s\` | \`≤ 0.0882 s (5% more than 0.084 s before)\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
  await story.says('/rollback staging')
  await story.pass(4 * MINUTE, 2 * MINUTE)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in staging to as found**: verified 2026-11-24 09:16 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    \`staging\` is held until \`/unlock staging churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |
    | ✅ | \`p95 latency\` | \`0.1 s\` | \`at most 5% more than before (not compared on a way back)\` |
  `)
})

scenario(
  'a metric source that is away says nothing about the release, and nothing is verified by it',
  async (story) => {
    await checks(story, '\n      prometheus:\n        - { name: errors, query: errors, max: 0.01, no_data: pass }\n')
    await story.world.prometheus.down()
    const pull = await story.releases('better')
    await story.pass(16 * MINUTE, 2 * MINUTE)
    expect(story.report(pull)).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in staging
      Not verified within 15m: no data for 1 of 3 checks (connection refused, wanted ≤ 0.01). Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ❓ | \`errors\` | \`connection refused\` | \`≤ 0.01\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 1](<github>/acme/ml-config/pull/1)
      - release \`<release>\`, commit \`<sha>\`
    `)
  },
)

scenario('an endpoint that misses one request in six is verified by 5 of 6, over its time', async (story) => {
  await checks(
    story,
    `      for: 2m
      http:
        - { name: ready, url: "https://${HOST}/v2/health/ready", expect: 2xx, json: { ready: true }, successes: 5, of: 6 }
`,
  )
  story.world.endpoint.script(HOST, ({ count }) => (count % 6 === 2 ? { status: 503 } : undefined))
  const pull = await story.releases('better')
  await story.pass(2 * MINUTE, 15_000)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:03 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
  expect(story.world.endpoint.requests.filter(({ path }) => path === '/v2/health/ready').length).toBe(9)
})

scenario('a drift report counts once monitoring has written it about this release', async (story) => {
  await checks(
    story,
    `
      reports:
        drift: { format: evidently, s3: "s3://acme-models/monitoring/{{ environment }}/{{ model.name }}.json" }
`,
  )
  const drift = (status: string) =>
    JSON.stringify({ tests: [{ name: 'Share of Drifted Columns', status, description: 'The share is 0.1' }] })
  const write = (status: string): void =>
    story.world.bucket.put('s3://acme-models/monitoring/staging/churn.json', drift(status))
  write('SUCCESS')
  await story.pass(5 * MINUTE)
  const pull = await story.releases('better')
  await story.pass(2 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** nothing to do, this comment is updated by itself.

    - ⏳ **staging** by automation: synced 2026-11-24 09:05 UTC, checks have held since 2026-11-24 09:05 UTC; not decided yet: \`report drift\` (written 2026-11-24 09:00 UTC, before the merge)
  `)
  write('SUCCESS')
  await story.pass(2 * MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:10 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:09 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

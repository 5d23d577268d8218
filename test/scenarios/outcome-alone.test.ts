/** A way back needs GitHub and Git's history, and nothing else: every other system is away when it is wanted most. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { MINUTE, scenario, scenarios, type Tale } from '../support/story.ts'

/** The issues of the model repository, whole. */
const incidents = ({ world }: Tale): string => {
  const repository = [...world.github.state.repositories.values()].find(({ name }) => name === MODELS.split('/')[1])
  const threads = [...(repository?.threads.values() ?? [])].filter(({ kind }) => kind === 'Issue')
  return said(
    threads
      .map(
        ({ title, state, labels, body }) =>
          `${title} (${state}; ${labels.map(({ name }) => name).join(', ')})\n${body}`,
      )
      .join('\n\n'),
  )
}

const systems = ({ world }: Tale) => [
  world.mlflow,
  world.prometheus,
  world.registry,
  world.bucket,
  world.endpoint,
  world.kubernetes,
]
/** But for the watches of the cluster, which knock at its door by themselves. */
const asked = (story: Tale): readonly string[] =>
  systems(story).flatMap(({ requests }) =>
    requests
      .filter(({ query }) => !query.includes('resourceVersion') && !query.includes('limit='))
      .map(({ path, query }) => `${path}?${query}`),
  )

scenario(
  'everything but GitHub is away: /rollback is merged without asking any of it, and what happens then is told',
  async (story) => {
    await story.releases('better')
    await story.deploys()
    await story.verifies()
    const { kubernetes, ...rest } = story.world
    await Promise.all(
      [rest.mlflow, rest.prometheus, rest.registry, rest.bucket, rest.endpoint].map((one) => one.down('unavailable')),
    )
    await kubernetes.down('unavailable')
    const before = asked(story).length
    const merged = new Promise<readonly string[]>((resolve) => {
      const poll = setInterval(() => {
        if (!story.promotions().at(-1)?.startsWith('Roll back churn in prod to as found (merged)')) return
        clearInterval(poll)
        resolve(asked(story))
      }, 5)
    })
    const reply = await story.says('/rollback prod')
    expect((await merged).slice(before)).toEqual([])
    expect(reply).toContain('is merged')
    await story.pass(31 * MINUTE, 5 * MINUTE)
    expect(
      untimed(story.reply({ number: story.world.github.pullRequests(MODELS).at(-1)?.number ?? 0 })),
    ).toMatchInlineSnapshot(`
      ❌ **Rollback of churn in prod to as found**: failed <time>: not synced within 30m: the cluster does not answer (Kubernetes: the API server answered 503).
      The way back is in Git and goes live whenever Argo CD syncs; it is proven then, by itself.
    `)
    const { number } = story.promotion('prod')
    expect(
      story.world.github
        .comments(CONFIG, number)
        .map(({ body }) => said(body))
        .join('\n\n'),
    ).toMatchInlineSnapshot(`
      <!-- lockkeeper:promotion:v1 failed=<promotion> -->
      ### ❌ The rollback of churn in prod to as found failed
      Not synced within 30m: the cluster does not answer (Kubernetes: the API server answered 503). **v12, which was to be left, may still run in prod:** the way back to what was found there before the first promotion is in Git, and was not seen to be applied. \`prod\` is held until \`/unlock prod churn\`. A person has to look.

      **Do:**
      1. See what keeps it from being applied. As soon as it is applied it runs, and is proven by itself.
      2. No other release was verified here: \`/deploy prod\` of a mended one, or a revert in the config repository.
      3. When prod is well: \`/unlock prod churn\`. Until then automation deploys nothing there.

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 3](<github>/acme/ml-config/pull/3)
    `)
  },
)

/** How soon a deadline is noticed after it has passed is a matter of the poll. */
const untimed = (text = ''): string => text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '<time>')

const withIssues = scenarios({ grants: { issues: 'write' } })

withIssues(
  'the checks have no data: rolled back, an incident that says what is known, closed when it is proven',
  async (story) => {
    const pull = await story.releases('better')
    await story.world.prometheus.down()
    await story.deploys()
    await story.pass(22 * MINUTE, 2 * MINUTE)
    expect(story.promotions().at(-1)).toBe('Roll back churn in prod to as found (merged)')
    await story.pass(22 * MINUTE, 2 * MINUTE)
    expect(untimed(story.report(pull))).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01). **The rollback to as found did not work either**: failed <time>: not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01). **What was found there before the first promotion is back in prod, synced and healthy; its checks had no data**, so that nobody knows whether it serves well. \`prod\` is held until \`/unlock prod churn\`. A person has to look.

      **Do:**
      1. Bring back what the checks ask, or look at the service by hand; \`/rollback prod\` then proves it, and changes nothing in Git.
      2. No other release was verified here: \`/deploy prod\` of a mended one, or a revert in the config repository.
      3. When prod is well: \`/unlock prod churn\`. Until then automation deploys nothing there.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ❓ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`connection refused\` | \`≤ 0.12\` |
      | ❓ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`connection refused\` | \`≤ 0.01\` |

      After the rollback to as found:

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
      | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/11 with 1 pod\` | \`Ready\` |
      | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
      | ❓ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`connection refused\` | \`≤ 0.12\` |
      | ❓ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`connection refused\` | \`≤ 0.01\` |

      - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
      - promotion [PR 2](<github>/acme/ml-config/pull/2)
      - release \`<release>\`, commit \`<sha>\`
    `)
    expect(untimed(incidents(story).split('\n\nSeen of')[0])).toMatchInlineSnapshot(`
      🚨 churn in prod is not verified and needs a person (open; lockkeeper-incident)
      <!-- lockkeeper:incident:v1 of=<promotion> -->
      ### 🚨 churn in prod needs a person since <time>

      **What was found there before the first promotion is back in prod, synced and healthy; its checks had no data**, so that nobody knows whether it serves well.

      **Do:**
      1. Bring back what the checks ask, or look at the service by hand; \`/rollback prod\` then proves it, and changes nothing in Git.
      2. No other release was verified here: \`/deploy prod\` of a mended one, or a revert in the config repository.
      3. When prod is well: \`/unlock prod churn\`. Until then automation deploys nothing there.

      **What happened:**
      - v12, by alice: failed <time>: not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01) ([promotion PR 2](<github>/acme/ml-config/pull/2), [\`<sha>\`](<github>/acme/ml-config/commit/<sha>))
      - back to as found, automatic rollback: failed <time>: not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01) ([promotion PR 3](<github>/acme/ml-config/pull/3), [\`<sha>\`](<github>/acme/ml-config/commit/<sha>))
    `)
    await story.world.prometheus.up()
    await story.says('/rollback prod')
    await story.verifies()
    expect(untimed(incidents(story).split('\n\nSeen of')[0])).toMatchInlineSnapshot(`
      🚨 churn in prod is not verified and needs a person (closed; lockkeeper-incident)
      <!-- lockkeeper:incident:v1 of=<promotion> -->
      ### ✅ churn in prod: over, as found is verified since <time> by a rollback

      **What happened:**
      - v12, by alice: failed <time>: not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01) ([promotion PR 2](<github>/acme/ml-config/pull/2), [\`<sha>\`](<github>/acme/ml-config/commit/<sha>))
      - back to as found, automatic rollback: failed <time>: not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01) ([promotion PR 3](<github>/acme/ml-config/pull/3), [\`<sha>\`](<github>/acme/ml-config/commit/<sha>))
    `)
    expect(untimed(story.report(pull).split('\n\n|')[0])).toMatchInlineSnapshot(`
      ### ❌ churn v12 failed in prod
      Not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01). **The rollback to as found did not work either**: failed <time>: not verified within 20m: no data for 2 of 5 checks (connection refused, wanted ≤ 0.12; connection refused, wanted ≤ 0.01). 

      ✅ **Over:** as found is verified since <time> by a rollback.
    `)
  },
)

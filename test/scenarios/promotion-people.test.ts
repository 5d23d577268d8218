/** People who act on a promotion pull request themselves: their act stands. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { HOUR, scenario } from '../support/story.ts'

scenario('closed by a person: cancelled, and not opened again for that release', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  story.world.github.closePullRequest(CONFIG, config.number, { by: 'carol' })
  await story.settle()
  await story.pass(HOUR)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
  expect(story.reply(pull)).toMatchInlineSnapshot(
    `
    ➖ **churn v12 → prod**: cancelled 2026-11-24 10:00 UTC: its pull request was closed ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    If it is still wanted: reopen its pull request, or \`/deploy prod\`.
  `,
  )
})

scenario('merged by a person before the rules held: watched to the end like any other', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  story.world.github.merge(CONFIG, config.number, { by: 'carol', method: 'squash' })
  await story.settle()
  await story.verifies()
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ✅ **churn v12 → prod**: verified 2026-11-24 10:10 UTC ([promotion PR 2](<github>/acme/ml-config/pull/2)), alias champion → v12 — ⚠️ merged by carol although these rules did not hold: approvals.
    To go back: \`/rollback prod\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-prod\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService prod/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |
    | ✅ | \`GET https://churn.example.com/v2/health/ready\` | \`6 of 6 (last: HTTP 200)\` | \`200, 5 of 6\` |
    | ✅ | \`histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="churn"}[5m])) by (le))\` | \`0.084\` | \`≤ 0.12\` |
    | ✅ | \`sum(rate(request_errors_total{service="churn"}[5m])) / sum(rate(requests_total{service="churn"}[5m]))\` | \`0.002\` | \`≤ 0.01\` |
  `)
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
})

scenario('pushed to and merged at once: an approval of the head before counts for nothing', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  await story.says('/lock prod until we know')
  await story.reviews('carol')
  const files = { 'environments/prod/churn/NOTES.md': 'Not reviewed.\n' }
  story.world.github.commit(CONFIG, config.headRef, { message: 'And this', files, by: 'bob' })
  story.world.github.merge(CONFIG, config.number, { by: 'bob', method: 'squash' })
  await story.settle()
  await story.verifies()
  expect(story.thread(pull)).toContain('merged by bob although these rules did not hold: hold, approvals')
})

scenario('somebody pushes to its branch: it is theirs, and an approval of it merges nothing', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  const files = { 'environments/prod/churn/values.yaml': 'replicaCount: 1\n' }
  story.world.github.commit(CONFIG, config.headRef, { message: 'And this', files, by: 'bob' })
  await story.settle()
  await story.reviews('carol')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toMatchInlineSnapshot(
    `
    ➖ **churn v12 → prod**: cancelled 2026-11-24 10:00 UTC: somebody pushed to its branch; it is theirs now ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    Merge its pull request, or close it; if it is still wanted then: \`/deploy prod\`.
  `,
  )
})

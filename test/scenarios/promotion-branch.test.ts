/** The branch of a promotion pull request: what people push to it stays theirs, and what is ours is moved, labelled and cleaned up. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { HOUR, scenario, type Tale } from '../support/story.ts'

const BRANCH = 'lockkeeper/acme/models/churn/prod'
const INFERENCE = 'environments/prod/churn/inference.yaml'

async function pushes(story: Tale, branch: string = BRANCH) {
  const files = { 'environments/prod/churn/values.yaml': 'replicaCount: 1\n' }
  const sha = story.world.github.commit(CONFIG, branch, { message: 'And this', files, by: 'bob' })
  await story.settle()
  return sha
}

const branches = ({ world }: Tale): readonly string[] => Object.keys(world.github.branches(CONFIG)).toSorted()
const notes = ({ world }: Tale, number: number): readonly string[] =>
  world.github.comments(CONFIG, number).map(({ body }) => said(body.replace(/^<!-- .* -->\n/, '')))

scenario('it has labels, and its branch is gone once it is merged', async (story) => {
  await story.releases('better')
  expect(story.promotion('staging').labels).toEqual(['lockkeeper', 'model: churn', 'environment: staging'])
  expect(branches(story)).toEqual(['main'])
})

scenario('where GitHub deletes merged branches itself, it is left to GitHub', async (story) => {
  story.world.github.changeSettings(CONFIG, { deleteBranchOnMerge: true })
  await story.releases('better')
  expect(branches(story)).toEqual(['main'])
  expect(JSON.stringify(story.world.github.requests.map(({ body }) => body))).not.toContain('"afterOid":"0000')
})

scenario('somebody pushed: said there, once; the next release waits until they have closed it', async (story) => {
  await story.waitsForApproval()
  const config = story.promotion('prod')
  const sha = await pushes(story)
  expect(notes(story, config.number)).toMatchInlineSnapshot(`
    [
      ➖ **This pull request is yours now**: somebody pushed to its branch, so that Lockkeeper neither changes nor merges it.
    Merge it, and what it changes is watched like any other promotion; or close it. Until then the next promotion of churn to prod waits; a \`/rollback prod\` does not.,
    ]
  `)
  expect(await story.says('/deploy prod')).toMatchInlineSnapshot(
    `⏳ **churn v12 → prod**: waits: somebody pushed to the branch of [promotion PR 2](<github>/acme/ml-config/pull/2), so that it is theirs; it goes on when they have merged or closed that.`,
  )
  await story.pass(HOUR)
  expect(story.world.github.branches(CONFIG)[BRANCH]).toBe(sha)
  story.world.github.closePullRequest(CONFIG, config.number, { by: 'bob' })
  await story.settle()
  expect(story.promotions().slice(1)).toEqual([
    'Promote churn v12 to prod (closed)',
    'Promote churn v12 to prod (open)',
  ])
  expect(notes(story, config.number)).toHaveLength(1)
})

scenario('somebody pushed and merges it: what was waiting goes on from there, flagged', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  const files = { 'README.md': 'By bob\n' }
  story.world.github.commit(CONFIG, BRANCH, { message: 'And this', files, by: 'bob' })
  await story.settle()
  await story.says('/deploy prod')
  story.world.github.merge(CONFIG, config.number, { by: 'bob', method: 'squash' })
  await story.settle()
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
})

scenario(
  'nobody merges or closes what they made theirs: the next promotion is waited for no longer than any',
  async (story) => {
    const pull = await story.waitsForApproval()
    await pushes(story)
    await story.says('/deploy prod')
    await story.pass(25 * HOUR, 5 * HOUR)
    expect(story.reply(pull)).toMatchInlineSnapshot(`
      ➖ **churn v12 → prod**: cancelled 2026-11-25 11:00 UTC: it waited for 1d: pull request 2, to which somebody pushed, was neither merged nor closed.
      If it is still wanted: \`/deploy prod\`.
    `)
  },
)

scenario('a rollback does not wait for what somebody pushed: it has a branch of its own', async (story) => {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.waitsForApproval('better-2')
  const sha = await pushes(story)
  await story.says('/rollback prod')
  const rollback = story.world.github.pullRequests(CONFIG).at(-1)
  expect(rollback).toMatchObject({ headRef: `${BRANCH}+rollback`, merged: true })
  expect(rollback?.labels).toEqual(['lockkeeper', 'model: churn', 'environment: prod', 'rollback'])
  expect(branches(story)).toEqual([BRANCH, 'main'])
  expect(story.world.github.branches(CONFIG)[BRANCH]).toBe(sha)
  expect(story.manifest(INFERENCE)).toContain('s3://acme-models/churn/11')
})

scenario(
  'GitHub merged the base into it: made anew on that base, since nobody else has a commit in it',
  async (story) => {
    await story.waitsForApproval()
    const config = story.promotion('prod')
    await story.writes('README.md', '# Elsewhere\n')
    story.world.github.updateBranch(CONFIG, config.number, { by: 'carol' })
    await story.settle()
    expect(story.promotion('prod')).toMatchObject({ number: config.number, state: 'open' })
    expect(story.promotion('prod').commits).toHaveLength(1)
    expect(story.history('prod')).toMatchInlineSnapshot(
      `Made anew 2026-11-24 10:00 UTC on the base branch as it was then: its branch was updated. Approvals from before do not count any more.`,
    )
    await story.reviews('bob')
    expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  },
)

scenario('somebody made it a pull request into another branch: it is theirs', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  story.world.github.commit(CONFIG, 'other', { message: 'Other', files: { a: 'a' }, by: 'bob', from: 'main' })
  story.world.github.editPullRequest(CONFIG, config.number, { base: 'other', by: 'bob' })
  await story.settle()
  await story.reviews('carol')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ➖ **churn v12 → prod**: cancelled 2026-11-24 10:00 UTC: somebody made it a pull request into \`other\`; it is theirs now ([promotion PR 2](<github>/acme/ml-config/pull/2)).
    Merge its pull request, or close it; if it is still wanted then: \`/deploy prod\`.
  `)
})

scenario('closed by a person: said there and in the thread; reopened as it was, it goes on', async (story) => {
  const pull = await story.waitsForApproval()
  const config = story.promotion('prod')
  story.world.github.closePullRequest(CONFIG, config.number, { by: 'carol' })
  await story.settle()
  expect(notes(story, config.number)).toMatchInlineSnapshot(`
    [
      ➖ **Closed: churn v12 is not promoted to prod**, and not proposed there again by itself.
    To have it again: reopen this pull request as it is (GitHub restores its branch), or \`/deploy prod\` for a new one. A newer release is proposed all the same.,
    ]
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ➖ not promoted to prod
    **Next:** if it is still wanted: reopen its pull request, or \`/deploy prod\`.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    - ➖ **prod** by alice: cancelled 2026-11-24 10:00 UTC: its pull request was closed ([promotion PR 2](<github>/acme/ml-config/pull/2))
  `)
  expect(branches(story)).toEqual(['main'])
  story.world.github.restoreBranch(CONFIG, config.number, { by: 'carol' })
  story.world.github.reopenPullRequest(CONFIG, config.number, { by: 'carol' })
  await story.settle()
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  expect(branches(story)).toEqual(['main'])
})

scenario('a newer release takes the pull request over, and tells what was in it', async (story) => {
  const first = await story.proposes('better')
  await story.says('/lock staging churn an audit')
  await story.merges(first)
  await story.releases('better-2')
  const before = story.promotion('staging')
  await story.releases('better-3')
  expect(story.promotions()).toEqual(['Promote churn v14 to staging (open)'])
  expect(story.promotion('staging')).toMatchObject({ number: before.number, baseSha: before.baseSha })
  expect(story.promotion('staging').commits).toHaveLength(1)
  expect(story.history('staging')).toMatchInlineSnapshot(
    `Earlier in this pull request: v12, replaced by v13 2026-11-24 09:00 UTC; v13, replaced by v14 2026-11-24 09:00 UTC.`,
  )
})

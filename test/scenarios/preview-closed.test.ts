/** What becomes of a deployed head when its pull request is closed or merged. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { builds, previews, ready } from '../support/preview-story.ts'
import { MINUTE, type Tale } from '../support/story.ts'

type Numbered = { readonly number: number }

async function closes(story: Tale, { number }: Numbered): Promise<void> {
  story.world.github.closePullRequest(MODELS, number, { by: 'dave' })
  await story.settle()
}

const needsApproval = (story: Tale) =>
  story.configures((text) => text.replace('    from: pull_request\n', '    from: pull_request\n    approvals: 1\n'))

previews('closed while it is live: the way back is offered, and works', async (story) => {
  const first = await ready(story, 'better')
  await story.says('/deploy dev')
  const pull = await ready(story, 'better-2')
  await story.says('/deploy dev')
  await closes(story, pull)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 2 at \`<sha>\` is still live in dev
    This pull request was closed without a merge. **Next:** \`/rollback dev churn\` brings back PR 1 at \`<sha>\`, and holds dev until \`/unlock dev churn\`; or deploy another pull request there.
  `)
  expect(await story.says('/rollback dev churn', { on: pull.number })).toMatchInlineSnapshot(`
    ✅ **Rollback of churn in dev to PR 1 at \`<sha>\`**: verified 2026-11-24 09:03 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)).
    \`dev\` is held until \`/unlock dev churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  expect(story.thread(first)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ✅ live in dev
    **Next:** to go back: \`/rollback dev\`.

    - ✅ **dev** by alice: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

previews('closed, opened and closed again: the way back is offered once', async (story) => {
  const pull = await ready(story, 'better')
  await story.says('/deploy dev')
  await closes(story, pull)
  story.world.github.reopenPullRequest(MODELS, pull.number, { by: 'dave' })
  await story.settle()
  await closes(story, pull)
  const offers = story.world.github.comments(MODELS, pull.number).filter(({ body }) => body.includes('still live'))
  expect(offers).toHaveLength(1)
  expect(await story.says('/deploy dev', { on: pull.number })).toMatchInlineSnapshot(`
    👎 **Refused** (\`not_merged\`): pull request 1 was closed without a merge: nothing of it goes to dev.
    Reopen it, or comment on the pull request that is meant.
  `)
})

previews('closed while its release is made: it goes nowhere', async (story) => {
  const pull = await story.proposes('better')
  await story.pass(MINUTE)
  await story.says('/deploy dev')
  await closes(story, pull)
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ➖ **churn PR 1 at \`<sha>\` → dev**: cancelled 2026-11-24 09:02 UTC: pull request 1 was closed without a merge.
    If it is still wanted: reopen the pull request, then \`/deploy dev\`.
  `)
  builds(story, pull)
  await story.pass(MINUTE)
  expect([story.promotions(), story.thread(pull)]).toEqual([[], '(no comment)'])
})

previews('closed while its promotion waits for an approval: cancelled, with its pull request', async (story) => {
  await needsApproval(story)
  const pull = await ready(story, 'better')
  await story.says('/deploy dev')
  expect(story.promotions()).toEqual([expect.stringMatching(/\(open\)$/)])
  await closes(story, pull)
  expect(story.promotions()).toEqual([expect.stringMatching(/\(closed\)$/)])
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ➖ **churn PR 1 at \`<sha>\` → dev**: cancelled 2026-11-24 09:02 UTC: pull request 1 was closed without a merge ([promotion PR 1](<github>/acme/ml-config/pull/1)).
    If it is still wanted: reopen the pull request, then \`/deploy dev\`.
  `)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ➖ not promoted to dev
    **Next:** if it is still wanted: reopen the pull request, then \`/deploy dev\`.

    - ➖ **dev** by alice: cancelled 2026-11-24 09:02 UTC: pull request 1 was closed without a merge ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
})

previews('closed while it rolls out: the way back is offered when it is verified', async (story) => {
  story.world.argocd.script('churn-dev', { neverHealthy: true })
  const pull = await ready(story, 'better')
  await story.says('/deploy dev')
  await closes(story, pull)
  expect(story.report(pull)).toBe('(no comment)')
  story.world.argocd.script('churn-dev', { neverHealthy: false })
  await story.settle()
  await story.pass(MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### 🔭 churn PR 1 at \`<sha>\` is still live in dev
    This pull request was closed without a merge. **Next:** \`/rollback dev churn\` brings back the values that were there before Lockkeeper, and holds dev until \`/unlock dev churn\`; or deploy another pull request there.
  `)
})

previews('merged while it is live: nothing is offered', async (story) => {
  const pull = await ready(story, 'better')
  await story.says('/deploy dev')
  await story.merges(pull)
  expect(story.report(pull)).toBe('(no comment)')
})

previews('another head is live by then: nothing is offered', async (story) => {
  const first = await ready(story, 'better')
  await story.says('/deploy dev')
  await ready(story, 'better-2')
  await story.says('/deploy dev')
  await closes(story, first)
  expect(story.report(first)).toBe('(no comment)')
})

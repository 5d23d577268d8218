/** Buttons of the comparison's check run: a click is a command of whoever clicked, for the very head that the check run is of. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { previews, pushes, ready } from '../support/preview-story.ts'
import { said } from '../support/said.ts'
import type { Tale } from '../support/story.ts'

type Pull = { readonly number: number; readonly headSha: string }

const checkOf = ({ world }: Tale, { headSha }: Pick<Pull, 'headSha'>) => {
  const run = world.github.checkRuns(MODELS, headSha).findLast(({ app }) => app === 'lockkeeper')
  if (run === undefined) throw new Error('there is no check run')
  return run
}

async function clicks(story: Tale, pull: Pull, { by = 'alice', label = 'Deploy to dev' } = {}): Promise<string> {
  const run = checkOf(story, pull)
  const button = run.actions.find((action) => action.label === label)
  story.world.github.clickCheckAction(MODELS, run.id, button?.identifier ?? 'no such button', { by })
  await story.settle()
  return story.reply(pull)
}

const commentsOf = ({ world }: Tale, { number }: Pull): number => world.github.comments(MODELS, number).length

previews('the head is deployed by a click, which says who clicked and is answered once', async (story) => {
  const pull = await ready(story, 'better')
  expect(checkOf(story, pull).actions.map(({ label }) => label)).toEqual(['Re-evaluate', 'Deploy to dev'])
  const before = commentsOf(story, pull)
  expect(await clicks(story, pull)).toMatchInlineSnapshot(`
    🔘 alice clicked a button of the check run at \`<sha>\`, which means \`/deploy dev churn <sha>\`.

    ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)).
    To go back: \`/rollback dev\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  // The reply, and the thread of what became of it.
  expect(commentsOf(story, pull)).toBe(before + 2)
  expect(await clicks(story, pull)).toMatchInlineSnapshot(`
    🔘 alice clicked a button of the check run at \`<sha>\`, which means \`/deploy dev churn <sha>\`.

    👎 **Refused** (\`already_live\`): churn PR 1 at \`<sha>\` may not go to dev now: PR 1 at \`<sha>\` is already live in dev.
    There is nothing to do.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ❌ | newer | PR 1 at \`<sha>\` is already live in dev: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:02 UTC |
    | ✅ | release | complete |
    | ✅ | checks | its branch demands no checks |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files hold them already |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  expect(commentsOf(story, pull)).toBe(before + 3)
})

previews('whoever may not deploy there is refused, as by a comment', async (story) => {
  const pull = await ready(story, 'better')
  await story.configures((text) =>
    text.replace('    from: pull_request\n', '    from: pull_request\n    deployers: ["user:bob"]\n'),
  )
  expect(await clicks(story, pull)).toMatchInlineSnapshot(`
    🔘 alice clicked a button of the check run at \`<sha>\`, which means \`/deploy dev churn <sha>\`.

    👎 **Refused** (\`not_allowed\`): churn PR 1 at \`<sha>\` may not go to dev now: alice may not deploy to dev; these may: bob.
    Ask one of them to write the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | alice may not deploy to dev; these may: bob |
    | ✅ | newer | nothing is live there yet |
    | ⏳ | release | is made now |
    | ✅ | checks | its branch demands no checks |
    | ⏳ | gates | judged when the release is there |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ⏳ | values | not known without a release |
    | ✅ | approvals | no approval asked |

    </details>
  `)
  expect(story.promotions()).toEqual([])
})

previews('a button of a head that was left behind deploys nothing', async (story) => {
  const pull = await ready(story, 'better')
  pushes(story, pull)
  await story.settle()
  expect(await clicks(story, pull)).toMatchInlineSnapshot(`
    🔘 alice clicked a button of the check run at \`<sha>\`, which means \`/deploy dev churn <sha>\`.

    👎 **Refused** (\`head_moved\`): \`<sha>\` is not the head of pull request 1.
    To deploy what is there now, look at it and write \`/deploy dev <sha>\`.
  `)
  expect(story.promotions()).toEqual([])
})

previews('a button whose environment is gone says so', async (story) => {
  const pull = await ready(story, 'better')
  await story.configures((text) => text.replace('environments: [dev, staging, prod]', 'environments: [staging, prod]'))
  expect(await clicks(story, pull)).toMatchInlineSnapshot(`
    🔘 alice clicked a button of the check run at \`<sha>\`.

    👎 **Refused** (\`environment_unknown\`): the environment of this button is in the configuration no more.
    \`/deploy <environment>\` names one of those that are there; \`/status\` lists them.
  `)
})

previews('a delivery that comes twice is one click', async (story) => {
  const pull = await ready(story, 'better')
  await clicks(story, pull)
  const before = commentsOf(story, pull)
  const { github } = story.world
  const click = github.deliveries.findLast(
    ({ event, action }) => event === 'check_run' && action === 'requested_action',
  )
  github.redeliver(click?.guid ?? '')
  await story.settle()
  expect(commentsOf(story, pull)).toBe(before)
  expect(story.promotions()).toHaveLength(1)
})

previews('what fails has no button to deploy it', async (story) => {
  const pull = await ready(story, 'slow')
  expect(said(story.check(pull))).toMatch('failure')
  expect(checkOf(story, pull).actions.map(({ label }) => label)).toEqual(['Re-evaluate'])
})

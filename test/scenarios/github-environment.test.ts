/** GitHub's own environments of the model repository: asked of what Lockkeeper deploys, as GitHub asks them of workflows. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

scenario('one of its required reviewers has to approve, and counts as an approver', async (story) => {
  story.world.github.setEnvironment(MODELS, 'prod/churn', { reviewers: ['erin'] })
  await story.configures(
    (text) => text.replace('prod: { approvals: 1, soak: 30m }', 'prod: { soak: 30m }'),
    'acme/ml-config',
  )
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 0 '))
  const pull = await story.waitsForApproval()
  await story.reviews('carol')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: GitHub's environment \`prod/churn\` needs an approving review by erin.
    It is merged by itself when nothing is open any more.
  `)
  await story.reviews('erin')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('its wait timer runs from the command, and the promotion is merged when it is over', async (story) => {
  story.world.github.setEnvironment(MODELS, 'prod', { wait: 90 })
  const pull = await story.waitsForApproval()
  await story.reviews('bob')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: GitHub's environment \`prod\` waits 1h 30m (until 2026-11-24 11:31 UTC).
    It is merged by itself when nothing is open any more.
  `)
  await story.pass(2 * HOUR, 5 * MINUTE)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('a branch that may not be deployed there is refused, also by force', async (story) => {
  story.world.github.setEnvironment(MODELS, 'prod', { branches: ['release/*'] })
  await story.releases('better')
  await story.pass(HOUR)
  expect(await story.says('/deploy prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`environment_policy\`): churn v12 may not go to prod now: GitHub's environment \`prod\` takes only \`release/*\`, and this is of \`main\`.
    Deploy from such a branch, or change the deployment branches of \`prod\` in the repository's settings.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 1h: since 2026-11-24 09:00 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
    | ❌ | github-environment | GitHub's environment \`prod\` takes only \`release/*\`, and this is of \`main\` |

    </details>
  `)
  expect(await story.says('/deploy prod --force "the model is wrong"')).toMatchInlineSnapshot(`
    👎 **Refused** (\`environment_policy\`): churn v12 may not go to prod now: GitHub's environment \`prod\` takes only \`release/*\`, and this is of \`main\`.
    Deploy from such a branch, or change the deployment branches of \`prod\` in the repository's settings.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | soak | soaked for 30m: since 2026-11-24 09:00 UTC |
    | ➖ | freeze | forced: the model is wrong |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
    | ❌ | github-environment | GitHub's environment \`prod\` takes only \`release/*\`, and this is of \`main\` |

    </details>
  `)
  expect(story.promotions().some((line) => line.includes('prod'))).toBe(false)
})

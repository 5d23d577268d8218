/** Commands on issues: for whoever is called at night, where the repository has opted in and the App may answer. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { said } from '../support/said.ts'
import { MINUTE, scenario, scenarios, type Tale } from '../support/story.ts'

const OPTED_IN = 'version: 1\noperations: { label: Lockkeeper }\n'
const optsIn = (text: string): string => text.replace(/^version: 1\n/m, OPTED_IN)

const granted = scenarios({ grants: { issues: 'write' } })

type Opening = { readonly labels?: readonly string[]; readonly in?: string }

/** alice opens an issue; gives its number. */
function opensIssue(
  { world: { github } }: Tale,
  { labels = ['lockkeeper'], in: where = MODELS }: Opening = {},
): number {
  const number = github.openIssue(where, { title: 'churn answers nonsense', by: 'alice' })
  if (labels.length > 0) github.addLabels(where, number, labels, { by: 'alice' })
  return number
}

/** Everything that the bot says on it. */
const answers = ({ world: { github } }: Tale, number: number, where = MODELS): readonly string[] =>
  github
    .comments(where, number)
    .filter(({ author }) => author.endsWith('[bot]'))
    .map(({ body }) => said(body).replace(/^(?:<!-- .* -->\n+)+/, ''))

const reactions = ({ world: { github } }: Tale, number: number): readonly string[] =>
  github.comments(MODELS, number).flatMap((comment) => comment.reactions.map(({ content }) => content))

granted('status, lock, rollback and unlock at night, without a pull request', async (story) => {
  await story.configures(optsIn)
  await story.releases('better')
  await story.releases('better-2')
  const on = opensIssue(story)
  await story.says('/status staging churn', { on })
  await story.says('/lock staging churn for 2h nonsense', { on })
  await story.says('/rollback staging churn', { on })
  await story.pass(2 * MINUTE)
  await story.says('/unlock staging churn', { on })
  expect(answers(story, on).join('\n\n======\n\n')).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v13 since 2026-11-24 09:00 UTC, by automation | – | – |

    ======

    🔒 \`staging\` for \`churn\` is held until 2026-11-24 11:01 UTC: only a rollback goes there.
    Reason: nonsense
    To lift it: \`/unlock staging churn\`.

    ======

    ✅ **Rollback of churn in staging to v12**: verified 2026-11-24 09:00 UTC ([promotion PR 3](<github>/acme/ml-config/pull/3)).
    \`staging\` is held until \`/unlock staging churn\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-staging\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    | ✅ | \`InferenceService staging/churn\` | \`Ready, serves s3://acme-models/churn/12 with 1 pod\` | \`Ready\` |

    ======

    🔓 \`staging\` for \`churn\` is free again.

    Lifted:
    - the lock by alice since 2026-11-24 09:00 UTC, until 2026-11-24 11:01 UTC: nonsense
    - the hold by alice after a rollback or a failure since 2026-11-24 09:00 UTC: rolled back to v12 by alice
  `)
  expect(reactions(story, on)).toEqual(['eyes', 'rocket', 'eyes', 'rocket', 'eyes', 'rocket', 'eyes', 'rocket'])
  expect(story.promotions().at(-1)).toBe('Roll back churn in staging to v12 (merged)')
})

granted('what belongs to a pull request is refused with the place to write it', async (story) => {
  await story.configures(optsIn)
  await story.releases('better')
  const on = opensIssue(story)
  await story.says('/deploy staging churn v12', { on })
  await story.says('/approve staging churn', { on })
  await story.says('/help', { on })
  expect(answers(story, on).join('\n\n======\n\n')).toMatchInlineSnapshot(`
    😕 \`/deploy\` is not for issues, and was not run.
    Write it on the pull request of the model, or on a promotion pull request.

    ======

    😕 \`/approve\` is not for issues, and was not run.
    Write it on the pull request of the model, or on a promotion pull request.

    ======

    One command per line, at the start of a line. Commands in quotes or code do nothing, and neither do edits.

    | Command | Does | Who may |
    | --- | --- | --- |
    | \`/rollback [environment] [model] [to <version or release>] [--dry-run]\` | Puts the newest verified release (or the one named) back, without waiting for soak, freeze, gates or approvals, then holds the environment. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/status [environment] [model]\` | Says what is live where, since when and by whom, what is under way, and what is held or frozen. | everybody who can comment |
    | \`/lock [environment] [model] [for <duration>] [reason] [--dry-run] [--all]\` | Holds the environment for every model, or for the one that is named: neither automation nor \`/deploy\` goes past it. On a promotion pull request, without an environment: its own model and environment. | the environment's \`lockers\`; without that list its \`deployers\`. \`--all\`: people who maintain the config repository |
    | \`/unlock [environment] [model] [--dry-run] [--all]\` | Lifts the hold on the environment, or of the one model that is held there; what a rollback left, too. The reply names what was lifted. | the environment's \`lockers\`; without that list its \`deployers\`. \`--all\`: people who maintain the config repository |
    | \`/help\` | Lists the commands that make sense where it is asked, and who may deploy what. | everybody who can comment |

    | Environment | Models | Who may deploy |
    | --- | --- | --- |
    | \`staging\` | churn, fraud | people with write access to both repositories |
    | \`prod\` | churn | team ml-leads, alice |

    <details><summary>Examples</summary>

    \`\`\`
    /rollback prod
    /rollback prod to v11
    /rollback prod churn
    /status
    /status prod
    /lock prod
    /lock prod churn for 2h incident in the feature store
    /lock --all for 1h the cluster moves
    /unlock prod
    /unlock prod churn
    /help
    \`\`\`

    </details>
  `)
})

granted('names are needed where there are several, and rights are asked as anywhere', async (story) => {
  await story.configures(optsIn)
  await story.releases('better')
  const on = opensIssue(story)
  await story.says('/rollback', { on })
  await story.says('/rollback staging churn', { on, by: 'erin' })
  expect(answers(story, on).join('\n\n======\n\n')).toMatchInlineSnapshot(`
    😕 which environment?
    Environments: staging, prod. Usage: \`/rollback [environment] [model] [to <version or release>] [--dry-run]\`.

    ======

    👎 **Refused** (\`not_allowed\`): churn in staging may not be rolled back now: erin may not roll back staging; these may: people with write access to both repositories.
    Ask one of them to write the command.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ❌ | who-may | erin may not roll back staging; these may: people with write access to both repositories |
    | ✅ | newer | v12 is live: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ✅ | release | complete |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ➖ | approvals | a rollback does not wait for it |

    </details>
  `)
})

granted('the whole config repository, on an issue of it', async (story) => {
  await story.releases('better')
  await story.configures(optsIn, CONFIG)
  const on = opensIssue(story, { in: CONFIG })
  await story.says('/status', { on, in: CONFIG })
  await story.says('/lock --all for 1h the cluster moves', { on, in: CONFIG, by: 'carol' })
  expect(answers(story, on, CONFIG).join('\n\n======\n\n')).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v12 since 2026-11-24 09:00 UTC, by automation | – | – |
    | churn | prod | as found | – | next freeze 2026-11-27 15:00 UTC |
    | fraud | staging | as found | – | – |

    ======

    🔒 Everything that goes into \`acme/ml-config\` is held until 2026-11-24 10:01 UTC: only rollbacks go there.
    Reason: the cluster moves
    To lift it: \`/unlock --all\`.
  `)
})

granted('silent on other issues, closed ones, and where nobody has opted in', async (story) => {
  const [early, other] = [opensIssue(story), opensIssue(story, { labels: ['bug'] })]
  await story.says('/status', { on: early })
  await story.configures(optsIn)
  await story.says('/status', { on: other })
  const bare = opensIssue(story, { labels: [] })
  await story.says('/status', { on: bare })
  for (const number of [early, other, bare]) expect(answers(story, number)).toEqual([])
  for (const number of [early, other, bare]) expect(reactions(story, number)).toEqual([])
})

scenario(
  'without the permission nothing is run, since nobody could be told, and nothing is tried again',
  async (story) => {
    await story.configures(optsIn)
    await story.releases('better')
    const on = opensIssue(story)
    const calls = await story.calls(() => story.says('/lock staging churn', { on }))
    expect(calls).toMatchInlineSnapshot(`
      [
        Write,
      ]
    `)
    await story.pass(10 * MINUTE)
    expect(answers(story, on)).toEqual([])
    expect(await story.says('/status staging churn')).not.toContain('Held')
  },
)

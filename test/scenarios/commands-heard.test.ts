/** Which comments are commands, and the commands that only tell something. One story: v12 is verified in staging. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { startStory } from '../support/bot.ts'
import { type Tale, tale } from '../support/story.ts'

let story: Tale

beforeAll(async () => {
  story = tale(await startStory())
  await story.releases('better')
})
afterAll(async () => {
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.world.violations()).toEqual([])
  await story.end()
})

test.each([
  ['a quote', '> /deploy staging'],
  ['inline code', '`/rollback staging`'],
  ['a code block', '```\n/rollback staging\n```'],
  ['an indented block', 'As I said:\n\n    /rollback staging'],
  ['an HTML comment', '<!--\n/rollback staging\n-->'],
  ['a footnote', 'As before[^1].\n\n[^1]: Last time:\n    /rollback staging'],
  ['the mail that an answer quotes', 'Thanks!\n\nOn Tue, 24 Nov 2026 at 09:00, bob wrote:\n\n/rollback staging'],
  ['the middle of a sentence', 'Shall we /rollback staging now?'],
  ['a command of another bot', '/assign @bob'],
])('%s is no command', async (_, body) => {
  expect(await story.says(body)).toBe('(no reply)')
  expect(story.reactions({ number: 1 })).toEqual([])
})

test('an edited comment is no command', async () => {
  const id = story.world.github.comment(MODELS, 1, 'Looks good.', { by: 'alice' })
  story.world.github.editComment(MODELS, id, '/rollback staging', { by: 'alice' })
  await story.settle()
  expect(story.replyTo(id)).toBe('(no reply)')
})

test('a bot gives no commands', async () => {
  story.world.github.createUser('helpful[bot]', { type: 'Bot' })
  story.world.github.setCollaborator(MODELS, 'helpful[bot]', 'write')
  expect(await story.says('/rollback staging', { by: 'helpful[bot]' })).toBe('(no reply)')
})

test('a word that is nearly a command: did you mean, once', async () => {
  expect(await story.says('/deplyo staging\n/rolback staging')).toMatchInlineSnapshot(`
    😕 There is no command \`/deplyo\`.
    Did you mean \`/deploy\`? \`/help\` lists all.
  `)
})

test('a command with a character that nobody can see is told, not run', async () => {
  expect(await story.says('/rollback \u202egnigats')).toMatchInlineSnapshot(`
    😕 The line of \`/rollback\` holds a character that nobody can see (U+202E), so that it was not run.
    Type the command by hand instead of pasting it.
  `)
})

test('/help lists the commands', async () => {
  expect(await story.says('/help', { by: 'erin' })).toMatchInlineSnapshot(`
    One command per line, at the start of a line. Commands in quotes or code do nothing, and neither do edits.

    | Command | Does | Who may |
    | --- | --- | --- |
    | \`/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]\` | Promotes the release of this pull request (or the one named) to the environment: opens the promotion pull request and merges it when every rule holds. Of an open pull request its head, where the environment says \`from: pull_request\`. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/rollback [environment] [model] [to <version or release>] [--dry-run]\` | Puts the newest verified release (or the one named) back, without waiting for soak, freeze, gates or approvals, then holds the environment. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/status [environment] [model]\` | Says what is live where, since when and by whom, what is under way, and what is held or frozen. | everybody who can comment |
    | \`/lock <environment> [model] [for <duration>] [reason] [--dry-run]\` | Holds the environment: neither automation nor \`/deploy\` goes past it. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/unlock <environment> [model] [--dry-run]\` | Lifts the hold on the environment. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/help\` | Lists the commands that make sense where it is asked, and who may deploy what. | everybody who can comment |

    | Environment | Models | Who may deploy |
    | --- | --- | --- |
    | \`staging\` | churn, fraud | people with write access to both repositories |
    | \`prod\` | churn | team ml-leads, alice |

    <details><summary>Examples</summary>

    \`\`\`
    /deploy staging
    /deploy prod
    /deploy prod churn v12
    /deploy prod --dry-run
    /deploy prod --force "fixes an outage"
    /rollback prod
    /rollback prod to v11
    /rollback prod churn
    /status
    /status prod
    /lock prod
    /lock prod for 2h incident in the feature store
    /unlock prod
    /help
    \`\`\`

    </details>
  `)
})

test('/status says what is live where', async () => {
  expect(await story.says('/status', { by: 'erin' })).toMatchInlineSnapshot(`
    Nothing is under way.

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | staging | v12 since 2026-11-24 09:00 UTC, by automation | – | – |
    | churn | prod | as found | – | – |
    | fraud | staging | as found | – | – |
  `)
})

test('a dry run judges every rule and does nothing', async () => {
  expect(await story.says('/deploy prod --dry-run')).toMatchInlineSnapshot(`
    👎 **Refused** (\`soak\`): churn v12 may not go to prod now: soaks in staging for 1h.
    Repeat it from 2026-11-24 10:01 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass |
    | ✅ | after | verified in staging |
    | ⏳ | soak | soaks in staging for 1h, passes from 2026-11-24 10:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  await story.pass(3_600_000)
  expect(await story.says('/deploy prod --dry-run')).toMatchInlineSnapshot(`
    🔎 **Dry run of churn v12 → prod**, nothing was done: it may be opened now; before the merge it still waits for this: needs 1 approval by team ml-leads, bob.
    To do it: \`/deploy prod\`.

    \`\`\`diff
    @@ environments/prod/churn/inference.yaml spec.predictor.sklearn.storageUri @@
    -s3://acme-models/churn/11
    +s3://acme-models/churn/12
    @@ environments/prod/churn/values.yaml image.tag @@
    -3f9c2e1d@sha256:<digest>
    +<sha>@sha256:<digest>
    @@ environments/prod/churn/values.yaml podAnnotations."lockkeeper.dev/release" @@
    +<release>
    \`\`\`

    <details><summary>With the lines around</summary>

    \`\`\`diff
    --- a/environments/prod/churn/inference.yaml
    +++ b/environments/prod/churn/inference.yaml
    @@ -12,5 +12,5 @@
     spec:
         predictor:
             sklearn:                 # the older shape, still served
    -            storageUri: 's3://acme-models/churn/11'
    +            storageUri: 's3://acme-models/churn/12'
                 resources: {requests: {cpu: 500m}}
    --- a/environments/prod/churn/values.yaml
    +++ b/environments/prod/churn/values.yaml
    @@ -3,11 +3,11 @@
     
     image:
       repository: ghcr.io/acme/churn   # no tag here
    -  tag: 3f9c2e1d@sha256:<digest>
    +  tag: <sha>@sha256:<digest>
       pullPolicy: IfNotPresent
     
     podAnnotations:
    -  "lockkeeper.dev/release": ""
    +  "lockkeeper.dev/release": "<release>"
       prometheus.io/scrape: "true"
     
     resources: &res
    \`\`\`

    </details>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass |
    | ✅ | after | verified in staging |
    | ✅ | soak | soaked for 1h |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |
  `)
})

test('several lines are run in order, up to the first that is refused', async () => {
  expect(await story.says('/lock prod for 2h incident\n/deploy prod\n/unlock prod')).toMatchInlineSnapshot(`
    🔒 \`prod\` is held for \`churn\` until 2026-11-24 12:01 UTC: only a rollback goes there.
    To lift it: \`/unlock prod churn\`.

    ---

    👎 **Refused** (\`held\`): churn v12 may not go to prod now: held by alice: incident.
    Repeat it from 2026-11-24 12:01 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | gates | gates pass |
    | ✅ | after | verified in staging |
    | ✅ | soak | soaked for 1h |
    | ✅ | freeze | no freeze |
    | ⏳ | hold | held by alice: incident, passes from 2026-11-24 12:01 UTC |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  expect(await story.says('/unlock prod\n/unlock prod')).toMatchInlineSnapshot(`
    🔓 \`prod\` is free for \`churn\` again.

    ---

    \`prod\` was not held for \`churn\`.
  `)
})

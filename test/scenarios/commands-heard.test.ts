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
    | \`/canary [environment] [model] <percent> [--dry-run]\` | Gives the release that is on its way this share of the traffic, up or down, as soon as what is under way is synced. There it stays, and is watched, until the next \`/canary\`, \`/promote\` or \`/rollback\`. For environments with \`canary:\`. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/promote [environment] [model] [--dry-run]\` | Gives the release that is on its way all of the traffic, without the remaining steps of \`canary:\`. The checks of \`verify:\` follow as ever. | the environment's \`deployers\`; without that list, people with write access to both repositories |
    | \`/compare [model] [with <version, alias, environment or commit>]\` | Compares the head anew; with another baseline (a version, an alias, what is live in an environment, a commit of the base branch) in the reply alone. | the author of the pull request, and people with triage access to the model repository |
    | \`/status [environment] [model]\` | Says what is live where, since when and by whom, what is under way, and what is held or frozen. | everybody who can comment |
    | \`/lock [environment] [model] [for <duration>] [reason] [--dry-run] [--all]\` | Holds the environment for every model, or for the one that is named: neither automation nor \`/deploy\` goes past it. On a promotion pull request, without an environment: its own model and environment. | the environment's \`lockers\`; without that list its \`deployers\`. \`--all\`: people who maintain the config repository |
    | \`/unlock [environment] [model] [--dry-run] [--all]\` | Lifts the hold on the environment, or of the one model that is held there; what a rollback left, too. The reply names what was lifted. | the environment's \`lockers\`; without that list its \`deployers\`. \`--all\`: people who maintain the config repository |
    | \`/approve [environment] [model] [--dry-run]\` | Approves the promotion as its pull request is now; an approving review of that counts the same. Whatever changes it voids the approval. A review is no command: \`/approve\` is heard in a comment of the conversation. | the environment's \`approvers\`; without that list, its deployers. Never whoever asked for the promotion, nor the author of the model's pull request |
    | \`/cancel [environment] [model] [--dry-run]\` | Stops what is on its way to the environment before it is merged: closes the promotion pull request, and automation does not propose that release there again. What is merged is taken out by \`/rollback\`. | the environment's \`deployers\`, and whoever asked for that promotion |
    | \`/override <gate> [model] <reason> [--dry-run] [--head "<sha>"] [--revoke]\` | Waives one gate that fails, for the head of this pull request as it is: the next push voids it. Who waived it, and why, stays with the check run, the release and its promotions. | the model's \`overriders\`; without that list, people who maintain the repository; the author of the pull request only where \`overriders\` names them |
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
    /canary prod 25
    /canary prod churn 5
    /canary prod 50 --dry-run
    /promote prod
    /promote prod churn
    /compare
    /compare with v12
    /compare churn with @champion
    /compare with prod
    /status
    /status prod
    /lock prod
    /lock prod churn for 2h incident in the feature store
    /lock --all for 1h the cluster moves
    /unlock prod
    /unlock prod churn
    /approve
    /approve prod
    /approve prod churn
    /cancel
    /cancel prod
    /cancel prod churn
    /override auc known outage of the feature store
    /override "drift/Share of drifted columns" churn campaign of last week
    /override --revoke auc
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
    | churn | prod | as found | – | next freeze 2026-11-27 15:00 UTC |
    | fraud | staging | as found | – | – |
  `)
})

test('a dry run judges every rule and does nothing', async () => {
  expect(await story.says('/deploy prod --dry-run')).toMatchInlineSnapshot(`
    👎 **Refused** (\`soak\`): churn v12 may not go to prod now: must soak 1h in staging.
    Repeat it from 2026-11-24 10:01 UTC on.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | gates pass: [the comparison](<github>/acme/models/pull/1) |
    | ✅ | after | verified in staging: [promotion PR 1](<github>/acme/ml-config/pull/1) since 2026-11-24 09:00 UTC |
    | ⏳ | soak | must soak 1h in staging: since 2026-11-24 09:00 UTC, passes from 2026-11-24 10:01 UTC |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  await story.pass(3_600_000)
  expect(await story.says('/deploy prod --dry-run')).toMatchInlineSnapshot(`
    🔎 **Dry run of churn v12 → prod**, nothing was done: it may be opened now; before the merge it still waits for this: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
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
  `)
})

test('several lines are run in order, up to the first that is refused', async () => {
  expect(await story.says('/lock prod for 2h incident\n/deploy prod\n/unlock prod')).toMatchInlineSnapshot(`
    🔒 \`prod\` for every model is held until 2026-11-24 12:01 UTC: only a rollback goes there.
    Reason: incident
    To lift it: \`/unlock prod\`.

    ---

    👎 **Refused** (\`held\`): churn v12 may not go to prod now: held by alice for every model: incident.
    When the reason is gone: \`/unlock prod\`. Then repeat the command from 2026-11-24 12:01 UTC on.

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
    | ⏳ | hold | held by alice for every model: incident; held since 2026-11-24 10:00 UTC until 2026-11-24 12:01 UTC, passes from 2026-11-24 12:01 UTC |
    | ✅ | free | nothing else is on its way |
    | ✅ | values | the files take them |
    | ⏳ | approvals | needs 1 approval by team ml-leads, bob |

    </details>
  `)
  expect(await story.says('/unlock prod\n/unlock prod')).toMatchInlineSnapshot(`
    🔓 \`prod\` for every model is free again.

    Lifted:
    - the lock by alice since 2026-11-24 10:00 UTC, until 2026-11-24 12:01 UTC: incident

    ---

    🔓 \`prod\` for every model is free again.

    Lifted:
    - the lock by alice since 2026-11-24 10:00 UTC, until 2026-11-24 12:01 UTC: incident
  `)
})

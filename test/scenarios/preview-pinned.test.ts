/** Which head of a pull request a command means: by GitHub's own push times, whatever commits say, or by its whole id. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { builds, previews, pushes, ready } from '../support/preview-story.ts'
import { MINUTE, type Tale } from '../support/story.ts'

type Numbered = { readonly number: number }

/** The clock runs: what follows falls into one second. */
const atFullSecond = ({ world: { clock } }: Tale): void =>
  clock.set(new Date(Math.ceil(clock.now().getTime() / 1000) * 1000))

/** alice writes the command, and something happens before Lockkeeper hears of it. */
async function overtaken(
  story: Tale,
  { number, says = '/deploy dev' }: Numbered & { readonly says?: string },
  happens: () => unknown,
): Promise<string> {
  atFullSecond(story)
  const comment = story.world.github.comment(MODELS, number, says, { by: 'alice' })
  happens()
  await story.settle()
  return story.replyTo(comment)
}

previews('a commit that was pushed one second after the comment is not what was meant', async (story) => {
  const pull = await ready(story, 'better')
  const reply = await overtaken(story, pull, () => {
    story.world.clock.advance(1000)
    builds(story, { headSha: pushes(story, pull) })
  })
  expect(reply).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): pull request 1 was at \`<sha>\` when this was written, and has moved on to \`<sha>\`.
    To deploy what is there now, look at it and write \`/deploy dev <sha>\`.
  `)
  expect(story.promotions()).toEqual([])
})

previews('a commit that says it is older than the comment is not believed', async (story) => {
  const pull = await ready(story, 'better')
  const dated = new Date(story.world.clock.now().getTime() - 60 * MINUTE)
  const reply = await overtaken(story, pull, () => {
    story.world.clock.advance(1000)
    pushes(story, pull, { dated })
  })
  expect(reply).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): pull request 1 was at \`<sha>\` when this was written, and has moved on to \`<sha>\`.
    To deploy what is there now, look at it and write \`/deploy dev <sha>\`.
  `)
})

previews('a branch that was moved by force in the same second is not guessed', async (story) => {
  const pull = await ready(story, 'better')
  const reply = await overtaken(story, pull, () => pushes(story, pull, { onto: 'main' }))
  expect(reply).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): GitHub does not tell what the head of pull request 1 was when this was written.
    To deploy what is there now, look at it and write \`/deploy dev <sha>\`.
  `)
})

previews('the repeated command names the commit in full, and deploys just that', async (story) => {
  const pull = await ready(story, 'better')
  const head = pushes(story, pull)
  await story.settle()
  story.world.mlflow.attach('better', head)
  builds(story, { headSha: head })
  expect(await story.says(`/deploy dev ${pull.headSha}`)).toMatchInlineSnapshot(`
    👎 **Refused** (\`head_moved\`): \`<sha>\` is not the head of pull request 1.
    To deploy what is there now, look at it and write \`/deploy dev <sha>\`.
  `)
  expect(await story.says(`/deploy dev ${head}`)).toMatchInlineSnapshot(`
    ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 09:02 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)).
    To go back: \`/rollback dev\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
  `)
  // Few digits are not enough within the second of the push.
  story.world.clock.advance(1000)
  expect(await story.says(`/deploy dev ${head.slice(0, 8)}`)).toMatchInlineSnapshot(`
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
})

previews('a few digits of a commit could be made to fit another: the moment has to fit as well', async (story) => {
  const pull = await ready(story, 'better')
  atFullSecond(story)
  const head = pushes(story, pull)
  const says = `/deploy dev ${head.slice(0, 7)}`
  const comment = story.world.github.comment(MODELS, pull.number, says, { by: 'alice' })
  await story.settle()
  expect(story.replyTo(comment)).toMatch('GitHub does not tell what the head of pull request 1 was')
  expect(await story.says(`/deploy dev ${pull.headSha.slice(0, 7)}`)).toMatch('`<sha>` is not the head')
})

previews(
  'the branch moves on while the release is made: what was asked for is deployed, and that is said',
  async (story) => {
    const pull = await story.proposes('better')
    await story.pass(MINUTE)
    await story.says('/deploy dev')
    pushes(story, pull)
    await story.settle()
    builds(story, pull)
    await story.pass(MINUTE)
    expect(story.reply(pull)).toMatchInlineSnapshot(`
      ✅ **churn PR 1 at \`<sha>\` → dev**: verified 2026-11-24 09:03 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1)).
      Pull request 1 has moved on to \`<sha>\` since; this is \`<sha>\`, as it was asked for.
      To go back: \`/rollback dev\`.

      |  | Check | Seen | Wanted |
      | --- | --- | --- | --- |
      | ✅ | \`Application argocd/churn-dev\` | \`synced and healthy at <sha>\` | \`synced and healthy\` |
    `)
    expect(story.thread(pull)).toMatchInlineSnapshot(`
      ### 🔭 churn PR 1 at \`<sha>\`, before any merge — ✅ live in dev
      Pull request 1 has moved on to \`<sha>\` since; this is \`<sha>\`, as it was asked for.
      **Next:** to go back: \`/rollback dev\`.

      - ✅ **dev** by alice: verified 2026-11-24 09:03 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
    `)
  },
)

previews('a fork is refused', async (story) => {
  const { github } = story.world
  const fork = github.forkRepository(MODELS, 'erin')
  const files = { 'models/churn/train.py': 'CANDIDATE = "fork"\n' }
  const headSha = github.commit(fork, 'faster', { message: 'Faster', files, by: 'erin' })
  github.openPullRequest(MODELS, { title: 'Faster', head: 'erin:faster', by: 'erin' })
  builds(story, { headSha })
  await story.pass(MINUTE)
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    👎 **Refused** (\`fork_refused\`): pull request 1 comes from a fork: GitHub does not tell when its branch was pushed to, and its code runs with the rights of dev.
    Push the commits to a branch of this repository, and open a pull request from there.
  `)
  expect(await story.says(`/deploy dev ${headSha}`)).toMatch('fork_refused')
})

previews('a draft may be looked at', async (story) => {
  const pull = await ready(story, 'better')
  story.world.github.setDraft(MODELS, pull.number, true, { by: 'dave' })
  expect(await story.says('/deploy dev')).toMatch('✅')
})

previews('the image of the test merge serves as well', async (story) => {
  const pull = await story.proposes('better')
  const merge = story.world.github.log(MODELS, `refs/pull/${pull.number}/merge`)[0]?.sha ?? ''
  builds(story, { headSha: merge })
  await story.pass(MINUTE)
  expect(await story.says('/deploy dev')).toMatch('✅')
  expect(story.promotion('dev').body).toContain(`ghcr.io/acme/churn:${merge}@`)
  expect(merge).not.toBe(pull.headSha)
})

previews('a pull request that touches no model deploys none', async (story) => {
  const { github } = story.world
  github.commit(MODELS, 'words', { message: 'Words', files: { 'README.md': '# Words\n' }, by: 'dave' })
  github.openPullRequest(MODELS, { title: 'Words', head: 'words', by: 'dave' })
  await story.pass(MINUTE)
  expect(await story.says('/deploy dev')).toMatchInlineSnapshot(`
    👎 **Refused** (\`no_release\`): pull request 1 touches no model.
    Comment on a pull request that changes the paths of the model.
  `)
})

/** What a promotion may never do, tried from both repositories: each is refused with its reason, and nothing is written. */
import { expect } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { scenario, type Tale } from '../support/story.ts'

const INFERENCE = 'environments/staging/churn/inference.yaml'

/** Staging of churn writes to this path instead. */
const writesTo = (story: Tale, path: string) =>
  story.configures((text) => text.replace('environments/staging/{{ model.name }}/inference.yaml', path))

const acceptsAll = (story: Tale) => story.configures((text) => text.replace(/paths: \[.*\]/, 'paths: ["**"]'), CONFIG)

/** What the thread says of it; nothing was written. */
async function refusal(story: Tale): Promise<string> {
  const before = story.world.github.branches(CONFIG)
  const pull = await story.releases('better')
  expect(story.world.github.branches(CONFIG)).toEqual(before)
  return story.thread(pull).split('\n').at(-1) ?? ''
}

for (const path of ['.github/workflows/ci.yaml', '.GitHub/lockkeeper.yml', '.git/config', '.GIT/hooks/pre-push'])
  scenario(`${path} is never written, whatever the config repository accepts`, async (story) => {
    await acceptsAll(story)
    await writesTo(story, path)
    // Such a configuration is not even loaded: its own pull request would have said so.
    expect(await refusal(story)).toBe('(no comment)')
  })

scenario('a path in other letters is another path', async (story) => {
  await writesTo(story, 'Environments/staging/churn/inference.yaml')
  expect(await refusal(story)).toMatchInlineSnapshot(
    `- ❌ **staging** by automation: refused (\`accepts_refused\`): acme/ml-config does not accept this: the path \`Environments/staging/churn/inference.yaml\` is not among \`paths\``,
  )
})

for (const [kind, mode] of [
  ['a link', '120000'],
  ['executable', '100755'],
  ['a submodule', '160000'],
] as const)
  scenario(`a manifest that is ${kind}`, async (story) => {
    story.world.github.setMode(CONFIG, INFERENCE, mode, { by: 'carol' })
    expect(await refusal(story)).toContain(
      `refused (\`manifest_refused\`): ${INFERENCE} has the mode ${mode} in the config repository`,
    )
  })

scenario('a manifest below a directory that is a link', async (story) => {
  await story.writes(INFERENCE, null)
  await story.writes('environments/staging/churn/kustomization.yaml', null)
  await story.writes('environments/staging/churn', '../prod/churn')
  story.world.github.setMode(CONFIG, 'environments/staging/churn', '120000', { by: 'carol' })
  expect(await refusal(story)).toMatchInlineSnapshot(
    `- ❌ **staging** by automation: refused (\`manifest_missing\`): \`environments/staging/churn/inference.yaml\` does not exist in the config repository`,
  )
})

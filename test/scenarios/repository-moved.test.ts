/** Repositories that are renamed or given away while something is under way: nothing is written into what answers to the old name. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario } from '../support/story.ts'

const PROD = 'environments/prod/churn/inference.yaml'

scenario('a config repository that is renamed between the command and the merge gets nothing', async (story) => {
  const { github } = story.world
  const pull = await story.waitsForApproval()
  const before = github.file(CONFIG, 'main', PROD)
  const { number } = story.promotion('prod')
  github.renameRepository(CONFIG, 'gitops', { by: 'carol' })
  github.review('acme/gitops', number, { by: 'bob', state: 'APPROVED' })
  await story.settle()
  await story.pass(10 * MINUTE, 2 * MINUTE)
  expect(github.file('acme/gitops', 'main', PROD)).toBe(before)
  expect(github.pullRequest('acme/gitops', number)).toMatchObject({ merged: false, state: 'closed' })
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ❌ **churn v12 → prod**: refused (\`repository_moved\`): acme/ml-config is acme/gitops now; nothing was written there.
    If it is still the right one, write \`repository: acme/gitops\` under \`environments:\` in the model repository's \`.github/lockkeeper.yml\`.
  `)
})

scenario('another repository that takes the name of the renamed one gets nothing either', async (story) => {
  const { github } = story.world
  await story.waitsForApproval()
  github.renameRepository(CONFIG, 'gitops', { by: 'carol' })
  github.createRepository(CONFIG, { files: { [PROD]: 'theirs\n' } })
  await story.settle()
  await story.pass(10 * MINUTE, 2 * MINUTE)
  expect(github.branches(CONFIG)).toEqual({ main: expect.any(String) })
  expect(github.pullRequests(CONFIG)).toEqual([])
})

scenario('a model repository that is renamed with a promotion under way: it is not merged', async (story) => {
  const { github } = story.world
  await story.waitsForApproval()
  const before = github.file(CONFIG, 'main', PROD)
  const { number } = story.promotion('prod')
  github.renameRepository(MODELS, 'ml', { by: 'carol' })
  github.review(CONFIG, number, { by: 'bob', state: 'APPROVED' })
  await story.settle()
  await story.pass(10 * MINUTE, 2 * MINUTE)
  expect(github.file(CONFIG, 'main', PROD)).toBe(before)
  expect(github.pullRequest(CONFIG, number)).toMatchObject({ merged: false })
})

scenario('a command for a config repository that was renamed is refused, with its new name', async (story) => {
  await story.releases('better')
  await story.pass(HOUR)
  story.world.github.renameRepository(CONFIG, 'gitops', { by: 'carol' })
  expect(await story.says('/deploy prod')).toMatchInlineSnapshot(`
    👎 **Refused** (\`repository_moved\`): acme/ml-config is acme/gitops now; nothing was written there.
    If it is still the right one, write \`repository: acme/gitops\` under \`environments:\` in the model repository's \`.github/lockkeeper.yml\`.
  `)
})

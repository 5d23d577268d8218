/** Repositories that were renamed, given away, or replaced by another of their name: what is read of them is never taken for what was asked. Over the GitHub stand-in. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { GitHub } from '../../src/services/ports.ts'
import { CONFIG, MODELS } from './github/nock-github.ts'
import { commitId, connectTo, question } from './github-connection.ts'

let world: TrialWorld
let github: GitHub

beforeEach(async () => {
  world = await startTrialWorld()
  github = await connectTo(world)
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const tip = (repository: string) => commitId(world.github.branches(repository)['main'] ?? '')

describe('a renamed repository', () => {
  it('is not taken for the config repository, and its new name is told with the key to correct', async () => {
    world.github.renameRepository('acme/config', 'GitOps', { by: 'ada' })
    await expect(github.readPromotionWorld(question())).rejects.toMatchObject({
      code: 'repository_moved',
      message: 'acme/config is acme/GitOps now; nothing was written there',
      hint: "If it is still the right one, write `repository: acme/GitOps` under `environments:` in the model repository's `.github/lockkeeper.yml`.",
    })
    await expect(github.findPullRequest(CONFIG, question().headBranch)).rejects.toMatchObject({
      code: 'repository_moved',
    })
  })

  it('is not taken for the model repository', async () => {
    const sha = tip('acme/models')
    world.github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'bob' })
    const number = world.github.openPullRequest('acme/models', { title: 'x', head: 'topic', by: 'bob' })
    world.github.renameRepository('acme/models', 'ml', { by: 'ada' })
    const moved = {
      code: 'repository_moved',
      hint: "If it is still the right one, write `from: acme/ml` under `accepts:` in the config repository's `.github/lockkeeper.yml`, and repeat the command there.",
    }
    await expect(github.readPromotionWorld(question())).rejects.toMatchObject(moved)
    await expect(github.readPullRequest(MODELS, number)).rejects.toMatchObject(moved)
    await expect(github.readLanded(MODELS, sha, 1)).rejects.toMatchObject(moved)
  })

  it('is the same under its name in other letters', async () => {
    world.github.renameRepository('acme/config', 'x', { by: 'ada' })
    world.github.renameRepository('acme/x', 'Config', { by: 'ada' })
    expect((await github.readPromotionWorld(question())).config.defaultBranch).toBe('main')
  })

  it('is read by its old name over REST, which GitHub leads on', async () => {
    world.github.renameRepository('acme/config', 'gitops', { by: 'ada' })
    const head = tip('acme/gitops')
    expect(await github.contains(CONFIG, head, head)).toBe(true)
    expect(await world.rest('GET /repos/acme/config/branches')).toMatchObject({ status: 200 })
  })
})

describe('a repository that was given to somebody else', () => {
  it('is not followed to them, be it open to everybody', async () => {
    world.github.transferRepository('acme/models', 'eve', { by: 'ada' })
    await expect(github.readPromotionWorld(question())).rejects.toMatchObject({
      code: 'repository_moved',
      message: 'acme/models is eve/models now; nothing was written there',
    })
  })

  it('is not there at all when it is private', async () => {
    world.github.transferRepository('acme/config', 'eve', { by: 'ada' })
    await expect(github.readPromotionWorld(question())).rejects.toMatchObject({ code: 'accepts_missing' })
  })
})

it('another repository that took the name is another one: it has to let us in by itself', async () => {
  const { config } = await github.readPromotionWorld(question())
  world.github.renameRepository('acme/config', 'gitops', { by: 'ada' })
  world.github.createRepository('acme/config', { files: { 'prod/app.yaml': 'tag: "evil"\n' } })
  const now = await github.readPromotionWorld(question())
  expect(now.config.repositoryId).not.toBe(config.repositoryId)
  expect(now.config.configFile).toBeUndefined()
})

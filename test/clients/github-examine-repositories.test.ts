/** Where a rollback could not merge, as `lockkeeper doctor` reads it of the GitHub stand-in with the query of promotions. */
import { createProbot } from 'probot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { appPrivateKey, startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import { examineRepositories } from '../../src/clients/github/examine-repositories.ts'
import { createOctokitClass } from '../../src/clients/github/octokit.ts'

let world: TrialWorld
beforeEach(async () => {
  world = await startTrialWorld()
  configure('acme/config', 'accepts')
  configure('acme/models', 'models')
})
afterEach(async () => {
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const configure = (repository: string, text: string) =>
  world.github.commit(repository, 'main', {
    message: 'Configure',
    files: { '.github/lockkeeper.yml': text },
    by: 'bob',
  })

const silent = { child: () => silent, debug() {}, info() {}, warn() {}, error() {}, fatal() {}, trace() {} }

async function examine() {
  const probot = createProbot({
    env: { GHE_HOST: world.github.host, GHE_PROTOCOL: 'http' },
    overrides: {
      appId: 4711,
      privateKey: appPrivateKey,
      secret: 'a-secret-that-is-long-enough-0123456789',
      Octokit: createOctokitClass({ userAgent: 'lockkeeper/test' }),
      log: silent as never,
    },
  })
  await probot.ready()
  return examineRepositories({
    appOctokit: await probot.auth(),
    octokitFor: (id) => probot.auth(id),
    appId: 4711,
    readConfig: (text) => ({ acceptsPromotions: text.includes('accepts'), startsWorkflows: text.includes('workflow') }),
    clock: world.clock,
  })
}

it('a config repository without rules lets it merge', async () => {
  expect(await examine()).toBe('can merge in acme/config (looked at 2 repositories)')
})

it('repositories without a configuration that accepts anything are not judged', async () => {
  configure('acme/config', 'models')
  expect(await examine()).toEqual({ skipped: 'no configuration with `accepts:` in 2 repositories' })
})

it.each([
  [{ approvals: 2 }, '2 more approving reviews are missing, of people with write access'],
  [{ checks: ['ci'] }, 'the required check `ci` is not there yet'],
  [{ checks: ['lockkeeper/promotion'] }, undefined],
])('its rules: %j', async (rules, obstacle) => {
  world.github.protectBranch('acme/config', 'main', rules)
  if (obstacle === undefined) return expect(await examine()).toContain('can merge in')
  const problem = await examine().then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(problem).toMatchObject({
    message: `a rollback could not merge in acme/config: ${obstacle} (looked at 2 repositories)`,
    hint: expect.stringMatching(
      /^acme\/config: exempt the App from the rules of `main` \(http.*\/settings\/rules\), unless/,
    ),
  })
})

it('no merge method that both the settings and the rules allow', async () => {
  world.github.changeSettings('acme/config', {
    allowMergeCommit: false,
    allowSquashMerge: false,
    allowRebaseMerge: false,
  })
  await expect(examine()).rejects.toMatchObject({ message: expect.stringContaining('allow no merge method') })
})

it('a smoke test that the App may not start, until it is granted', async () => {
  configure('acme/models', 'models, workflow')
  await expect(examine()).rejects.toMatchObject({
    message: 'acme/models has `verify: workflow`, and the App may not start workflows (looked at 2 repositories)',
  })
  const installation = world.github.state.installations.get(world.installation)
  if (installation !== undefined) installation.permissions = { ...installation.permissions, actions: 'write' }
  expect(await examine()).toContain('can merge in')
})

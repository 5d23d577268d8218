/** What GitHub's environments of the model repository demand, as the port reads it, over the GitHub stand-in. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { GitHubProtection } from '../../src/domain/github-environment.ts'
import type { GitHub } from '../../src/services/ports.ts'
import { CONFIG } from './github/nock-github.ts'
import { connectTo, question } from './github-connection.ts'

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

const calls = () =>
  world.github.requests.filter(({ path }) => !path.includes('access_tokens') && !path.endsWith('/installation'))

async function read(pullRequest?: number): Promise<GitHubProtection | undefined> {
  const environments = { names: ['prod/churn', 'prod'], pullRequest }
  return (await github.readPromotionWorld(question({ environments }))).protection
}

describe('environments of the model repository', () => {
  it('that are not there, or have no rules, demand nothing: one call', async () => {
    world.github.setEnvironment('acme/models', 'prod', {})
    expect(await read()).toEqual({
      kind: 'read',
      environments: [{ name: 'prod', reviewers: undefined, wait: 0, branches: undefined }],
      branch: 'main',
    })
    expect(calls()).toHaveLength(1)
  })

  it('are not read where nobody asks', async () => {
    expect((await github.readPromotionWorld(question())).protection).toBeUndefined()
  })

  it('tell reviewers and wait in the same call', async () => {
    world.github.createTeam('acme', 'Leads', { members: ['ada'] })
    world.github.setEnvironment('acme/models', 'Prod/Churn', { reviewers: ['bob', 'acme/Leads'], wait: 30 })
    expect(await read()).toMatchObject({
      environments: [
        {
          name: 'prod/churn',
          reviewers: [
            { kind: 'user', login: 'bob' },
            { kind: 'team', organization: 'acme', slug: 'Leads' },
          ],
          wait: 30 * 60_000,
        },
      ],
    })
    expect(calls()).toHaveLength(1)
  })

  it('tell the patterns of branches with two calls more, those of tags left out', async () => {
    world.github.setEnvironment('acme/models', 'prod', { branches: ['main', 'release/*', 'tag:v*'] })
    expect(await read()).toMatchObject({
      environments: [{ branches: { kind: 'patterns', patterns: ['main', 'release/*'] } }],
    })
    expect(calls().map(({ path }) => path)).toEqual([
      '/graphql',
      '/repos/acme/models/environments/prod',
      '/repos/acme/models/environments/prod/deployment-branch-policies',
    ])
  })

  it('tell which branches are protected where only those may go there', async () => {
    world.github.setEnvironment('acme/models', 'prod/churn', { branches: 'protected' })
    expect(await read()).toMatchObject({ environments: [{ branches: { kind: 'protected', names: [] } }] })
    world.github.protectBranch('acme/models', 'main', { approvals: 1 })
    expect(await read()).toMatchObject({ environments: [{ branches: { kind: 'protected', names: ['main'] } }] })
  })

  it('are asked with the head branch of a pull request that was not merged', async () => {
    world.github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'bob' })
    const number = world.github.openPullRequest('acme/models', { title: 'x', head: 'topic', by: 'bob' })
    expect(await read(number)).toMatchObject({ branch: 'topic' })
  })

  it("are asked with no branch for a fork's head, which may carry any name", async () => {
    const fork = world.github.forkRepository('acme/models', 'eve')
    world.github.commit(fork, 'main', { message: 'x', files: { a: '1' }, by: 'eve' })
    const number = world.github.openPullRequest('acme/models', { title: 'x', head: 'eve:main', by: 'eve' })
    expect(await read(number)).toMatchObject({ branch: undefined })
  })

  it.each([403, 404])('whose branches may not be read (%s) are unreadable', async (status) => {
    world.github.setEnvironment('acme/models', 'prod', { branches: 'protected' })
    world.github.fail({ path: '/repos/acme/models/environments/prod' }, { status, body: { message: 'no' } })
    expect(await read()).toEqual({ kind: 'unreadable', name: 'prod' })
  })

  it('are unreadable to an App that may not read Actions', async () => {
    const installation = world.github.state.installations.get(world.installation)
    if (installation === undefined) throw new Error('not installed')
    const { actions: _, ...permissions } = installation.permissions
    installation.permissions = permissions
    const environments = { names: ['prod/churn', 'prod'], pullRequest: undefined }
    const read = await github.readPromotionWorld(question({ modelRepository: CONFIG, environments }))
    expect(read.protection).toEqual({ kind: 'unreadable', name: 'prod/churn' })
  })
})

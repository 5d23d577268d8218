/** Tests that the stand-in refuses what GitHub refuses: wrong JSON web tokens, tokens beyond their reach, missing permissions. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCheckRun } from './operations/checks.ts'
import { asUser, repositoryNamed } from './people.ts'
import { appJwt, startTrialWorld, type TrialWorld } from './trial-world.ts'

let world: TrialWorld
beforeEach(async () => {
  world = await startTrialWorld()
})
afterEach(async () => {
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const now = (): number => Math.floor(Date.now() / 1000)

describe("the App's JSON web token", () => {
  const forged = () => `${appJwt().slice(0, -6)}AAAAAA`
  it.each<[string, () => string, number]>([
    ['is taken', () => appJwt(), 200],
    ['may name the client id', () => appJwt({ iss: world.github.state.app.clientId }), 200],
    ['must not live longer than ten minutes', () => appJwt({ exp: now() + 660 }), 401],
    ['must not be expired', () => appJwt({ exp: now() - 1 }), 401],
    ['must not be issued in the future', () => appJwt({ iat: now() + 120 }), 401],
    ['must name the App', () => appJwt({ iss: 1 }), 401],
    ['must be signed by its key', forged, 401],
  ])('%s', async (_, make, status) => {
    expect((await world.rest('GET /app', { authorization: `Bearer ${make()}` })).status).toBe(status)
  })

  it('is judged on machine time, wherever the clock of the story is', async () => {
    world.clock.set(new Date('2031-01-01T00:00:00Z'))
    expect((await world.rest('GET /app', { authorization: `Bearer ${appJwt()}` })).status).toBe(200)
  })

  it('opens nothing that takes a token, and the other way round', async () => {
    expect((await world.rest('GET /repos/acme/models', { authorization: `Bearer ${appJwt()}` })).status).toBe(401)
    expect((await world.rest('GET /app')).status).toBe(401)
    expect((await world.rest('GET /repos/acme/models', { authorization: null })).status).toBe(401)
    expect((await world.rest('GET /repos/acme/models', { authorization: 'token ghs_unknown' })).status).toBe(401)
  })
})

describe('an installation token', () => {
  it('does not see private repositories outside the installation', async () => {
    expect((await world.rest('GET /repos/acme/secret')).status).toBe(404)
    expect((await world.rest('GET /repos/acme/config')).status).toBe(200)
  })

  it('narrowed to a repository sees no other private one', async () => {
    const authorization = `token ${await world.token({ repositories: ['models'] })}`
    expect((await world.rest('GET /repos/acme/config', { authorization })).status).toBe(404)
    const reached = await world.rest('GET /installation/repositories', { authorization })
    expect(reached.body).toMatchObject({ total_count: 1, repositories: [{ full_name: 'acme/models' }] })
  })

  it('narrowed to permissions is refused the rest with 403', async () => {
    const authorization = `token ${await world.token({ permissions: { contents: 'read' } })}`
    expect((await world.rest('GET /repos/acme/config/contents/prod/app.yaml', { authorization })).status).toBe(200)
    expect((await world.rest('GET /repos/acme/config/pulls', { authorization })).status).toBe(403)
    const write = { message: 'm', content: 'eA==' }
    expect((await world.rest('PUT /repos/acme/config/contents/x', { authorization, body: write })).status).toBe(403)
    expect(world.github.file('acme/config', 'main', 'x')).toBeUndefined()
  })

  it('cannot ask for more than the installation has', async () => {
    const ask = (body: unknown) =>
      world.rest(`POST /app/installations/${world.installation}/access_tokens`, {
        body,
        authorization: `Bearer ${appJwt()}`,
      })
    expect((await ask({ permissions: { administration: 'write' } })).status).toBe(422)
    expect((await ask({ repositories: ['secret'] })).status).toBe(422)
    expect((await ask({ permissions: { contents: 'read' }, repositories: ['models'] })).body).toMatchObject({
      permissions: { contents: 'read', metadata: 'read' },
      repository_selection: 'selected',
    })
  })

  it('may comment on pull requests without the right to issues', async () => {
    const { github } = world
    github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'bob' })
    const number = github.openPullRequest('acme/models', { title: 't', head: 'topic', by: 'bob' })
    const issue = github.openIssue('acme/models', { title: 'i', by: 'bob' })
    const comment = (target: number) =>
      world.rest(`POST /repos/acme/models/issues/${target}/comments`, { body: { body: 'x' } })
    expect([(await comment(number)).status, (await comment(issue)).status]).toEqual([201, 403])
  })

  it('ends when it is revoked', async () => {
    const authorization = `token ${await world.token()}`
    expect((await world.rest('DELETE /installation/token', { authorization })).status).toBe(204)
    expect((await world.rest('GET /repos/acme/models', { authorization })).status).toBe(401)
  })
})

describe('people', () => {
  it.each([
    ['ada', 'admin', 'admin'],
    ['bob', 'write', 'write'],
    ['tea', 'write', 'maintain'],
    ['eve', 'none', 'none'],
  ])('%s has the permission %s (%s) in a private repository', async (login, permission, role) => {
    world.github.createUser('tea')
    world.github.createTeam('acme', 'keepers', { members: ['tea'], repositories: { 'acme/config': 'maintain' } })
    const answer = await world.rest(`GET /repos/acme/config/collaborators/${login}/permission`)
    expect(answer.body).toMatchObject({ permission, role_name: role })
  })

  it('cannot push, merge or move branches without write access', () => {
    const { github } = world
    const push = () => github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'eve' })
    expect(push).toThrow('write access')
    github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'bob' })
    const number = github.openPullRequest('acme/models', { title: 't', head: 'topic', by: 'bob' })
    expect(() => github.merge('acme/models', number, { by: 'eve' })).toThrow('write access')
    expect(() => github.comment('acme/config', 1, 'hi', { by: 'eve' })).toThrow('Not Found')
  })

  it('cannot write check runs: only Apps can', () => {
    const repository = repositoryNamed(world.github.state, 'acme/models')
    const headSha = world.github.branches('acme/models')['main'] ?? ''
    const write = () => createCheckRun(asUser(world.github.state, 'ada'), repository, { name: 'mine', headSha })
    expect(write).toThrow('GitHub App')
    expect(world.github.checkRuns('acme/models', headSha)).toEqual([])
  })
})

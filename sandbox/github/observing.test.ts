/** Tests of what stories can see and disturb: lag, faults, the request log, violations; and that a real Octokit works with the stand-in. */
import { ProbotOctokit } from 'probot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appPrivateKey, startTrialWorld, type TrialWorld } from './trial-world.ts'

let world: TrialWorld
afterEach(() => world.close())

const REPO = '/repos/acme/models'
const topic = (): void => {
  world.github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'bob' })
}

describe('lag', () => {
  beforeEach(async () => {
    world = await startTrialWorld({ lag: { requests: 2 } })
    topic()
  })

  it('hides from lists what was just created, but not from direct reads', async () => {
    const made = await world.rest(`POST ${REPO}/pulls`, { body: { title: 't', head: 'topic', base: 'main' } })
    const list = async () => (await world.rest(`GET ${REPO}/pulls?head=acme:topic`)).list.length
    expect((await world.rest(`GET ${REPO}/pulls/${made.body['number']}`)).status).toBe(200)
    expect([await list(), await list(), await list()]).toEqual([0, 1, 1])
    expect((await world.rest(`POST ${REPO}/pulls`, { body: { title: 't', head: 'topic', base: 'main' } })).status).toBe(
      422,
    )
  })

  it('hides new comments and check runs the same way', async () => {
    const number = world.github.openPullRequest('acme/models', { title: 't', head: 'topic', by: 'bob' })
    const comment = await world.rest(`POST ${REPO}/issues/${number}/comments`, { body: { body: 'x' } })
    expect((await world.rest(`GET ${REPO}/issues/${number}/comments`)).list).toEqual([])
    expect((await world.rest(`GET ${REPO}/issues/comments/${comment.body['id']}`)).status).toBe(200)
    expect((await world.rest(`GET ${REPO}/issues/${number}/comments`)).list).toHaveLength(1)
    const sha = world.github.branches('acme/models')['main']
    await world.rest(`POST ${REPO}/check-runs`, { body: { name: 'lock', head_sha: sha } })
    const runs = async () => (await world.rest(`GET ${REPO}/commits/main/check-runs`)).body['total_count']
    expect([await runs(), await runs(), await runs()]).toEqual([0, 0, 1])
  })

  it('says first that it does not know whether a moved pull request can be merged', async () => {
    const number = world.github.openPullRequest('acme/models', { title: 't', head: 'topic', by: 'bob' })
    const read = async () => (await world.rest(`GET ${REPO}/pulls/${number}`)).body
    expect(await read()).toMatchObject({ mergeable: null, mergeable_state: 'unknown' })
    expect(await read()).toMatchObject({ mergeable: true, mergeable_state: 'clean' })
  })

  it('by time ends by itself', async () => {
    world.github.setLag({ milliseconds: 40 })
    const number = world.github.openPullRequest('acme/models', { title: 't', head: 'topic', by: 'bob' })
    world.github.comment('acme/models', number, 'x', { by: 'bob' })
    const count = async () => (await world.rest(`GET ${REPO}/issues/${number}/comments`)).list.length
    await expect.poll(count).toBe(1)
  })

  it('by the clock of the sandbox ends with it', async () => {
    world.github.setLag({ requests: 9, seconds: 10 })
    const number = world.github.openPullRequest('acme/models', { title: 't', head: 'topic', by: 'bob' })
    world.github.comment('acme/models', number, 'x', { by: 'bob' })
    const count = async () => (await world.rest(`GET ${REPO}/issues/${number}/comments`)).list.length
    expect(await count()).toBe(0)
    world.clock.advance(10_000)
    expect(await count()).toBe(1)
  })
})

describe('faults', () => {
  beforeEach(async () => {
    world = await startTrialWorld()
  })

  it('answer in place of GitHub as often as told', async () => {
    world.github.fail({ path: REPO }, { status: 502, times: 2 })
    const read = async () => (await world.rest(`GET ${REPO}`)).status
    expect([await read(), await read(), await read()]).toEqual([502, 502, 200])
  })

  it('limit as GitHub does, by operation', async () => {
    world.github.fail({ operation: 'repos/get' }, { status: 403, headers: { 'retry-after': '7' } })
    const answer = await world.rest(`GET ${REPO}`)
    expect([answer.status, answer.headers.get('retry-after'), answer.body['message']]).toEqual([
      403,
      '7',
      expect.stringContaining('secondary rate limit'),
    ])
  })

  it('break the connection before or after the effect', async () => {
    const refs = () => Object.keys(world.github.branches('acme/models'))
    const sha = world.github.branches('acme/models')['main']
    const create = (name: string) => world.rest(`POST ${REPO}/git/refs`, { body: { ref: `refs/heads/${name}`, sha } })
    await world.token()
    world.github.fail({ operation: 'git/create-ref' }, { drop: 'before' })
    await expect(create('one')).rejects.toThrow()
    world.github.fail({ operation: 'git/create-ref' }, { drop: 'after' })
    await expect(create('two')).rejects.toThrow()
    expect(refs()).toEqual(['main', 'two'])
  })
})

describe('the request log', () => {
  beforeEach(async () => {
    world = await startTrialWorld()
  })

  it('counts unknown routes, wrong bodies and unknown fields as violations', async () => {
    await world.rest('GET /repos/acme/models/stargazers')
    await world.rest(`POST ${REPO}/pulls`, { body: { title: 't', head: 'none', base: 'main', heda: 'x' } })
    expect(world.github.violations).toEqual([
      'GET /repos/acme/models/stargazers: the stand-in has no such route',
      expect.stringContaining('heda'),
    ])
  })

  it('works with the Octokit of the bot, REST and GraphQL', async () => {
    topic()
    const octokit = new ProbotOctokit({
      baseUrl: `${world.github.url}/api/v3`,
      auth: { appId: 4711, privateKey: appPrivateKey, installationId: world.installation },
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    })
    const at = { owner: 'acme', repo: 'models' }
    const file = await octokit.request('GET /repos/{owner}/{repo}/contents/{path}', {
      ...at,
      path: 'train.yaml',
      mediaType: { format: 'raw' },
    })
    expect(file.data).toContain('one: 1')
    const branches = await octokit.paginate('GET /repos/{owner}/{repo}/branches', { ...at, per_page: 1 })
    expect(branches.map(({ name }) => name)).toEqual(['main', 'topic'])
    const read = await octokit.graphql<{ repository: { defaultBranchRef: { name: string } } }>(
      'query Read($o: String!, $n: String!) { repository(owner: $o, name: $n) { defaultBranchRef { name } } }',
      { o: 'acme', n: 'models' },
    )
    expect(read.repository.defaultBranchRef.name).toBe('main')
    const made = world.github.requests.map(({ by, operation, graphql, status }) => ({ by, operation, graphql, status }))
    expect(made.at(0)).toMatchObject({ by: 'app', operation: 'apps/create-installation-access-token', status: 201 })
    expect(made.at(-1)).toEqual({ by: 'installation', operation: 'graphql', graphql: 'Read', status: 200 })
    expect(world.github.violations).toEqual([])
  })
})

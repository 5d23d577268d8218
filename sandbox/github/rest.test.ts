/** Tests that every REST route answers as GitHub's own description says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appJwt, startTrialWorld, type TrialWorld } from './trial-world.ts'

let world: TrialWorld
beforeEach(async () => {
  world = await startTrialWorld()
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const MODELS = '/repos/acme/models'
const head = (): string => world.github.branches('acme/models')['main'] ?? ''

function openPull(): number {
  world.github.commit('acme/models', 'topic', { message: 'Tune it', files: { 'train.yaml': 'one: 9\n' }, by: 'bob' })
  return world.github.openPullRequest('acme/models', { title: 'Tune', body: 'Why not', head: 'topic', by: 'bob' })
}

describe('reading', () => {
  it('answers every read of a repository with life in it in the documented shape', async () => {
    const { github, rest } = world
    const number = openPull()
    const comment = github.comment('acme/models', number, 'Looks **good**', { by: 'ada' })
    github.reactToComment('acme/models', comment, 'heart', { by: 'bob' })
    github.review('acme/models', number, { by: 'ada', state: 'APPROVED' })
    github.addLabels('acme/models', number, ['model'], { by: 'ada' })
    github.protectBranch('acme/models', 'main', { approvals: 1, checks: ['train'] })
    const { headSha } = github.pullRequest('acme/models', number)
    github.reportCheck('acme/models', headSha, { name: 'train', status: 'completed', conclusion: 'success' })
    github.reportStatus('acme/models', headSha, { context: 'ci/jenkins', state: 'success' })
    github.createTeam('acme', 'deployers', { members: ['bob'], repositories: { 'acme/config': 'maintain' } })
    const run = github.checkRuns('acme/models', headSha)[0]?.id
    const suite = [...github.state.repositories.values()].flatMap((each) => [...each.checkSuites.keys()])[0]
    const made = await rest(`POST ${MODELS}/deployments`, {
      body: { ref: headSha, auto_merge: false, required_contexts: [], environment: 'prod', payload: { a: 1 } },
    })
    const deployment = made.body['id']
    const status = await rest(`POST ${MODELS}/deployments/${deployment}/statuses`, {
      body: { state: 'success', description: 'Live' },
    })
    const blob = (await rest(`GET ${MODELS}/contents/train.yaml`)).body['sha']
    const review = (await rest(`GET ${MODELS}/pulls/${number}/reviews`)).list[0]?.['id']
    const paths = [
      '/installation/repositories',
      '/rate_limit',
      '/users/ada',
      '/users/lockkeeper%5Bbot%5D',
      '/orgs/acme',
      '/orgs/acme/memberships/ada',
      '/orgs/acme/teams',
      '/orgs/acme/teams/deployers',
      '/orgs/acme/teams/deployers/members',
      '/orgs/acme/teams/deployers/memberships/bob',
      MODELS,
      ...[
        'activity',
        'collaborators',
        'collaborators/bob/permission',
        'collaborators/eve/permission',
        'branches',
        'branches/main',
        'labels',
      ].map((each) => `${MODELS}/${each}`),
      ...[
        'rules/branches/main',
        'rules/branches/topic',
        'codeowners/errors',
        'contents/',
        'contents/train.yaml',
        'compare/main...topic',
        'commits',
        'commits/topic',
      ].map((each) => `${MODELS}/${each}`),
      ...['check-runs', 'check-suites', 'status', 'statuses', 'pulls'].map(
        (each) => `${MODELS}/commits/${headSha}/${each}`,
      ),
      ...[
        `git/blobs/${blob}`,
        `git/commits/${headSha}`,
        'git/ref/heads%2Fmain',
        'git/ref/heads/main',
        'git/matching-refs/heads%2F',
        `git/trees/${headSha}?recursive=1`,
      ].map((each) => `${MODELS}/${each}`),
      ...[
        `check-runs/${run}`,
        `check-runs/${run}/annotations`,
        `check-suites/${suite}`,
        `check-suites/${suite}/check-runs`,
      ].map((each) => `${MODELS}/${each}`),
      ...[
        'deployments',
        `deployments/${deployment}`,
        `deployments/${deployment}/statuses`,
        `deployments/${deployment}/statuses/${status.body['id']}`,
      ].map((each) => `${MODELS}/${each}`),
      ...[
        'issues',
        `issues/${number}`,
        `issues/${number}/comments`,
        `issues/${number}/labels`,
        `issues/${number}/reactions`,
        'issues/comments',
        `issues/comments/${comment}`,
        `issues/comments/${comment}/reactions`,
      ].map((each) => `${MODELS}/${each}`),
      ...[
        'pulls',
        `pulls/${number}`,
        `pulls/${number}/commits`,
        `pulls/${number}/files`,
        `pulls/${number}/reviews`,
        `pulls/${number}/reviews/${review}`,
        `pulls/${number}/requested_reviewers`,
      ].map((each) => `${MODELS}/${each}`),
    ]
    for (const path of paths) expect([path, (await rest(`GET ${path}`)).status]).toEqual([path, 200])
    expect((await rest('GET /orgs/acme/members/ada')).status).toBe(204)
    expect((await rest(`GET ${MODELS}/pulls/${number}/merge`)).status).toBe(404)
  })

  it('answers the App about itself', async () => {
    const authorization = `Bearer ${appJwt()}`
    await world.github.delivered()
    for (const path of [
      '/app',
      '/app/installations',
      `/app/installations/${world.installation}`,
      `${MODELS}/installation`,
      '/orgs/acme/installation',
      '/users/acme/installation',
      '/app/hook/deliveries',
    ]) {
      expect([path, (await world.rest(`GET ${path}`, { authorization })).status]).toEqual([path, 200])
    }
    expect((await world.rest('GET /repos/acme/secret/installation', { authorization })).status).toBe(404)
  })

  it('gives files as JSON, raw with a character set, and by paths with escaped slashes', async () => {
    const { rest } = world
    world.github.commit('acme/models', 'main', { message: 'Add', files: { 'a/b c.yml': 'größe: 1\n' }, by: 'ada' })
    const json = await rest(`GET ${MODELS}/contents/a%2Fb%20c.yml`)
    expect(Buffer.from(String(json.body['content']), 'base64').toString()).toBe('größe: 1\n')
    const raw = await rest(`GET ${MODELS}/contents/a/b%20c.yml?ref=main`, {
      headers: { accept: 'application/vnd.github.v3.raw' },
    })
    expect(raw.headers.get('content-type')).toContain('charset=utf-8')
    expect(raw.text).toBe('größe: 1\n')
    expect((await rest(`GET ${MODELS}/contents/a`)).list.map(({ name }) => name)).toEqual(['b c.yml'])
    expect((await rest(`GET ${MODELS}/contents/none`)).status).toBe(404)
    expect((await rest(`GET ${MODELS}/contents/train.yaml?ref=none`)).status).toBe(404)
  })

  it('pages lists with Link, and answers 304 to who has it already', async () => {
    const { rest } = world
    expect((await rest(`GET ${MODELS}/commits`)).headers.get('x-ratelimit-limit')).toBeNull()
    world.github.state.rates.enforced = true
    for (const index of [1, 2, 3])
      world.github.commit('acme/models', 'main', { message: `c${index}`, files: { x: `${index}` }, by: 'ada' })
    const first = await rest(`GET ${MODELS}/commits?per_page=3`)
    expect(first.list).toHaveLength(3)
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await rest(`GET ${link.replace(`${world.github.url}/api/v3`, '')}`)
    expect(second.list.map(({ commit }) => (commit as { message: string }).message)).toEqual(['Initial commit'])
    const etag = first.headers.get('etag') ?? ''
    const again = await rest(`GET ${MODELS}/commits?per_page=3`, { headers: { 'if-none-match': etag } })
    expect([again.status, again.text]).toEqual([304, ''])
    expect(again.headers.get('x-ratelimit-used')).toBe(second.headers.get('x-ratelimit-used'))
    expect(first.headers.get('x-github-request-id')).toMatch(/^[0-9A-F-]+$/)
    expect(first.headers.get('x-ratelimit-limit')).toBe('5000')
  })
})

describe('writing with the Git database', () => {
  it('makes a verified commit of the App, a branch at it, and moves the branch only forward', async () => {
    const { rest, github } = world
    const blob = await rest(`POST ${MODELS}/git/blobs`, { body: { content: 'one: 5\n' } })
    const tree = await rest(`POST ${MODELS}/git/trees`, {
      body: { base_tree: head(), tree: [{ path: 'train.yaml', mode: '100644', type: 'blob', sha: blob.body['sha'] }] },
    })
    const commit = await rest(`POST ${MODELS}/git/commits`, {
      body: { message: 'Edit', tree: tree.body['sha'], parents: [head()] },
    })
    expect(commit.body['verification']).toMatchObject({ verified: true, reason: 'valid' })
    const sha = String(commit.body['sha'])
    expect((await rest(`POST ${MODELS}/git/refs`, { body: { ref: 'refs/heads/edit', sha } })).status).toBe(201)
    expect((await rest(`POST ${MODELS}/git/refs`, { body: { ref: 'refs/heads/edit', sha } })).status).toBe(422)
    expect(github.diff('acme/models', 'main', 'edit')).toMatchObject([{ path: 'train.yaml', after: 'one: 5\n' }])
    const back = await rest(`PATCH ${MODELS}/git/refs/heads%2Fedit`, { body: { sha: head() } })
    expect([back.status, back.body['message']]).toEqual([422, 'Update is not a fast forward'])
    expect((await rest(`PATCH ${MODELS}/git/refs/heads%2Fedit`, { body: { sha: head(), force: true } })).status).toBe(
      200,
    )
    expect((await rest(`DELETE ${MODELS}/git/refs/heads/edit`)).status).toBe(204)
    expect((await rest(`DELETE ${MODELS}/git/refs/heads/edit`)).status).toBe(422)
    const kinds = (await rest(`GET ${MODELS}/activity?ref=refs/heads/edit`)).list.map((each) => each['activity_type'])
    expect(kinds).toEqual(['branch_deletion', 'force_push', 'branch_creation'])
  })

  it('guards the contents API by the old blob', async () => {
    const { rest } = world
    const old = (await rest(`GET ${MODELS}/contents/train.yaml`)).body['sha']
    const content = Buffer.from('new: 1\n').toString('base64')
    const put = (body: Record<string, unknown>) =>
      rest(`PUT ${MODELS}/contents/train.yaml`, { body: { message: 'm', content, ...body } })
    expect((await put({})).status).toBe(422)
    expect((await put({ sha: head() })).status).toBe(409)
    expect((await put({ sha: old })).status).toBe(200)
    const removed = await rest(`DELETE ${MODELS}/contents/README.md`, {
      body: { message: 'm', sha: (await rest(`GET ${MODELS}/contents/README.md`)).body['sha'] },
    })
    expect(removed.status).toBe(200)
    expect(world.github.file('acme/models', 'main', 'README.md')).toBeUndefined()
  })

  it('refuses the App a change of a workflow file', async () => {
    const content = Buffer.from('on: push\n').toString('base64')
    const answer = await world.rest(`PUT ${MODELS}/contents/.github%2Fworkflows%2Fx.yml`, {
      body: { message: 'm', content },
    })
    expect([answer.status, String(answer.body['message'])]).toEqual([
      403,
      expect.stringContaining('without `workflows` permission'),
    ])
    expect(world.github.file('acme/models', 'main', '.github/workflows/x.yml')).toBeUndefined()
  })
})

describe('comments, reactions, labels', () => {
  it('refuses a comment of more than 65,536 characters', async () => {
    const number = openPull()
    const post = (length: number) =>
      world.rest(`POST ${MODELS}/issues/${number}/comments`, { body: { body: 'x'.repeat(length) } })
    expect((await post(65_536)).status).toBe(201)
    expect((await post(65_537)).status).toBe(422)
  })

  it('keeps one reaction per person and content', async () => {
    const number = openPull()
    const comment = world.github.comment('acme/models', number, '/deploy prod', { by: 'bob' })
    const react = () => world.rest(`POST ${MODELS}/issues/comments/${comment}/reactions`, { body: { content: 'eyes' } })
    const [first, second] = [await react(), await react()]
    expect([first.status, second.status, second.body['id']]).toEqual([201, 200, first.body['id']])
    expect(world.github.comments('acme/models', number)[0]?.reactions).toEqual([
      { content: 'eyes', by: 'lockkeeper[bot]' },
    ])
    const path = `${MODELS}/issues/comments/${comment}/reactions/${first.body['id']}`
    expect((await world.rest(`DELETE ${path}`)).status).toBe(204)
    expect((await world.rest(`DELETE ${path}`)).status).toBe(404)
  })

  it('keeps the bodies that edits replaced', async () => {
    const number = openPull()
    const made = await world.rest(`POST ${MODELS}/issues/${number}/comments`, { body: { body: 'one' } })
    await world.rest(`PATCH ${MODELS}/issues/comments/${made.body['id']}`, { body: { body: 'two' } })
    const [comment] = world.github.comments('acme/models', number)
    expect(comment).toMatchObject({
      author: 'lockkeeper[bot]',
      body: 'two',
      edits: [{ body: 'one', by: 'lockkeeper[bot]' }],
    })
    expect((await world.rest(`DELETE ${MODELS}/issues/comments/${made.body['id']}`)).status).toBe(204)
    expect((await world.rest(`GET ${MODELS}/issues/comments/${made.body['id']}`)).status).toBe(404)
  })

  it('makes, lists and removes labels', async () => {
    const number = openPull()
    expect((await world.rest(`POST ${MODELS}/labels`, { body: { name: 'lock', color: 'ff0000' } })).status).toBe(201)
    expect((await world.rest(`POST ${MODELS}/labels`, { body: { name: 'Lock' } })).status).toBe(422)
    await world.rest(`POST ${MODELS}/issues/${number}/labels`, { body: { labels: ['lock', 'new'] } })
    expect(world.github.pullRequest('acme/models', number).labels).toEqual(['lock', 'new'])
    await world.rest(`PUT ${MODELS}/issues/${number}/labels`, { body: { labels: ['other'] } })
    expect((await world.rest(`DELETE ${MODELS}/issues/${number}/labels/lock`)).status).toBe(404)
    expect((await world.rest(`DELETE ${MODELS}/issues/${number}/labels/other`)).status).toBe(200)
  })
})

/** Tests of what the App hears: signed, in order, once, logged, repeatable, in GitHub's shapes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appJwt, startTrialWorld, type TrialWorld } from './trial-world.ts'

let world: TrialWorld
beforeEach(async () => {
  world = await startTrialWorld()
  await world.github.delivered()
  world.received.length = 0
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const REPO = 'acme/models'
const names = async (): Promise<string[]> => {
  await world.github.delivered()
  return world.received.map(({ event, payload }) =>
    payload['action'] === undefined ? event : `${event}.${String(payload['action'])}`,
  )
}
const openPull = (): number => {
  world.github.commit(REPO, 'topic', { message: 'Change', files: { a: '1' }, by: 'bob' })
  return world.github.openPullRequest(REPO, { title: 'T', head: 'topic', by: 'bob' })
}

describe('events', () => {
  it('of a whole life arrive in order, signed, each with a GUID of its own and in the documented shape', async () => {
    const { github } = world
    const number = openPull()
    github.editPullRequest(REPO, number, { title: 'New', body: 'B', by: 'bob' })
    github.addLabels(REPO, number, ['x'], { by: 'ada' })
    const comment = github.comment(REPO, number, '/deploy prod', { by: 'bob' })
    github.editComment(REPO, comment, 'never mind', { by: 'bob' })
    github.deleteComment(REPO, comment, { by: 'bob' })
    const { headSha } = github.pullRequest(REPO, number)
    const check = github.reportCheck(REPO, headSha, { name: 'train', status: 'in_progress' })
    github.reportCheck(REPO, headSha, { name: 'train', status: 'completed', conclusion: 'success' })
    github.reportStatus(REPO, headSha, { context: 'ci', state: 'success' })
    github.review(REPO, number, { by: 'ada', state: 'APPROVED', body: 'Fine' })
    github.closePullRequest(REPO, number, { by: 'bob' })
    github.reopenPullRequest(REPO, number, { by: 'bob' })
    github.merge(REPO, number, { by: 'ada' })
    expect(check).toBeGreaterThan(0)
    expect(await names()).toEqual([
      'push',
      'pull_request.opened',
      'pull_request.edited',
      'pull_request.labeled',
      'issue_comment.created',
      'issue_comment.edited',
      'issue_comment.deleted',
      'check_run.created',
      'check_run.completed',
      'check_suite.completed',
      'status',
      'pull_request_review.submitted',
      'pull_request.closed',
      'pull_request.reopened',
      'push',
      'pull_request.closed',
    ])
    expect(world.received.every(({ isSigned }) => isSigned)).toBe(true)
    expect(new Set(world.received.map(({ guid }) => guid)).size).toBe(world.received.length)
    const spoken = world.received.find(({ event }) => event === 'issue_comment')
    expect(spoken?.payload).toMatchObject({
      issue: { number, pull_request: { url: expect.stringContaining(`/pulls/${number}`) } },
      sender: { login: 'bob' },
      installation: { id: world.installation },
    })
    expect(spoken?.headers).toMatchObject({ 'x-github-hook-id': '1', 'x-github-hook-installation-target-id': '4711' })
    expect(world.received.at(-1)?.payload).toMatchObject({ pull_request: { merged: true } })
  })

  it('tell the App of clicks on its own check runs only', async () => {
    const { github, rest } = world
    const sha = github.branches(REPO)['main'] ?? ''
    const other = github.reportCheck(REPO, sha, { name: 'train', status: 'queued' })
    github.rerequestCheck(REPO, other, { by: 'bob' })
    const made = await rest(`POST /repos/${REPO}/check-runs`, {
      body: { name: 'lock', head_sha: sha, actions: [{ label: 'Go', description: 'd', identifier: 'go' }] },
    })
    const id = Number(made.body['id'])
    github.rerequestCheck(REPO, id, { by: 'bob' })
    github.clickCheckAction(REPO, id, 'go', { by: 'bob' })
    expect(() => github.clickCheckAction(REPO, id, 'stop', { by: 'bob' })).toThrow('no action stop')
    expect((await names()).filter((name) => name.includes('re'))).toEqual([
      'check_run.created',
      'check_run.created',
      'check_run.rerequested',
      'check_run.requested_action',
    ])
    expect(world.received.at(-1)?.payload).toMatchObject({ requested_action: { identifier: 'go' } })
  })

  it('of deployments and of what the bot does itself come back to it', async () => {
    const { rest } = world
    const made = await rest(`POST /repos/${REPO}/deployments`, {
      body: { ref: 'main', auto_merge: false, required_contexts: [] },
    })
    await rest(`POST /repos/${REPO}/deployments/${made.body['id']}/statuses`, { body: { state: 'in_progress' } })
    expect(await names()).toEqual(['deployment.created', 'deployment_status.created'])
    expect(world.received[0]?.payload).toMatchObject({ sender: { login: 'lockkeeper[bot]', type: 'Bot' } })
  })

  it('of a merge queue carry the commit that would be merged', async () => {
    world.github.protectBranch(REPO, 'main', { mergeQueue: 'merge' })
    const number = openPull()
    const sha = world.github.enqueue(REPO, number, { by: 'ada' })
    expect((await names()).filter((name) => name.startsWith('merge_group'))).toEqual([
      'merge_group.checks_requested',
      'merge_group.destroyed',
    ])
    const asked = world.received.find(({ event }) => event === 'merge_group')
    expect(asked?.payload).toMatchObject({
      merge_group: { head_sha: sha, base_ref: 'refs/heads/main', head_ref: expect.stringContaining(`pr-${number}-`) },
    })
    expect(world.github.file(REPO, sha, 'a')).toBe('1')
  })

  it('do not come from repositories where the App is not installed', async () => {
    world.github.commit('acme/secret', 'main', { message: 'x', files: { a: '2' }, by: 'ada' })
    expect(await names()).toEqual([])
  })

  it('greet a new hook with a ping and a new installation with its repositories', async () => {
    world.github.createRepository('ada/mine', { files: { a: '1' } })
    world.github.installApp('ada', { repositories: 'all' })
    const hook = world.github.deliveries[0]?.url ?? ''
    world.github.setWebhook({ url: hook, secret: 'another-secret-0123456789' })
    expect(await names()).toEqual(['installation.created', 'ping'])
    expect(world.received[0]?.payload).toMatchObject({ repositories: [{ full_name: 'ada/mine' }] })
  })
})

describe('the delivery log', () => {
  const authorization = () => `Bearer ${appJwt()}`

  it('shows failures, and repeats one under its GUID when asked', async () => {
    world.answerWith(503)
    world.github.commit(REPO, 'main', { message: 'x', files: { a: '1' }, by: 'ada' })
    await world.github.delivered()
    expect(world.received).toHaveLength(1)
    const failed = (await world.rest('GET /app/hook/deliveries?status=failure', { authorization: authorization() }))
      .list
    expect(failed).toMatchObject([
      { event: 'push', status_code: 503, redelivery: false, guid: world.received[0]?.guid },
    ])
    const whole = await world.rest(`GET /app/hook/deliveries/${failed[0]?.['id']}`, { authorization: authorization() })
    expect(whole.body).toMatchObject({ request: { payload: { ref: 'refs/heads/main' } } })
    world.answerWith(202)
    const again = await world.rest(`POST /app/hook/deliveries/${failed[0]?.['id']}/attempts`, {
      authorization: authorization(),
    })
    expect(again.status).toBe(202)
    await world.github.delivered()
    expect(world.received.map(({ guid }) => guid)).toEqual([world.received[0]?.guid, world.received[0]?.guid])
    expect(world.github.deliveries.at(-1)).toMatchObject({ redelivery: true, status: 'OK' })
  })

  it('goes on from page to page by cursor, newest first', async () => {
    for (const each of ['1', '2', '3'])
      world.github.commit(REPO, 'main', { message: each, files: { a: each }, by: 'ada' })
    await world.github.delivered()
    const first = await world.rest('GET /app/hook/deliveries?per_page=2', { authorization: authorization() })
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await world.rest(`GET ${next.replace(`${world.github.url}/api/v3`, '')}`, {
      authorization: authorization(),
    })
    const ids = [...first.list, ...second.list].map(({ id }) => Number(id))
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a))
    expect(first.list).toHaveLength(2)
  })

  it('logs a receiver that is down, and does not try again by itself', async () => {
    world.github.setWebhook({ url: 'http://127.0.0.1:9', secret: 'x'.repeat(20) })
    await world.github.delivered()
    expect(world.github.deliveries.at(-1)).toMatchObject({
      event: 'ping',
      statusCode: 502,
      status: 'failed to connect to host',
    })
  })
})

describe('a disturbed line', () => {
  it('drops, loses, doubles and reorders deliveries as told', async () => {
    const push = (text: string) => world.github.commit(REPO, 'main', { message: text, files: { a: text }, by: 'ada' })
    const decisions: Record<string, 'drop' | 'lose' | 'later' | { times: number }> = {
      dropped: 'drop',
      lost: 'lose',
      late: 'later',
      twice: { times: 2 },
    }
    const messageOf = (payload: Readonly<Record<string, unknown>>) =>
      (payload['head_commit'] as { message: string }).message
    world.github.onDelivery(({ payload }) => decisions[messageOf(payload)])
    for (const text of ['late', 'dropped', 'lost', 'twice', 'plain']) push(text)
    await world.github.delivered()
    expect(world.received.map(({ payload }) => messageOf(payload))).toEqual(['twice', 'twice', 'plain', 'late'])
    const logged = world.github.deliveries.filter(({ event }) => event === 'push').map(({ statusCode }) => statusCode)
    expect(logged).toEqual([502, 202, 202, 202, 202])
  })
})

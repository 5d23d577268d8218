/** What the bot writes: in one request, told apart one by one, and never twice. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { SystemUnavailable } from '../../../src/domain/failure.ts'
import type { CheckAnnotation, GitHubWrite } from '../../../src/services/ports.ts'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, CONFIG, connect, HOST, MODELS, sha } from './nock-github.ts'

interceptCalls()

const refs: GitHubWrite = {
  kind: 'set-refs',
  repositoryId: 'R_1',
  refs: [{ branch: 'lockkeeper/x', sha: sha('a'), from: 'absent' }],
}
const commit: GitHubWrite = {
  kind: 'commit',
  repository: CONFIG,
  branch: 'lockkeeper/x',
  expectedHead: sha('a'),
  headline: 'deploy',
  body: '',
  files: [{ path: 'v.yaml', text: 'größe: 1\n' }],
}
const open: GitHubWrite = {
  kind: 'create-pull-request',
  repositoryId: 'R_1',
  base: 'main',
  head: 'lockkeeper/x',
  title: 't',
  body: 'b',
}

describe('several writes', () => {
  it('travel in one document, in order, and each has its result', async () => {
    const asked = answerGraphql({
      data: {
        w0: { clientMutationId: null },
        w1: { commit: { oid: sha('b'), url: 'https://github.com/c' }, ref: { id: 'REF_1' } },
        w2: { pullRequest: { id: 'PR_9', number: 9, url: 'https://github.com/p' } },
      },
    })
    const results = await connect().github.write(CONFIG, [refs, commit, open])
    expect(results).toEqual([
      { ok: true, id: undefined, number: undefined, url: undefined, sha: undefined },
      { ok: true, id: 'REF_1', number: undefined, url: 'https://github.com/c', sha: sha('b') },
      { ok: true, id: 'PR_9', number: 9, url: 'https://github.com/p', sha: undefined },
    ])
    expect(asked).toHaveLength(1)
    expect(asked[0]?.query.match(/updateRefs|createCommitOnBranch|createPullRequest/g)).toEqual([
      'updateRefs',
      'createCommitOnBranch',
      'createPullRequest',
    ])
    expect(asked[0]?.variables['i1']).toMatchObject({
      expectedHeadOid: sha('a'),
      fileChanges: { additions: [{ contents: Buffer.from('größe: 1\n').toString('base64') }] },
    })
  })

  it('are told apart when one fails: the others stand', async () => {
    answerGraphql({
      data: {
        w0: null,
        w1: { commit: { oid: sha('b'), url: 'u' }, ref: { id: 'REF_1' } },
        w2: null,
      },
      errors: [
        { type: 'UNPROCESSABLE', path: ['w0'], message: 'A ref named "refs/heads/lockkeeper/x" already exists.' },
        { type: 'UNPROCESSABLE', path: ['w2'], message: 'A pull request already exists for acme:lockkeeper/x.' },
      ],
    })
    const results = await connect().github.write(CONFIG, [refs, commit, open])
    expect(results.map((result) => (result.ok ? 'done' : `${result.type}: ${result.message}`))).toEqual([
      'UNPROCESSABLE: A ref named "refs/heads/lockkeeper/x" already exists.',
      'done',
      'UNPROCESSABLE: A pull request already exists for acme:lockkeeper/x.',
    ])
  })

  it('say so when the branch has moved', async () => {
    const message = `Expected branch to point to "${sha('a')}" but it did not.`
    answerGraphql({ data: { w0: null }, errors: [{ type: 'STALE_DATA', path: ['w0'], message }] })
    expect(await connect().github.write(CONFIG, [commit])).toEqual([{ ok: false, type: 'STALE_DATA', message }])
  })

  it('are no request when there is nothing to write', async () => {
    expect(await connect().github.write(CONFIG, [])).toEqual([])
  })
})

describe('a check run with many annotations', () => {
  it('gets them 50 at a time', async () => {
    const annotation = (line: number): CheckAnnotation => ({
      path: 'a.yml',
      startLine: line,
      endLine: line,
      level: 'failure',
      title: 't',
      message: 'm',
    })
    const asked = answerGraphql(
      { data: { w0: { checkRun: { id: 'CR_1', url: 'u' } } } },
      { data: { w0: { checkRun: { id: 'CR_1', url: 'u' } } } },
      { data: { w0: { checkRun: { id: 'CR_1', url: 'u' } } } },
    )
    const results = await connect().github.write(MODELS, [
      {
        kind: 'create-check-run',
        repositoryId: 'R_1',
        name: 'lockkeeper',
        headSha: sha('a'),
        externalId: 'x',
        output: {
          status: 'completed',
          conclusion: 'failure',
          title: 't',
          summary: 's',
          annotations: Array.from({ length: 120 }, (_, line) => annotation(line + 1)),
          actions: [],
          detailsUrl: undefined,
        },
      },
    ])
    expect(results).toMatchObject([{ ok: true, id: 'CR_1' }])
    const sizes = asked.map(({ variables }) => {
      const input = variables['i0'] as { readonly output: { readonly annotations: readonly unknown[] } }
      return input.output.annotations.length
    })
    expect(sizes).toEqual([50, 50, 20])
    expect(asked[1]?.variables['i0']).toMatchObject({ checkRunId: 'CR_1' })
  })
})

describe('when GitHub is in trouble', () => {
  const react: GitHubWrite = { kind: 'add-reaction', subjectId: 'IC_1', content: 'EYES' }
  const outage = async (promise: Promise<unknown>): Promise<SystemUnavailable> => {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof SystemUnavailable)) throw new Error(`not an outage: ${String(error)}`)
    return error
  }

  it.each([
    ['a secondary limit', 403, { message: 'You have exceeded a secondary rate limit.' }, { 'retry-after': '17' }, 17],
    ['a secondary limit that names no time', 403, { message: 'You have exceeded a secondary rate limit.' }, {}, 60],
    [
      'the hourly limit',
      403,
      { message: 'API rate limit exceeded for installation ID 7.' },
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1763373900', date: 'Mon, 17 Nov 2025 10:00:00 GMT' },
      300,
    ],
    ['too many requests', 429, { message: 'slow down' }, { 'retry-after': '3' }, 3],
    ['a bad gateway', 502, 'Bad Gateway', {}, undefined],
  ])(
    '%s is an outage with the time to wait, and the write is not repeated',
    async (_, status, body, headers, seconds) => {
      nock(HOST).post('/graphql').reply(status, body, headers)
      const error = await outage(connect().github.write(MODELS, [react]))
      expect(error.retryAfterSeconds).toBe(seconds)
      expect(JSON.stringify([error.message, error.cause])).not.toContain('installation-7')
    },
  )

  it('a limit inside of a GraphQL answer is one too', async () => {
    nock(HOST)
      .post('/graphql')
      .reply(
        200,
        { data: null, errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1763373660', date: 'Mon, 17 Nov 2025 10:00:00 GMT' },
      )
    expect((await outage(connect().github.write(MODELS, [react]))).retryAfterSeconds).toBe(60)
  })

  it('and answers without data and type, it broke down; a wrong document is our bug', async () => {
    answerGraphql({ errors: [{ message: 'Something went wrong while executing your query.' }] })
    await outage(connect().github.write(MODELS, [react]))
    answerGraphql({ errors: [{ type: 'undefinedField', message: "Field 'x' doesn't exist" }] })
    await expect(connect().github.write(MODELS, [react])).rejects.toThrow('GitHub refused the document')
  })

  it('a read is repeated once when the connection broke, a write never', async () => {
    const reset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    nock(HOST).post('/graphql').replyWithError(reset())
    answerGraphql({ data: { repository: { object: null } } })
    expect((await connect().github.readFiles(MODELS, 'main', ['a'])).size).toBe(0)
    nock(HOST).post('/graphql').replyWithError(reset())
    expect((await outage(connect().github.write(MODELS, [react]))).message).toContain('connection reset')
  })

  it('no answer in time is an outage', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address() as AddressInfo
    nock.enableNetConnect('127.0.0.1')
    const { github } = connect(undefined, `http://127.0.0.1:${address.port}`)
    expect((await outage(github.write(MODELS, [react]))).message).toContain('no answer in time')
    silent.closeAllConnections()
    silent.close()
  })
})

describe('a deployment', () => {
  it('is made of a commit, merges nothing and waits for nothing', async () => {
    nock(HOST)
      .post('/repos/acme/config/deployments', {
        ref: sha('a'),
        auto_merge: false,
        required_contexts: [],
        environment: 'prod/churn',
        description: 'churn v12',
        production_environment: true,
        transient_environment: false,
        payload: { promotion: 'p-1' },
      })
      .reply(201, { id: 1, node_id: 'DE_1' })
    const deployment = { sha: sha('a'), environment: 'prod/churn', description: 'churn v12', production: true }
    const made = await connect().github.createDeployment(CONFIG, { ...deployment, payload: { promotion: 'p-1' } })
    expect(made).toEqual({ id: 'DE_1' })
  })

  it('that GitHub refuses tells why and what to check', async () => {
    nock(HOST).post('/repos/acme/config/deployments').reply(403, { message: 'Resource not accessible by integration' })
    const deployment = { sha: sha('a'), environment: 'prod/churn', description: 'x', production: true, payload: {} }
    await expect(connect().github.createDeployment(CONFIG, deployment)).rejects.toMatchObject({
      code: 'not_allowed',
      message: 'GitHub refused the deployment to prod/churn: Resource not accessible by integration',
    })
  })

  it('is found again by its payload, however GitHub gives it back, and only if it is our own', async () => {
    const by = (login: string, payload: unknown, id: string) => ({ node_id: id, payload, creator: { login } })
    nock(HOST)
      .get('/repos/acme/config/deployments')
      .query({ sha: sha('a'), environment: 'prod/churn', per_page: 100 })
      .reply(200, [
        by('mallory', { promotion: 'p-1' }, 'DE_1'),
        by('lockkeeper[bot]', { promotion: 'p-2' }, 'DE_2'),
        by('lockkeeper[bot]', '{"promotion":"p-1"}', 'DE_3'),
      ])
    const question = { sha: sha('a'), environment: 'prod/churn', key: 'p-1' }
    expect(await connect().github.findDeployment(CONFIG, question)).toEqual({ id: 'DE_3' })
  })
})

describe('what the bot made before a crash', () => {
  it('is its own comment with the marker, on whatever page, and nobody else’s', async () => {
    const comment = (login: string, type: string, body: string, id: string) => ({
      id,
      body,
      author: { __typename: type, login },
    })
    const page = (nodes: readonly unknown[], cursor: string | null) => ({
      data: {
        repository: {
          issueOrPullRequest: { comments: { pageInfo: { hasNextPage: cursor !== null, endCursor: cursor }, nodes } },
        },
      },
    })
    const theirs = comment('mallory', 'User', '<!-- lockkeeper:1 -->', 'IC_1')
    const quoted = comment('lockkeeper', 'Bot', 'It said: <!-- lockkeeper:1 -->', 'IC_4')
    const asked = answerGraphql(
      page([theirs, quoted, { id: 'IC_2', body: 'x', author: null }], 'c1'),
      page([comment('lockkeeper', 'Bot', '<!-- lockkeeper:1 --> hello', 'IC_3')], null),
    )
    const found = await connect().github.findComment(MODELS, 7, '<!-- lockkeeper:1 -->')
    expect(found).toEqual({ id: 'IC_3', body: '<!-- lockkeeper:1 --> hello' })
    expect(asked.map(({ variables }) => variables['cursor'])).toEqual([undefined, 'c1'])
  })

  const hole = (type: string, data: unknown) => ({ data, errors: [{ type, path: ['repository'], message: 'no' }] })

  it.each([
    ['a repository that is not seen', hole('NOT_FOUND', { repository: null })],
    ['a repository that may not be read', hole('FORBIDDEN', { repository: null })],
    ['a part that may not be read', hole('FORBIDDEN', { repository: { issueOrPullRequest: null, issues: null } })],
  ])('is not known of %s: nothing is made again', async (_, answer) => {
    answerGraphql(answer, answer)
    const { github } = connect()
    await expect(github.findComment(MODELS, 7, '<!-- lockkeeper:1 -->')).rejects.toThrow('cannot be read: no')
    const question = { marker: '<!-- lockkeeper:1 -->', since: new Date() }
    await expect(github.findIssue(MODELS, question)).rejects.toThrow('cannot be read: no')
  })

  it('is gone with its pull request', async () => {
    answerGraphql(hole('NOT_FOUND', { repository: { issueOrPullRequest: null } }))
    expect(await connect().github.findComment(MODELS, 7, '<!-- lockkeeper:1 -->')).toBeUndefined()
  })

  it('is its own check run of that name', async () => {
    const run = (app: number, id: string) => ({ name: 'lockkeeper', status: 'queued', app: { id: app }, node_id: id })
    nock(HOST)
      .get(`/repos/acme/models/commits/${sha('a')}/check-runs`)
      .query(true)
      .reply(200, { total_count: 2, check_runs: [run(99, 'CR_1'), run(1234, 'CR_2')] })
    expect(await connect().github.findCheckRun(MODELS, sha('a'), 'lockkeeper')).toMatchObject({ id: 'CR_2' })
  })
})

describe('deliveries that GitHub could not hand over', () => {
  const attempt = (id: string, guid: string, code: number, time: string) =>
    `{"id":${id},"guid":"${guid}","delivered_at":"2026-11-17T${time}Z","status":"x","status_code":${code},"event":"push"}`

  it('are told once each, unless an attempt arrived, back to the time asked for', async () => {
    const link = '<https://api.github.com/app/hook/deliveries?per_page=100&cursor=v1_2>; rel="next"'
    const headers = { 'content-type': 'application/json' }
    const first = [
      attempt('9007199254740993', 'a', 503, '09:50:00'),
      attempt('5', 'b', 202, '09:40:00'),
      attempt('4', 'a', 500, '09:30:00'),
    ]
    const second = [
      attempt('3', 'b', 0, '09:20:00'),
      attempt('2', 'c', 502, '09:10:00'),
      attempt('1', 'd', 502, '08:59:59'),
    ]
    nock(HOST)
      .get('/app/hook/deliveries')
      .query({ per_page: 100 })
      .matchHeader('authorization', 'token app-jwt')
      .reply(200, `[${first.join(',')}]`, { ...headers, link })
    nock(HOST)
      .get('/app/hook/deliveries')
      .query({ per_page: 100, cursor: 'v1_2' })
      .reply(200, `[${second.join(',')}]`, { ...headers, link })
    const failed = await connect().github.failedDeliveries(new Date('2026-11-17T09:00:00Z'))
    expect(failed.map(({ id, guid }) => `${guid} ${id}`)).toEqual(['c 2', 'a 9007199254740993'])
  })

  it('are read whole, 64-bit numbers included', async () => {
    const payload = '{"action":"created","id":12345678901234567890,"text":"\\u0000 \\"x\\"","list":[1,null,true,{}]}'
    nock(HOST)
      .get('/app/hook/deliveries/9007199254740993')
      .reply(200, `{"guid":"a","event":"issue_comment","request":{"payload":${payload}}}`, {
        'content-type': 'application/json',
      })
    expect(await connect().github.readDelivery('9007199254740993')).toEqual({
      guid: 'a',
      event: 'issue_comment',
      body: payload,
    })
  })
})

/** What the bot does about GitHub's limits, and about answers that are none. The failures one by one: writes.test.ts. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createKnownLimits } from '../../../src/clients/github/known-limits.ts'
import { SystemUnavailable } from '../../../src/domain/failure.ts'
import type { GitHubWrite } from '../../../src/services/ports.ts'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, CONFIG, connect, HOST, MODELS, repo, sha } from './nock-github.ts'

interceptCalls()

const react: GitHubWrite = { kind: 'add-reaction', subjectId: 'IC_1', content: 'EYES' }

async function outage(promise: Promise<unknown>): Promise<SystemUnavailable> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SystemUnavailable)) throw new Error(`not an outage: ${String(error)}`)
  return error
}

describe('GitHub', () => {
  it.each(['31536000', '1e300'])('that asks for a wait of %s seconds is asked again after an hour', async (wish) => {
    nock(HOST).post('/graphql').reply(429, { message: 'slow down' }, { 'retry-after': wish })
    expect((await outage(connect().github.write(MODELS, [react]))).retryAfterSeconds).toBe(3600)
  })

  it('a limit that one call met holds for every call of the installation, and for no other', async () => {
    const clock = { at: Date.parse('2026-11-17T10:00:00Z') }
    const { github } = connect(undefined, HOST, { now: () => new Date(clock.at) })
    nock(HOST).post('/graphql').reply(429, { message: 'slow down' }, { 'retry-after': '30' })
    await outage(github.write(MODELS, [react]))
    clock.at += 10_000
    // Nothing is listening for either: a request would fail the test.
    expect((await outage(github.readFiles(MODELS, 'main', ['a']))).retryAfterSeconds).toBe(20)
    expect((await outage(github.readPullRequest(MODELS, 7))).retryAfterSeconds).toBe(20)
    answerGraphql({ data: { repository: { object: null } } })
    expect((await github.readFiles(repo('other/models'), 'main', ['a'])).size).toBe(0)
    clock.at += 20_000
    answerGraphql({ data: { repository: { object: null } } })
    expect((await github.readFiles(MODELS, 'main', ['a'])).size).toBe(0)
  })

  it('says in each answer what is left for that installation, which operators can read', async () => {
    const limits = createKnownLimits()
    const { github } = connect(undefined, HOST, undefined, limits)
    const headers = (remaining: number) => ({
      ...{ 'x-ratelimit-resource': 'graphql', 'x-ratelimit-limit': '5000', 'x-ratelimit-used': '1' },
      ...{ 'x-ratelimit-remaining': String(remaining), 'x-ratelimit-reset': '1794910200' },
      date: 'Tue, 17 Nov 2026 10:00:00 GMT',
    })
    nock(HOST)
      .post('/graphql')
      .reply(200, { data: { repository: { c0: null } } }, headers(4200))
    await github.readFiles(MODELS, 'main', ['a'])
    nock(HOST)
      .post('/graphql')
      .reply(200, { data: { repository: { c0: null } } }, headers(31))
    await github.readFiles(repo('other/models'), 'main', ['a'])
    expect(limits.all(0).map(({ installation, resource, remaining }) => [installation, resource, remaining])).toEqual([
      [7, 'graphql', 4200],
      [8, 'graphql', 31],
    ])
  })

  it('a limit that only some writes met is held as well', async () => {
    const { github } = connect()
    const limited = { type: 'UNPROCESSABLE', path: ['w1'], message: 'was submitted too quickly' }
    answerGraphql({ data: { w0: { reaction: { content: 'EYES' } }, w1: null }, errors: [limited] })
    expect((await github.write(MODELS, [react, react])).map(({ ok }) => ok)).toEqual([true, false])
    expect((await outage(github.write(MODELS, [react]))).retryAfterSeconds).toBe(60)
  })

  it.each([
    ['a page of a proxy', '<html>Sign in</html>', 'text/html'],
    ['half an answer', '[{"id": 1', 'application/json'],
  ])('%s is an outage and no empty list', async (_, body, type) => {
    nock(HOST).get('/repos/acme/config/deployments').query(true).reply(200, body, { 'content-type': type })
    const question = { sha: sha('a'), environment: 'prod/churn', key: 'p-1' }
    expect((await outage(connect().github.findDeployment(CONFIG, question))).message).toContain('not JSON')
  })
})

/** The pages as a browser asks for them, over HTTP. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClock } from '../../clock.ts'
import { type GitHubSandbox, startGitHub } from '../index.ts'
import { createPages } from './index.ts'
import { EMPTY_STAGE } from './stage.ts'

const KEY = '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n'
const passed: number[] = []
let github: GitHubSandbox

beforeEach(async () => {
  passed.length = 0
  const pages = createPages({ ...EMPTY_STAGE, passTime: (milliseconds) => void passed.push(milliseconds) })
  const clock = createClock(new Date('2026-11-24T09:00:00Z'))
  github = await startGitHub({ clock, app: { id: 1, slug: 'lockkeeper', publicKey: KEY }, pages })
  for (const login of ['alice', 'bob', 'erin']) github.createUser(login)
  github.createOrganization('acme', { members: { alice: 'member', bob: 'member', erin: 'member' } })
  github.createRepository('acme/models', {
    files: { 'a.txt': 'one\n' },
    collaborators: { alice: 'write', bob: 'write', erin: 'read' },
  })
  github.commit('acme/models', 'change', {
    message: 'Change a',
    files: { 'a.txt': 'two\n' },
    by: 'alice',
    from: 'main',
  })
  github.openPullRequest('acme/models', { title: 'Two <b>', body: '*why*', head: 'change', by: 'alice' })
})
afterEach(() => github.close())

const get = async (path: string): Promise<string> => (await fetch(`${github.url}${path}`)).text()

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${github.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })

const PULL = '/acme/models/pull/1'

describe('reading', () => {
  test('a pull request shows title, description, change and who may act', async () => {
    const page = await get(PULL)
    expect(page).toContain('Two &lt;b&gt;')
    expect(page).toContain('<em>why</em>')
    expect(page).toContain('<div class="minus">-one</div>')
    expect(page).toContain('<option value="erin">erin (read)</option>')
  })

  test('checks are told with conclusion and summary', async () => {
    const { headSha } = github.pullRequest('acme/models', 1)
    github.reportCheck('acme/models', headSha, {
      name: 'train',
      status: 'completed',
      conclusion: 'failure',
      summary: '**no**',
    })
    expect(await get(PULL)).toMatch(/failure<\/span> <strong>train<\/strong>[\s\S]*<strong>no<\/strong>/)
  })

  test.each(['/', '/environments', '/acme/models', '/acme/models/blob/main/a.txt'])('%s is there', async (path) => {
    const answer = await fetch(`${github.url}${path}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test.each([
    '/acme/none',
    '/acme/models/pull/9',
    '/acme/models/blob/main/none',
    '/acme/models/commit/abc',
    '/favicon',
  ])('%s is not there', async (path) => expect((await fetch(`${github.url}${path}`)).status).toBe(404))

  test('a commit shows what it changed', async () => {
    const sha = github.branches('acme/models')['change'] ?? ''
    expect(await get(`/acme/models/commit/${sha}`)).toContain('<div class="plus">+two</div>')
  })
})

describe('acting', () => {
  test('a comment is made by the person that was chosen', async () => {
    const answer = await post(PULL, { do: 'comment', as: 'bob', body: '/deploy prod\r\n' })
    expect(answer.status).toBe(303)
    expect(github.comments('acme/models', 1)).toMatchObject([{ author: 'bob', body: '/deploy prod' }])
  })

  test('approving and merging work, as GitHub would let them', async () => {
    await post(PULL, { do: 'approve', as: 'bob' })
    await post(PULL, { do: 'merge', as: 'bob' })
    expect(github.pullRequest('acme/models', 1)).toMatchObject({
      merged: true,
      mergedBy: 'bob',
      reviews: [{ author: 'bob' }],
    })
  })

  test('who may only read is refused in words, and nothing happens', async () => {
    const answer = await post(PULL, { do: 'merge', as: 'erin' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('GitHub says 40')
    expect(github.pullRequest('acme/models', 1).merged).toBe(false)
  })

  test.each([
    ['an empty comment', { do: 'comment', as: 'bob', body: '  ' }],
    ['somebody who is not there', { do: 'comment', as: 'mallory', body: 'x' }],
    ['the bot', { do: 'comment', as: 'lockkeeper[bot]', body: 'x' }],
    ['a button that is not there', { do: 'delete', as: 'bob' }],
  ])('%s is refused', async (_name, fields) => {
    expect((await post(PULL, fields)).status).toBe(422)
    expect(github.comments('acme/models', 1)).toEqual([])
  })

  test('the clock moves by a step of its buttons, and leads back to a page of its own', async () => {
    const answer = await post('/clock', { minutes: '60', back: '/acme/models' })
    expect([answer.headers.get('location'), passed]).toEqual(['/acme/models', [3_600_000]])
    expect((await post('/clock', { minutes: '60', back: '//evil.example' })).headers.get('location')).toBe('/')
    expect((await post('/clock', { minutes: '-60' })).status).toBe(422)
  })
})

describe('other sites', () => {
  test.each([
    ['a form of another site', { origin: 'https://evil.example' }],
    ['a form without an origin, from a page that hides it', { origin: 'null' }],
    ['a browser that says it comes from elsewhere', { 'sec-fetch-site': 'cross-site' }],
  ])('%s presses no button', async (_name, headers) => {
    const answer = await post(PULL, { do: 'comment', as: 'bob', body: 'x' }, headers)
    expect([answer.status, github.comments('acme/models', 1)]).toEqual([403, []])
  })
})

/** Tokens that GitHub does not take although their hour is not over: somebody revoked them, or the App was given other rights. Over a real socket, with the addresses of github.com and of an Enterprise Server. */
import { createProbot } from 'probot'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { appPrivateKey } from '../../../sandbox/github/trial-world.ts'
import { listen, type SandboxServer } from '../../../sandbox/http.ts'
import { createGitHub } from '../../../src/clients/github/github.ts'
import { createOctokitClass } from '../../../src/clients/github/octokit.ts'
import { SystemUnavailable } from '../../../src/domain/failure.ts'
import type { GitHub, GitHubWrite } from '../../../src/services/ports.ts'
import { CONFIG, MODELS, recordingLog } from './nock-github.ts'

/** Octokit waits within the first five seconds of a token, since GitHub's own machines may not know it yet. */
const OLD_MS = 5100

let server: SandboxServer
let asked: string[]
let tokens: number
let taken: (token: string) => boolean
let isKeyTaken: boolean

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  asked = []
  tokens = 0
  taken = () => true
  isKeyTaken = true
  server = await listen(({ method, path, headers }) => {
    const by = headers.authorization?.split(' ').at(-1) ?? ''
    asked.push(`${method} ${path}${by.startsWith('token-') ? ` with ${by}` : ''}`)
    if (path.endsWith('/access_tokens')) {
      if (!isKeyTaken) return { status: 401, body: { message: 'A JSON web token could not be decoded' } }
      tokens += 1
      const expires_at = new Date(Date.now() + 3_600_000).toISOString()
      return { status: 201, body: { token: `token-${tokens}`, expires_at, permissions: {} } }
    }
    if (!taken(by)) return { status: 401, body: { message: 'Bad credentials' } }
    if (path.endsWith('/graphql')) return { status: 200, body: { data: { w0: { reaction: { id: 'RE_1' } } } } }
    return { status: 200, body: { id: 1, full_name: 'acme/models' } }
  })
})
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

const silent = {
  child: () => silent,
  ...Object.fromEntries(['debug', 'info', 'warn', 'error', 'fatal', 'trace'].map((level) => [level, () => {}])),
}

async function connect(prefix: string): Promise<GitHub> {
  const probot = createProbot({
    env: {},
    overrides: {
      appId: 4711,
      privateKey: appPrivateKey,
      secret: 'a-secret-that-is-long-enough-0123456789',
      baseUrl: `${server.url}${prefix}`,
      Octokit: createOctokitClass({ userAgent: 'lockkeeper/test' }),
      log: silent as never,
    },
  })
  await probot.ready()
  return createGitHub({
    octokitFor: (id) => probot.auth(id),
    appOctokit: await probot.auth(),
    installationOf: async () => 7,
    appId: 4711,
    appLogin: 'lockkeeper[bot]',
    log: recordingLog(),
    clock: { now: () => new Date() },
  })
}

const react: GitHubWrite = { kind: 'add-reaction', subjectId: 'IC_1', content: 'EYES' }
const outlived = () => vi.setSystemTime(Date.now() + OLD_MS)

describe.each([
  ['github.com', '', '/graphql'],
  ['an Enterprise Server', '/api/v3', '/api/graphql'],
])('a token of %s that was revoked', (_, prefix, graphql) => {
  const newToken = `POST ${prefix}/app/installations/7/access_tokens`

  it('is replaced once, and what it was for is done once', async () => {
    const github = await connect(prefix)
    await github.write(MODELS, [react])
    outlived()
    taken = (token) => token !== 'token-1'
    expect(await github.write(CONFIG, [react])).toMatchObject([{ ok: true, id: 'RE_1' }])
    expect(await github.write(MODELS, [react])).toMatchObject([{ ok: true }])
    expect(asked).toEqual([
      newToken,
      `POST ${graphql} with token-1`,
      `POST ${graphql} with token-1`,
      newToken,
      `POST ${graphql} with token-2`,
      `POST ${graphql} with token-2`,
    ])
  })

  it('is not asked for again and again where the key of the App is not taken either', async () => {
    const github = await connect(prefix)
    await github.write(MODELS, [react])
    outlived()
    taken = () => false
    isKeyTaken = false
    await expect(github.write(MODELS, [react])).rejects.toThrow(SystemUnavailable)
    expect(asked.slice(2)).toEqual([`POST ${graphql} with token-1`, newToken])
  })
})

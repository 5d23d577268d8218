/** A started stand-in with acme/models and acme/config, the App installed, a receiver of webhooks and a REST client: for the tests of this folder. */
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { createClock, type SandboxClock } from '../clock.ts'
import { listen } from '../http.ts'
import { type GitHubSandbox, startGitHub } from './index.ts'
import type { Permissions } from './model.ts'
import type { Lag } from './state.ts'

const SECRET = 'a-secret-that-is-long-enough-0123456789'
const APP_ID = 4711
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

type Received = {
  readonly event: string
  readonly guid: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly isSigned: boolean
  readonly payload: Readonly<Record<string, unknown>>
}

type RestAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; a missing one is an empty object. */
  readonly body: Readonly<Record<string, unknown>>
  /** The parsed body of a list. */
  readonly list: readonly Readonly<Record<string, unknown>>[]
}

type RestOptions = {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default: a token of the installation with all its rights. */
  readonly authorization?: string | null
}

export type TrialWorld = {
  readonly github: GitHubSandbox
  readonly clock: SandboxClock
  readonly received: Received[]
  readonly installation: number
  /** What the receiver answers from now on. */
  answerWith(status: number): void
  /** `rest('GET /repos/acme/models')`; the path is sent as it is written. */
  rest(request: string, options?: RestOptions): Promise<RestAnswer>
  /** A token narrowed to repositories (short names) or permissions. */
  token(narrowing?: { repositories?: readonly string[]; permissions?: Permissions }): Promise<string>
  close(): Promise<void>
}

/** The App's JSON web token with these claims over the usual ones. */
export function appJwt(claims: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: now - 60, exp: now + 540, iss: APP_ID, ...claims })}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
}

/** The App's private key in PEM, for clients that sign for themselves. */
export const appPrivateKey = privateKey

/** Starts everything. People: `ada` (admin), `bob` (write), `eve` (a stranger). */
export async function startTrialWorld({ lag }: { readonly lag?: Lag } = {}): Promise<TrialWorld> {
  const clock = createClock(new Date('2026-03-03T09:00:00Z'))
  const app = { id: APP_ID, slug: 'lockkeeper', publicKey }
  const github = await startGitHub({ clock, app, ...(lag === undefined ? {} : { lag }) })
  const received: Received[] = []
  let status = 202
  const receiver = await listen((request) => {
    const expected = `sha256=${createHmac('sha256', SECRET).update(request.body).digest('hex')}`
    received.push({
      event: String(request.headers['x-github-event']),
      guid: String(request.headers['x-github-delivery']),
      headers: request.headers,
      isSigned: request.headers['x-hub-signature-256'] === expected,
      payload: JSON.parse(request.body.toString()) as Record<string, unknown>,
    })
    return { status, body: 'noted' }
  })
  for (const login of ['ada', 'bob', 'eve']) github.createUser(login)
  github.createOrganization('acme', { members: { ada: 'admin' } })
  const files = { 'README.md': '# Models\n', 'train.yaml': 'one: 1\ntwo: 2\nthree: 3\nfour: 4\n' }
  github.createRepository('acme/models', { files, collaborators: { bob: 'write' } })
  github.createRepository('acme/config', {
    private: true,
    files: { 'prod/app.yaml': 'tag: "1"\n' },
    collaborators: { bob: 'write' },
  })
  github.createRepository('acme/secret', { private: true, files: { a: 'b' } })
  github.setWebhook({ url: receiver.url, secret: SECRET })
  const installation = github.installApp('acme', { repositories: ['models', 'config'], by: 'ada' })
  const rest = createClient(github)
  const token: TrialWorld['token'] = async (narrowing = {}) => {
    const made = await rest(`POST /app/installations/${installation}/access_tokens`, {
      body: narrowing,
      authorization: `Bearer ${appJwt()}`,
    })
    return String(made.body['token'])
  }
  let whole: string | undefined
  return {
    ...{ github, clock, received, installation, token },
    answerWith: (given) => {
      status = given
    },
    rest: async (request, options = {}) => {
      if (options.authorization !== undefined) return rest(request, options)
      whole ??= await token()
      return rest(request, { ...options, authorization: `token ${whole}` })
    },
    close: async () => {
      await github.close()
      await receiver.close()
    },
  }
}

function createClient(github: GitHubSandbox) {
  return async (request: string, { body, headers = {}, authorization }: RestOptions): Promise<RestAnswer> => {
    const [method = 'GET', path = '/'] = request.split(' ', 2)
    const response = await fetch(`${github.url}/api/v3${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github.v3+json',
        ...(authorization === undefined || authorization === null ? {} : { authorization }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('application/json') === true
    const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : {}
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (Array.isArray(parsed) ? {} : parsed) as RestAnswer['body'],
      list: (Array.isArray(parsed) ? parsed : []) as RestAnswer['list'],
    }
  }
}

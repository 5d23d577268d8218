/** Where the App speaks to GitHub (github.com, Enterprise Cloud with data residency, Enterprise Server), and when it may not. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import nock from 'nock'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBot } from '../src/bot.ts'
import { readEnv } from '../src/config/env.ts'
import { createLog } from '../src/log.ts'
import { underClaim } from '../src/store/claims.ts'

const PRIVATE_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

const token = () => ({
  token: 'ghs_1',
  expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  permissions: {},
})

async function appAt(host: string) {
  const settings = readEnv({
    APP_ID: '1',
    PRIVATE_KEY,
    WEBHOOK_SECRET: randomBytes(32).toString('hex'),
    ...(host === 'github.com' ? {} : { GHE_HOST: host }),
  })
  if (!settings.ok) throw new Error(settings.problems.join('\n'))
  const { probot } = await createBot({ env: settings.env, log: createLog('error', { write: () => {} }) })
  return probot
}

it.each([
  ['github.com', 'https://api.github.com', '', '/graphql'],
  ['acme.ghe.com', 'https://api.acme.ghe.com', '', '/graphql'],
  ['github.acme.example', 'https://github.acme.example', '/api/v3', '/api/graphql'],
])('at %s: tokens, REST and GraphQL', async (host, origin, rest, graphql) => {
  const probot = await appAt(host)
  const github = nock(origin)
  github.get(`${rest}/app`).reply(200, { slug: 'lockkeeper' })
  github.post(`${rest}/app/installations/7/access_tokens`).reply(201, token())
  github.get(`${rest}/repos/acme/models`).reply(200, { id: 1 })
  github.post(graphql).reply(200, { data: { viewer: { login: 'lockkeeper' } } })
  await (await probot.auth()).request('GET /app')
  const installation = await probot.auth(7)
  await installation.request('GET /repos/acme/models')
  await installation.graphql('query { viewer { login } }')
  expect(github.pendingMocks()).toEqual([])
})

it('sends nothing for a run that another replica has taken over, as the App or as an installation', async () => {
  const probot = await appAt('github.com')
  const github = nock('https://api.github.com')
  github.post('/app/installations/7/access_tokens').reply(201, token())
  github.get('/repos/acme/models').reply(200, { id: 1 })
  const [app, installation] = [await probot.auth(), await probot.auth(7)]
  let isOurs = true
  await underClaim(
    async () => isOurs,
    async () => {
      await installation.request('GET /repos/acme/models')
      isOurs = false
      await expect(app.request('GET /app')).rejects.toThrow('taken over by another replica')
      await expect(installation.request('POST /repos/acme/models/deployments')).rejects.toThrow('taken over')
      await expect(installation.graphql('mutation { x }')).rejects.toThrow('taken over')
    },
  )
  expect(github.pendingMocks()).toEqual([])
})

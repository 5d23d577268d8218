/** What becomes of a delivery whose handler fails. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createBot } from '../src/bot.ts'
import { readEnv } from '../src/config/env.ts'
import type { Ears } from '../src/handlers/ears.ts'
import { createLog } from '../src/log.ts'

const CANARY = 'a-private-payload-that-must-not-be-written-down'
const PRIVATE_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey

const push = {
  ref: 'refs/heads/main',
  before: 'b'.repeat(40),
  after: 'a'.repeat(40),
  deleted: false,
  repository: { full_name: 'acme/models', default_branch: 'main', owner: { login: 'acme' } },
  commits: [{ message: CANARY }],
}

/** A bot whose only handler of a push fails with `reason`. */
async function failingBot(reason: Error) {
  const settings = readEnv({ APP_ID: '1', PRIVATE_KEY, WEBHOOK_SECRET: randomBytes(32).toString('hex') })
  if (!settings.ok) throw new Error(settings.problems.join('\n'))
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const bot = await createBot({ env: settings.env, log })
  const ears: Ears = {
    appLogin: 'lockkeeper[bot]',
    appId: 1,
    clock: { now: () => new Date() },
    log,
    hint: () => Promise.reject(reason),
    isNamedBot: async () => false,
    hearCommand: async () => true,
    clicked: async () => {},
    configPushed: async () => undefined,
    heardHead: async () => undefined,
    heardMerge: async () => undefined,
    pullRequestsAt: async () => [],
    followedByReports: async () => [],
    waitingFor: async () => [],
  }
  await bot.load(ears)
  const installations = { installationOf: async () => undefined, saveInstallation: async () => {} }
  const delivery = { id: 'id', event: 'push', body: JSON.stringify(push), receivedAt: new Date() }
  const failure = bot.receive(delivery, installations).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { failure, lines, log }
}

it('the reason comes out itself, without the payload', async () => {
  const reason = new Error('the database is down')
  const { failure } = await failingBot(reason)
  expect(await failure).toBe(reason)
  expect(Object.keys(reason)).not.toContain('event')
})

it('nothing of the payload is in the log, not even with a logger that writes down all of an error', async () => {
  const { failure, lines, log } = await failingBot(new Error('the database is down'))
  log.warn({ everything: Object.entries(Object(await failure)) }, 'handling a delivery failed')
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.join('')).toContain('the database is down')
  expect(lines.join('')).not.toContain(CANARY)
})

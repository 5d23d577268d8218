/** The command as its operator runs it: what it says when it cannot start, and that a stop loses nothing. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { openChurnPullRequest, startTraining } from '../../sandbox/world/acts.ts'
import { MODELS, startWorld, WEBHOOK_SECRET, type World } from '../../sandbox/world/index.ts'
import { eventually } from '../support/queue.ts'
import { type Served, serve } from './serve-process.ts'

// Each start makes a database: a second on an idle machine, many on a busy one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

let world: World
let directory: string
const started: Served[] = []

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockkeeper-serve-'))
  // mkdtemp keeps others out; the database server runs as another user when the tests run as root.
  chmodSync(directory, 0o711)
})
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.process.kill('SIGKILL')
    await one.ended
  }
  rmSync(directory, { recursive: true, force: true })
})

/** Starts it in the sandbox's world with an embedded database; `undefined` takes a setting away. */
function start(change: Readonly<Record<string, string | undefined>> = {}): Served {
  const all = {
    ...world.variables,
    LOCKKEEPER_DATA_DIR: directory,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    ...change,
  }
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const one = serve(Object.fromEntries(given))
  started.push(one)
  return one
}

/** A loopback address where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return `127.0.0.1:${address.port}`
}

const isReady = async (url: string): Promise<boolean> => {
  const response = await fetch(`${url}/readyz`)
  return response.ok
}

it('all mistakes of settings and policy are told at once', async () => {
  const policy = join(directory, 'policy.yml')
  writeFileSync(policy, 'routes: 3\nallow: []\nprometeus: {}\n')
  const one = start({ APP_ID: undefined, PORT: 'http', LOCKKEEPER_POLICY: policy })
  expect(await one.ended).toBe(2)
  expect(one.stdout()).toBe('')
  expect(
    one.stderr().replaceAll(directory, 'DIRECTORY'),
  ).toBe(`lockkeeper cannot start: 2 settings are wrong, and the policy has 3 mistakes.
  - APP_ID is not set. It is the number on the App's settings page.
  - PORT is "http". Use a number from 0 to 65535.
  - DIRECTORY/policy.yml:1:1  version  \`version\` is missing  write \`version: 1\`
  - DIRECTORY/policy.yml:1:9  routes  expected a list, found the number \`3\`  write \`[3]\`
  - DIRECTORY/policy.yml:3:1  prometeus  there is no key \`prometeus\` here  did you mean \`prometheus\`?
`)
})

it('a policy that is wrong alone is told with its lines', async () => {
  const policy = join(directory, 'policy.yml')
  writeFileSync(policy, 'version: 1\nroutes: 3\n')
  const one = start({ LOCKKEEPER_POLICY: policy })
  expect(await one.ended).toBe(2)
  expect(one.stderr().replaceAll(directory, 'DIRECTORY')).toBe(`lockkeeper cannot start: the policy has 1 mistake.
  - DIRECTORY/policy.yml:2:9  routes  expected a list, found the number \`3\`  write \`[3]\`
`)
})

it('a policy that is not there is told once', async () => {
  const one = start({ LOCKKEEPER_POLICY: join(directory, 'none.yml') })
  expect(await one.ended).toBe(2)
  expect(one.stderr().replaceAll(directory, 'DIRECTORY')).toBe(`lockkeeper cannot start: 1 setting is wrong.
  - LOCKKEEPER_POLICY names the file DIRECTORY/none.yml, which cannot be read (ENOENT). Check the path and its permissions.
`)
})

it('GitHub that does not answer is named, and where its address comes from', async () => {
  const host = await nobody()
  const one = start({ GHE_HOST: host })
  expect(await one.ended).toBe(1)
  expect(
    one.stderr().replaceAll(host, 'HOST'),
  ).toBe(`lockkeeper cannot start: GitHub at http://HOST/api/v3 cannot be used: connection refused at GET /app.
Check this machine's network and proxy. GHE_HOST is HOST; is that right?
`)
})

it('a key of another App is named, and the process does not linger', async () => {
  const one = start({ APP_ID: '4243' })
  await eventually(() => one.stderr() !== '', 60_000)
  const said = Date.now()
  expect(await one.ended).toBe(1)
  // A question to the sandbox's clock may be open for 25 s.
  expect(Date.now() - said).toBeLessThan(10_000)
  expect(
    one.stderr().replaceAll(world.github.host, 'HOST'),
  ).toBe(`lockkeeper cannot start: GitHub at http://HOST/api/v3 does not accept the key of App 4243.
Compare APP_ID and the private key (PRIVATE_KEY, PRIVATE_KEY_PATH) with the App's settings page, and check this machine's clock.
`)
})

it('it starts with a database of its own, is ready, and ends at SIGTERM', async () => {
  const one = start()
  const url = await one.ready()
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', checks: { database: 'ok', queue: 'ok' } },
  ])
  const asked = Date.now()
  one.process.kill('SIGTERM')
  expect(await one.ended).toBe(0)
  expect(Date.now() - asked).toBeLessThan(10_000)
  expect(one.stderr()).toBe('')
})

it('it ends with 1 when its database ends by itself', async () => {
  const one = start()
  await one.ready()
  const pid = Number(readFileSync(join(directory, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
  process.kill(pid, 'SIGKILL')
  expect(await one.ended).toBe(1)
  expect(one.stderr()).toMatch(/^lockkeeper ends: embedded database: the server ended by itself \(SIGKILL\): /)
  expect(one.stdout()).toContain('the embedded database ended unexpectedly')
})

it('a stop while a subject is reconciled loses nothing: it is done after the next start', async () => {
  const one = start()
  world.github.setWebhook({ url: `${await one.ready()}/api/github/webhooks`, secret: WEBHOOK_SECRET })
  let asked = false
  const hang = ({ graphql }: { readonly graphql: string | undefined }) => {
    if (graphql !== undefined) asked = true
    return graphql !== undefined
  }
  world.github.fail(hang, { delayMs: 60_000, times: 1 })
  const pull = openChurnPullRequest(world, 'better')
  startTraining(world, pull)
  await eventually(() => asked, 20_000)
  const stopped = Date.now()
  one.process.kill('SIGTERM')
  expect(await one.ended).toBe(0)
  expect(Date.now() - stopped).toBeLessThan(25_000)
  expect(world.github.comments(MODELS, pull.number)).toEqual([])

  const next = start()
  const url = await next.ready()
  expect(await isReady(url)).toBe(true)
  await eventually(() => world.github.comments(MODELS, pull.number).length === 1, 30_000)
  next.process.kill('SIGTERM')
  expect(await next.ended).toBe(0)
})

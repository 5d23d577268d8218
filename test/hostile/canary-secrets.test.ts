/**
 * Every secret that Lockkeeper is given is a canary here, and a story is played at log level debug, in which every system quotes what it was sent:
 * none of them sings anywhere, neither as it is, nor in base64, hexadecimal or percent signs.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finishTraining, mergeModel, openChurnPullRequest, startTraining } from '../../sandbox/world/acts.ts'
import { MODELS, WEBHOOK_SECRET, type World } from '../../sandbox/world/index.ts'
import { type AttackedBot, postman, startAttackedBot } from './attacked-bot.ts'
import { type EchoProxy, startEchoProxy } from './echo-proxy.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

// With what percent signs and base64 write otherwise.
const secret = (name: string): string => `${name}/+ ${randomBytes(18).toString('hex')}?&=`.replace(' ', '')

const SET = {
  previous: secret('webhook'),
  wandb: secret('wandb'),
  mlflow: secret('mlflow'),
  password: secret('password'),
  registry: secret('registry'),
  argocd: secret('argocd'),
  database: secret('database'),
}

let directory: string
let proxies: Readonly<Record<'mlflow' | 'prometheus' | 'registry' | 'endpoint' | 'kubernetes', EchoProxy>>
let variables: Readonly<Record<string, string>>
let canaries: readonly string[]
let attacked: AttackedBot

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lockkeeper-canaries-'))
  attacked = await startAttackedBot({ logLevel: 'debug', variables: settings })
}, 120_000)
afterAll(async () => {
  await attacked?.close()
  for (const proxy of Object.values(proxies ?? {})) await proxy.close()
  rmSync(directory, { recursive: true, force: true })
})

/** The world's settings with a secret wherever one may stand, and each system behind a proxy that may quote it. */
async function settings(world: World): Promise<Readonly<Record<string, string>>> {
  const [mlflow, prometheus, registry, endpoint, kubernetes] = await Promise.all(
    [world.mlflow, world.prometheus, world.registry, world.endpoint, world.kubernetes].map(({ url }) =>
      startEchoProxy(url),
    ),
  )
  if (!mlflow || !prometheus || !registry || !endpoint || !kubernetes) throw new Error('five systems have five proxies')
  proxies = { mlflow, prometheus, registry, endpoint, kubernetes }
  const kubeconfig = world.kubernetes.kubeconfig()
  const files = {
    policy: Object.entries({ mlflow, prometheus, registry, endpoint }).reduce(
      (text, [name, proxy]) => text.replaceAll(world[name as 'mlflow'].url, proxy.url),
      world.policyText,
    ),
    kubeconfig: kubeconfig.replaceAll(world.kubernetes.url, kubernetes.url),
    registries: JSON.stringify({
      auths: { 'ghcr.io': { auth: Buffer.from(`robot:${SET.registry}`).toString('base64') } },
    }),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  variables = {
    ...world.variables,
    WEBHOOK_SECRET_PREVIOUS: SET.previous,
    WANDB_API_KEY: SET.wandb,
    MLFLOW_TRACKING_TOKEN: SET.mlflow,
    LOCKKEEPER_POLICY: join(directory, 'policy'),
    KUBECONFIG: join(directory, 'kubeconfig'),
    LOCKKEEPER_REGISTRY_CONFIG: join(directory, 'registries'),
  }
  const token = /token: "?([^"\n]+)/.exec(kubeconfig)?.[1]
  const key = String(variables['PRIVATE_KEY']).split('\n')
  if (token === undefined) throw new Error('the kubeconfig has a token')
  canaries = [
    ...Object.values(SET),
    WEBHOOK_SECRET,
    token,
    String(variables['AWS_SECRET_ACCESS_KEY']),
    ...key.slice(2, 5),
  ]
  return variables
}

/** However it may be written; of base64, what is the same wherever in the encoded text it stands. */
function spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  const inBase64 = [0, 1, 2].map((before) =>
    bytes
      .subarray((3 - before) % 3)
      .toString('base64')
      .replace(/.{4}$/, ''),
  )
  return [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    bytes.toString('hex'),
    ...inBase64,
    ...inBase64.map(toUrlSafe),
  ]
}

const toUrlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')

/** What GitHub gave to the App is as secret as what the operator did. */
const issued = (): readonly string[] => [...attacked.world.github.state.tokens.keys()]

const songsIn = (where: string, text: string): readonly string[] =>
  [...canaries, ...issued()].flatMap((canary, index) => {
    const spelling = spellings(canary).find((each) => each.length > 8 && text.includes(each))
    if (spelling === undefined) return []
    const at = text.indexOf(spelling)
    return [`${where}: canary ${index} as ${spelling} in …${text.slice(Math.max(0, at - 200), at + 80)}…`]
  })

test('no secret leaves by log, comment, answer or database, in good and in bad times', {
  timeout: 400_000,
}, async () => {
  const { world, bot, db, settle } = attacked
  const answers: string[] = []
  const says = async (body: string, number: number): Promise<void> => {
    world.github.comment(MODELS, number, body, { by: 'alice' })
    await settle()
  }
  const look = async (): Promise<void> => {
    for (const path of ['/', '/healthz', '/readyz', '/metrics', '/api/github/webhooks', '/nothing'])
      answers.push(await (await fetch(`${bot.url}${path}`)).text())
    answers.push((await run(['doctor'])).join('\n'))
  }
  const pull = openChurnPullRequest(world, 'better')
  startTraining(world, pull)
  finishTraining(world, pull, 'success')
  await settle()
  mergeModel(world, pull, 'squash')
  await settle()
  await says('/deploy prod', pull.number)
  await look()
  const silent = Object.entries(proxies).flatMap(([name, proxy]) => (proxy.authorised() > 0 ? [] : [name]))
  // Prometheus and endpoints are given none here, and the registry is asked without one before it says no.
  expect(silent.toSorted()).toEqual(['endpoint', 'prometheus', 'registry'])
  for (const status of [400, 401, 500]) {
    for (const proxy of Object.values(proxies)) proxy.echo(status)
    world.clock.advance(60_000)
    const next = openChurnPullRequest(world, status === 400 ? 'better-2' : status === 401 ? 'better-3' : 'regression')
    startTraining(world, next)
    finishTraining(world, next, 'success')
    await settle()
    await says('/compare', next.number)
    await says('/status', next.number)
    await says('/deploy staging', pull.number)
    await look()
  }
  // Once the registry says that it wants to know who asks.
  expect(proxies.registry.authorised()).toBeGreaterThan(0)
  expect(issued().length).toBeGreaterThan(0)
  const mail = postman(bot.url, 1)
  const forged = await mail.deliver({
    body: '{',
    event: 'push',
    signatures: ['X-Hub-Signature-256', `sha256=${'0'.repeat(64)}`],
  })
  mail.close()
  const { rows: tables } = await db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`,
  )
  const rows: string[] = []
  for (const { name } of tables) rows.push(JSON.stringify((await db.query(`select * from ${name}`)).rows))
  const written = JSON.stringify(world.github.requests.map(({ path, query, body }) => ({ path, query, body })))
  expect([
    ...songsIn('log', attacked.log()),
    ...songsIn('answers', [...answers, forged.text].join('\n')),
    ...songsIn('GitHub', written),
    ...songsIn('database', rows.join('\n')),
  ]).toEqual([])
})

test('a start that fails says why without the secrets', { timeout: 240_000 }, async () => {
  const broken = [
    { DATABASE_URL: `postgresql://keeper:${encodeURIComponent(SET.database)}@127.0.0.1:1/keeper` },
    { DATABASE_URL: `mysql://keeper:${SET.database}@127.0.0.1:1/keeper` },
    { PRIVATE_KEY: `${variables['PRIVATE_KEY']}`.replace('\n', `\n${SET.database}`) },
    { WEBHOOK_SECRET: SET.database.slice(0, 20), MLFLOW_TRACKING_TOKEN: `${SET.mlflow}\n${SET.database}` },
  ]
  const said: string[] = []
  for (const change of broken) said.push(...(await run(['serve'], change)))
  expect(said.join('')).not.toBe('')
  expect(songsIn('a failed start', said.join('\n'))).toEqual([])
})

test('neither a bug nor a diagnostic report tells them', { timeout: 240_000 }, async () => {
  const ended = await runUntilStarted(`throw Object.assign(new Error('a bug'), { request: process.env })`)
  expect(ended.join('')).toContain('lockkeeper ends by a bug: Error: a bug\n    at')
  expect(songsIn('a crash', ended.join('\n'))).toEqual([])
  await runUntilStarted(`process.report.writeReport('report.json'); process.exit()`)
  const written = readFileSync(join(directory, 'report.json'), 'utf8')
  expect(written).toContain('"nodejsVersion"')
  expect(songsIn('a report', written)).toEqual([])
})

/** The server, in which this is run as soon as it is there. */
function runUntilStarted(act: string): Promise<readonly string[]> {
  const code = `const wait = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return
    clearInterval(wait)
    ${act}
  }, 10)`
  const flags = ['--report-directory', directory, '--import', `data:text/javascript,${encodeURIComponent(code)}`]
  return run(['serve'], settled(), flags)
}

/** Beside the program that runs already. */
const settled = () => ({ DATABASE_URL: attacked.bot.databaseUrl })

test('no other verb tells them', { timeout: 240_000 }, async () => {
  const said: string[] = []
  for (const args of [
    ['doctor'],
    ['validate'],
    ['validate', MAIN],
    ['validate', join(directory, 'kubeconfig')],
    ['rebuild'],
  ])
    said.push(...(await run(args, settled())))
  expect(said.join('').length).toBeGreaterThan(1000)
  expect(songsIn('a verb', said.join('\n'))).toEqual([])
})

test('nor does another way to sign in', { timeout: 240_000 }, async () => {
  const { mlflow, kubernetes } = proxies
  const policy = join(directory, 'policy of two servers')
  const server = `argocd_servers:\n  main: { url: "${kubernetes.url}", token_env: ARGOCD_TOKEN }\n`
  writeFileSync(policy, `${readFileSync(join(directory, 'policy'), 'utf8').trimEnd()}\n${server}`)
  const before = [mlflow, kubernetes].map((proxy) => proxy.authorised())
  const said: string[] = []
  for (const status of [400, 401, 500]) {
    for (const proxy of [mlflow, kubernetes]) proxy.echo(status)
    const signIn = {
      MLFLOW_TRACKING_TOKEN: '',
      MLFLOW_TRACKING_USERNAME: 'keeper',
      MLFLOW_TRACKING_PASSWORD: SET.password,
      ARGOCD_TOKEN: SET.argocd,
      LOCKKEEPER_POLICY: policy,
    }
    said.push(...(await run(['doctor'], { ...settled(), ...signIn })))
  }
  const after = [mlflow, kubernetes].map((proxy) => proxy.authorised())
  expect(after.map((count, index) => count > (before[index] ?? 0))).toEqual([true, true])
  expect(said.join('')).toContain('argocd_servers')
  expect(songsIn('doctor', said.join('\n'))).toEqual([])
})

test('a canary that sings is heard, however it is written', () => {
  const [canary = ''] = canaries
  const encoded = [0, 1, 2].map((before) => Buffer.from(`${'x'.repeat(before)}${canary}`).toString('base64'))
  for (const song of [canary, encodeURIComponent(canary), ...encoded, Buffer.from(canary).toString('hex')])
    expect(songsIn('here', `before ${song} after`)).toHaveLength(1)
})

/** Both outputs of the program. */
function run(
  args: readonly string[],
  change: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<readonly string[]> {
  const { PATH, HOME, TMPDIR } = process.env
  const env: NodeJS.ProcessEnv = { PATH, HOME, TMPDIR, LOG_LEVEL: 'debug', PORT: '0', ...variables, ...change }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, MAIN, ...args],
      { env, timeout: 30_000, encoding: 'utf8' },
      (_failed, out, err) => resolve([out, err]),
    )
  })
}

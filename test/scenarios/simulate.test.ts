/** `lockkeeper simulate` beside the bot, on its own database: what it prints, and where it cannot. That it says what the comment then brings about: simulate-equal.test.ts. One story: v12 is verified in staging. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { simulate } from '../../src/cli/simulate.ts'
import { startStory } from '../support/bot.ts'
import { said } from '../support/said.ts'
import { type Tale, tale } from '../support/story.ts'

let story: Tale
const POLICY = join(tmpdir(), `lockkeeper-simulate-${process.pid}.yml`)

beforeAll(async () => {
  story = tale(await startStory())
  writeFileSync(POLICY, story.world.policyText)
  await story.releases('better')
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  expect(story.world.violations()).toEqual([])
  await story.end()
  rmSync(POLICY, { force: true })
})

type Run = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** On the model pull request, as alice. */
async function asks(
  body: string,
  {
    as = 'alice',
    on = `${MODELS}#1`,
    more = [],
    settings = {},
    isTty = false,
  }: {
    as?: string
    on?: string
    more?: readonly string[]
    settings?: Record<string, string | undefined>
    isTty?: boolean
  } = {},
): Promise<Run> {
  const { database } = story.settings.env
  const url = 'url' in database ? database.url : undefined
  const variables = { ...story.world.variables, DATABASE_URL: url, LOCKKEEPER_POLICY: POLICY, ...settings }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const shown = { stdout: '', stderr: '' }
  const code = await simulate.run([on, body, '--as', as, ...more], {
    stdout: (text) => {
      shown.stdout += text
    },
    stderr: (text) => {
      shown.stderr += text
    },
    isTty,
    readFile: async (path) => readFileSync(path, 'utf8'),
  })
  return { code, stdout: said(shown.stdout), stderr: shown.stderr }
}

test('a command that would be refused: every rule with its evidence, and the earliest time', async () => {
  const { code, stdout, stderr } = await asks('/deploy prod')
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(stdout).toMatchInlineSnapshot(`
    alice on acme/models#1, 2026-11-24 09:00 UTC

    /deploy prod
    ✗ would be refused (soak): churn v12 may not go to prod now: must soak 1h in staging.
      Repeat it from 2026-11-24 10:01 UTC on.

      ✓ who-may    alice may
      ✓ newer      nothing is live there yet
      ✓ release    complete
      ✓ gates      gates pass
                   the comparison (<github>/acme/models/pull/1)
      ✓ after      verified in staging
                   promotion PR 1 since 2026-11-24 09:00 UTC (<github>/acme/ml-config/pull/1)
      … soak       must soak 1h in staging
                   since 2026-11-24 09:00 UTC
                   passes from 2026-11-24 10:01 UTC
      ✓ freeze     no freeze
      ✓ hold       no hold
      ✓ free       nothing else is on its way
      ✓ values     the files take them
      … approvals  needs 1 approval by team ml-leads, bob
                   → Review the promotion pull request, or write \`/approve prod\`
  `)
})

test('a command that would be done', async () => {
  const { code, stdout } = await asks('/lock prod for 2h moving the feature store')
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    alice on acme/models#1, 2026-11-24 09:00 UTC

    /lock prod for 2h moving the feature store
    ✓ would be done:
      🔎 Dry run, nothing was done: \`prod\` for every model would be held until 2026-11-24 11:01 UTC.

      ✓ who-may  alice may
  `)
})

test('the same at another time', async () => {
  const { code, stdout } = await asks('/deploy prod', { more: ['--at', '2026-11-24T11:30Z'] })
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    alice on acme/models#1, 2026-11-24 11:30 UTC

    /deploy prod
    ✓ would be done:
      🔎 Dry run of churn v12 → prod, nothing was done: it may be opened now; before the merge it still waits for this: needs 1 approval by team ml-leads, bob – review the promotion pull request, or write \`/approve prod\`.
      To do it: \`/deploy prod\`.

          @@ environments/prod/churn/inference.yaml spec.predictor.sklearn.storageUri @@
          -s3://acme-models/churn/11
          +s3://acme-models/churn/12
          @@ environments/prod/churn/values.yaml image.tag @@
          -3f9c2e1d@sha256:<digest>
          +<sha>@sha256:<digest>
          @@ environments/prod/churn/values.yaml podAnnotations."lockkeeper.dev/release" @@
          +<release>

      With the lines around:

          --- a/environments/prod/churn/inference.yaml
          +++ b/environments/prod/churn/inference.yaml
          @@ -12,5 +12,5 @@
           spec:
               predictor:
                   sklearn:                 # the older shape, still served
          -            storageUri: 's3://acme-models/churn/11'
          +            storageUri: 's3://acme-models/churn/12'
                       resources: {requests: {cpu: 500m}}
          --- a/environments/prod/churn/values.yaml
          +++ b/environments/prod/churn/values.yaml
          @@ -3,11 +3,11 @@

           image:
             repository: ghcr.io/acme/churn   # no tag here
          -  tag: 3f9c2e1d@sha256:<digest>
          +  tag: <sha>@sha256:<digest>
             pullPolicy: IfNotPresent

           podAnnotations:
          -  "lockkeeper.dev/release": ""
          +  "lockkeeper.dev/release": "<release>"
             prometheus.io/scrape: "true"

           resources: &res

      ✓ who-may    alice may
      ✓ newer      nothing is live there yet
      ✓ release    complete
      ✓ gates      gates pass
                   the comparison (<github>/acme/models/pull/1)
      ✓ after      verified in staging
                   promotion PR 1 since 2026-11-24 09:00 UTC (<github>/acme/ml-config/pull/1)
      ✓ soak       soaked for 1h
                   since 2026-11-24 09:00 UTC
      ✓ freeze     no freeze
      ✓ hold       no hold
      ✓ free       nothing else is on its way
      ✓ values     the files take them
      … approvals  needs 1 approval by team ml-leads, bob
                   → Review the promotion pull request, or write \`/approve prod\`
  `)
})

test('a question', async () => {
  const { code, stdout } = await asks('/status prod', { as: 'erin' })
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    erin on acme/models#1, 2026-11-24 09:00 UTC

    /status prod
    ✓ would be answered:
      Nothing is under way.

      Model  Environment  Live      Under way  Stops
      churn  prod         as found  –          next freeze 2026-11-27 15:00 UTC
  `)
})

test('several lines: up to the first that would not be run', async () => {
  const { code, stdout } = await asks('/lock staging\n/deploy prod\n/unlock staging')
  expect(code).toBe(1)
  expect(stdout.replaceAll(/^ {3,}.*\n/gm, '')).toMatchInlineSnapshot(`
    alice on acme/models#1, 2026-11-24 09:00 UTC

    /lock staging
    ✓ would be done:
      🔎 Dry run, nothing was done: \`staging\` for every model would be held until it is lifted.

      ✓ who-may  alice may

    /deploy prod
    ✗ would be refused (soak): churn v12 may not go to prod now: must soak 1h in staging.
      Repeat it from 2026-11-24 10:01 UTC on.

      ✓ who-may    alice may
      ✓ newer      nothing is live there yet
      ✓ release    complete
      ✓ gates      gates pass
      ✓ after      verified in staging
      … soak       must soak 1h in staging
      ✓ freeze     no freeze
      ✓ hold       no hold
      ✓ free       nothing else is on its way
      ✓ values     the files take them
      … approvals  needs 1 approval by team ml-leads, bob

    Not looked at, since what comes before would not be run: /unlock staging

    Each line was decided on the world as it is, without what the lines before it would have changed.
  `)
})

test('a word that is nearly a command', async () => {
  const { code, stdout } = await asks('/deplyo prod')
  expect(code).toBe(2)
  expect(stdout).toMatchInlineSnapshot(`
    alice on acme/models#1, 2026-11-24 09:00 UTC

    /deplyo prod
    ? would not be understood: There is no command \`/deplyo\`.
      Did you mean \`/deploy\`? \`/help\` lists all.
  `)
})

test('an option that is not there', async () => {
  const { code, stdout } = await asks('/deploy prod --forse "now"')
  expect(code).toBe(2)
  expect(stdout).toMatchInlineSnapshot(`
    alice on acme/models#1, 2026-11-24 09:00 UTC

    /deploy prod --forse "now"
    ? would not be understood: \`/deploy\` has no option \`--forse\`.
      Did you mean \`--force\`? Nothing was done.
  `)
})

test('a promotion pull request', async () => {
  const { number } = story.promotion('staging')
  const { code, stdout } = await asks('/rollback', { on: `${CONFIG}#${number}` })
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    alice on acme/ml-config#1, 2026-11-24 09:00 UTC

    /rollback
    ✓ would be done:
      🔎 Dry run, nothing was done: churn in staging would go back to as found, and be held there.

      ✓ who-may    alice may
      ✓ newer      v12 is live
                   promotion PR 1 since 2026-11-24 09:00 UTC (<github>/acme/ml-config/pull/1)
      ✓ release    complete
      – gates      a rollback does not wait for it
      – after      a rollback does not wait for it
      – soak       a rollback does not wait for it
      – freeze     a rollback does not wait for it
      – hold       a rollback does not wait for it
      ✓ free       nothing else is on its way
      ✓ values     the files take them
      – approvals  a rollback does not wait for it
  `)
})

test('for programs: one document', async () => {
  const { code, stdout } = await asks('/deploy prod', { more: ['--json'] })
  expect(code).toBe(1)
  const document = JSON.parse(stdout)
  expect(document).toMatchObject({
    ...{ repository: MODELS, number: 1, author: 'alice', notLookedAt: [] },
    lines: [{ line: '/deploy prod', verdict: 'refused', code: 'soak' }],
  })
  expect(document.lines[0].earliest).toMatch(/^2026-11-24T10:00:/)
  const states = document.lines[0].rules.map(({ rule, state }: { rule: string; state: string }) => `${rule} ${state}`)
  expect(states).toContain('soak open')
})

test('as a process: it ends by itself', async () => {
  const { database } = story.settings.env
  const env = { ...process.env, ...story.world.variables, LOCKKEEPER_POLICY: POLICY }
  const url = 'url' in database ? { DATABASE_URL: database.url } : {}
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const args = [main, 'simulate', `${MODELS}#1`, '/status prod', '--as', 'alice']
  const asked = await promisify(execFile)(process.execPath, args, { env: { ...env, ...url }, timeout: 60_000 })
  expect(asked.stderr).toBe('')
  expect(asked.stdout).toContain('✓ would be answered:')
})

test('colours only where a person looks', async () => {
  const seen = await asks('/deploy prod', { isTty: true })
  const piped = await asks('/deploy prod')
  expect(seen.stdout).toContain('\u001b[31m✗\u001b[0m')
  expect(stripVTControlCharacters(seen.stdout)).toBe(piped.stdout)
})

test.each([
  ['no command', 'deploy prod', {}, 'nothing in this text is a command.'],
  ['nothing like a command', 'ship it', {}, 'nothing in this text is a command.'],
  ['a quote', '> /deploy prod', {}, 'nothing in this text is a command.'],
  ['nobody', '/status', { as: 'nobody-here' }, 'GitHub knows nobody called nobody-here.'],
  [
    'a bot',
    '/status',
    { as: 'lockkeeper[bot]' },
    'lockkeeper[bot] is a bot that no list of people names: nobody listens to its comments.',
  ],
  [
    'a pull request that is not there',
    '/status',
    { on: `${MODELS}#99` },
    'acme/models has no pull request 99, and no issue.',
  ],
  ['a repository that the App does not see', '/status', { on: 'acme/secret#1' }, 'Lockkeeper cannot see acme/secret.'],
  ['a place that is none', '/status', { on: 'acme/models' }, 'acme/models is not OWNER/REPO#NUMBER'],
  [
    'a time without a zone',
    '/status',
    { more: ['--at', '2026-11-24T10:00'] },
    '--at 2026-11-24T10:00: a time with its zone is needed, as 2026-11-24T10:00Z',
  ],
  [
    'a database that does not answer',
    '/status',
    { settings: { DATABASE_URL: 'postgresql://127.0.0.1:1/x' } },
    'database: cannot be reached: connect ECONNREFUSED 127.0.0.1:1.',
  ],
  [
    'an embedded database that is not there',
    '/status',
    { settings: { DATABASE_URL: undefined, LOCKKEEPER_DATA_DIR: '/nowhere' } },
    'There is no embedded database in /nowhere.',
  ],
])('cannot be asked: %s', async (_, body, how, expected) => {
  const { code, stdout, stderr } = await asks(body, how)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.split('\n')[0]).toBe(`lockkeeper simulate: ${expected}`)
})

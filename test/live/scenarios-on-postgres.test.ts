/**
 * The stories in which the store does something of its own, once more on Debian's PostgreSQL over TCP instead of the embedded server. What replicas
 * and restarts of the server do to it is replicas.test.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startOnLeash } from '../../sandbox/recordings/processes.ts'
import { type RealPostgres, startRealPostgres } from './postgres-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIMIT_MS = 10 * 60_000

/** Each with what it asks of the database. */
const STORIES = [
  // Ids that were seen already, bodies with NUL, what was missed.
  'deliveries',
  // Two at once: advisory locks, partial unique indexes; times that are over.
  'holds',
  // Triggers that stall a write, connections that are terminated, jobs taken over.
  'holds-crash',
  // One standing waiver per gate: indexes over hashes, returning what was revoked.
  'override',
  // Against the merge: the lock that keeps a promotion undisturbed, and its edition.
  'cancel',
  'superseded-late',
  // What was verified before and when: distinct on, over JSON.
  'outcome-order',
  // Rows that are found by another commit than their own, and go when they are old.
  'merge-queue',
  // A snapshot that cannot write, beside the bot.
  'simulate',
]

/** The part of Vitest's JSON report that is looked at. */
type Report = {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

let server: RealPostgres
beforeAll(async () => {
  server = await startRealPostgres()
})
afterAll(() => server?.close())

it('each passes on it', { timeout: LIMIT_MS + 60_000 }, async () => {
  const { report, exitCode } = await runScenarios(server.url)
  expect(failuresOf(report)).toEqual([])
  expect({ exitCode, success: report.success, failed: report.numFailedTests }).toEqual({
    exitCode: 0,
    success: true,
    failed: 0,
  })
  expect(report.numPassedTests).toBeGreaterThan(STORIES.length * 4)
  // The scenarios must really have been here: each leaves its database.
  expect(await databasesOf(server.url)).toBeGreaterThan(STORIES.length * 4)
})

/** A run of the suite in a process of its own. Throws when it takes longer than the limit. */
async function runScenarios(url: string): Promise<{ readonly report: Report; readonly exitCode: number | null }> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-scenarios-'))
  const file = join(directory, 'report.json')
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const files = STORIES.map((name) => `test/scenarios/${name}.test.ts`)
  const args = [
    vitest,
    'run',
    '--project',
    'scenarios',
    '--project',
    'slow',
    '--reporter=json',
    `--outputFile=${file}`,
    ...files,
  ]
  // Without what this run of Vitest tells its own workers.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name))
  const env = { ...Object.fromEntries(inherited), LOCKKEEPER_TEST_DATABASE_URL: url }
  const scenarios = startOnLeash(process.execPath, args, { cwd: ROOT, env, output: 2 })
  const limit = new AbortController()
  try {
    const exitCode = await Promise.race([
      scenarios.exited,
      sleep(LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`the scenarios were not done within ${LIMIT_MS / 60_000} minutes`)
      }),
    ])
    return { report: JSON.parse(readFileSync(file, 'utf8')) as Report, exitCode }
  } finally {
    limit.abort()
    await scenarios.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Each failed test, and each file that failed as a whole, with its reason. */
function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message === '' ? [] : [`${name}: ${message}`]),
    ...assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n').slice(0, 1500)}`),
  ])
}

async function databasesOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: string }>(
      "select count(*) from pg_database where datname like 'test\\_%'",
    )
    return Number(rows[0]?.count)
  } finally {
    await client.end()
  }
}

/** Vitest's global set-up of the scenarios: one database server for all of them. Each test makes its own database in it, with database.ts. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts'
import { silentLog } from './log.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL of the server. */
    readonly databaseServer: string
  }
}

export type TestServer = {
  /** A URL whose user may create databases. */
  readonly url: string
  stop(): Promise<void>
}

/** The server that LOCKKEEPER_TEST_DATABASE_URL names, or an embedded one in a temporary directory (without fsync: its data is thrown away). */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env['LOCKKEEPER_TEST_DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, stop: async () => {} }
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-test-'))
  // mkdtemp keeps others out; the server runs as another user when the tests run as root.
  chmodSync(directory, 0o711)
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }
  const server = await startEmbeddedPostgres({ dataDir: directory, log: silentLog, settings })
  return {
    url: server.connectionString,
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

let running: TestServer | undefined

export async function setup(project: TestProject): Promise<void> {
  running = await startTestServer()
  project.provide('databaseServer', running.url)
}

export async function teardown(): Promise<void> {
  await running?.stop()
}

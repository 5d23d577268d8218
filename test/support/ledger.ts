/** The ledger on a database of its own, opened and closed with the tests. For the tests of src/store/*.ts; queues have queue.ts. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Ledger } from '../../src/services/ledger.ts'
import { type Database, migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import type { Tables } from '../../src/store/tables.ts'
import { freshDatabase } from './database.ts'
import { startTestServer, type TestServer } from './database-server.ts'
import { silentLog } from './log.ts'

/** The current test's: asked for again each time, not taken apart, since the next test has another. */
export type LedgerBench = {
  readonly ledger: Ledger
  readonly database: Database<Tables>
}

/** Registers the suite's hooks: a database for each test, or one per file. */
export function ledgerBench({ per = 'test' }: { readonly per?: 'test' | 'file' } = {}): LedgerBench {
  let server: TestServer | undefined
  let opened: LedgerBench | undefined
  const open = async () => {
    const database = await openDatabase<Tables>({ url: await freshDatabase(server?.url), log: silentLog })
    await migrateToLatest(database.db, MIGRATIONS)
    opened = { database, ledger: createLedger(database.db) }
  }
  const close = async () => {
    await opened?.database.close()
    opened = undefined
  }
  const current = () => {
    if (opened === undefined)
      throw new Error('no ledger is open: use it in tests, or in hooks registered after ledgerBench()')
    return opened
  }
  beforeAll(async () => {
    server = await startTestServer()
    if (per === 'file') await open()
  })
  if (per === 'test') {
    beforeEach(open)
    afterEach(close)
  }
  afterAll(async () => {
    await close()
    await server?.stop()
  })
  return {
    get ledger() {
      return current().ledger
    },
    get database() {
      return current().database
    },
  }
}

/** What is remembered of the search for lost deliveries. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import { createSweeps } from '../../src/store/sweeps.ts'
import type { Tables } from '../../src/store/tables.ts'
import { freshDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/database-server.ts'
import { silentLog } from '../support/log.ts'

let server: TestServer | undefined
beforeAll(async () => {
  server = await startTestServer()
}, 60_000)
afterAll(() => server?.stop())

it('the last sweep is known after a restart', async () => {
  const url = await freshDatabase(server?.url)
  const first = await openDatabase<Tables>({ url, log: silentLog })
  await migrateToLatest(first.db, MIGRATIONS)
  expect(await createSweeps(first.db).sweptUntil()).toBeUndefined()
  await createSweeps(first.db).saveSweptUntil(new Date('2026-11-24T09:00:00Z'))
  await createSweeps(first.db).saveSweptUntil(new Date('2026-11-24T09:05:00.123Z'))
  await first.close()
  const second = await openDatabase<Tables>({ url, log: silentLog })
  expect(await createSweeps(second.db).sweptUntil()).toEqual(new Date('2026-11-24T09:05:00.123Z'))
  await second.close()
})

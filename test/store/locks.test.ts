/** Locks over all replicas: one at a time, lost with their connection, and never a reason to wait for each other. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { stillOurs } from '../../src/store/claims.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { alone } from '../../src/store/locks.ts'
import type { Tables } from '../../src/store/tables.ts'
import { freshDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/database-server.ts'
import { silentLog } from '../support/log.ts'
import { eventually } from '../support/queue.ts'

let server: TestServer | undefined
let database: Database<Tables>
beforeAll(async () => {
  server = await startTestServer()
  database = await openDatabase<Tables>({ url: await freshDatabase(server.url), log: silentLog, maxConnections: 2 })
})
afterAll(async () => {
  await database?.close()
  await server?.stop()
})
const HOLDERS = sql<{ pid: number }>`
  select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`
beforeEach(async () => {
  await eventually(async () => (await HOLDERS.execute(database.db)).rows.length === 0)
})

it('one at a time', async () => {
  let inside = 0
  let most = 0
  const run = async () => {
    inside += 1
    most = Math.max(most, inside)
    await sleep(5)
    inside -= 1
  }
  await Promise.all(Array.from({ length: 8 }, () => alone('one', database.locks, run)))
  expect(most).toBe(1)
})

it('whose connection was lost is somebody else’s, and what is begun after that is refused', async () => {
  const steps: string[] = []
  const first = alone('lost', database.locks, async () => {
    await stillOurs()
    steps.push('first writes')
    const { rows } = await HOLDERS.execute(database.db)
    for (const { pid } of rows) await sql`select pg_terminate_backend(${pid})`.execute(database.db)
    await alone('lost', database.locks, async () => void steps.push('second writes'))
    await stillOurs()
    steps.push('first writes again')
  })
  await expect(first).rejects.toThrow()
  expect(steps).toEqual(['first writes', 'second writes'])
})

it('all workers may hold one within another, and still reach the ledger', async () => {
  const workers = Array.from({ length: 5 }, (_, worker) =>
    alone(`outer ${worker}`, database.locks, () =>
      alone(`inner ${worker}`, database.locks, async () => {
        await sleep(50)
        return sql`select 1`.execute(database.db)
      }),
    ),
  )
  expect(await Promise.all(workers)).toHaveLength(5)
})

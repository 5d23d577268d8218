/** Store and queue on Debian's PostgreSQL, over TCP with a password: what DATABASE_URL means in production. */
import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { createQueue } from '../../src/store/queue.ts'
import { freshDatabase } from '../support/database.ts'
import { silentLog } from '../support/log.ts'
import { eventually } from '../support/queue.ts'
import { type RealPostgres, startRealPostgres } from './postgres-server.ts'

let server: RealPostgres
beforeAll(async () => {
  server = await startRealPostgres()
})
afterAll(() => server?.close())

it('migrates, stores a delivery once, and runs what was hinted in a transaction', async () => {
  const url = await freshDatabase(server.url)
  const database = await openDatabase<Record<string, never>>({ url, log: silentLog })
  const queue = await createQueue({ connectionString: url, log: silentLog })
  try {
    const migration = {
      name: '0001_note',
      up: async (db: Kysely<never>) => void (await sql`create table note (text text)`.execute(db)),
    }
    expect(await migrateToLatest(database.db, [migration])).toEqual(['0001_note'])
    const seen: string[] = []
    await queue.work({
      delivery: async ({ event }) => void seen.push(event),
      reconcile: async (subject) => void seen.push(subject),
    })
    const delivery = { id: randomUUID(), event: 'push', body: '{"a":"\\u0000"}', receivedAt: new Date() }
    expect(await queue.storeDelivery(delivery)).toBe('stored')
    expect(await queue.storeDelivery(delivery)).toBe('duplicate')
    await database.db.transaction().execute((trx) => queue.hint('subject', { db: trx }))
    await queue.wakeAt('timer', new Date(Date.now() + 500))
    await eventually(() => seen.length === 3)
    expect(seen.toSorted()).toEqual(['push', 'subject', 'timer'])
    await eventually(() => queue.isIdle())
  } finally {
    await queue.stop({ graceSeconds: 2 })
    await database.close()
  }
})

/** Connecting and migrating: what an operator meets at an upgrade, a downgrade, and a wrong address. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Database, migrateToLatest, type NamedMigration, openDatabase } from '../../src/store/database.ts'
import { freshDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/database-server.ts'
import { recordingLog, silentLog } from '../support/log.ts'

type Tables = { note: { text: string } }

let server: TestServer
let database: Database<Tables>

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  database = await openDatabase<Tables>({ url: await freshDatabase(server.url), log: silentLog })
})
afterEach(() => database.close())

const first: NamedMigration = {
  name: '0001_note',
  up: async (db: Kysely<never>) => void (await sql`create table note (text text not null)`.execute(db)),
}
const second: NamedMigration = {
  name: '0002_greeting',
  up: async (db: Kysely<never>) => void (await sql`insert into note values ('hello')`.execute(db)),
}
const broken: NamedMigration = {
  name: '0003_broken',
  up: async (db: Kysely<never>) => {
    await sql`insert into note values ('half')`.execute(db)
    await sql`insert into nowhere values (1)`.execute(db)
  },
}

const notes = () => database.db.selectFrom('note').select('text').execute()

describe('migrations', () => {
  it('run once each, in order', async () => {
    expect(await migrateToLatest(database.db, [first])).toEqual(['0001_note'])
    expect(await migrateToLatest(database.db, [first, second])).toEqual(['0002_greeting'])
    expect(await migrateToLatest(database.db, [first, second])).toEqual([])
    expect(await notes()).toEqual([{ text: 'hello' }])
  })

  it('run once when replicas start together', async () => {
    const other = await openDatabase<Tables>({ url: database.connectionString, log: silentLog })
    try {
      const applied = await Promise.all([database, other].map(({ db }) => migrateToLatest(db, [first, second])))
      expect(applied.flat().toSorted()).toEqual(['0001_note', '0002_greeting'])
      expect(await notes()).toEqual([{ text: 'hello' }])
    } finally {
      await other.close()
    }
  })

  it('leave nothing behind when one fails, and say which', async () => {
    await expect(migrateToLatest(database.db, [first, second, broken])).rejects.toThrow('migration 0003_broken failed')
    await expect(notes()).rejects.toThrow('"note" does not exist')
    expect(await migrateToLatest(database.db, [first, second])).toHaveLength(2)
  })

  it('refuse a database that a newer version has changed', async () => {
    await migrateToLatest(database.db, [first, second])
    await expect(migrateToLatest(database.db, [first])).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('0002_greeting'),
    })
  })

  it('refuse a list that is out of order', async () => {
    await expect(migrateToLatest(database.db, [second, first])).rejects.toThrow(
      'out of order: 0002_greeting before 0001_note',
    )
  })
})

describe('a database', () => {
  it('that is embedded is started, kept between starts, and stopped', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-db-'))
    chmodSync(directory, 0o711)
    try {
      const open = () => openDatabase<Tables>({ embedded: { dataDir: directory }, log: silentLog })
      const one = await open()
      await migrateToLatest(one.db, [first, second])
      await one.close()
      await one.close()
      const two = await open()
      expect(await two.db.selectFrom('note').select('text').execute()).toEqual([{ text: 'hello' }])
      await two.close()
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it.each([
    ['nobody listens', 'postgresql://u:hush@127.0.0.1:1/db', /cannot be reached: .*ECONNREFUSED/],
    ['the name is unknown', 'postgresql://u:hush@no-such-host.invalid/db', /cannot be reached: /],
  ])('where %s is an outage, told without the password', async (_, url, reason) => {
    const failure: unknown = await openDatabase({ url, log: silentLog }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'SystemUnavailable', message: expect.stringMatching(reason) })
    expect(String(failure)).not.toContain('hush')
  })

  it('that goes away during a transaction does not end the process', async () => {
    const client = await database.pool.connect()
    // As when the server is killed: the query was rejected already, and the broken connection is reported after it.
    expect(() => client.emit('error', new Error('write EPIPE'))).not.toThrow()
    client.release(true)
  })

  it('that ends our connections does not end the process', async () => {
    const log = recordingLog()
    const other = await openDatabase<Tables>({ url: database.connectionString, log })
    try {
      await other.pool.query('select 1')
      await database.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      )
      await expect.poll(() => log.lines.map(({ message }) => message)).toContain('a database connection was lost')
      expect((await other.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    } finally {
      await other.close()
    }
  })
})

/** The database for those who only look: nothing can be written, and a database of another version is told. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../src/log.ts'
import { type Database, migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import { addressOfEmbedded, inSnapshot, requireCurrent } from '../../src/store/snapshot.ts'
import type { Tables } from '../../src/store/tables.ts'

const log = createLog('silent')
const dataDir = mkdtempSync(join(tmpdir(), 'lockkeeper-snapshot-'))
let server: EmbeddedPostgres
let database: Database<Tables>

beforeAll(async () => {
  server = await startEmbeddedPostgres({ dataDir, log, settings: { fsync: 'off' } })
  database = await openDatabase<Tables>({ url: server.connectionString, log, maxConnections: 2 })
})
afterAll(async () => {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('a database of another version', () => {
  it('was never used', async () => {
    await expect(requireCurrent(database.db, MIGRATIONS)).rejects.toThrow('it was never used')
  })

  it('is older', async () => {
    await migrateToLatest(database.db, MIGRATIONS.slice(0, -1))
    const newest = MIGRATIONS.at(-1)?.name
    await expect(requireCurrent(database.db, MIGRATIONS)).rejects.toThrow(`it has not seen ${newest}.`)
  })

  it('is newer', async () => {
    await migrateToLatest(database.db, MIGRATIONS)
    const newest = MIGRATIONS.at(-1)?.name
    await expect(requireCurrent(database.db, MIGRATIONS.slice(0, -1))).rejects.toThrow(`does not know (${newest})`)
  })

  it('is of this one', async () => {
    expect(await requireCurrent(database.db, MIGRATIONS)).toBeUndefined()
  })
})

describe('a snapshot', () => {
  it('shows one moment', async () => {
    const count = sql<{ many: string }>`select count(*) as many from installations`
    const seen = await inSnapshot(database.db, async (snapshot) => {
      const before = await count.execute(snapshot)
      await sql`insert into installations (owner, installation_id) values ('acme', 1)`.execute(database.db)
      return [before, await count.execute(snapshot)].map(({ rows }) => rows[0]?.many)
    })
    expect(seen).toEqual(['0', '0'])
  })

  it('cannot be written to, whoever tries', async () => {
    const write = inSnapshot(database.db, (snapshot) => sql`delete from installations`.execute(snapshot))
    await expect(write).rejects.toThrow('read-only transaction')
  })
})

describe('the embedded database', () => {
  it('is asked beside the server whose it is', () => {
    expect(addressOfEmbedded(dataDir)).toBe(server.connectionString)
  })

  it('is not started without it', async () => {
    await database.close()
    await server.stop()
    expect(() => addressOfEmbedded(dataDir)).toThrow('is not running')
  })

  it('is not there', () => {
    expect(() => addressOfEmbedded('/nowhere')).toThrow('There is no embedded database in /nowhere.')
  })
})

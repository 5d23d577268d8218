/** The connection to PostgreSQL, embedded or not, and the runner of the migrations in migrations/. Queries are in the *-store.ts files; jobs in queue.ts. */
import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { stillOurs } from './claims.ts'
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts'
import type { Log } from './log.ts'
import { SteadyClient } from './steady-client.ts'

/** Where the data is: any PostgreSQL 14 or newer, or a server of our own in a directory. */
export type DatabaseOptions = {
  readonly log: Log
  /** Connections for queries, at most; the queue has its own. Default 10. */
  readonly maxConnections?: number
} & ({ readonly url: string } | { readonly embedded: Omit<EmbeddedPostgresOptions, 'log'> })

export type Database<Tables> = {
  readonly db: Kysely<Tables>
  /** The same database over connections of their own, for who holds a lock while others are asked for. */
  readonly locks: Kysely<Tables>
  readonly pool: pg.Pool
  /** For whoever needs connections of its own: the queue, a backup. */
  readonly connectionString: string
  /** Throws when the server does not answer (for /readyz). */
  check(): Promise<void>
  /** Ends the connections and, when it is embedded, the server. Stop the queue first. Safe to call twice. */
  close(): Promise<void>
}

/** A schema change, applied once per database. `name` sorts as the list does (`0001_releases`). */
export type NamedMigration = Migration & { readonly name: string }

const OLDEST_SERVER = 140_000
const CONNECT_TIMEOUT_MS = 10_000
/** Each of the queue's workers may hold two locks, one within the other. */
const LOCK_CONNECTIONS = 10
/** The server ends a transaction whose process says nothing for so long, as one that is frozen: others wait for what it has locked. */
const SILENT_SECONDS = 60

/** Connects (starting the embedded server first) and checks that the server answers and is new enough. Throws UserError when not. */
export async function openDatabase<Tables>(options: DatabaseOptions): Promise<Database<Tables>> {
  const embedded =
    'embedded' in options ? await startEmbeddedPostgres({ ...options.embedded, log: options.log }) : undefined
  const connectionString = embedded?.connectionString ?? ('url' in options ? options.url : '')
  const poolOf = (max: number) => openPool(connectionString, max, options.log)
  const pool = poolOf(options.maxConnections ?? 10)
  const locks = poolOf(LOCK_CONNECTIONS)
  let closing: Promise<void> | undefined
  const close = async () => {
    await Promise.all([pool.end(), locks.end()])
    await embedded?.stop()
  }
  try {
    await checkServer(pool)
  } catch (error) {
    await close()
    throw error
  }
  return {
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: whileOurs(pool) }) }),
    locks: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: locks }) }),
    pool,
    connectionString,
    check: async () => {
      await pool.query('select 1')
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function openPool(connectionString: string, max: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    Client: SteadyClient,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'lockkeeper',
    onConnect: async (client) => {
      // Not as a parameter of the connection: poolers refuse those that they do not know.
      await client.query(`set idle_in_transaction_session_timeout = '${SILENT_SECONDS}s'`)
    },
  })
  // An idle connection that the server ends is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'))
  return pool
}

/** The pool for whoever runs under a claim: a run that was taken over by another replica neither reads nor writes any more. */
const whileOurs = (pool: pg.Pool): PostgresPool => ({
  options: pool.options,
  connect: async () => {
    await stillOurs()
    return pool.connect()
  },
  end: () => pool.end(),
})

/**
 * Applies the migrations that this database has not seen, in order, in one transaction; replicas that start together wait for each other.
 * Returns the names applied now. Throws UserError when the database was written by a newer version.
 */
export async function migrateToLatest<Tables>(
  db: Kysely<Tables>,
  migrations: readonly NamedMigration[],
): Promise<readonly string[]> {
  const names = migrations.map(({ name }) => name)
  assertOrdered(names)
  const byName = Object.fromEntries(migrations.map((migration) => [migration.name, migration]))
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => byName },
    nameComparator: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  })
  const { unknown } = await migrationState(db, migrations)
  if (unknown.length > 0) {
    throw new UserError(
      'system_unavailable',
      `The database has changes that this version of Lockkeeper does not know (${unknown.join(', ')}): a newer version has used it.`,
      'Start that version again, or restore the backup that was made before the upgrade.',
    )
  }
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName
    throw new Error(`migration ${failed ?? '(before the first)'} failed`, { cause: error })
  }
  return (results ?? []).map(({ migrationName }) => migrationName)
}

async function checkServer(pool: pg.Pool): Promise<void> {
  let version: number
  try {
    const { rows } = await pool.query<{ server_version_num: string }>('show server_version_num')
    version = Number(rows[0]?.server_version_num)
  } catch (error) {
    throw new SystemUnavailable('database', `cannot be reached: ${describe(error)}`, { cause: error })
  }
  if (version >= OLDEST_SERVER) return
  throw new UserError(
    'system_unavailable',
    `The database server is PostgreSQL ${Math.floor(version / 10_000)}; Lockkeeper needs 14 or newer.`,
    'Upgrade the server that DATABASE_URL names, or unset DATABASE_URL to use the embedded one.',
  )
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function assertOrdered(names: readonly string[]): void {
  names.forEach((name, index) => {
    const before = names[index - 1]
    if (before !== undefined && before >= name) throw new Error(`migrations out of order: ${before} before ${name}`)
  })
}

/** Which of the migrations a database has not seen, and which others it has. Changes nothing. */
export async function migrationState<Tables>(
  db: Kysely<Tables>,
  migrations: readonly NamedMigration[],
): Promise<{ readonly missing: readonly string[]; readonly unknown: readonly string[] }> {
  const names = migrations.map(({ name }) => name)
  const applied = await appliedMigrations(db)
  return {
    missing: names.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !names.includes(name)),
  }
}

async function appliedMigrations<Tables>(db: Kysely<Tables>): Promise<readonly string[]> {
  const { rows: tables } = await sql<{
    found: string | null
  }>`select to_regclass('kysely_migration')::text as found`.execute(db)
  if ((tables[0]?.found ?? null) === null) return []
  const { rows: applied } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return applied.map(({ name }) => name)
}

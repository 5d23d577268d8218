/** The database for those who only look: one moment of it, and PostgreSQL itself refuses to change anything. For `lockkeeper simulate`. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Kysely, Transaction } from 'kysely'
import { UserError } from '../domain/failure.ts'
import { migrationState, type NamedMigration } from './database.ts'

/** Runs on the database as it is at the first question, in a transaction that cannot write. Throws what `run` throws. */
export function inSnapshot<Tables, Result>(
  db: Kysely<Tables>,
  run: (snapshot: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(run)
}

/** Throws UserError where the database was written by another version: what is in it may not be what this one reads. */
export async function requireCurrent<Tables>(db: Kysely<Tables>, migrations: readonly NamedMigration[]): Promise<void> {
  const { missing, unknown } = await migrationState(db, migrations)
  if (unknown.length > 0)
    throw new UserError(
      'system_unavailable',
      `The database has changes that this version of Lockkeeper does not know (${unknown.join(', ')}): a newer version has used it.`,
      'Ask with that version.',
    )
  if (missing.length === migrations.length)
    throw new UserError(
      'system_unavailable',
      'The database is not one of Lockkeeper: it was never used.',
      'Check DATABASE_URL and LOCKKEEPER_DATA_DIR; `lockkeeper serve` prepares an empty one.',
    )
  if (missing.length > 0)
    throw new UserError(
      'system_unavailable',
      `The database is older than this version of Lockkeeper: it has not seen ${missing.join(', ')}.`,
      'Start `lockkeeper serve` of this version, which brings it up to date, or ask with the version that runs.',
    )
}

/**
 * Where the embedded server of a data directory listens, from what PostgreSQL itself writes down while it runs. Starts nothing.
 * Throws UserError when it does not run.
 */
export function addressOfEmbedded(dataDir: string): string {
  const cluster = join(resolve(dataDir), 'postgres', 'data')
  const socket = socketOf(join(cluster, 'postmaster.pid'))
  if (socket !== undefined && existsSync(join(socket, '.s.PGSQL.5432')))
    return `postgresql://lockkeeper@localhost/lockkeeper?host=${encodeURIComponent(socket)}`
  throw new UserError(
    'system_unavailable',
    existsSync(cluster)
      ? `The embedded database in ${dataDir} is not running: it belongs to \`lockkeeper serve\`.`
      : `There is no embedded database in ${dataDir}.`,
    'Start `lockkeeper serve`, and ask again beside it: with the same user and LOCKKEEPER_DATA_DIR, or with the DATABASE_URL of the server.',
  )
}

/** The fifth line; see "postmaster.pid" in PostgreSQL's src/include/utils/pidfile.h. */
function socketOf(pidFile: string): string | undefined {
  try {
    const directory = readFileSync(pidFile, 'utf8').split('\n')[4]
    return directory === '' ? undefined : directory
  } catch {
    return undefined
  }
}

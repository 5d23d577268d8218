/** A local checkout of a config repository, read as the bot reads it on GitHub: Git's modes, no way out of it, UTF-8 only. For plan.ts. */
import { execFile } from 'node:child_process'
import { lstat, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '../domain/failure.ts'
import { parseRepoName, type RepoName } from '../domain/ids.ts'
import { repoPathProblem } from '../domain/repo-path.ts'

type CheckedOut = { readonly mode: string; readonly text: string }

const LINK: CheckedOut = { mode: '120000', text: '' }

/** Why nothing can be checked out there, in a sentence; undefined where it is a directory. A directory that is not there must not be taken for a repository that accepts nothing. */
export async function checkoutProblem(directory: string): Promise<string | undefined> {
  const seen = await stat(directory).catch(absent)
  if (seen === undefined) return `--checkout ${directory}: there is no such directory`
  return seen.isDirectory() ? undefined : `--checkout ${directory}: it is no directory`
}

/** The files that are there. Paths that may never be written are not read: they are refused later, by name. Throws UserError `manifest_refused`. */
export async function readCheckout(
  directory: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, CheckedOut>> {
  const files = new Map<string, CheckedOut>()
  for (const path of paths) {
    const file = repoPathProblem(path) === undefined ? await readOne(directory, path) : undefined
    if (file !== undefined) files.set(path, file)
  }
  return files
}

async function readOne(directory: string, path: string): Promise<CheckedOut | undefined> {
  const segments = path.split('/')
  for (const index of segments.keys()) {
    const seen = await lstat(join(directory, ...segments.slice(0, index + 1))).catch(absent)
    if (seen === undefined) return undefined
    // Of a folder that is a link, Git knows no files.
    if (seen.isSymbolicLink()) return LINK
    if (index < segments.length - 1) continue
    if (!seen.isFile()) return undefined
    const mode = (seen.mode & 0o100) === 0 ? '100644' : '100755'
    return { mode, text: decoded(path, await readFile(join(directory, path))) }
  }
  return undefined
}

function absent(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}

function decoded(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UserError('manifest_refused', `${path} is not UTF-8 text`, 'Save it as UTF-8.')
  }
}

/** The repository that a directory is a clone of, by its remote `origin`; undefined where Git cannot tell. Nothing is sent anywhere. */
export async function originOf(directory: string): Promise<RepoName | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', directory, 'remote', 'get-url', 'origin'])
    const [, name] = /[/:]([^/:]+\/[^/]+?)(?:\.git)?\/?$/.exec(stdout.trim()) ?? []
    return parseRepoName(name ?? '')
  } catch {
    return undefined
  }
}

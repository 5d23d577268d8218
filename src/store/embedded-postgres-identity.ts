/** Which user the embedded server runs as. PostgreSQL refuses root, and initdb refuses a user without a name; both are everyday cases in containers. */
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { UserError } from '../domain/failure.ts'

/**
 * `self`: as we are. `other`: from root to an unprivileged user, to whom the directory is given.
 * `namespace`: in a user namespace where we look like that user; the files stay ours.
 */
export type Identity =
  | { readonly kind: 'self' }
  | { readonly kind: 'other'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'namespace'; readonly uid: number; readonly gid: number }

/** The user nobody: exists on every Linux, owns nothing, and initdb finds a name for it. */
const NOBODY = 65534
const NAMESPACE_ARGUMENTS = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`]

/** Chooses how to run `postgres` on a cluster below `base`. Throws UserError when no way works. */
export function chooseIdentity(postgres: string, base: string): Identity {
  const uid = process.getuid?.()
  const gid = process.getgid?.()
  if (uid === undefined || gid === undefined) return { kind: 'self' }
  if (uid !== 0 && hasName()) return { kind: 'self' }
  if (uid === 0 && isOpenToOthers(postgres) && isOpenToOthers(base)) return { kind: 'other', uid: NOBODY, gid: NOBODY }
  if (namespaceWorks(postgres)) return { kind: 'namespace', uid, gid }
  throw uid === 0 ? rootRefused(postgres, base) : namelessRefused(uid)
}

/** Whom the cluster's files must belong to; `undefined`: leave them as they are. */
export function ownerOf(identity: Identity): { readonly uid: number; readonly gid: number } | undefined {
  if (identity.kind === 'self') return undefined
  // Only root can give files away; in a nameless user's namespace they are already that user's.
  return process.getuid?.() === 0 ? { uid: identity.uid, gid: identity.gid } : undefined
}

/**
 * The command line that runs `program` as `identity`, and dies with us where the system can arrange it:
 * the kernel then sends SIGINT (PostgreSQL's fast, clean stop) when this process ends, even by `kill -9`.
 */
export function commandAs(
  identity: Identity,
  program: string,
  args: readonly string[],
  options: { readonly diesWithUs: boolean } = { diesWithUs: false },
): { readonly file: string; readonly args: string[]; readonly user: { uid?: number; gid?: number } } {
  const setpriv = options.diesWithUs ? findProgram('setpriv') : undefined
  const namespace = identity.kind === 'namespace' ? [findProgram('unshare') ?? 'unshare', ...NAMESPACE_ARGUMENTS] : []
  const isOther = identity.kind === 'other'
  // A change of user clears the death signal, so setpriv makes that change itself, before it sets the signal.
  const change = isOther ? [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups'] : []
  const death = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'INT', ...change]
  const [file = program, ...rest] = [...namespace, ...death, program, ...args]
  return { file, args: rest, user: isOther && setpriv === undefined ? { uid: identity.uid, gid: identity.gid } : {} }
}

function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

/** Whether any user can get at `path`: it, and every directory above it, lets others through. */
function isOpenToOthers(path: string): boolean {
  let current = realpathSync(path)
  if ((statSync(current).mode & 0o001) === 0) return false
  while (current !== dirname(current)) {
    current = dirname(current)
    if ((statSync(current).mode & 0o001) === 0) return false
  }
  return true
}

function namespaceWorks(postgres: string): boolean {
  const unshare = findProgram('unshare')
  if (unshare === undefined) return false
  return spawnSync(unshare, [...NAMESPACE_ARGUMENTS, postgres, '--version'], { stdio: 'ignore' }).status === 0
}

function findProgram(name: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  return ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
    .map((directory) => `${directory}/${name}`)
    .find((path) => existsSync(path))
}

function rootRefused(postgres: string, base: string): UserError {
  return new UserError(
    'system_unavailable',
    `PostgreSQL does not run as root, and an unprivileged user cannot reach ${isOpenToOthers(postgres) ? base : postgres}; user namespaces are not available here either.`,
    'Run Lockkeeper as an ordinary user, move LOCKKEEPER_DATA_DIR (or the installation) to a path that others may enter, or set DATABASE_URL.',
  )
}

function namelessRefused(uid: number): UserError {
  return new UserError(
    'system_unavailable',
    `The embedded database needs a user with a name: uid ${uid} has no passwd entry, and user namespaces are not available here.`,
    'Run as a user that exists in the image (for example uid 1000 "node"), or set DATABASE_URL.',
  )
}

/** Git's object database: blobs, trees and commits in Git's own serialisation, so that every id equals what `git` computes. History, diff and merge are in git-history.ts, git-diff.ts, git-merge.ts. */
import { createHash } from 'node:crypto'

export type TreeEntry = { readonly mode: string; readonly name: string; readonly oid: string }

/** Who wrote a commit and when: `at` in whole seconds since 1970, printed with offset +0000. */
export type Signature = { readonly name: string; readonly email: string; readonly at: number }

export type Commit = {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
  /** The signature block of a commit that GitHub signed itself; shown as `verified`. */
  readonly gpgsig?: string
}

export type GitObject =
  | { readonly type: 'blob'; readonly data: Buffer }
  | { readonly type: 'tree'; readonly entries: readonly TreeEntry[] }
  | { readonly type: 'commit'; readonly commit: Commit }

/** Objects by id. A fork's repository shares the store of its parent. */
export type ObjectStore = Map<string, GitObject>

/** A file of a tree by its full path. */
export type FileEntry = { readonly mode: string; readonly oid: string }

export const DIRECTORY_MODE = '40000'
export const FILE_MODE = '100644'
export const EMPTY_OID = '0'.repeat(40)

export const createObjectStore = (): ObjectStore => new Map()

/** The SHA-1 that `git hash-object -t <type>` gives for the content. */
export function hashObject(type: GitObject['type'], content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
}

export function writeBlob(store: ObjectStore, data: Buffer): string {
  const oid = hashObject('blob', data)
  store.set(oid, { type: 'blob', data })
  return oid
}

/** Writes a tree; entries are put into Git's order (directories compare as if their name ended in `/`). */
function writeTree(store: ObjectStore, entries: readonly TreeEntry[]): string {
  const sorted = [...entries].sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)))
  const content = Buffer.concat(
    sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
  )
  const oid = hashObject('tree', content)
  store.set(oid, { type: 'tree', entries: sorted })
  return oid
}

const sortKey = ({ mode, name }: TreeEntry): Buffer => Buffer.from(mode === DIRECTORY_MODE ? `${name}/` : name)

export function writeCommit(store: ObjectStore, commit: Commit): string {
  const oid = hashObject('commit', Buffer.from(serialiseCommit(commit)))
  store.set(oid, { type: 'commit', commit })
  return oid
}

/** The commit as Git stores it; without `gpgsig` it is the payload that was signed. */
export function serialiseCommit(commit: Commit): string {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${serialiseSignature(commit.author)}`,
    `committer ${serialiseSignature(commit.committer)}`,
    ...(commit.gpgsig === undefined ? [] : [`gpgsig ${commit.gpgsig.trimEnd().replaceAll('\n', '\n ')}\n `]),
  ]
  return `${lines.join('\n')}\n\n${commit.message}`
}

const serialiseSignature = ({ name, email, at }: Signature): string => `${name} <${email}> ${at} +0000`

/** The commit; throws when the id names no commit. */
export function readCommit(store: ObjectStore, oid: string): Commit {
  const object = store.get(oid)
  if (object?.type !== 'commit') throw new Error(`no commit ${oid}`)
  return object.commit
}

/** The blob's bytes; throws when the id names no blob. */
export function readBlob(store: ObjectStore, oid: string): Buffer {
  const object = store.get(oid)
  if (object?.type !== 'blob') throw new Error(`no blob ${oid}`)
  return object.data
}

/** The tree's entries in Git's order; throws when the id names no tree. */
export function readTree(store: ObjectStore, oid: string): readonly TreeEntry[] {
  const object = store.get(oid)
  if (object?.type !== 'tree') throw new Error(`no tree ${oid}`)
  return object.entries
}

/** Every file below a tree, by full path. */
export function listFiles(store: ObjectStore, tree: string, prefix = ''): Map<string, FileEntry> {
  const files = new Map<string, FileEntry>()
  for (const { mode, name, oid } of readTree(store, tree)) {
    if (mode !== DIRECTORY_MODE) files.set(prefix + name, { mode, oid })
    else for (const [path, entry] of listFiles(store, oid, `${prefix}${name}/`)) files.set(path, entry)
  }
  return files
}

/** Every file of a commit, by full path. */
export const commitFiles = (store: ObjectStore, oid: string): Map<string, FileEntry> =>
  listFiles(store, readCommit(store, oid).tree)

/** Writes the trees for a set of files and gives the root's id. Throws when a path is a file and a directory at once. */
export function writeFiles(store: ObjectStore, files: ReadonlyMap<string, FileEntry>): string {
  const here: TreeEntry[] = []
  const below = new Map<string, Map<string, FileEntry>>()
  for (const [path, entry] of files) {
    const slash = path.indexOf('/')
    if (slash < 0) {
      here.push({ ...entry, name: path })
      continue
    }
    const name = path.slice(0, slash)
    const directory = below.get(name) ?? new Map<string, FileEntry>()
    below.set(name, directory.set(path.slice(slash + 1), entry))
  }
  const clash = here.find(({ name }) => below.has(name))
  if (clash !== undefined) throw new Error(`${clash.name} is a file and a directory`)
  const directories = [...below].map(([name, entries]) => ({
    mode: DIRECTORY_MODE,
    name,
    oid: writeFiles(store, entries),
  }))
  return writeTree(store, [...here, ...directories])
}

/** What a path means in a tree: the entry, or undefined. An empty path is the tree itself. */
export function entryAt(store: ObjectStore, tree: string, path: string): TreeEntry | undefined {
  const parts = path.split('/').filter((part) => part !== '')
  let entry: TreeEntry = { mode: DIRECTORY_MODE, name: '', oid: tree }
  for (const part of parts) {
    if (entry.mode !== DIRECTORY_MODE) return undefined
    const next = readTree(store, entry.oid).find(({ name }) => name === part)
    if (next === undefined) return undefined
    entry = next
  }
  return entry
}

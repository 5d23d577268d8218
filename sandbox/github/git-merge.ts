/** Three-way merges of whole commits, by line inside files. Objects are in git.ts, the merge base in git-history.ts. */
import { diff3Merge } from 'node-diff3'
import { commitFiles, type FileEntry, type ObjectStore, readBlob, readCommit, writeBlob, writeFiles } from './git.ts'
import { isBinary, splitLines } from './git-diff.ts'
import { mergeBase } from './git-history.ts'

/** A clean merge gives the tree's id; otherwise the paths in conflict. */
export type MergeResult =
  | { readonly clean: true; readonly tree: string }
  | { readonly clean: false; readonly conflicts: readonly string[] }

type Files = ReadonlyMap<string, FileEntry>
type Sides = {
  readonly base: FileEntry | undefined
  readonly ours: FileEntry | undefined
  readonly theirs: FileEntry | undefined
}

/** Merges two commits over their merge base. */
export function mergeCommits(store: ObjectStore, ours: string, theirs: string): MergeResult {
  const base = mergeBase(store, ours, theirs)
  return mergeFiles(store, {
    base: base === undefined ? new Map() : commitFiles(store, base),
    ours: commitFiles(store, ours),
    theirs: commitFiles(store, theirs),
  })
}

/** Puts one commit's change on top of another commit, as `git cherry-pick` does. */
export function cherryPick(store: ObjectStore, commit: string, onto: string): MergeResult {
  const parent = readCommit(store, commit).parents[0]
  return mergeFiles(store, {
    base: parent === undefined ? new Map() : commitFiles(store, parent),
    ours: commitFiles(store, onto),
    theirs: commitFiles(store, commit),
  })
}

function mergeFiles(
  store: ObjectStore,
  { base, ours, theirs }: { readonly base: Files; readonly ours: Files; readonly theirs: Files },
): MergeResult {
  const merged = new Map<string, FileEntry>()
  const conflicts: string[] = []
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const result = mergeEntry(store, { base: base.get(path), ours: ours.get(path), theirs: theirs.get(path) })
    if (result === 'conflict') conflicts.push(path)
    else if (result !== undefined) merged.set(path, result)
  }
  conflicts.push(...[...merged.keys()].filter((path) => parents(path).some((parent) => merged.has(parent))))
  return conflicts.length > 0
    ? { clean: false, conflicts: conflicts.sort() }
    : { clean: true, tree: writeFiles(store, merged) }
}

const parents = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'))

const same = (a: FileEntry | undefined, b: FileEntry | undefined): boolean => a?.oid === b?.oid && a?.mode === b?.mode

function mergeEntry(store: ObjectStore, { base, ours, theirs }: Sides): FileEntry | undefined | 'conflict' {
  if (same(ours, theirs) || same(base, theirs)) return ours
  if (same(base, ours)) return theirs
  if (base === undefined || ours === undefined || theirs === undefined) return 'conflict'
  if (![base, ours, theirs].every(({ mode }) => mode.startsWith('100'))) return 'conflict'
  const mode = ours.mode === base.mode ? theirs.mode : ours.mode
  const oid = mergeBlobs(store, { base: base.oid, ours: ours.oid, theirs: theirs.oid })
  return oid === undefined ? 'conflict' : { mode, oid }
}

function mergeBlobs(
  store: ObjectStore,
  oids: { readonly base: string; readonly ours: string; readonly theirs: string },
): string | undefined {
  if (oids.ours === oids.theirs || oids.base === oids.theirs) return oids.ours
  if (oids.base === oids.ours) return oids.theirs
  const [base, ours, theirs] = [oids.base, oids.ours, oids.theirs].map((oid) => readBlob(store, oid)) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  if ([base, ours, theirs].some(isBinary)) return undefined
  // latin1 maps every byte to one character and back, whatever the file's encoding is.
  const [o, a, b] = [base, ours, theirs].map((data) => splitLines(data.toString('latin1'))) as [
    string[],
    string[],
    string[],
  ]
  const regions = diff3Merge(a, o, b, { excludeFalseConflicts: true })
  if (regions.some(({ conflict }) => conflict !== undefined)) return undefined
  return writeBlob(store, Buffer.from(regions.flatMap(({ ok }) => ok ?? []).join(''), 'latin1'))
}

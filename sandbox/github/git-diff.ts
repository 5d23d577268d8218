/** What changed between two trees: files, and unified patches as GitHub shows them (no `---`/`+++` header). Objects are in git.ts. */
import { diffIndices } from 'node-diff3'
import { commitFiles, type FileEntry, type ObjectStore, readBlob } from './git.ts'

export type FileChange = {
  readonly path: string
  /** The old path of a renamed file (found only when its content is unchanged). */
  readonly previousPath: string | null
  readonly status: 'added' | 'removed' | 'modified' | 'renamed'
  readonly before: FileEntry | null
  readonly after: FileEntry | null
  readonly additions: number
  readonly deletions: number
  /** Hunks with three lines of context; null for binary files and pure renames. */
  readonly patch: string | null
}

const CONTEXT = 3
const BINARY_PROBE_BYTES = 8000

/** Changes from one commit to another, sorted by path; `base` undefined compares with nothing. */
export const diffCommits = (store: ObjectStore, base: string | undefined, head: string): FileChange[] =>
  diffFiles(store, base === undefined ? new Map() : commitFiles(store, base), commitFiles(store, head))

/** Changes from one set of files to another, sorted by path. */
function diffFiles(
  store: ObjectStore,
  before: ReadonlyMap<string, FileEntry>,
  after: ReadonlyMap<string, FileEntry>,
): FileChange[] {
  const removed = new Map([...before].filter(([path]) => !after.has(path)))
  const changes: FileChange[] = []
  for (const [path, entry] of after) {
    const old = before.get(path)
    if (old !== undefined) {
      if (old.oid !== entry.oid || old.mode !== entry.mode)
        changes.push(describe(store, { path, status: 'modified', before: old, after: entry }))
      continue
    }
    const source = [...removed].find(([, { oid }]) => oid === entry.oid)
    if (source === undefined) {
      changes.push(describe(store, { path, status: 'added', before: null, after: entry }))
      continue
    }
    removed.delete(source[0])
    const rename = { path, previousPath: source[0], status: 'renamed', before: source[1], after: entry } as const
    changes.push({ ...rename, additions: 0, deletions: 0, patch: null })
  }
  for (const [path, entry] of removed)
    changes.push(describe(store, { path, status: 'removed', before: entry, after: null }))
  return changes.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
}

function describe(store: ObjectStore, change: Pick<FileChange, 'path' | 'status' | 'before' | 'after'>): FileChange {
  const [before, after] = [change.before, change.after].map((entry) =>
    entry === null || entry.mode === '160000' ? Buffer.alloc(0) : readBlob(store, entry.oid),
  ) as [Buffer, Buffer]
  if (isBinary(before) || isBinary(after))
    return { ...change, previousPath: null, additions: 0, deletions: 0, patch: null }
  return { ...change, previousPath: null, ...diffText(before.toString(), after.toString()) }
}

/** Git's own rule: a NUL byte among the first 8,000. */
export const isBinary = (data: Buffer): boolean => data.subarray(0, BINARY_PROBE_BYTES).includes(0)

/** Lines with their terminators; the last one may have none. */
export const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

type Hunk = { oldStart: number; oldEnd: number; newStart: number; newEnd: number }

function diffText(before: string, after: string): Pick<FileChange, 'additions' | 'deletions' | 'patch'> {
  const [old, now] = [splitLines(before), splitLines(after)]
  const changes = diffIndices(old, now).map(({ buffer1: [a, aLength], buffer2: [b, bLength] }) => ({
    oldStart: a,
    oldEnd: a + aLength,
    newStart: b,
    newEnd: b + bLength,
  }))
  const count = (select: (hunk: Hunk) => number) => changes.reduce((sum, hunk) => sum + select(hunk), 0)
  return {
    additions: count(({ newStart, newEnd }) => newEnd - newStart),
    deletions: count(({ oldStart, oldEnd }) => oldEnd - oldStart),
    patch: groupHunks(changes)
      .map((group) => renderHunk(group, old, now))
      .join('\n'),
  }
}

/** Changes whose contexts touch are shown in one hunk. */
function groupHunks(changes: readonly Hunk[]): Hunk[][] {
  const groups: Hunk[][] = []
  for (const change of changes) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group !== undefined && last !== undefined && change.oldStart - last.oldEnd <= CONTEXT * 2) group.push(change)
    else groups.push([change])
  }
  return groups
}

function renderHunk(group: readonly Hunk[], old: readonly string[], now: readonly string[]): string {
  const first = group[0]
  const last = group.at(-1)
  if (first === undefined || last === undefined) return ''
  const lead = Math.min(CONTEXT, first.oldStart)
  const trail = Math.min(CONTEXT, old.length - last.oldEnd)
  const lines: string[] = []
  let at = first.oldStart - lead
  const take = (sign: string, from: readonly string[]) => {
    for (const line of from)
      lines.push(line.endsWith('\n') ? sign + line.slice(0, -1) : `${sign}${line}\n\\ No newline at end of file`)
  }
  for (const { oldStart, oldEnd, newStart, newEnd } of group) {
    take(' ', old.slice(at, oldStart))
    take('-', old.slice(oldStart, oldEnd))
    take('+', now.slice(newStart, newEnd))
    at = oldEnd
  }
  take(' ', old.slice(at, at + trail))
  const range = (start: number, end: number) => {
    const length = end - start
    return length === 1 ? `${start + 1}` : `${length === 0 ? start : start + 1},${length}`
  }
  const oldRange = range(first.oldStart - lead, last.oldEnd + trail)
  const newRange = range(first.newStart - lead, last.newEnd + trail)
  return [`@@ -${oldRange} +${newRange} @@`, ...lines].join('\n')
}

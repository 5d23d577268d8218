/** Questions about a commit graph: ancestry, merge base, what lies between two commits. Objects are in git.ts. */
import { type ObjectStore, readCommit } from './git.ts'

/** The commit and all its ancestors. */
function ancestors(store: ObjectStore, oid: string): Set<string> {
  const seen = new Set<string>()
  const open = [oid]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...readCommit(store, next).parents)
  }
  return seen
}

/** Whether `ancestor` can be reached from `oid` (a commit is its own ancestor). */
export const isAncestor = (store: ObjectStore, ancestor: string, oid: string): boolean =>
  ancestors(store, oid).has(ancestor)

/** The best common ancestor; of several best ones the youngest. Undefined when the histories are unrelated. */
export function mergeBase(store: ObjectStore, a: string, b: string): string | undefined {
  const ofB = ancestors(store, b)
  const common = [...ancestors(store, a)].filter((oid) => ofB.has(oid))
  const hidden = new Set(common.flatMap((oid) => readCommit(store, oid).parents))
  return common
    .filter((oid) => !hidden.has(oid))
    .sort((one, other) => readCommit(store, other).committer.at - readCommit(store, one).committer.at)[0]
}

/** Commits that `head` has and `base` has not, parents before children. */
export function commitsBetween(store: ObjectStore, base: string, head: string): string[] {
  const known = ancestors(store, base)
  const ordered: string[] = []
  const seen = new Set<string>()
  const open: { oid: string; expanded: boolean }[] = [{ oid: head, expanded: false }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.expanded) {
      ordered.push(next.oid)
      continue
    }
    if (known.has(next.oid) || seen.has(next.oid)) continue
    seen.add(next.oid)
    open.push({ oid: next.oid, expanded: true })
    for (const parent of [...readCommit(store, next.oid).parents].reverse()) open.push({ oid: parent, expanded: false })
  }
  return ordered
}

/** The history of a commit, newest first: the commit, then its ancestors, children always before parents. */
export function history(store: ObjectStore, oid: string): string[] {
  const waiting = new Map<string, number>()
  const all = ancestors(store, oid)
  for (const each of all)
    for (const parent of readCommit(store, each).parents) waiting.set(parent, (waiting.get(parent) ?? 0) + 1)
  const ready = [oid]
  const ordered: string[] = []
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    ordered.push(next)
    for (const parent of readCommit(store, next).parents) {
      const left = (waiting.get(parent) ?? 1) - 1
      waiting.set(parent, left)
      if (left === 0) ready.push(parent)
    }
    ready.sort((a, b) => readCommit(store, b).committer.at - readCommit(store, a).committer.at)
  }
  return ordered
}

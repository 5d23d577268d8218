/** Which of the revisions that an engine names hold our commit, and whether they still hold our values: it itself, or a later one on the branch. Asked by every engine of look-at-sync.ts. */
import type { CommitSha } from '../domain/ids.ts'
import { editedFiles } from '../domain/promotion-admission.ts'
import type { Readiness } from '../domain/sync-readiness.ts'
import type { Deps } from './deps.ts'
import type { Synced } from './look-at-sync.ts'
import { filesLacking } from './merged-content.ts'
import type { GitHubReads } from './ports.ts'
import { releaseOf } from './promotion-context.ts'

/** Those of `named` at which our values are in Git: our commit itself, or a later one of the branch that left them alone. What is no whole commit id is not ours. */
export async function revisionsOfOurs(
  named: readonly string[],
  synced: Synced,
  deps: Deps,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const revision of new Set(named)) {
    const standing = await standingOf(revision, synced, deps)
    if (standing.kind === 'ours') found.add(revision)
  }
  return found
}

/** The failure of a promotion whose engine is at a later commit that changed our values; undefined where none of `at` is one. */
export async function overwrittenAt(
  at: readonly string[],
  synced: Synced,
  deps: Deps,
): Promise<Extract<Readiness, { readonly kind: 'failed' }> | undefined> {
  for (const revision of new Set(at)) {
    const standing = await standingOf(revision, synced, deps)
    if (standing.kind !== 'overwritten') continue
    const names = standing.files.map((path) => `\`${path}\``).join(', ')
    const detail = `the later commit ${revision.slice(0, 7)} of ${synced.environment.repository} changed what it wrote in ${names}`
    return { kind: 'failed', because: 'overwritten', detail }
  }
  return undefined
}

/** Whether `revision` of the config repository is `ancestor` or a later commit: for branches that others write what is ours into. */
export async function isAfter(
  ancestor: string,
  revision: string,
  { environment, unread }: Synced,
  deps: Deps,
): Promise<boolean> {
  if (revision === ancestor) return true
  if (revision.length !== ancestor.length) return false
  const standing = await remembered(`${environment.repository}\n${ancestor}\n${revision}`, deps, async () => {
    const later = await deps.github.contains(environment.repository, ancestor as CommitSha, revision as CommitSha)
    if (later === undefined) return { kind: 'unknown' }
    return { kind: later ? 'ours' : 'elsewhere' }
  })
  noteUnread(revision, standing, unread)
  return standing.kind === 'ours'
}

type Standing =
  | { readonly kind: 'ours' }
  /** `isGone`: GitHub has not known it for so long that it will not any more. */
  | { readonly kind: 'elsewhere'; readonly isGone?: true }
  /** GitHub does not know it: it lags behind the engine, or the commit is gone, or of a history of its own. */
  | Unknown
  /** None of our files was there: taken out, or a commit that GitHub knows in one place and not yet in another. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'overwritten'; readonly files: readonly string[] }

/** Nothing is known against these yet. */
function noteUnread(revision: string, { kind }: Standing, unread: Set<string> | undefined): void {
  if (kind === 'unknown' || kind === 'unread') unread?.add(revision)
}

/** Two calls of GitHub for a revision that is not our commit itself, once: an engine is asked about it again and again. */
async function standingOf(revision: string, synced: Synced, deps: Deps): Promise<Standing> {
  const { promotion, revision: ours } = synced
  if (revision === ours) return { kind: 'ours' }
  if (revision.length !== ours.length) return { kind: 'elsewhere' }
  const key = `${promotion.id}\n${ours}\n${revision}`
  const standing = await remembered(key, deps, async (before) => {
    const found = await ask(revision as CommitSha, synced, deps)
    // Believed when it is seen twice: it ends a promotion.
    return found.kind === 'overwritten' && found.isEmpty && before?.kind !== 'unread' ? { kind: 'unread' } : found
  })
  noteUnread(revision, standing, synced.unread)
  return standing
}

type Unknown = { readonly kind: 'unknown'; readonly since: number }

type Asked =
  | { readonly kind: 'ours' | 'elsewhere' | 'unknown' }
  | { readonly kind: 'overwritten'; readonly files: readonly string[]; readonly isEmpty: boolean }

async function ask(
  revision: CommitSha,
  { promotion, revision: ours, environment }: Synced,
  deps: Deps,
): Promise<Asked> {
  const { github } = deps
  const isLater = await github.contains(environment.repository, ours, revision)
  if (isLater === undefined) return { kind: 'unknown' }
  if (!isLater) return { kind: 'elsewhere' }
  // As it was written: what the configuration names by now may be elsewhere.
  const written = {
    environment: promotion.watch?.environment ?? environment,
    release: await releaseOf(promotion, deps),
  }
  const paths = editedFiles(promotion, written.environment, written.release)
  const files = await github.readFiles(environment.repository, revision, paths)
  const lacking = filesLacking(promotion, written, { files, paths })
  return lacking.length === 0 ? { kind: 'ours' } : { kind: 'overwritten', files: lacking, isEmpty: files.size === 0 }
}

type Kept = { readonly standing: Standing; readonly until: number | undefined }

/** GitHub may not know a commit yet that the engine has fetched already; everything else about two commits never changes. */
const AGAIN_MS: Partial<Record<Standing['kind'], number>> = { elsewhere: 60_000, unknown: 5000, unread: 60_000 }

/** Twice what GitHub's reads lag: what it does not know by then is taken for gone, so that the release ends as one that is not live. */
const UNKNOWN_MS = 2 * 60_000

function unknown(before: Standing | undefined, now: number): Standing {
  if (before?.kind === 'elsewhere') return before
  const since = before?.kind === 'unknown' ? before.since : now
  return now - since < UNKNOWN_MS ? { kind: 'unknown', since } : { kind: 'elsewhere', isGone: true }
}

const MOST = 500

/** By the connection that it was asked through, so that two bots in one process share nothing. */
const kept = new WeakMap<GitHubReads, Map<string, Kept>>()

async function remembered(
  key: string,
  { clock, github }: Deps,
  find: (before: Standing | undefined) => Promise<Exclude<Standing, Unknown> | { readonly kind: 'unknown' }>,
): Promise<Standing> {
  const byKey = kept.get(github) ?? new Map<string, Kept>()
  kept.set(github, byKey)
  const now = clock.now().getTime()
  const known = byKey.get(key)
  if (known !== undefined && (known.until === undefined || now < known.until)) return known.standing
  const found = await find(known?.standing)
  const standing = found.kind === 'unknown' ? unknown(known?.standing, now) : found
  const isForGood = standing.kind === 'elsewhere' && standing.isGone !== true
  const again = isForGood ? undefined : AGAIN_MS[standing.kind]
  byKey.delete(key)
  byKey.set(key, { standing, until: again && now + again })
  const [oldest] = byKey.keys()
  if (byKey.size > MOST && oldest !== undefined) byKey.delete(oldest)
  return standing
}

/** The GitOps engine's side of `verifying`: what it had synced must stay so, and healthy, while the checks hold. What it shows: look-at-sync.ts; asked by verify-rollout.ts. */
import type { CommitSha } from '../domain/ids.ts'
import type { Evidence } from '../domain/promotion.ts'
import type { Readiness, WaitingFor } from '../domain/sync-readiness.ts'
import type { Deps } from './deps.ts'
import { lookAtSync, subjectOf } from './look-at-sync.ts'
import type { Merged } from './verify-service.ts'

export type EngineLook = {
  readonly evidence: Evidence
  /** In words, that somebody's later commit changed our values: the promotion ends with `values_overwritten`. */
  readonly overwritten: string | undefined
}

const WANTED = 'synced and healthy'

/** `revision`: the merge commit. What the engine cannot be asked now is `no_data`. Throws only for outages of GitHub. */
export async function lookAtEngine(merged: Merged, revision: CommitSha, deps: Deps): Promise<EngineLook> {
  const { promotion, environment } = merged
  const unread = new Set<string>()
  const synced = { promotion, revision, environment, mergedAt: merged.mergedAt, unread }
  const readiness = await lookAtSync(synced, deps)
  const at = deps.clock.now().toISOString()
  return {
    evidence: {
      check: subjectOf(synced),
      verdict: unread.size > 0 ? verdictUnread(readiness) : verdictOf(readiness),
      seen: seenIn(readiness),
      wanted: WANTED,
      at,
    },
    overwritten: isOverwritten(readiness) ? readiness.detail : undefined,
  }
}

/** While the engine applies another commit, somebody else's or another model's, nothing is known against ours: that neither breaks the proof nor ends it. */
const BETWEEN_COMMITS: ReadonlySet<WaitingFor> = new Set(['not-synced', 'operation-running', 'health-stale'])

function verdictOf(readiness: Readiness): Evidence['verdict'] {
  if (readiness.kind === 'ready') return 'holds'
  if (readiness.kind === 'blocked') return 'no_data'
  return readiness.kind === 'waiting' && BETWEEN_COMMITS.has(readiness.because) ? 'pending' : 'fails'
}

/** The engine is ahead of what GitHub shows: the commit that it is at may well hold our values. How workloads are was seen all the same. */
function verdictUnread(readiness: Readiness): Evidence['verdict'] {
  const isSeen = readiness.kind !== 'blocked' && !(readiness.kind === 'waiting' && readiness.because !== 'progressing')
  return isSeen ? verdictOf(readiness) : 'pending'
}

type Overwritten = Extract<Readiness, { readonly kind: 'failed' }>

const isOverwritten = (readiness: Readiness): readiness is Overwritten =>
  readiness.kind === 'failed' && readiness.because === 'overwritten'

function seenIn(readiness: Readiness): string {
  if (readiness.kind === 'ready') return `${WANTED} at ${readiness.revision.slice(0, 7)}`
  return isOverwritten(readiness) ? 'at a later commit that changed its values' : readiness.detail
}

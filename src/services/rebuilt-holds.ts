/**
 * Holds from what GitHub has of them: the markers of our replies, and promotions that failed. What nobody can be sure of is
 * held until a person lifts it. Part of rebuild-ledger.ts.
 */

import { type Hold, holdId, isSameScope } from '../domain/hold.ts'
import { heldHold } from '../domain/hold-marks.ts'
import { type EnvironmentName, parseEnvironmentName, type RepoName } from '../domain/ids.ts'
import { leadingMarkers, type Marker } from '../domain/marker.ts'
import type { Promotion } from '../domain/promotion.ts'
import { holdForFailure } from './answer-failure.ts'
import { rollbackHold } from './place-hold.ts'
import type { PastComment, RebuiltHold } from './ports.ts'

export type HoldSources = {
  readonly comments: readonly PastComment[]
  /** Oldest first. */
  readonly promotions: readonly Promotion[]
  /** What a repository is called by now. */
  readonly nowCalled: (name: RepoName) => RepoName
}

/** In the order in which they were placed. */
export function holdsOf(sources: HoldSources): readonly RebuiltHold[] {
  const placed = [...markedHolds(sources), ...failureHolds(sources.promotions), ...unsureHolds(sources)]
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ hold }) => hold)
  const once = [...new Map(placed.map((hold) => [hold.id, hold])).values()]
  const lifted = liftings(sources)
  return once.map((hold, at) => {
    const cause = lifted.get(hold.id)
    const next = once.slice(at + 1).find((one) => one.kind === hold.kind && isSameScope(one, hold))
    if (cause !== undefined || next === undefined) return { hold, endedBy: cause }
    const isGone = hold.until !== undefined && hold.until <= next.since
    return { hold, endedBy: isGone ? 'time' : next.id }
  })
}

type Placed = { readonly hold: Hold; readonly at: Date }

/** Those of our own replies, also where somebody edited one: what holds is believed more easily than what frees. */
function markedHolds({ comments, nowCalled }: HoldSources): readonly Placed[] {
  return comments.flatMap((comment) =>
    marksOf(comment).flatMap((marker) => {
      const hold = heldHold(marker)
      if (hold === undefined) return []
      return [{ hold: { ...hold, repository: nowCalled(hold.repository) }, at: comment.createdAt }]
    }),
  )
}

/** As answer-failure.ts placed it: where the failure changed Git. */
function failureHolds(promotions: readonly Promotion[]): readonly Placed[] {
  return promotions.flatMap((promotion) => {
    const { stage, canary } = promotion
    const isFailed = stage.at === 'failed' && stage.revision !== undefined
    if (!isFailed || (stage.code === 'sync_blocked' && canary?.live === undefined)) return []
    return [{ hold: rollbackHold(holdForFailure(promotion)), at: new Date(stage.failedAt) }]
  })
}

/** Cause by hold. Only where nobody but the App wrote the reply. */
function liftings({ comments }: HoldSources): ReadonlyMap<string, string> {
  const lifted = new Map<string, string>()
  for (const comment of comments) {
    if (comment.editedBy !== undefined) continue
    for (const { kind, fields } of marksOf(comment)) {
      const { id, cause } = fields
      if (kind === 'lifted' && id !== undefined) lifted.set(id, cause ?? 'unlock')
    }
  }
  return lifted
}

function marksOf({ isOurs, body }: PastComment): readonly Marker[] {
  const [first, ...marks] = isOurs ? leadingMarkers(body) : []
  return first?.kind === 'reply' ? marks : []
}

/** A `/lock` that has no reply: it was being carried out, or somebody deleted the reply. Every environment that it may have meant is held. */
function unsureHolds({ comments, promotions }: HoldSources): readonly Placed[] {
  const replied = new Set(
    comments.flatMap(({ isOurs, body, repository }) => {
      const [first] = isOurs ? leadingMarkers(body) : []
      return first?.kind === 'reply' ? [`${repository} ${first.fields['comment']}`] : []
    }),
  )
  return comments
    .filter(({ isOurs, repository, id }) => !isOurs && !replied.has(`${repository} ${id}`))
    .flatMap((comment) => lockLines(comment.body).flatMap((line) => unsureHold(comment, line, promotions)))
}

const lockLines = (body: string): readonly string[] => body.match(/^[ ]{0,3}\/lock(?:[ \t].*)?$/gm) ?? []

function unsureHold(comment: PastComment, line: string, promotions: readonly Promotion[]): readonly Placed[] {
  const { repository, createdAt, url } = comment
  const words = line.trim().split(/\s+/).slice(1)
  const concerned = promotions.filter((one) => one.repository === repository || one.into === repository)
  // Another bot of that name may be meant where nothing was ever promoted.
  if (concerned.length === 0) return []
  const isConfig = concerned.some(({ into }) => into === repository)
  const scopes =
    words.includes('--all') && isConfig ? [{ repository, environment: undefined }] : scopesOf(concerned, words)
  return scopes.map((scope) => {
    const of = { ...scope, model: undefined }
    const reason = `the database was rebuilt, and nobody knows what became of the /lock in ${url}`
    const id = holdId(of, 'lock', `unsure ${url}`)
    const rest = { since: createdAt, until: undefined, confinedTo: repository }
    return { hold: { ...of, id, kind: 'lock', by: 'Lockkeeper', reason, ...rest }, at: createdAt }
  })
}

type Scope = { readonly repository: RepoName; readonly environment: EnvironmentName }

/** Those that the words name; all where they name none. */
function scopesOf(concerned: readonly Promotion[], words: readonly string[]): readonly Scope[] {
  const all = new Map(
    concerned.map(({ repository, environment }) => [`${repository} ${environment}`, { repository, environment }]),
  )
  const named = new Set(words.slice(0, 2).flatMap((word) => parseEnvironmentName(word.toLowerCase()) ?? []))
  const meant = [...all.values()].filter(({ environment }) => named.has(environment))
  return meant.length > 0 ? meant : [...all.values()]
}

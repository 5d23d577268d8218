/** Stage `awaiting` → `proposed`: the release of an unmerged head is being made (complete-release.ts); once it is there, everything is asked again. Begun by deploy-head.ts. */
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { ReleaseRecord } from './ledger.ts'
import { askers, type PromotionContext, readContext } from './promotion-context.ts'
import { beginningOf } from './read-beginning.ts'
import { refusalBy } from './stopping-rules.ts'

/** The release says by itself when something changes; a look beside that costs nothing outside. */
const LOOK_MS = 60_000
/** What is given up is given up by the release itself; this is for one that cannot be looked at at all. */
const GRACE_MS = 5 * 60_000

export type Awaited = {
  readonly promotion: Promotion
  readonly wait: Date | undefined
  /** What it was let in on, for an opening that follows at once. */
  readonly context: PromotionContext | undefined
}

/** Throws UserError for what ends it: an artefact that did not appear, or a rule that does not let it begin. */
export async function awaitRelease(promotion: Promotion, deps: Deps): Promise<Awaited> {
  const { repository, model, head, thread } = promotion
  const record = head && (await deps.ledger.release(repository, model, head, thread))
  if (record === undefined) throw new Error(`promotion ${promotion.id} waits for a release that was never begun`)
  const { state } = record
  if (state.kind === 'complete') return begin(promotion, state.release, deps)
  const now = deps.clock.now()
  const until = record.within === undefined ? undefined : new Date(Date.parse(record.begunAt) + record.within)
  const isOver = until !== undefined && until.getTime() + GRACE_MS < now.getTime()
  if (state.kind === 'given-up' || isOver) throw neverAppeared(promotion, record)
  const stage = { at: 'awaiting', missing: state.missing, until: until?.toISOString() } as const
  return { promotion: { ...promotion, stage }, wait: new Date(now.getTime() + LOOK_MS), context: undefined }
}

function neverAppeared({ label, environment }: Promotion, { state }: ReleaseRecord): UserError {
  const missing = state.kind === 'complete' ? [] : state.missing
  return new UserError(
    'artefact_missing',
    `no release was made of ${label}: ${missing.join('; ') || 'its artefacts'} did not appear in time`,
    `Make what is missing, then write \`/deploy ${environment}\` again.`,
  )
}

/** Minutes or hours have passed since the command: who may, the rules, what is live, and whether the pull request is still there. */
async function begin(promotion: Promotion, release: Release, deps: Deps): Promise<Awaited> {
  const { repository, thread, head } = promotion
  const view = thread === undefined ? undefined : await deps.github.readPullRequest(repository, thread)
  if (view === undefined || view.state === 'closed') {
    const reason = `pull request ${thread} was closed without a merge`
    const stage = { at: 'cancelled', endedAt: deps.clock.now().toISOString(), reason } as const
    return { promotion: { ...promotion, stage }, wait: undefined, context: undefined }
  }
  const proposed: Promotion = {
    ...promotion,
    release: release.id,
    label: releaseLabel(release),
    headMovedTo: view.state === 'open' && view.headSha !== head ? view.headSha : undefined,
    stage: { at: 'proposed' },
  }
  const context = await readContext(proposed, deps, askers(proposed))
  const asked = { release: { kind: 'complete' }, plan: context.plan, active: undefined, isReplaced: false } as const
  const beginning = await beginningOf(proposed, asked, deps)
  const rules = await judgePromotion({ promotion: proposed, context, reviews: [], beginning, view }, deps)
  const refused = refusalBy(rules, proposed)
  if (refused !== undefined) throw refused
  return { promotion: proposed, wait: undefined, context }
}

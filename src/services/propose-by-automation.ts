/** What automation wants in an environment: the newest complete release whose gates pass and which may start, where `deploy:` is `on-merge` or `automatic`. */
import { cameTooLate, isActive, isMerged, type Promotion, promotionId } from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import { soakedSpan } from '../domain/verified-spans.ts'
import { type Candidate, wantedReleases } from '../domain/wanted-releases.ts'
import type { Deps } from './deps.ts'
import type { ReleaseRecord } from './ledger.ts'
import { takeUpAgain } from './merged-by-people.ts'
import type { Target } from './promotion-context.ts'
import { soonest } from './promotion-patience.ts'

/** Proposes it, in place of an older one that is not merged yet. Later than the merge, also a person's, it waits until that one has ended. Gives when a newer one may start. */
export async function proposeByAutomation(target: Target, deps: Deps): Promise<Date | undefined> {
  const { key, environment } = target
  await takeUpAgain(target, await deps.ledger.history(key), deps)
  if (environment.deploy === 'on-command') return undefined
  const records = await deps.ledger.releasesOf({ repository: key.repository, model: key.model })
  const history = await deps.ledger.history(key)
  const { wanted, next } = await firstToStart(wantedReleases(complete(records), history), target, deps)
  if (wanted === undefined) return next
  const active = history.find(isActive)
  if (active !== undefined && (isMerged(active) || active.kind === 'rollback')) return next
  const late = history.filter((promotion) => promotion.release === wanted.id && cameTooLate(promotion)).length
  const id = promotionId(key, late === 0 ? `release ${wanted.id}` : `release ${wanted.id} again ${late}`)
  const proposal: Promotion = {
    ...key,
    id,
    kind: 'promotion',
    release: wanted.id,
    label: releaseLabel(wanted),
    via: { kind: 'automation' },
    leaves: undefined,
    restore: [],
    thread: wanted.pullRequest?.number,
    asked: undefined,
    createdAt: deps.clock.now().toISOString(),
    changes: [],
    pullRequest: undefined,
    stage: { at: 'proposed' },
  }
  const superseded: Promotion | undefined = active && {
    ...active,
    stage: { at: 'superseded', endedAt: proposal.createdAt, by: id, label: proposal.label, wasMerged: false },
  }
  await deps.ledger.propose(proposal, superseded)
  return next
}

/** Newest first, of the default branch. */
const complete = (records: readonly ReleaseRecord[]): readonly Candidate<Release>[] =>
  records.flatMap(({ state, sequence, origin }) =>
    state.kind === 'complete' && origin !== 'pull_request' ? [{ release: state.release, sequence }] : [],
  )

/** A newer release that is stuck before this environment, or still soaks, does not hold up an older one that is ready. */
async function firstToStart(
  releases: readonly Release[],
  target: Target,
  deps: Deps,
): Promise<{ readonly wanted: Release | undefined; readonly next: Date | undefined }> {
  const now = deps.clock.now()
  const starts: Date[] = []
  for (const release of releases) {
    const start = await startOf(release, target, deps)
    if (start !== undefined && start <= now) return { wanted: release, next: soonest(starts) }
    if (start !== undefined) starts.push(start)
  }
  return { wanted: undefined, next: soonest(starts) }
}

/** `automatic` waits until the environments before it have verified and soaked the release; `on-merge` starts at once. undefined when no time is known. */
async function startOf(release: Release, { key, environment }: Target, deps: Deps): Promise<Date | undefined> {
  const now = deps.clock.now()
  const { deploy, after, soak } = environment
  let start = now
  for (const upstream of deploy === 'on-merge' ? [] : after) {
    const span = soakedSpan(await deps.ledger.history({ ...key, environment: upstream }), release.id, { soak, now })
    if (span === undefined) return undefined
    const soaked = new Date(span.since.getTime() + soak)
    if (span.until !== undefined && span.until < soaked) return undefined
    if (soaked > start) start = soaked
  }
  return start
}

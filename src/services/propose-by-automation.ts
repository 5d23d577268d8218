/** What automation wants in an environment: the newest complete release whose gates pass, where `deploy:` is `on-merge` or `automatic`. */
import {
  badReleases,
  type History,
  isActive,
  isMerged,
  livePromotion,
  type Promotion,
  promotionId,
  verifiedSince,
} from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import type { Deps } from './deps.ts'
import type { ReleaseRecord } from './ledger.ts'
import type { Target } from './promotion-context.ts'

/** Proposes it, in place of an older one that is not merged yet. Later than the merge, it waits until that one has ended. */
export async function proposeByAutomation(target: Target, deps: Deps): Promise<void> {
  const { key, environment } = target
  if (environment.deploy === 'on-command') return
  const records = await deps.ledger.releasesOf({ repository: key.repository, model: key.model })
  const history = await deps.ledger.history(key)
  const wanted = wantedRelease(records, history)
  if (wanted === undefined || !(await mayStart(wanted.release, target, deps))) return
  const active = history.find(isActive)
  if (active !== undefined && (isMerged(active) || active.kind === 'rollback')) return
  const id = promotionId(key, `release ${wanted.release.id}`)
  const proposal: Promotion = {
    ...key,
    id,
    kind: 'promotion',
    release: wanted.release.id,
    label: releaseLabel(wanted.release),
    via: { kind: 'automation' },
    leaves: undefined,
    restore: [],
    thread: wanted.release.pullRequest?.number,
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
}

/** Newer than what is live or under way, never tried here, and not bad. */
function wantedRelease(
  records: readonly ReleaseRecord[],
  history: History,
): { readonly release: Release; readonly sequence: number } | undefined {
  const complete = records.flatMap((record) =>
    record.state.kind === 'complete' ? [{ release: record.state.release, sequence: record.sequence }] : [],
  )
  const newest = complete.find(({ release }) => release.gates.verdict !== 'fail')
  if (newest === undefined || badReleases(history).has(newest.release.id)) return undefined
  const tried = history.some((promotion) => promotion.release === newest.release.id)
  const live = livePromotion(history)?.release
  const liveSequence = complete.find(({ release }) => release.id === live)?.sequence ?? -1
  return tried || newest.sequence <= liveSequence ? undefined : newest
}

/** `automatic` waits until the environments before it have verified and soaked the release; `on-merge` opens its pull request at once. */
async function mayStart(release: Release, { key, environment }: Target, deps: Deps): Promise<boolean> {
  if (environment.deploy === 'on-merge') return true
  for (const upstream of environment.after) {
    const since = verifiedSince(await deps.ledger.history({ ...key, environment: upstream }), release.id)
    if (since === undefined) return false
    const soaked = new Date(since.getTime() + environment.soak)
    if (soaked > deps.clock.now()) {
      await deps.hints.wakeAt({ kind: 'environment', ...key }, soaked)
      return false
    }
  }
  return true
}

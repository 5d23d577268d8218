/** A pull request was closed without a merge: what of it is on its way to an environment is cancelled, and for what is live there the way back is offered, once. Called by refresh-comparison.ts. */
import { renderLeftBehind } from '../comments/preview.ts'
import type { RepoName } from '../domain/ids.ts'
import { renderMarker } from '../domain/marker.ts'
import {
  type EnvironmentKey,
  foundBefore,
  isActive,
  isMerged,
  livePromotion,
  type Promotion,
  rollbackTarget,
} from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { repositoryOf } from './leave-pull-request.ts'
import type { PullRequestView } from './ports.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'

type Needs = Pick<Deps, 'ledger' | 'github' | 'clock' | 'hints'>
type Closed = { readonly repository: RepoName; readonly view: Pick<PullRequestView, 'id' | 'number'> }

/** Safe to repeat, and for a pull request that deployed nothing one look into the ledger. */
export async function leavePreviews(closed: Closed, deps: Needs): Promise<void> {
  const { repository, view } = closed
  const records = await deps.ledger.releasesOf({ repository, pullRequest: view.number })
  const models = new Set(records.flatMap(({ origin, model }) => (origin === 'pull_request' ? [model] : [])))
  if (models.size === 0) return
  const carried = await deps.ledger.promotionsOfThread(repository, view.number)
  for (const promotion of carried) {
    if (promotion.head !== undefined && isActive(promotion) && !isMerged(promotion))
      await cancel(promotion, view.number, deps)
  }
  const environments = (await deps.ledger.environmentsOf(repository)).filter(({ model }) => models.has(model))
  const offers = await Promise.all(environments.map((key) => offer({ repository, ...key }, closed, deps)))
  await writeAll(offers, deps)
}

/** Not while it is being merged: then it is live, and is offered to be taken out once it is verified. */
async function cancel(promotion: Promotion, number: number, { ledger, github, clock, hints }: Needs): Promise<void> {
  const { repository, model, environment, pullRequest } = promotion
  await ledger.undisturbed(promotion, async () => {
    if (pullRequest !== undefined)
      await github.write(repositoryOf(pullRequest), [{ kind: 'close-pull-request', pullRequestId: pullRequest.id }])
    const reason = `pull request ${number} was closed without a merge`
    const endedAt = clock.now().toISOString()
    await ledger.savePromotion({ ...promotion, stage: { at: 'cancelled', endedAt, reason, act: 'left' } })
  })
  await hints.hint({ kind: 'environment', repository, model, environment })
}

/** undefined: something else is live there, something is on its way, or there is nothing to go back to. */
async function offer(
  environment: EnvironmentKey,
  { repository, view }: Closed,
  deps: Needs,
): Promise<PlannedWrite | undefined> {
  const history = await deps.ledger.history(environment)
  const live = livePromotion(history)
  if (live?.release === undefined || history.some(isActive)) return undefined
  const record = await deps.ledger.releaseById(repository, live.release)
  if (record?.origin !== 'pull_request' || record.pullRequest?.number !== view.number) return undefined
  const back = rollbackTarget(history, live.release)
  if (back === undefined && foundBefore(history).length === 0) return undefined
  const marker = renderMarker('promotion', { left: live.id })
  const body = `${marker}\n${renderLeftBehind({ live, back: back?.label })}`
  const key = `left:${live.id}`
  // Once: what would be brought back may change, and nobody is told again.
  if ((await deps.ledger.publication(key))?.nodeId !== undefined) return undefined
  return commentWrite({ key, repository, number: view.number, subjectId: view.id, marker, body }, deps)
}

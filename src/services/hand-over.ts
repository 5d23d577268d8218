/**
 * What a command read of the world is handed to the job of its environment, where both run in one process and within five
 * seconds: that job then need not read the same again. Written and taken by promotion-context.ts; another replica simply reads.
 */
import type { Promotion } from '../domain/promotion.ts'
import type { GitHubReads } from './ports.ts'
import type { PromotionContext } from './promotion-context.ts'

type HandedOver = { readonly of: Promotion; readonly context: PromotionContext }

/** A context holds whole files: what nobody takes must not pile up. */
const MOST = 16

/** By the connection it was read through, so that two bots in one process share nothing. */
const kept = new WeakMap<GitHubReads, Map<string, HandedOver>>()

/** Kept for a promotion that is not in the ledger yet, or has only just got there. */
export function handOver(of: Promotion, context: PromotionContext, github: GitHubReads): void {
  if (!isUntouched(of)) return
  const byId = kept.get(github) ?? new Map<string, HandedOver>()
  kept.set(github, byId)
  byId.delete(of.id)
  byId.set(of.id, { of, context })
  const [oldest] = byId.keys()
  if (byId.size > MOST && oldest !== undefined) byId.delete(oldest)
}

/** What was read for this very promotion, once: whoever comes again reads anew. How old it is stands in it. */
export function takeOver(promotion: Promotion, github: GitHubReads): PromotionContext | undefined {
  const byId = kept.get(github)
  const found = byId?.get(promotion.id)
  byId?.delete(promotion.id)
  if (found === undefined || !isUntouched(promotion)) return undefined
  return askedOf(promotion) === askedOf(found.of) ? found.context : undefined
}

/** A configuration was pushed: nothing that was read before counts any longer. */
export function forgetHandedOver(github: GitHubReads): void {
  kept.delete(github)
}

/** Nothing was tried yet that an interrupted run may have left on GitHub. */
const isUntouched = ({ stage, pullRequest, rebuilt }: Promotion): boolean =>
  stage.at === 'proposed' &&
  stage.openingSince === undefined &&
  stage.waitsFor === undefined &&
  pullRequest === undefined &&
  rebuilt === undefined

/** What the question to GitHub is made of, however the ledger orders it. */
const askedOf = ({
  repository,
  model,
  environment,
  kind,
  release,
  restore,
  into,
  ownBranch,
  via,
  canary,
}: Promotion): string =>
  JSON.stringify([
    ...[repository, model, environment, kind, release, into, ownBranch],
    ...[canary?.share, canary?.live?.share, canary?.wish?.share],
    ...[via.kind, 'by' in via ? via.by : undefined],
    restore.map(({ file, path, document, before, after, added }) => [file, path, document, before, after, added]),
  ])

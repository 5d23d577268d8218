/** What follows the end of a rollout: a verified one moves the alias, a failed one goes back by itself where the environment says so. */
import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import {
  foundBefore,
  type History,
  historyIn,
  isAnothersWork,
  livePromotion,
  type Promotion,
  promotionId,
  reachedGit,
  rollbackTarget,
  wasNeverApplied,
} from '../domain/promotion.ts'
import { releaseLabel } from '../domain/release.ts'
import type { Deps } from './deps.ts'
import { placeHold } from './place-hold.ts'
import { releaseOf, type Target } from './promotion-context.ts'

/** Moves the registry alias to the release that was just verified. Safe to repeat: an alias is set, not added. */
export async function settleVerified(promotion: Promotion, target: Target, deps: Deps): Promise<Promotion> {
  const { stage } = promotion
  const alias = target.environment.onVerified.mlflowAlias
  if (stage.at !== 'verified' || alias === undefined || stage.alias !== undefined) return promotion
  const release = await releaseOf(promotion, deps)
  // A head that is not merged is nobody's champion, whatever the configuration says by now.
  if (release?.origin === 'pull_request') return promotion
  const said = (what: string): Promotion => ({ ...promotion, stage: { ...stage, alias: what } })
  if (release?.modelVersion === undefined || release.registeredModel === undefined) {
    return said(`alias ${alias} not moved: the release has no registered version`)
  }
  const server = target.model.release.model?.registry?.server ?? 'default'
  const permit = deps.mayUse(promotion.repository, { kind: 'mlflow', server, model: release.registeredModel })
  if (!permit.allowed) return said(`alias ${alias} not moved: ${permit.message}`)
  try {
    await deps.mlflow.setAlias(server, release.registeredModel, alias, release.modelVersion)
  } catch (error) {
    // An MLflow that says no will say no again; the rollout itself is proven.
    if (error instanceof UserError) return said(`alias ${alias} not moved: ${error.message}`)
    throw error
  }
  return said(`alias ${alias} → ${releaseLabel(release)}`)
}

/** Who is named as holder of a hold that no person set. */
const AUTOMATIC = 'Lockkeeper'

/**
 * The rollback that answers a failed promotion; undefined where there is none to make: a failed rollback, one that was
 * never applied, one in whose place somebody else's values stand, which are not ours to take back, or `rollback: manual`. The hold is set in every failed case, so that automation does not try again; only
 * a blocked sync, which is nobody's failure and whose cause is known, holds nothing.
 */
export async function answerFailure(
  promotion: Promotion,
  history: History,
  { target, deps }: { readonly target: Target; readonly deps: Deps },
): Promise<Promotion | undefined> {
  const { stage } = promotion
  if (stage.at !== 'failed' || stage.code === 'sync_blocked' || stage.revision === undefined) return undefined
  await placeHold(
    {
      repository: promotion.repository,
      model: promotion.model,
      environment: promotion.environment,
      by: AUTOMATIC,
      reason: `${promotion.label} failed: ${stage.message}`,
      since: new Date(stage.failedAt),
      cause: `failure ${promotion.id}`,
    },
    deps,
  )
  const isNone = promotion.kind === 'rollback' || wasNeverApplied(promotion) || isAnothersWork(promotion)
  if (isNone || target.environment.rollback === 'manual') return undefined
  return planRollback(
    {
      leaving: promotion,
      history,
      via: { kind: 'automatic-rollback', of: promotion.id },
      cause: `failure ${promotion.id}`,
      into: promotion.into ?? target.environment.repository,
    },
    stage.failedAt,
  )
}

export type RollbackWish = {
  readonly leaving: Promotion
  readonly history: History
  readonly via: Promotion['via']
  readonly cause: string
  /** The config repository: what was found or proven in another one is no way back here. */
  readonly into: RepoName
  /** The verified promotion to go back to; undefined: the newest that is not bad. */
  readonly to?: Promotion | undefined
  readonly asked?: Promotion['asked']
}

/** The rollback promotion: to a verified release, else to the values that were found; undefined when neither is known. */
export function planRollback(
  { leaving, history, via, cause, into, to, asked }: RollbackWish,
  createdAt: string,
): Promotion | undefined {
  const here = historyIn(history, into)
  const back = to ?? rollbackTarget(here, leaving.release)
  const found = foundBefore(here)
  if (back === undefined && found.length === 0) return undefined
  const { repository, model, environment } = leaving
  return {
    id: promotionId({ repository, model, environment }, cause),
    repository,
    model,
    environment,
    kind: 'rollback',
    release: back?.release,
    label: back?.label ?? 'as found',
    via,
    leaves: leaving.release === back?.release ? undefined : leaving.release,
    restore: back === undefined ? found : [],
    thread: leaving.thread,
    asked,
    createdAt,
    changes: [],
    pullRequest: undefined,
    into,
    stage: { at: 'proposed' },
  }
}

/** The promotion whose values are in the environment now: the newest merged one, verified or not. */
export function standingPromotion(history: History): Promotion | undefined {
  return history.find(reachedGit) ?? livePromotion(history)
}

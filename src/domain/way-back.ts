/** Where an environment goes back to, and the promotion that takes it there. Asked by the failure of a rollout (answered-failure.ts) and by `/rollback` (src/services/find-way-back.ts). */
import { type Canary, retreat } from './canary.ts'
import type { RepoName } from './ids.ts'
import {
  foundBefore,
  type History,
  historyIn,
  livePromotion,
  type Promotion,
  promotionId,
  reachedGit,
  rollbackTarget,
} from './promotion.ts'

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
  const canary = retreatFrom(leaving)
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
    ...(canary && { canary }),
    stage: { at: 'proposed' },
  }
}

function retreatFrom({ canary, stage }: Promotion): Canary | undefined {
  if (canary === undefined) return undefined
  // A rollback took its place while its first step was merged, and came to nothing itself, or is replaced: that share is in Git all the same.
  if (stage.at === 'superseded' && stage.wasMerged) return retreat(canary, canary.live?.revision ?? 'its first step')
  return retreat(canary, 'revision' in stage && stage.at !== 'verified' ? stage.revision : undefined)
}

/** The promotion whose values are in the environment now: the newest merged one, verified or not. */
export function standingPromotion(history: History): Promotion | undefined {
  return history.find(reachedGit) ?? livePromotion(history)
}

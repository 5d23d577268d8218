/**
 * What Lockkeeper does by itself about a rollout that was not verified: hold, and at most one way back per failure. The guard
 * against going round in circles is here: a way back that fails is answered by nobody but a person. Carried out by src/services/answer-failure.ts.
 */
import type { RepoName } from './ids.ts'
import {
  type History,
  isActive,
  isAnothersWork,
  isMerged,
  type Promotion,
  reachedGit,
  wasNeverApplied,
} from './promotion.ts'
import { planRollback } from './way-back.ts'

export type Answer = {
  /** With what answers it in its stage: the rollback's id; `none` where no way back was to be made; `nowhere` where one was, and nothing is known to go back to. */
  readonly failed: Promotion
  readonly isHeld: boolean
  /** To be proposed; undefined also where it is on its way already. */
  readonly rollback: Promotion | undefined
  /** A newer wish that is not merged: what is live is to be left first. */
  readonly gives: Promotion | undefined
}

export type AnswerSettings = {
  readonly mode: 'automatic' | 'manual'
  /** The config repository, where the failed one does not say it. */
  readonly into: RepoName
}

/** The newest failure that nothing answers yet, and its answer; undefined where there is none. Deciding again gives the same. */
export function answerFailure(history: History, settings: AnswerSettings): Answer | undefined {
  const at = history.findIndex(({ stage }) => stage.at === 'failed')
  const failed = history[at]
  if (failed?.stage.at !== 'failed' || failed.stage.rollback !== undefined) return undefined
  const newer = history.slice(0, at)
  const answered = (rollback: string): Promotion =>
    failed.stage.at === 'failed' ? { ...failed, stage: { ...failed.stage, rollback } } : failed
  const none = { failed: answered('none'), isHeld: changedGit(failed), rollback: undefined, gives: undefined }
  // What came after it has been tried and has an end of its own.
  if (newer.some((one) => reachedGit(one) && !isActive(one))) return { ...none, isHeld: false }
  const active = newer.find(isActive)
  if (!changedGit(failed) || (active !== undefined && isMerged(active))) return none
  if (active?.kind === 'rollback') return { ...none, failed: answered(active.id) }
  // A canary that is left where it is would be watched by nobody.
  const isLeft = settings.mode === 'manual' && failed.canary === undefined
  if (!isRolledBack(failed) || isLeft) return none
  const rollback = planRollback(
    {
      leaving: failed,
      history,
      via: { kind: 'automatic-rollback', of: failed.id },
      cause: `failure ${failed.id}`,
      into: failed.into ?? settings.into,
    },
    failed.stage.failedAt,
  )
  if (rollback === undefined) return { ...none, failed: answered('nowhere') }
  return { failed: answered(rollback.id), isHeld: true, rollback, gives: active }
}

/** It was not merged, or its sync was blocked, which is nobody's failure and whose cause is known: nothing is held for it. */
function changedGit({ stage, canary }: Promotion): boolean {
  if (canary?.live !== undefined) return true
  return stage.at === 'failed' && stage.revision !== undefined && stage.code !== 'sync_blocked'
}

/** Not where it changed nothing, or where somebody else's values stand, which are not ours to take back; and never a rollback itself. */
const isRolledBack = (failed: Promotion): boolean =>
  failed.kind === 'promotion' && !wasNeverApplied(failed) && !isAnothersWork(failed)

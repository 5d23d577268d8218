/** Runs the checks of `verify:` until they have held for their duration: stage `verifying` → `verified`, or failed. The rule is src/domain/verification.ts. */
import type { Promotion, Stage } from '../domain/promotion.ts'
import { assessVerification, withoutGap } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-sync.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { runChecks } from './run-checks.ts'

/** Between two looks at every check. It also sees what no watch tells: a new pod that crashes behind old ones changes nothing in its InferenceService. */
const EVERY_MS = 15_000

export async function verifyRollout(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'verifying') throw new Error('only a verifying promotion is verified')
  const release = await releaseOf(promotion, deps)
  const { environment } = target
  const { verify } = environment
  const merged = { promotion, release, environment, mergedAt: stage.mergedAt }
  const looking = { ...merged, memory: stage.memory ?? {}, now: deps.clock.now() }
  const { evidence, fatal, memory } = await runChecks(looking, deps)
  const now = deps.clock.now()
  const known = {
    syncedAt: new Date(stage.syncedAt),
    holdingSince: stage.holdingSince === undefined ? undefined : new Date(stage.holdingSince),
    lookedAt: stage.lookedAt === undefined ? undefined : new Date(stage.lookedAt),
    unwatched: stage.unwatched ?? 0,
    within: verify.within,
    for: verify.for,
  }
  const state = withoutGap(known, now)
  const looked = { ...stage, evidence, memory, lookedAt: now.toISOString(), unwatched: state.unwatched }
  const verdict = assessVerification(state, { evidence, fatal, now })
  switch (verdict.kind) {
    case 'verified': {
      const done: Stage = {
        at: 'verified',
        revision: stage.revision,
        mergedAt: stage.mergedAt,
        verifiedAt: now.toISOString(),
        evidence,
        alias: undefined,
      }
      return { promotion: { ...promotion, stage: done }, wait: undefined }
    }
    case 'failed': {
      const code = fatal === undefined ? 'verify_timeout' : 'verify_failed'
      const over: Stage = {
        at: 'failed',
        failedAt: now.toISOString(),
        code,
        message: verdict.reason,
        revision: stage.revision,
        evidence,
        rollback: undefined,
      }
      return { promotion: { ...promotion, stage: over }, wait: undefined }
    }
    case 'holding': {
      const next = { ...looked, holdingSince: verdict.since.toISOString() }
      return { promotion: { ...promotion, stage: next }, wait: earlier(verdict.until, now) }
    }
    case 'not-holding': {
      const next = { ...looked, holdingSince: undefined }
      return { promotion: { ...promotion, stage: next }, wait: earlier(verdict.deadline, now) }
    }
  }
}

const earlier = (at: Date, now: Date): Date => new Date(Math.min(at.getTime(), now.getTime() + EVERY_MS))

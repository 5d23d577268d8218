/** Runs the checks of `verify:` until they have held for their duration: stage `verifying` → `verified`, or failed. The rule is src/domain/verification.ts. */
import { timesOf } from '../domain/canary.ts'
import { afterAbsence } from '../domain/check-memory.ts'
import { livePromotion, type Promotion, type Stage, verifiedAt } from '../domain/promotion.ts'
import type { VerifySettings } from '../domain/settings.ts'
import { assessVerification, EVERY, resumed, type VerificationState } from '../domain/verification.ts'
import { nextShare, provenAt } from './advance-canary.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-sync.ts'
import { type EngineLook, lookAtEngine } from './look-at-engine.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { runChecks } from './run-checks.ts'

export async function verifyRollout(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'verifying') throw new Error('only a verifying promotion is verified')
  const release = await releaseOf(promotion, deps)
  const environment = provenAt(promotion, target.environment)
  const { verify } = environment
  const begun = deps.clock.now()
  const { state, wasAway, now: lookedAt } = resumed(stateOf(stage, timesOf(promotion.canary, verify)), begun)
  const memory = wasAway ? afterAbsence(stage.memory ?? {}) : (stage.memory ?? {})
  const looking = { promotion, release, environment, mergedAt: stage.mergedAt, memory, now: begun }
  const engine = await lookAtEngine(looking, stage.revision, deps)
  if (engine.overwritten !== undefined) return overwritten(promotion, engine, deps)
  const look = await runChecks(looking, deps)
  const evidence = [engine.evidence, ...look.evidence]
  const { fatal } = look
  const now = deps.clock.now()
  const looked = {
    ...stage,
    evidence,
    memory: look.memory,
    lookedAt: lookedAt.toISOString(),
    unwatched: state.unwatched,
  }
  const counted = new Date(Math.max(now.getTime(), lookedAt.getTime()))
  const verdict = assessVerification(state, { evidence, fatal, now: counted })
  const held = verdict.kind === 'verified'
  if (verdict.kind !== 'failed') {
    const next = await nextShare(promotion, { stage: looked, held }, { target, deps })
    if (next !== undefined)
      return {
        promotion: next,
        wait: next.stage.at === 'verifying' ? new Date(now.getTime() + state.every) : undefined,
      }
  }
  switch (verdict.kind) {
    case 'verified': {
      const done: Stage = {
        at: 'verified',
        revision: stage.revision,
        mergedAt: stage.mergedAt,
        verifiedAt: (await afterOthers(promotion, now, deps)).toISOString(),
        evidence,
        alias: undefined,
      }
      return { promotion: { ...promotion, stage: done }, wait: undefined }
    }
    case 'failed': {
      const code = CODES[verdict.because]
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
    case 'holding':
    case 'not-holding': {
      const holdingSince = verdict.kind === 'holding' ? verdict.since.toISOString() : undefined
      const until = verdict.kind === 'holding' ? verdict.until : verdict.deadline
      const wait = wakeAt(until, { counted, now, state })
      return { promotion: { ...promotion, stage: { ...looked, holdingSince } }, wait }
    }
  }
}

/** What is live is what was verified last: another replica's clock, which may be ahead, must not turn the order round. */
async function afterOthers(promotion: Promotion, now: Date, { ledger }: Pick<Deps, 'ledger'>): Promise<Date> {
  const before = livePromotion(await ledger.history(promotion))
  return before === undefined ? now : new Date(Math.max(now.getTime(), verifiedAt(before) + 1))
}

/** A release that was not seen to be bad is told apart from one that was. */
const CODES = { seen: 'verify_timeout', unknown: 'verify_no_data', fatal: 'verify_failed' } as const

type Verifying = Extract<Stage, { readonly at: 'verifying' }>

const stateOf = (stage: Verifying, verify: VerifySettings): VerificationState => ({
  syncedAt: new Date(stage.syncedAt),
  holdingSince: stage.holdingSince === undefined ? undefined : new Date(stage.holdingSince),
  lookedAt: stage.lookedAt === undefined ? undefined : new Date(stage.lookedAt),
  unwatched: stage.unwatched ?? 0,
  within: verify.within,
  for: verify.for,
  every: verify.every ?? EVERY,
})

type Times = { readonly counted: Date; readonly now: Date; readonly state: VerificationState }

const SHORTEST_MS = 5000

/** By our own clock; not in a hurry while another one's is ahead, which does not move what counts. Looks see also what no watch tells: a new pod that crashes behind old ones changes nothing in its InferenceService. */
function wakeAt(at: Date, { counted, now, state: { every } }: Times): Date {
  const rest = at.getTime() - counted.getTime()
  return new Date(now.getTime() + Math.min(counted > now ? Math.max(rest, SHORTEST_MS) : rest, every))
}

/** Somebody's later commit is live in its place: nothing of it is left to be proven. */
function overwritten(promotion: Promotion, { overwritten: message = '', evidence }: EngineLook, deps: Deps): Following {
  const revision = promotion.stage.at === 'verifying' ? promotion.stage.revision : undefined
  const failedAt = deps.clock.now().toISOString()
  const failed = { at: 'failed', failedAt, code: 'values_overwritten', message, revision, rollback: undefined } as const
  return { promotion: { ...promotion, stage: { ...failed, evidence: [evidence] } }, wait: undefined }
}

/** Follows the GitOps engine until it runs our commit: stage `syncing` → `verifying`, or failed. Woken by the watch; a poll backs it up. What the engine shows: look-at-sync.ts. */
import { formatDuration } from '../domain/duration.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import { isApplied, type Readiness } from '../domain/sync-readiness.ts'
import type { Deps } from './deps.ts'
import { lookAtSync } from './look-at-sync.ts'
import { lookAtWorkloads, type WorkloadsLook } from './look-at-workloads.ts'
import { releaseOf, type Target } from './promotion-context.ts'

/** A poll that only matters when the watch has missed something. */
const POLL_MS = 30_000

export type Following = { readonly promotion: Promotion; readonly wait: Date | undefined }

/** From here on a person reads what is in the way, though it may still clear up by itself. */
const LONG_MS = 5 * 60_000

export async function followSync(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'syncing') throw new Error('only a syncing promotion is followed')
  const now = deps.clock.now()
  const { revision, mergedAt } = stage
  const look = await lookAtSync({ promotion, revision, mergedAt, environment: target.environment }, deps)
  if (look.kind === 'failed' && look.because === 'overwritten')
    return ended(promotion, { code: 'values_overwritten', message: look.detail, evidence: [] }, now)
  if (look.kind === 'ready') return { promotion: { ...promotion, stage: verifying(stage, now) }, wait: undefined }
  const behind = isUnwell(look) ? await lookBehind({ promotion, stage, target }, deps) : undefined
  const { evidence = [], fatal } = behind ?? {}
  if (look.kind === 'failed' || fatal !== undefined) {
    // Which word the engine has for its health at that moment is chance; what the workload says is not.
    const message = fatal ?? look.detail
    return ended(promotion, { code: 'rollout_failed', message, evidence }, now)
  }
  const merged = Date.parse(begunAt(stage))
  const { within } = target.environment.sync
  const applied = stage.applied === true || isApplied(look)
  const next = { ...looked(stage, now), applied, blocked: obstacle(look, merged, now) }
  const deadline = new Date(Math.max(merged + within, applied ? Date.parse(next.patientUntil ?? begunAt(stage)) : 0))
  if (deadline <= now) {
    const { code, what } = overdue(look, next.applied)
    const message = `${what} within ${formatDuration(within)}: ${look.detail}`
    return ended(promotion, { code, message, evidence }, now)
  }
  const wait = new Date(Math.min(deadline.getTime(), now.getTime() + POLL_MS))
  return { promotion: { ...promotion, stage: next }, wait }
}

type Syncing = Extract<Stage, { readonly at: 'syncing' }>

/** Nobody looked before it was learnt of. */
const begunAt = ({ learntAt, mergedAt }: Syncing): string => learntAt ?? mergedAt

/** Between two looks lie seconds; more than this means that nobody was there to look. */
const ABSENT_MS = 10 * 60_000
/** What was being applied then has this long to show how it is: a bot that was away, or a clock that jumped, is no failure of the release. */
const PATIENCE_MS = 3 * 60_000

/** Written down once a minute, not at every look. */
function looked(stage: Syncing, now: Date): Syncing {
  const last = Date.parse(stage.lookedAt ?? begunAt(stage))
  const elapsed = now.getTime() - last
  if (Math.abs(elapsed) < 60_000) return stage
  const next = { ...stage, lookedAt: now.toISOString() }
  return elapsed > ABSENT_MS ? { ...next, patientUntil: new Date(now.getTime() + PATIENCE_MS).toISOString() } : next
}

function verifying({ revision, mergedAt }: Syncing, now: Date): Stage {
  return { at: 'verifying', revision, mergedAt, syncedAt: now.toISOString(), holdingSince: undefined, evidence: [] }
}

type Failure = Pick<Extract<Stage, { readonly at: 'failed' }>, 'message' | 'evidence'> & {
  readonly code: 'rollout_failed' | 'sync_blocked' | 'sync_timeout' | 'values_overwritten'
}

function ended(promotion: Promotion, failure: Failure, now: Date): Following {
  const { revision, mergedAt } = promotion.stage.at === 'syncing' ? promotion.stage : {}
  const stage: Stage = {
    at: 'failed',
    failedAt: now.toISOString(),
    ...failure,
    revision,
    mergedAt,
    rollback: undefined,
  }
  return { promotion: { ...promotion, stage }, wait: undefined }
}

/**
 * What has been applied and is not healthy is a failed rollout, also where an engine that is suspended since, or a cluster that does not answer, shows
 * nothing of it. What never was has failed nobody: see `wasNeverApplied`.
 */
function overdue(look: Pending, applied: boolean): { readonly code: Failure['code']; readonly what: string } {
  if (applied) return { code: 'rollout_failed', what: 'not healthy' }
  if (look.kind === 'blocked') return { code: 'sync_blocked', what: 'not synced' }
  return { code: 'sync_timeout', what: 'not synced' }
}

function obstacle(look: Pending, merged: number, now: Date): string | undefined {
  const isLong = now.getTime() - merged >= LONG_MS
  return look.kind === 'blocked' || (isLong && !isApplied(look)) ? look.detail : undefined
}

/**
 * Argo CD's health is one word, and of an InferenceService that never gets ready it is Progressing for ever: KServe knows
 * more, and sooner. Health from before the sync says nothing about us.
 */
const isUnwell = (look: Readiness): boolean =>
  look.kind === 'failed' ? look.because === 'degraded' : look.kind === 'waiting' && look.because === 'progressing'

type Pending = Extract<Readiness, { readonly kind: 'waiting' | 'blocked' }>

type Watched = { readonly promotion: Promotion; readonly stage: Syncing; readonly target: Target }

async function lookBehind({ promotion, stage, target }: Watched, deps: Deps): Promise<WorkloadsLook> {
  const release = await releaseOf(promotion, deps)
  return lookAtWorkloads({ promotion, release, environment: target.environment, mergedAt: stage.mergedAt }, deps)
}

/** The steps of a canary: when its share is proven the next one is proposed, where the promotion began; while one waits, its checks go on. The rule is src/domain/canary.ts. */
import { accept } from '../domain/acceptance.ts'
import { afterStep, type Canary, follow, isWhole } from '../domain/canary.ts'
import { afterAbsence, type CheckMemory } from '../domain/check-memory.ts'
import { UserError } from '../domain/failure.ts'
import { frozenUntil } from '../domain/freeze.ts'
import { holdsOn } from '../domain/hold.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import type { FreezeWindow, VerifySettings } from '../domain/settings.ts'
import { resumed } from '../domain/verification.ts'
import { NOTHING_WRITTEN } from '../domain/written-artefacts.ts'
import type { Deps } from './deps.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { knownSettings } from './repo-settings.ts'
import { runChecks } from './run-checks.ts'

type Verifying = Extract<Stage, { readonly at: 'verifying' }>

/** Where it goes from the share that it is at. undefined: nowhere, all of the traffic is proven. `held`: its checks held for the step's whole time. */
export async function nextShare(
  promotion: Promotion,
  { stage, held }: { readonly stage: Verifying; readonly held: boolean },
  { target, deps }: { readonly target: Target; readonly deps: Deps },
): Promise<Promotion | undefined> {
  const { canary } = promotion
  if (canary === undefined || (!held && canary.wish === undefined)) return undefined
  const stop = await stopOf(promotion, target, deps)
  if (!held) {
    const wished = follow(canary, stop)
    // It has that share already: it stays there from now on.
    if (wished?.share === canary.share) return { ...promotion, canary: wished, stage }
    return wished && proposeStep(promotion, wished, stage)
  }
  const move = afterStep(canary, stop)
  switch (move.kind) {
    case 'done':
      return undefined
    case 'goes-on':
      if (move.canary.share === canary.share) return { ...promotion, canary: move.canary, stage }
      return proposeStep(promotion, move.canary, stage)
    case 'stays': {
      // The time to be verified in begins anew with every look that held, so that a later failure has as long to pass by.
      const { lookedAt = stage.syncedAt } = stage
      const stays = { ...stage, syncedAt: lookedAt, holdingSince: stage.holdingSince ?? lookedAt, unwatched: 0 }
      return { ...promotion, canary: { ...canary, stopped: stop }, stage: stays }
    }
  }
}

/** The same promotion from its beginning, for one more pull request. */
function proposeStep(promotion: Promotion, canary: Canary, stage: Verifying): Promotion {
  const { changes, pullRequest, canary: before } = promotion
  const { revision, mergedAt } = stage
  const live = {
    share: before?.share ?? 0,
    revision,
    mergedAt,
    pullRequest: pullRequest && { number: pullRequest.number, url: pullRequest.url },
    changes: [...(before?.live?.changes ?? []), ...changes],
  }
  return {
    ...promotion,
    canary: { ...canary, live, failingSince: undefined, looked: undefined },
    changes: [],
    pullRequest: undefined,
    rebuilt: undefined,
    stage: { at: 'proposed' },
  }
}

/** Why it must not go up: a hold, or a freeze of either repository, as last read. The way down and the way back ask nobody. */
async function stopOf(promotion: Promotion, { environment }: Target, deps: Deps): Promise<string | undefined> {
  const { via, kind } = promotion
  if (kind === 'rollback') return undefined
  const forced = via.kind === 'force' ? via.rules : []
  const now = deps.clock.now()
  const into = environment.repository
  const [hold] = holdsOn(await deps.ledger.holds([promotion.repository, into]), promotion, { into, now })
  if (hold !== undefined && !forced.includes('hold')) return `held by ${hold.by}`
  const windows = [...environment.freeze, ...(await insistedFreeze(promotion, environment.repository, deps))]
  const frozen = forced.includes('freeze') ? undefined : frozenUntil(windows, now)
  return frozen && `${promotion.environment} is frozen`
}

async function insistedFreeze(
  { repository, model, environment }: Promotion,
  into: Target['environment']['repository'],
  deps: Deps,
): Promise<readonly FreezeWindow[]> {
  try {
    const { accepts } = await knownSettings(into, deps)
    const asked = { from: repository, model, environment, isUnmerged: false, paths: [], ...NOTHING_WRITTEN }
    const verdict = accept(accepts, asked)
    return verdict.kind === 'refused' ? [] : (verdict.require.freeze ?? [])
  } catch (error) {
    // The rules are asked with the configuration as it is then, where the next step is merged.
    if (error instanceof UserError) return []
    throw error
  }
}

/** Whether its next step waits for people or rules while a share of the traffic is its own. */
export const isBetweenSteps = ({ stage, canary }: Promotion): boolean =>
  canary?.live !== undefined && (stage.at === 'proposed' || stage.at === 'opened')

/** Between two looks at a share whose next step waits. */
export const BETWEEN_MS = 60_000

/**
 * Looks at the share that is live while the next one waits: what has failed for as long as a rollout may take to be verified ends it, and so does
 * what can only fail. Time that nobody watched does not count. Active: it may go on, unless its checks fail just now. A way back asks nobody.
 */
export async function lookBetween(promotion: Promotion, target: Target, deps: Deps): Promise<Promotion> {
  const { canary, kind } = promotion
  if (canary?.live === undefined || kind === 'rollback') return promotion
  const { environment } = target
  const release = await releaseOf(promotion, deps)
  const { share, mergedAt } = canary.live
  const at = { ...promotion, canary: { ...canary, share } }
  const begun = deps.clock.now()
  const { since, memory, now } = watchedSince(canary, environment.verify, begun)
  const look = await runChecks({ promotion: at, release, environment, mergedAt, memory, now: begun }, deps)
  const { evidence, fatal } = look
  const looked = { at: now.toISOString(), memory: look.memory ?? {} }
  const failing = evidence.filter(({ verdict }) => verdict === 'fails' || verdict === 'no_data')
  // Too few looks after an absence undo nothing that was seen before it.
  const isOpen = canary.failingSince !== undefined && evidence.some(({ verdict }) => verdict === 'pending')
  if (fatal === undefined && failing.length === 0) {
    const failingSince = isOpen ? since.toISOString() : undefined
    return { ...promotion, canary: { ...canary, looked, failingSince } }
  }
  const isOver = now.getTime() - since.getTime() >= environment.verify.within
  if (fatal === undefined && !isOver)
    return { ...promotion, canary: { ...canary, looked, failingSince: since.toISOString() } }
  const seen = failing.map((one) => `${one.seen}, wanted ${one.wanted}`).join('; ')
  return aborted(promotion, {
    message: fatal ?? `its checks did not hold at ${share} % (${seen})`,
    evidence,
    now: begun,
  })
}

/** `now`: what counts as now, by whichever replica's clock is ahead. */
type Watched = { readonly since: Date; readonly memory: CheckMemory; readonly now: Date }

/** Since when its checks fail, where they do now; an absence, or a clock that jumps, takes that with it. */
function watchedSince({ failingSince, looked }: Canary, { within }: VerifySettings, at: Date): Watched {
  if (looked === undefined) return { since: at, memory: {}, now: at }
  const since = failingSince === undefined ? at : new Date(failingSince)
  const lookedAt = new Date(looked.at)
  const times = { syncedAt: since, lookedAt, holdingSince: undefined, unwatched: 0, within, for: 0, every: BETWEEN_MS }
  const { state, wasAway, now } = resumed(times, at)
  const memory = wasAway ? afterAbsence(looked.memory) : looked.memory
  return { since: failingSince === undefined ? now : new Date(since.getTime() + state.unwatched), memory, now }
}

/** Its next step would give it more of the traffic, and its checks fail just now. */
export const mustNotGrow = ({ canary }: Promotion): boolean =>
  canary?.failingSince !== undefined && (canary.wish?.share ?? canary.share) >= (canary.live?.share ?? 0)

/**
 * What must be proven at the share that it is at. A way back that has pinned what was proven waits for its own workload and for nothing else: no
 * request and no query tells anything about a share of 0, and the systems that answer them may be away.
 */
export function provenAt<Settings extends { readonly verify: VerifySettings }>(
  { kind, canary }: Promotion,
  environment: Settings,
): Settings {
  if (kind !== 'rollback' || isWhole(canary)) return environment
  const verify = { ...environment.verify, http: [], prometheus: [], workflows: [], reports: [] }
  return { ...environment, verify }
}

type Why = Pick<Extract<Stage, { readonly at: 'failed' }>, 'message' | 'evidence'> & { readonly now: Date }

/** It goes back to what was there before its first step. */
function aborted(promotion: Promotion, { message, evidence, now }: Why): Promotion {
  const revision = promotion.canary?.live?.revision as Extract<Stage, { readonly at: 'failed' }>['revision']
  const failed = { code: 'verify_failed', message, evidence, revision, rollback: undefined } as const
  return { ...promotion, stage: { at: 'failed', failedAt: now.toISOString(), ...failed } }
}

/** A step that a person closed, that nobody let through in time or that cannot be written ends it while a share of the traffic is its own: that must not stay for ever. */
export function abortedInstead(promotion: Promotion, now: Date): Promotion {
  const { stage, canary } = promotion
  if (canary?.live === undefined || (stage.at !== 'cancelled' && stage.at !== 'refused')) return promotion
  const why = stage.at === 'cancelled' ? stage.reason : stage.message
  return aborted(promotion, { message: `it did not go on from ${canary.live.share} %: ${why}`, evidence: [], now })
}

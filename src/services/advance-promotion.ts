/** reconcile() of an environment of a model: proposes what automation wants, and moves the active promotion one stage after the other until it has to wait. What follows its end: finish-promotion.ts. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { isActive, isMerged, type Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Subject } from '../domain/subject.ts'
import { abortedInstead, BETWEEN_MS, isBetweenSteps, lookBetween, mustNotGrow } from './advance-canary.ts'
import { awaitRelease } from './await-release.ts'
import type { Deps } from './deps.ts'
import { finishEnded, tellEnded } from './finish-promotion.ts'
import { followSync } from './follow-sync.ts'
import { closePullRequest } from './leave-pull-request.ts'
import { mergePromotion } from './merge-promotion.ts'
import { openPromotion } from './open-promotion.ts'
import { outlastOutage, withoutOutage } from './outlast-outage.ts'
import { contextOfCommand, knownTarget, type PromotionContext, type Target } from './promotion-context.ts'
import { soonest } from './promotion-patience.ts'
import { proposeByAutomation } from './propose-by-automation.ts'
import { publishPromotion } from './publish-promotion.ts'
import { takeUpLate } from './take-up-late.ts'
import { verifyRollout } from './verify-rollout.ts'

type EnvironmentSubject = Extract<Subject, { kind: 'environment' }>

export async function advancePromotion(subject: EnvironmentSubject, deps: Deps): Promise<void> {
  const found = await findTarget(subject, deps)
  if (found instanceof UserError) return advanceWithout(found, subject, deps)
  const again = soonest([await finishEnded(subject, found, deps), await takeUpLate(found, deps)])
  const starts = await proposeByAutomation(found, deps)
  const untold = await tellEnded(subject, found, deps)
  const active = (await deps.ledger.history(subject)).find(isActive)
  const wait = active === undefined ? undefined : await advanceActive(active, found, deps)
  // A subject has one timer.
  const next = soonest([again, wait, starts])
  if (next !== undefined) await deps.hints.wakeAt(subject, next)
  // Only now: what cannot be told must not keep a rollout from being watched.
  if (untold !== undefined) throw untold
}

async function findTarget(subject: EnvironmentSubject, deps: Deps): Promise<Target | UserError> {
  try {
    return await knownTarget(subject, deps)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

/**
 * The configuration cannot be read, or has the environment no more. What is merged is watched to its end by the settings
 * it was merged with; what is not has nowhere to go where its environment is gone, and waits where the file is only broken.
 */
async function advanceWithout(problem: UserError, subject: EnvironmentSubject, deps: Deps): Promise<void> {
  const history = await deps.ledger.history(subject)
  const kept = history.find(({ watch }) => watch !== undefined)?.watch
  const { repository, model, environment } = subject
  const target = kept && { key: { repository, model, environment }, ...kept }
  const again = target && soonest([await finishEnded(subject, target, deps), await takeUpLate(target, deps)])
  const isGone = problem.code === 'model_unknown' || problem.code === 'environment_unknown'
  const active = (await deps.ledger.history(subject)).find(isActive)
  if (isGone && active !== undefined && !isMerged(active))
    await deps.ledger.savePromotion(await refuse(active, problem, deps))
  const untold = await tellEnded(subject, target, deps)
  const watched = active !== undefined && isMerged(active) && target !== undefined
  const wait = watched ? await advanceActive(active, target, deps) : again
  if (wait !== undefined) await deps.hints.wakeAt(subject, wait)
  if (untold !== undefined) throw untold
  if (!isGone && !watched) throw problem
}

/** When to look again; undefined when an event or a hint will say. */
async function advanceActive(active: Promotion, target: Target, deps: Deps): Promise<Date | undefined> {
  const subject = { kind: 'environment', ...target.key } as const
  const { promotion, wait, rules } = await advance(active, target, deps)
  if (isActive(promotion)) {
    if (wait !== undefined) await deps.hints.wakeAt(subject, wait)
    await publishPromotion(promotion, { target, rules }, deps)
    return wait
  }
  await finishEnded(subject, target, deps)
  // Something may have queued behind it, or answers it; the next run also makes up for what is not told now.
  await deps.hints.hint(subject)
  const untold = await tellEnded(subject, target, deps)
  if (untold !== undefined) throw untold
  return undefined
}

type Stopped = {
  readonly promotion: Promotion
  readonly wait: Date | undefined
  readonly rules: readonly RuleVerdict[]
}

/** Each stage is saved before the next begins, so that a crash repeats at most one step; every step adopts what an interrupted one made. */
async function advance(active: Promotion, target: Target, deps: Deps): Promise<Stopped> {
  let current: Stopped = { promotion: active, wait: undefined, rules: [] }
  let opened = await contextOfCommand(active, deps)
  while (isActive(current.promotion) && current.wait === undefined) {
    const before = current.promotion
    const { step, context } = await saved({ current, opened }, target, deps)
    opened = context
    current = step
    if (step.promotion.stage.at === before.stage.at && isActive(step.promotion)) break
    deps.log.info({ promotion: before.id, from: before.stage.at, to: step.promotion.stage.at }, 'promotion advanced')
    if (step.promotion.stage.at === 'syncing')
      await publishPromotion(step.promotion, { target, rules: step.rules }, deps)
  }
  return current
}

/** One step, with what it came to in the ledger. What is being merged cannot be superseded meanwhile: it would be live and watched by nobody. */
async function saved(position: Position, target: Target, deps: Deps): Promise<Stepped> {
  const before = position.current.promotion
  const run = async (): Promise<Stepped> => {
    const { step, context } = await stepOrRefuse(position, target, deps)
    if (JSON.stringify(step.promotion) === JSON.stringify(before)) return { step, context }
    return { step: { ...step, promotion: await deps.ledger.savePromotion(watchedBy(target, step.promotion)) }, context }
  }
  return before.stage.at === 'opened' ? deps.ledger.undisturbed(before, run) : run()
}

/** From its merge on it is watched even when the configuration can be read no more. */
const watchedBy = ({ model, environment }: Target, promotion: Promotion): Promotion =>
  promotion.stage.at === 'syncing' ? { ...promotion, watch: { model, environment } } : promotion

type Position = { readonly current: Stopped; readonly opened: PromotionContext | undefined }
type Stepped = { readonly step: Stopped; readonly context: PromotionContext | undefined }

const UNREADABLE: ReadonlySet<string> = new Set(['config_invalid', 'config_missing'])

/**
 * A UserError ends a promotion that is not merged; one that is merged keeps watching, since what is live must be proven
 * or undone. Somebody's mistake that makes a configuration unreadable ends nothing: what is open waits until it is mended.
 */
async function stepOrRefuse(from: Position, target: Target, deps: Deps): Promise<Stepped> {
  const position = await watchedBetween(from, target, deps)
  const { current } = position
  if (!isActive(current.promotion)) return { step: current, context: undefined }
  try {
    return withoutOutage(await step(position, target, deps))
  } catch (error) {
    const { promotion } = position.current
    if (error instanceof SystemUnavailable) {
      const { wait, ...outlasted } = await outlastOutage(promotion, { error, target }, deps)
      return { step: { promotion: outlasted.promotion, wait, rules: [] }, context: undefined }
    }
    if (!(error instanceof UserError)) throw error
    const { code, message } = error
    const age = deps.clock.now().getTime() - Date.parse(promotion.createdAt)
    const mustGoOn = isMerged(promotion) && !isBetweenSteps(promotion)
    if (mustGoOn || (UNREADABLE.has(code) && age < GIVEN_UP_MS)) {
      deps.log.warn(
        { promotion: promotion.id, code, reason: message },
        'a promotion that has to go on could not be looked at',
      )
      const isUrgent = isMerged(promotion) || (promotion.kind === 'rollback' && age < URGENT_MS)
      const wait = new Date(deps.clock.now().getTime() + (isUrgent ? RETRY_MS : UNREADABLE_MS))
      return { step: { promotion, wait, rules: [] }, context: undefined }
    }
    const refused = abortedInstead(await refuse(promotion, error, deps), deps.clock.now())
    return { step: { promotion: refused, wait: undefined, rules: [] }, context: undefined }
  }
}

/** Refused for good, with the reason in words. */
async function refuse(promotion: Promotion, { code, message, hint }: UserError, deps: Deps): Promise<Promotion> {
  if (promotion.pullRequest !== undefined) await closePullRequest(promotion.pullRequest, deps)
  const stage = { at: 'refused', endedAt: deps.clock.now().toISOString(), code, message, hint } as const
  return { ...promotion, stage, edition: await editionNow(promotion, deps) }
}

const RETRY_MS = 30_000
/** The push that mends a configuration wakes what waits for it; this backs it up. */
const UNREADABLE_MS = 10 * 60_000
/** A rollback looks more often at first. */
const URGENT_MS = 30 * 60_000
/** Whatever is waited for: how long a promotion whose configuration nobody mends stays. */
const GIVEN_UP_MS = 14 * 24 * 3_600_000

/** An opening that was refused half way has saved that it had begun; nothing else may have happened to it. */
async function editionNow({ id, stage, edition }: Promotion, { ledger }: Deps): Promise<number | undefined> {
  const now = await ledger.promotion(id)
  return now?.stage.at === stage.at ? now.edition : edition
}

/** While the next step of a canary waits, the share that is live is watched first; also where that step cannot be looked at. */
async function watchedBetween(position: Position, target: Target, deps: Deps): Promise<Position> {
  const { current } = position
  if (!isBetweenSteps(current.promotion)) return position
  const promotion = await lookBetween(current.promotion, target, deps)
  return { ...position, current: { ...current, promotion } }
}

async function step(position: Position, target: Target, deps: Deps): Promise<Stepped> {
  const { current } = position
  const { promotion: watched } = current
  if (!isBetweenSteps(watched)) return takeStep(position, target, deps)
  const now = deps.clock.now()
  const again = new Date(now.getTime() + BETWEEN_MS)
  if (mustNotGrow(watched)) return { step: { ...current, wait: again }, context: position.opened }
  const taken = await takeStep(position, target, deps)
  const promotion = abortedInstead(taken.step.promotion, now)
  const { wait } = taken.step
  const isWaiting = isBetweenSteps(promotion) && promotion.stage.at === watched.stage.at
  const earlier = wait === undefined || again < wait ? again : wait
  return { ...taken, step: { ...taken.step, promotion, wait: isWaiting ? earlier : wait } }
}

async function takeStep({ current, opened }: Position, target: Target, deps: Deps): Promise<Stepped> {
  const { promotion } = current
  switch (promotion.stage.at) {
    case 'awaiting': {
      const { context, ...awaited } = await awaitRelease(promotion, deps)
      return { step: { ...awaited, rules: [] }, context }
    }
    case 'proposed': {
      const { promotion: next, context, wait, rules } = await openPromotion(promotion, deps, opened)
      return { step: { promotion: placed(next, context), wait, rules }, context }
    }
    case 'opened': {
      return { step: await mergePromotion(promotion, deps, opened), context: undefined }
    }
    case 'syncing':
      return { step: { ...(await followSync(promotion, target, deps)), rules: current.rules }, context: undefined }
    case 'verifying':
      return { step: { ...(await verifyRollout(promotion, target, deps)), rules: current.rules }, context: undefined }
    default:
      return { step: current, context: undefined }
  }
}

/** Where it was written is its place for good: another repository's rules have nothing to say about it. */
const placed = (promotion: Promotion, { environment }: PromotionContext): Promotion =>
  promotion.stage.at === 'opened' || promotion.stage.at === 'syncing'
    ? { ...promotion, into: promotion.into ?? environment.repository }
    : promotion

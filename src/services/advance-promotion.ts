/** reconcile() of an environment of a model: proposes what automation wants, and moves the active promotion one stage after the other until it has to wait. */
import { UserError } from '../domain/failure.ts'
import { type History, isActive, isMerged, type OpenedPullRequest, type Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import { answerFailure, settleVerified } from './end-promotion.ts'
import { followSync } from './follow-sync.ts'
import { mergePromotion } from './merge-promotion.ts'
import { openPromotion } from './open-promotion.ts'
import { knownTarget, type PromotionContext, type Target } from './promotion-context.ts'
import { proposeByAutomation } from './propose-by-automation.ts'
import { publishPromotion } from './publish-promotion.ts'
import { verifyRollout } from './verify-rollout.ts'

type EnvironmentSubject = Extract<Subject, { kind: 'environment' }>

export async function advancePromotion(subject: EnvironmentSubject, deps: Deps): Promise<void> {
  const target = await knownTarget(subject, deps)
  await finishEnded(subject, target, deps)
  await proposeByAutomation(target, deps)
  const history = await deps.ledger.history(subject)
  const active = history.find(isActive)
  if (active === undefined) return tellUnanswered(subject, target, deps)
  for (const replaced of replacedBy(active, history)) await publishPromotion(replaced, { target, rules: [] }, deps)
  const stopped = await advance(active, target, deps)
  if (stopped.wait !== undefined) await deps.hints.wakeAt(subject, stopped.wait)
  await publishPromotion(stopped.promotion, { target, rules: stopped.rules }, deps)
  if (isActive(stopped.promotion)) return
  await finishEnded(subject, target, deps)
  await wakeDownstream(stopped.promotion, target, deps)
  // Something may have queued behind it.
  await deps.hints.hint(subject)
}

/** Whose threads and commands have to hear that something else took their place; written once, since nothing changes any more. */
const replacedBy = ({ id }: Promotion, history: History): History =>
  history.filter(({ stage }) => stage.at === 'superseded' && stage.by === id)

type Stopped = {
  readonly promotion: Promotion
  readonly wait: Date | undefined
  readonly rules: readonly RuleVerdict[]
}

/** Each stage is saved before the next begins, so that a crash repeats at most one step; every step adopts what an interrupted one made. */
async function advance(active: Promotion, target: Target, deps: Deps): Promise<Stopped> {
  let current: Stopped = { promotion: active, wait: undefined, rules: [] }
  let opened: PromotionContext | undefined
  while (isActive(current.promotion) && current.wait === undefined) {
    const before = current.promotion
    const { step, context } = await stepOrRefuse({ current, opened }, target, deps)
    opened = context
    if (JSON.stringify(step.promotion) !== JSON.stringify(before)) await deps.ledger.savePromotion(step.promotion)
    current = step
    if (step.promotion.stage.at === before.stage.at && isActive(step.promotion)) break
    deps.log.info({ promotion: before.id, from: before.stage.at, to: step.promotion.stage.at }, 'promotion advanced')
    if (step.promotion.stage.at === 'syncing')
      await publishPromotion(step.promotion, { target, rules: step.rules }, deps)
  }
  return current
}

type Position = { readonly current: Stopped; readonly opened: PromotionContext | undefined }
type Stepped = { readonly step: Stopped; readonly context: PromotionContext | undefined }

/** A UserError ends a promotion that is not merged; one that is merged keeps watching, since what is live must be proven or undone. */
async function stepOrRefuse(position: Position, target: Target, deps: Deps): Promise<Stepped> {
  try {
    return await step(position, target, deps)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const { promotion } = position.current
    const { code, message, hint } = error
    if (isMerged(promotion)) {
      deps.log.warn({ promotion: promotion.id, code, reason: message }, 'a merged promotion could not be looked at')
      const wait = new Date(deps.clock.now().getTime() + RETRY_MS)
      return { step: { promotion, wait, rules: [] }, context: undefined }
    }
    if (promotion.pullRequest !== undefined) await closePullRequest(promotion.pullRequest, target, deps)
    const stage = { at: 'refused', endedAt: deps.clock.now().toISOString(), code, message, hint } as const
    return { step: { promotion: { ...promotion, stage }, wait: undefined, rules: [] }, context: undefined }
  }
}

const RETRY_MS = 30_000

/** What may not be merged any more must not lie there for GitHub or a person to merge. */
async function closePullRequest(pullRequest: OpenedPullRequest, target: Target, deps: Deps): Promise<void> {
  const [closed] = await deps.github.write(target.environment.repository, [
    { kind: 'close-pull-request', pullRequestId: pullRequest.id },
  ])
  if (closed?.ok === false)
    deps.log.warn(
      { pullRequest: pullRequest.url, reason: closed.message },
      'a promotion pull request could not be closed',
    )
}

async function step({ current, opened }: Position, target: Target, deps: Deps): Promise<Stepped> {
  const { promotion } = current
  switch (promotion.stage.at) {
    case 'proposed': {
      const { promotion: next, context, wait } = await openPromotion(promotion, deps)
      return { step: { promotion: next, wait, rules: [] }, context }
    }
    case 'opened': {
      const merging = await mergePromotion(promotion, deps, opened)
      return { step: merging, context: undefined }
    }
    case 'syncing':
      return { step: { ...(await followSync(promotion, target, deps)), rules: current.rules }, context: undefined }
    case 'verifying':
      return { step: { ...(await verifyRollout(promotion, target, deps)), rules: current.rules }, context: undefined }
    default:
      return { step: current, context: undefined }
  }
}

/** The after-effects of the newest ended promotion, each safe to repeat: alias, hold, automatic rollback. */
async function finishEnded(subject: EnvironmentSubject, target: Target, deps: Deps): Promise<void> {
  const history = await deps.ledger.history(subject)
  const newest = history[0]
  if (newest?.stage.at === 'verified' && newest.stage.alias === undefined) {
    const settled = await settleVerified(newest, target, deps)
    if (settled === newest) return
    await deps.ledger.savePromotion(settled)
    await publishPromotion(settled, { target, rules: [] }, deps)
  }
  if (newest?.stage.at === 'failed' && newest.stage.rollback === undefined) {
    const rollback = await answerFailure(newest, history, { target, deps })
    const answered: Promotion = { ...newest, stage: { ...newest.stage, rollback: rollback?.id ?? 'none' } }
    if (rollback === undefined) await deps.ledger.savePromotion(answered)
    else await deps.ledger.propose(rollback, answered)
    await publishPromotion(answered, { target, rules: [] }, deps)
  }
}

/** A promotion can end before its command is recorded as its cause: the reply is then owed. */
async function tellUnanswered(subject: EnvironmentSubject, target: Target, deps: Deps): Promise<void> {
  const newest = (await deps.ledger.history(subject))[0]
  if (newest?.asked === undefined) return
  const command = await deps.ledger.command(newest.asked.repository, newest.asked.commentId)
  if (command?.state === 'running') await publishPromotion(newest, { target, rules: [] }, deps)
}

/** Environments that come after this one may go on. */
async function wakeDownstream(ended: Promotion, target: Target, { hints }: Deps): Promise<void> {
  if (ended.stage.at !== 'verified') return
  const { repository, model } = target.key
  for (const environment of target.model.environments) {
    if (environment !== ended.environment) await hints.hint({ kind: 'environment', repository, model, environment })
  }
}

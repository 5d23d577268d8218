/** What follows once a promotion has ended: alias, hold and automatic rollback, and that everybody is told. Every run of its environment makes up for what an earlier one did not get done. */
import { SystemUnavailable } from '../domain/failure.ts'
import {
  type EnvironmentKey,
  type History,
  isActive,
  livePromotion,
  type Promotion,
  reachedGit,
} from '../domain/promotion.ts'
import { answerFailures } from './answer-failure.ts'
import type { Deps } from './deps.ts'
import { settleIncidents } from './open-incident.ts'
import type { Target } from './promotion-context.ts'
import { publishPromotion } from './publish-promotion.ts'
import { publishThread } from './publish-thread.ts'
import { settleAlias } from './settle-alias.ts'
import { tellIncidents } from './tell-incident.ts'

const RETRY_MS = 60_000

/** Alias, hold, automatic rollback; each safe to repeat. Gives when to try again what did not work now. */
export async function finishEnded(key: EnvironmentKey, target: Target, deps: Deps): Promise<Date | undefined> {
  await answerFailures(key, target, deps)
  await settleIncidents(key, deps)
  const history = await deps.ledger.history(key)
  // A rollback waits for nothing but GitHub, also not for a registry that is slow to say that it is away.
  if (history.some((promotion) => isActive(promotion) && promotion.kind === 'rollback')) return undefined
  return settleLive(history, target, deps)
}

/** The alias belongs to what is live, whatever was refused or cancelled since. An MLflow that is away holds up nothing else. */
async function settleLive(history: History, target: Target, deps: Deps): Promise<Date | undefined> {
  const live = livePromotion(history)
  if (live === undefined) return undefined
  try {
    const { promotion, again } = await settleAlias(live, { history, target }, deps)
    if (promotion !== live) await deps.ledger.savePromotion(promotion)
    return again
  } catch (error) {
    if (!(error instanceof SystemUnavailable)) throw error
    deps.log.warn({ promotion: live.id, reason: error.message }, 'the alias could not be moved; it will be tried again')
    return new Date(deps.clock.now().getTime() + RETRY_MS)
  }
}

/** Tells of what has ended since; gives the first thing that went wrong, for the run to be repeated. Costs GitHub nothing when there is nothing to tell. */
export async function tellEnded(key: EnvironmentKey, target: Target | undefined, deps: Deps): Promise<unknown> {
  let failure: unknown
  for (const promotion of await deps.ledger.untoldPromotions(key)) {
    try {
      await wakeOthers(promotion, target, deps)
      await tellReplaced(promotion, target, deps)
      await publishPromotion(promotion, { target, rules: [] }, deps)
      await tellIncidents(promotion, deps)
      await deps.ledger.markTold(promotion)
      woken.get(deps.clock)?.delete(outcomeOf(promotion))
    } catch (error) {
      failure ??= error
    }
  }
  return failure
}

/** How many threads are told that something else is live now: of the one before, and of what was rolled back meanwhile. */
const TOLD_THREADS = 3

/** Where heads of pull requests come and go, the ones that were there before hear what took their place; and who closed a pull request meanwhile is offered the way back. */
async function tellReplaced(ended: Promotion, target: Target | undefined, deps: Deps): Promise<void> {
  if (ended.stage.at !== 'verified' || target?.environment.from !== 'pull_request') return
  const { repository, thread } = ended
  const verified = (await deps.ledger.history(ended)).filter(({ stage }) => stage.at === 'verified')
  const threads = new Set(verified.flatMap((one) => (one.thread === undefined ? [] : [one.thread])))
  threads.delete(thread ?? 0)
  for (const other of [...threads].slice(0, TOLD_THREADS)) await publishThread(repository, other, deps)
  if (thread !== undefined) await deps.hints.hint({ kind: 'pull-request', repository, number: thread })
}

/** By whose end others were woken. Two environments that cannot tell theirs would wake each other without end. */
const woken = new WeakMap<Deps['clock'], Set<string>>()

const outcomeOf = ({ id, stage }: Promotion): string => `${id} ${stage.at}`

/** Environments that come after this one may go on, or must not: what went bad here ends on its way there. Once, however often telling of it fails; and again after a restart. */
async function wakeOthers(ended: Promotion, target: Target | undefined, { hints, clock }: Deps): Promise<void> {
  if (!reachedGit(ended) || target === undefined) return
  const known = woken.get(clock) ?? new Set()
  if (known.has(outcomeOf(ended))) return
  const { repository, model } = target.key
  for (const environment of target.model.environments) {
    if (environment !== ended.environment) await hints.hint({ kind: 'environment', repository, model, environment })
  }
  woken.set(clock, known.add(outcomeOf(ended)))
}

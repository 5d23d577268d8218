/** What follows a rollout that was not verified: the hold, then the way back, which takes the place of whatever is not merged. The rule is src/domain/answered-failure.ts. */
import { answerFailure } from '../domain/answered-failure.ts'
import { holdId } from '../domain/hold.ts'
import type { EnvironmentKey, Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { type HoldOfRollback, placeHold } from './place-hold.ts'
import type { Target } from './promotion-context.ts'

/** Who is named as holder of a hold that no person set. */
const AUTOMATIC = 'Lockkeeper'

/** Needs the ledger and nothing else. Safe to repeat after every step: the hold and the rollback are known by their cause. */
export async function answerFailures(key: EnvironmentKey, { environment }: Target, deps: Deps): Promise<void> {
  const { ledger } = deps
  const settings = { mode: environment.rollback, into: environment.repository }
  const answer = answerFailure(await ledger.history(key), settings)
  if (answer === undefined) return
  const { failed, isHeld, rollback, gives } = answer
  if (isHeld) await placeHold(holdForFailure(failed), deps)
  if (rollback !== undefined) await propose(rollback, gives, deps)
  await ledger.savePromotion(failed)
}

/** What a failed promotion is held by; the same from the same promotion, also when that comes from a rebuild. */
export function holdForFailure(failed: Promotion): HoldOfRollback {
  const { repository, model, environment, label, stage } = failed
  if (stage.at !== 'failed') throw new Error('only a failed promotion is answered')
  return {
    ...{ repository, model, environment },
    by: AUTOMATIC,
    reason: `${label} failed: ${stage.message}`,
    since: new Date(stage.failedAt),
    cause: causeOfHold(failed),
  }
}

/** What is lifted stays lifted: a promotion that fails once more, after all that it was held for, is another cause. */
const causeOfHold = ({ id, late }: Promotion): string => (late === undefined ? `failure ${id}` : `late failure ${id}`)

/** The hold for a promotion that was not applied in time ends when it is applied after all: from then on it is proven, or answered like any other. What a rollback leaves behind stays. */
export async function liftHoldFor(late: Promotion, { ledger, clock }: Deps): Promise<void> {
  const { repository, model, environment, kind } = late
  if (kind === 'rollback') return
  const own = holdId({ repository, model, environment }, 'rollback', `failure ${late.id}`)
  const hold = (await ledger.holds([repository])).find(({ id }) => id === own)
  if (hold === undefined) return
  await ledger.liftHold(hold, { by: AUTOMATIC, cause: `late ${late.id}`, at: clock.now() })
}

/** Throws where something began in that moment: the run is repeated, and takes its place. */
async function propose(rollback: Promotion, gives: Promotion | undefined, { ledger }: Deps): Promise<void> {
  // Its pull request is taken over where it is.
  const proposal: Promotion = gives?.ownBranch === true ? { ...rollback, ownBranch: true } : rollback
  const answer = await ledger.propose(proposal, gives && givenWay(gives, rollback))
  if (answer === 'busy') throw new Error('a promotion began before the rollback that answers a failure')
}

const givenWay = (gives: Promotion, rollback: Promotion): Promotion => ({
  ...gives,
  stage: { at: 'superseded', endedAt: rollback.createdAt, by: rollback.id, label: rollback.label, wasMerged: false },
})

/** What follows a rollout that was not verified: the hold, then the way back, which takes the place of whatever is not merged. The rule is src/domain/answered-failure.ts. */
import { answerFailure } from '../domain/answered-failure.ts'
import type { EnvironmentKey, Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { placeHold } from './place-hold.ts'
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
  if (isHeld) await holdFor(failed, deps)
  if (rollback !== undefined) await propose(rollback, gives, deps)
  await ledger.savePromotion(failed)
}

async function holdFor(failed: Promotion, deps: Deps): Promise<void> {
  const { repository, model, environment, label, stage } = failed
  if (stage.at !== 'failed') throw new Error('only a failed promotion is answered')
  await placeHold(
    {
      ...{ repository, model, environment },
      by: AUTOMATIC,
      reason: `${label} failed: ${stage.message}`,
      since: new Date(stage.failedAt),
      cause: `failure ${failed.id}`,
    },
    deps,
  )
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

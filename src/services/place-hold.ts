/** The hold that a rollback and a failed promotion leave behind: until somebody lifts it. A person's lock is another one, which it does not touch (hold-environment.ts). */
import { type Hold, holdId } from '../domain/hold.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'

export type HoldOfRollback = EnvironmentKey &
  Pick<Hold, 'by' | 'reason' | 'since'> & {
    /** What it follows from. A second time for the same cause changes nothing, also when it was lifted since. */
    readonly cause: string
  }

export async function placeHold(
  { repository, environment, model, by, reason, since, cause }: HoldOfRollback,
  { ledger, clock }: Pick<Deps, 'ledger' | 'clock'>,
): Promise<Hold> {
  const scope = { repository, environment, model }
  const id = holdId(scope, 'rollback', cause)
  const hold: Hold = { ...scope, id, kind: 'rollback', by, reason, since, until: undefined, confinedTo: undefined }
  const placing = await ledger.placeHold(hold, clock.now())
  return placing.hold
}

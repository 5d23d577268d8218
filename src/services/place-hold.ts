/** The hold that a rollback and a failed promotion leave behind: until somebody lifts it. A person's lock is another one, which it does not touch (hold-environment.ts). */
import { type Hold, holdId } from '../domain/hold.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'

export type HoldOfRollback = EnvironmentKey &
  Pick<Hold, 'by' | 'reason' | 'since'> & {
    /** What it follows from. A second time for the same cause changes nothing, also when it was lifted since. */
    readonly cause: string
  }

/** The hold itself; its id is that of its cause. */
export function rollbackHold({ repository, environment, model, by, reason, since, cause }: HoldOfRollback): Hold {
  const scope = { repository, environment, model }
  const id = holdId(scope, 'rollback', cause)
  return { ...scope, id, kind: 'rollback', by, reason, since, until: undefined, confinedTo: undefined }
}

/** Gives it as it stands. */
export async function placeHold(
  wanted: HoldOfRollback,
  { ledger, clock }: Pick<Deps, 'ledger' | 'clock'>,
): Promise<Hold> {
  return (await ledger.placeHold(rollbackHold(wanted), clock.now())).hold
}

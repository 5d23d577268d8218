/**
 * What a run stands on: that its job is still this process's, and that the locks it took are still held. A process that was frozen, or whose
 * connection broke, wakes up in the middle of work that another replica has taken over: it asks here before it writes, in database.ts and bot.ts.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { SystemUnavailable } from '../domain/failure.ts'

/** Asks the database; false: it is somebody else's now. Rejects when nobody can tell. */
export type Claim = () => Promise<boolean>

const standing = new AsyncLocalStorage<readonly Claim[]>()

/** Runs what `stillOurs` is to refuse once `claim` is lost, besides what this run stands on already. */
export function underClaim<Result>(claim: Claim, run: () => Promise<Result>): Promise<Result> {
  return standing.run([...(standing.getStore() ?? []), claim], run)
}

/** Throws SystemUnavailable where the run that asks has lost what it stands on; of others nothing is asked. */
export async function stillOurs(): Promise<void> {
  for (const claim of standing.getStore() ?? []) {
    if (!(await claim()))
      throw new SystemUnavailable(
        'the database',
        'this run was taken over by another replica, and writes nothing more',
        {
          retryAfterSeconds: 1,
        },
      )
  }
}

const MOST_QUESTIONS = 3

/** The claim without asking again for so long after a yes: of two instants by whichever clock says more has passed, since one stands still in a suspended machine. */
export function remembered(claim: Claim, milliseconds: number): Claim {
  let steady = Number.NEGATIVE_INFINITY
  let wall = Number.NEGATIVE_INFINITY
  const isFresh = () => Math.max(performance.now() - steady, Date.now() - wall) < milliseconds
  return async () => {
    // Again where the answer itself has come too late, though not for ever: a database as slow as that cannot tell.
    for (let asked = 0; !isFresh(); asked += 1) {
      const at = { steady: performance.now(), wall: Date.now() }
      if (asked === MOST_QUESTIONS || !(await claim())) return false
      steady = at.steady
      wall = at.wall
    }
    return true
  }
}

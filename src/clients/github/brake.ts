/** The common brake of one installation (or of the App): a limit that one job met holds for all. call.ts asks it before every request. */
import { SystemUnavailable } from '../../domain/failure.ts'
import type { Clock } from '../../services/ports.ts'

export type Brake = {
  /** Nothing is sent for so many seconds from now; a shorter hold does not end a longer one. */
  hold(seconds: number): void
  /** Throws SystemUnavailable with the rest of the time while it holds. */
  check(what: string): void
}

export function createBrake(clock: Clock): Brake {
  let notBefore = 0
  return {
    hold: (seconds) => {
      notBefore = Math.max(notBefore, clock.now().getTime() + seconds * 1000)
    },
    check: (what) => {
      const rest = Math.ceil((notBefore - clock.now().getTime()) / 1000)
      if (rest > 0)
        throw new SystemUnavailable('GitHub', `not asked for ${what}: a limit holds for another ${rest} s`, {
          retryAfterSeconds: rest,
        })
    },
  }
}

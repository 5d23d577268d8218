/** Time in the open demo: while a rollout is watched it passes in small steps, since the bot believes only what it saw; else it jumps. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MODELS, type World } from '../world/index.ts'

export type TimeLapse = {
  /** Adds to what shall pass. */
  pass(milliseconds: number): void
  stop(): void
}

const STEP_MS = 2 * 60_000
/** A reader should see that time passes. */
const PAUSE_MS = 300

/** `settle` waits until everybody has done what there was to do at that time. */
export function createTimeLapse(world: World, settle: () => Promise<void>): TimeLapse {
  let left = 0
  let running = false
  const run = async () => {
    running = true
    while (left > 0) {
      const isWatched = world.github
        .deployments(MODELS)
        .some(({ statuses }) => statuses.at(-1)?.state === 'in_progress')
      const passes = isWatched ? Math.min(STEP_MS, left) : left
      left -= passes
      world.clock.advance(passes)
      // A reader may do something meanwhile: then it never settles, and time must pass all the same.
      await Promise.all([settle().catch(() => undefined), sleep(PAUSE_MS)])
    }
    running = false
  }
  return {
    pass: (milliseconds) => {
      left += milliseconds
      if (!running) void run()
    },
    stop: () => {
      left = 0
    },
  }
}

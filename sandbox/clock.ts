/** The sandbox's clock: machine time plus an offset that a story moves forward. Credentials (JWT, tokens) stay on machine time. */

export type SandboxClock = {
  now(): Date
  /** Milliseconds that the clock is ahead of the machine. */
  readonly offsetMs: number
  /** Moves the clock forward. */
  advance(milliseconds: number): void
  /** Sets the clock to an instant. */
  set(instant: Date): void
  /** Calls back after each move; returns the function that stops it. */
  onMove(listener: () => void): () => void
}

/** A clock that starts at `start` (default: machine time) and runs at the machine's pace. */
export function createClock(start: Date = new Date()): SandboxClock {
  let offsetMs = start.getTime() - Date.now()
  const listeners = new Set<() => void>()
  const move = (milliseconds: number) => {
    offsetMs = milliseconds
    for (const listener of listeners) listener()
  }
  return {
    now: () => new Date(Date.now() + offsetMs),
    get offsetMs() {
      return offsetMs
    },
    advance: (milliseconds) => move(offsetMs + milliseconds),
    set: (instant) => move(instant.getTime() - Date.now()),
    onMove: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Given to the bot by `--import`: what it waits for an answer is a quarter as long, so that a system that never answers costs a test seconds. Used by fault-run.ts. */
const whole = AbortSignal.timeout.bind(AbortSignal)
/** A busy machine answers slower than a calm one; what is given up must not be done later. */
const SHORTEST_MS = 4000

AbortSignal.timeout = (milliseconds) => whole(Math.min(milliseconds, Math.max(SHORTEST_MS, milliseconds / 4)))

/** How urgent work is when not all of it can be done at once. Orders the queue (src/store/queue.ts) and what is left of GitHub's limits (clients/github/rate-budget.ts). */
import type { RepoName } from './ids.ts'
import type { Subject } from './subject.ts'

/** From the most urgent: somebody waits for an answer; a promotion is on its way; something is to be compared; what is looked for by itself. */
export type Priority = 'command' | 'rollout' | 'comparison' | 'sweep'

/** On whose account something is asked. `repository` undefined: nobody's. */
export type Work = { readonly priority: Priority; readonly repository: RepoName | undefined }

/** The work that reconcile() of this subject is. */
export function workOf(subject: Subject): Work {
  switch (subject.kind) {
    case 'command':
      return { priority: 'command', repository: subject.repository }
    case 'environment':
      return { priority: 'rollout', repository: subject.repository }
    case 'sweep':
      return { priority: 'sweep', repository: undefined }
    default:
      return { priority: 'comparison', repository: subject.repository }
  }
}

/** People who wait go before all. A rollout goes before whatever its repository has a backlog of, since each kind of work has its own. */
const HEAD_START: Readonly<Record<Priority, number>> = { command: 200, rollout: 0, comparison: 0, sweep: 0 }
/** A backlog is thought to shrink by so many runs a second. */
const RUNS_A_SECOND = 5
/** Farther back nobody is sent: the queue's order among them is that of their arrival. */
const LAST_PLACE = 100
/** Whoever has no backlog is as good as one that was never heard of. */
const REMEMBERED = 1000

export type QueuePlaces = {
  /** The place of one more run in the queue: higher runs first, equal ones in the order of their arrival. */
  next(work: Work, now: Date): number
}

type Backlog = { readonly count: number; readonly at: number }

/**
 * Takes turns between repositories: the n-th run that one of them has waiting stands behind the n-th of every other. How many wait is
 * not asked but estimated: each run adds one, and time takes some away. As long as none brings more than is worked off, all stand equal.
 */
export function createQueuePlaces(): QueuePlaces {
  const backlogs = new Map<string, Backlog>()
  return {
    next: ({ priority, repository }, now) => {
      const key = `${priority} ${repository ?? ''}`
      const at = now.getTime()
      const before = Math.min(LAST_PLACE, restOf(backlogs.get(key), at))
      backlogs.delete(key)
      backlogs.set(key, { count: before + 1, at })
      const [oldest] = backlogs.keys()
      if (backlogs.size > REMEMBERED && oldest !== undefined) backlogs.delete(oldest)
      return HEAD_START[priority] - Math.floor(before)
    },
  }
}

function restOf(backlog: Backlog | undefined, now: number): number {
  if (backlog === undefined) return 0
  const seconds = Math.max(0, now - backlog.at) / 1000
  return Math.max(0, backlog.count - seconds * RUNS_A_SECOND)
}

/** Who sends next: requests of one installation by urgency, its repositories in turn. What is allowed is rate-budget.ts's; call.ts asks before every request. */
import { Deferred } from '../../domain/failure.ts'
import type { Priority, Work } from '../../domain/work-priority.ts'
import type { Clock } from '../../services/ports.ts'
import { type Cost, createRateBudget, type Obstacle, type RateFacts, type Verdict } from './rate-budget.ts'

export type Turns = {
  /** Resolves when it may be sent. Throws Deferred where that takes longer than a moment: a job waits in the queue and not in a worker. */
  take(request: { readonly what: string; readonly cost: Cost; readonly work: Work }): Promise<Turn>
  heard(facts: RateFacts): void
  /** GitHub wants nothing for so many seconds. */
  hold(seconds: number): void
}

/** Must be ended, with whether an answer came. */
export type Turn = { end(how: { readonly answered: boolean }): void }

/** As long as a worker waits for room that comes by itself. */
const PATIENCE_MS = 2000
const LONGEST_NAP_MS = 1000
const URGENCY: Readonly<Record<Priority, number>> = { command: 0, rollout: 1, comparison: 2, sweep: 3 }

type Waiting = {
  readonly what: string
  readonly cost: Cost
  readonly work: Work
  /** Of the machine's own clock. */
  readonly since: number
  readonly resolve: (turn: Turn) => void
  readonly reject: (error: Error) => void
}

type Refusal = Extract<Verdict, { readonly go: false }>

/** The turns of one installation (or of the App). */
export function createTurns(clock: Clock): Turns {
  const budget = createRateBudget()
  const inTurn = createRotation()
  let waiting: readonly Waiting[] = []
  let timer: NodeJS.Timeout | undefined
  const now = () => clock.now().getTime()
  const leave = (each: Waiting) => {
    waiting = waiting.filter((other) => other !== each)
  }
  const start = (each: Waiting) => {
    leave(each)
    inTurn.served(each)
    const ticket = budget.begin(each.cost, each.work, now())
    const end = ({ answered }: { readonly answered: boolean }) => {
      budget.end(ticket, { now: now(), answered })
      pump()
    }
    each.resolve({ end })
  }
  const refuse = (each: Waiting, refusal: Refusal) => {
    leave(each)
    each.reject(deferredBy(refusal, each.what, clock.now()))
  }
  /** Everybody who may go goes. Room that a more urgent one waits for is not taken by one that needs less of it. */
  const pump = (): void => {
    clearTimeout(timer)
    const scarce = new Set<Obstacle>()
    let again = Number.POSITIVE_INFINITY
    for (const each of inTurn.order(waiting)) {
      const verdict = budget.judge(each.cost, each.work, now())
      if (verdict.go && !needs(each.cost, scarce)) start(each)
      if (verdict.go) continue
      const isPatient = verdict.until - now() <= PATIENCE_MS && performance.now() - each.since < PATIENCE_MS
      if (!isPatient) refuse(each, verdict)
      else {
        scarce.add(verdict.because)
        again = Math.min(again, verdict.until)
      }
    }
    if (again < Number.POSITIVE_INFINITY)
      timer = setTimeout(pump, Math.min(LONGEST_NAP_MS, Math.max(10, again - now())))
  }
  return {
    take: (request) =>
      new Promise((resolve, reject) => {
        waiting = [...waiting, { ...request, since: performance.now(), resolve, reject }]
        pump()
      }),
    heard: (facts) => budget.heard(facts, now()),
    hold: (seconds) => budget.hold(now() + seconds * 1000),
  }
}

const needs = ({ creations }: Cost, scarce: ReadonlySet<Obstacle>): boolean =>
  creations > 0 ? scarce.size > 0 : [...scarce].some((each) => each !== 'creations')

type Rotation = {
  /** The most urgent first; of equals the repository that was served longest ago; of one repository whoever came first. */
  order(waiting: readonly Waiting[]): Iterable<Waiting>
  served(each: Waiting): void
}

function createRotation(): Rotation {
  const last = new Map<string, number>()
  let count = 0
  const servedAt = ({ work }: Waiting): number => last.get(work.repository ?? '') ?? 0
  return {
    // Looked up anew for each: serving one changes the order of the rest.
    order: function* (waiting) {
      let rest = waiting
      while (rest.length > 0) {
        const [next] = rest.toSorted(
          (a, b) => URGENCY[a.work.priority] - URGENCY[b.work.priority] || servedAt(a) - servedAt(b),
        )
        if (next === undefined) return
        rest = rest.filter((each) => each !== next)
        yield next
      }
    },
    served: ({ work }) => {
      count += 1
      last.set(work.repository ?? '', count)
    },
  }
}

function deferredBy({ because, until, left }: Refusal, what: string, now: Date): Deferred {
  const at = new Date(until)
  const seconds = Math.max(1, Math.ceil((until - now.getTime()) / 1000))
  const rest = left === undefined ? '' : ` (${left.remaining} of ${left.limit} requests left)`
  return new Deferred('GitHub', `not asked for ${what}: ${REASONS[because]} for another ${seconds} s${rest}`, {
    until: at,
    now,
  })
}

const REASONS: Readonly<Record<Obstacle, string>> = {
  hold: 'a limit holds',
  limit: "this hour's limit is used up, and holds",
  reserve: 'what is left of the limit is kept for commands and rollouts,',
  share: 'what is left of the limit is kept for other repositories,',
  concurrency: 'too many requests are under way: the limit holds',
  points: "this minute's limit of requests holds",
  creations: 'the limit of comments, checks and pull requests that are made holds',
  processing: "the limit of GitHub's processing time holds",
}

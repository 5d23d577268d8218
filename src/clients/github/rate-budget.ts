/**
 * What one installation may still ask of GitHub, and who may ask it: the hourly limit as GitHub's answers tell it, and the secondary limits, which
 * no answer tells. Knows no clock and no network; turns.ts asks it, and lets wait. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import type { Work } from '../../domain/work-priority.ts'
import { createWindow, type Window } from './sliding-window.ts'

/** The two kinds of requests that GitHub counts apart. */
export type Resource = 'core' | 'graphql'

/** One request before it is sent. `points` are the secondary limit's; `creations` are comments, checks, pull requests… that it makes. */
export type Cost = {
  readonly resource: Resource
  readonly isWrite: boolean
  readonly points: number
  readonly creations: number
}

/** What an answer says of the hourly limit. `resetAt` is in milliseconds by our clock. */
export type RateFacts = {
  readonly resource: Resource
  readonly limit: number
  readonly remaining: number
  readonly used: number
  readonly resetAt: number
}

/** `reserve`: what is left is kept for more urgent work. `share`: what is left is kept for other repositories. */
export type Obstacle = 'hold' | 'limit' | 'reserve' | 'share' | 'concurrency' | 'points' | 'creations' | 'processing'

export type Verdict =
  | { readonly go: true }
  | { readonly go: false; readonly because: Obstacle; readonly until: number; readonly left?: RateFacts | undefined }

/** A request that is under way. */
export type Ticket = { readonly cost: Cost; readonly work: Work; readonly begunAt: number }

export type RateBudget = {
  /** Whether it may be sent now; else why not, and when to ask again. */
  judge(cost: Cost, work: Work, now: number): Verdict
  begin(cost: Cost, work: Work, now: number): Ticket
  /** `answered` false: it broke on the way, so that its duration says nothing about GitHub. */
  end(ticket: Ticket, how: { readonly now: number; readonly answered: boolean }): void
  heard(facts: RateFacts, now: number): void
  /** Nothing is sent before `until`: GitHub said so. A shorter hold does not end a longer one. */
  hold(until: number): void
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** GitHub's secondary limits. */
const CONCURRENT = 100
const POINTS_A_MINUTE: Readonly<Record<Resource, number>> = { core: 900, graphql: 2000 }
const CREATIONS_A_MINUTE = 80
const CREATIONS_AN_HOUR = 500
/** Milliseconds of GitHub's own time in a minute: 90 s of which 60 s may be GraphQL's, nearly all that is asked here. */
const PROCESSING_A_MINUTE = 60_000
/** GitHub gives up after ten seconds. */
const LONGEST_PROCESSING = 10_000

/** Which part of the hourly limit each leaves to those before it. What was begun may be written down although no more of its kind may begin. */
const RESERVED: Readonly<Record<Work['priority'], { readonly read: number; readonly write: number }>> = {
  command: { read: 0, write: 0 },
  rollout: { read: 0.02, write: 0.02 },
  comparison: { read: 0.2, write: 0.1 },
  sweep: { read: 0.3, write: 0.3 },
}
/** What a repository that took more than half of everything leaves to the others, once it took so much. */
const SHARED = 0.1

/** A secondary limit is the whole installation's: with other replicas, each takes a third. */
const WITH_OTHERS = 1 / 3
/** So much of GitHub's count must be somebody else's; less may be ours, where a query costs more than one point. */
const NOT_OURS = 20
const OTHERS_REMEMBERED = 10 * MINUTE
/** What is under way ends soon, but nobody knows when. */
const SOON = 50
/** GitHub names the end of its hour in whole seconds, and so does its clock. */
const SAME_HOUR = 5000

/** Of one resource. `uncounted`: what we sent since, and GitHub has not answered. */
type Hourly = { facts: RateFacts | undefined; uncounted: number; sentSince: number; byRepository: Map<string, number> }

/** The budget of one installation, of which nothing is known yet. Servers that tell of no limit (GitHub Enterprise Server by default) have none. */
export function createRateBudget(): RateBudget {
  const hourly: Record<Resource, Hourly> = { core: unknown(), graphql: unknown() }
  const windows = {
    concurrency: createWindow(0, CONCURRENT),
    core: createWindow(MINUTE, POINTS_A_MINUTE.core),
    graphql: createWindow(MINUTE, POINTS_A_MINUTE.graphql),
    minute: createWindow(MINUTE, CREATIONS_A_MINUTE),
    hour: createWindow(HOUR, CREATIONS_AN_HOUR),
    processing: createWindow(MINUTE, PROCESSING_A_MINUTE),
  }
  let heldUntil = Number.NEGATIVE_INFINITY
  let othersUntil = Number.NEGATIVE_INFINITY
  let fastest = Number.POSITIVE_INFINITY

  const demands = ({ resource, points, creations }: Cost): readonly Demand[] => [
    { because: 'concurrency', window: windows.concurrency, amount: 1 },
    { because: 'points', window: windows[resource], amount: points },
    { because: 'creations', window: windows.minute, amount: creations },
    { because: 'creations', window: windows.hour, amount: creations },
  ]
  const secondary = (cost: Cost, now: number): Verdict => {
    const share = now < othersUntil ? WITH_OTHERS : 1
    const processing: Demand = { because: 'processing', window: windows.processing, amount: 0 }
    for (const { because, window, amount } of [...demands(cost), processing]) {
      const until = window.roomAt(amount, { share, now })
      if (until !== undefined) return { go: false, because, until: Math.max(until, now + SOON) }
    }
    return { go: true }
  }
  return {
    judge: (cost, work, now) => {
      if (now < heldUntil) return { go: false, because: 'hold', until: heldUntil }
      // A server that tells no limit has none.
      if (hourly.core.facts === undefined && hourly.graphql.facts === undefined) return { go: true }
      const primary = judgeHourly(hourly[cost.resource], { cost, work, now })
      return primary.go ? secondary(cost, now) : primary
    },
    begin: (cost, work, now) => {
      for (const { window, amount } of demands(cost)) window.open(amount)
      hourly[cost.resource].uncounted += 1
      return { cost, work, begunAt: now }
    },
    end: ({ cost, work, begunAt }, { now, answered }) => {
      for (const { window, amount } of demands(cost)) window.close(amount, now)
      count(hourly[cost.resource], work)
      if (!answered) return
      // The way there and back is no time of GitHub's: what the fastest answer took is taken for it.
      const took = Math.max(0, now - begunAt)
      fastest = Math.min(fastest, took)
      windows.processing.add(Math.min(LONGEST_PROCESSING, took - fastest), now)
    },
    heard: (facts, now) => {
      if (learn(hourly[facts.resource], facts, now) === 'others') othersUntil = now + OTHERS_REMEMBERED
    },
    hold: (until) => {
      heldUntil = Math.max(heldUntil, until)
    },
  }
}

type Demand = { readonly because: Obstacle; readonly window: Window; readonly amount: number }

const unknown = (): Hourly => ({ facts: undefined, uncounted: 0, sentSince: 0, byRepository: new Map() })

type Asked = { readonly cost: Cost; readonly work: Work; readonly now: number }

function judgeHourly(hourly: Hourly, { cost, work, now }: Asked): Verdict {
  const { facts } = hourly
  // Its hour is over: there is a new one, which nothing was heard of yet.
  if (facts === undefined || now >= facts.resetAt) return { go: true }
  const left = facts.remaining - hourly.uncounted
  const refuse = (because: Obstacle): Verdict => ({ go: false, because, until: facts.resetAt, left: facts })
  if (left < 1) return refuse('limit')
  const reserved = facts.limit * RESERVED[work.priority][cost.isWrite ? 'write' : 'read']
  if (left <= reserved) return refuse('reserve')
  const isPatient = work.priority === 'comparison' || work.priority === 'sweep'
  if (isPatient && left <= reserved + facts.limit * SHARED && tookMost(hourly, work, facts.limit))
    return refuse('share')
  return { go: true }
}

function tookMost({ byRepository }: Hourly, { repository }: Work, limit: number): boolean {
  const own = byRepository.get(repository ?? '') ?? 0
  const all = [...byRepository.values()].reduce((sum, each) => sum + each, 0)
  return own > limit * SHARED && own > all / 2
}

/** It was answered, or never will be. */
function count(hourly: Hourly, { repository }: Work): void {
  hourly.uncounted -= 1
  hourly.sentSince += 1
  const key = repository ?? ''
  hourly.byRepository.set(key, (hourly.byRepository.get(key) ?? 0) + 1)
}

/** Answers overtake each other: of one hour the lowest number counts. `others`: more was used than was sent from here. */
function learn(hourly: Hourly, facts: RateFacts, now: number): 'alone' | 'others' {
  const { facts: known } = hourly
  const isOver = known === undefined || now >= known.resetAt
  const isNewHour = isOver || facts.resetAt > known.resetAt + SAME_HOUR
  if (!isNewHour && facts.resetAt < known.resetAt - SAME_HOUR) return 'alone'
  const before = isNewHour ? 0 : known.used
  const ours = hourly.sentSince + hourly.uncounted
  if (isNewHour) {
    hourly.facts = facts
    hourly.byRepository.clear()
  } else if (facts.remaining < known.remaining) hourly.facts = { ...facts, resetAt: known.resetAt }
  if (facts.used < before) return 'alone'
  hourly.sentSince = 0
  return facts.used - before > ours + NOT_OURS ? 'others' : 'alone'
}

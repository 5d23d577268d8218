/** The budget against GitHub's own limits, simulated: never over them, never idle without need, nobody starved, the reserve kept. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cost,
  createRateBudget,
  type RateBudget,
  type RateFacts,
} from '../../../src/clients/github/rate-budget.ts'
import { createWindow } from '../../../src/clients/github/sliding-window.ts'
import type { Priority, Work } from '../../../src/domain/work-priority.ts'
import { repo } from './nock-github.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const READ: Cost = { resource: 'graphql', isWrite: false, points: 1, creations: 0 }
const WRITE: Cost = { resource: 'graphql', isWrite: true, points: 5, creations: 1 }
const work = (priority: Priority, name = 'acme/models'): Work => ({ priority, repository: repo(name) })
const facts = (remaining: number, more: Partial<RateFacts> = {}): RateFacts => ({
  ...{ resource: 'graphql', limit: 5000, remaining, used: 5000 - remaining, resetAt: HOUR },
  ...more,
})

/** A budget that has heard this, and has had nobody beside it. */
function budgetAfter(remaining: number): RateBudget {
  const budget = createRateBudget()
  budget.heard(facts(5000), 0)
  budget.heard(facts(remaining), 0)
  return budget
}

const verdictOf = (budget: RateBudget, cost: Cost, asked: Work, now = 20 * MINUTE): string => {
  const verdict = budget.judge(cost, asked, now)
  return verdict.go ? 'go' : verdict.because
}

describe('what is left of the hour', () => {
  it.each([
    [5000, 'sweep', READ, 'go'],
    [1501, 'sweep', READ, 'go'],
    [1500, 'sweep', READ, 'reserve'],
    [1001, 'comparison', READ, 'go'],
    [1000, 'comparison', READ, 'reserve'],
    // What has been read may be said.
    [1000, 'comparison', WRITE, 'go'],
    [500, 'comparison', WRITE, 'reserve'],
    [500, 'rollout', READ, 'go'],
    [100, 'rollout', READ, 'reserve'],
    [100, 'command', READ, 'go'],
    [1, 'command', WRITE, 'go'],
    [0, 'command', READ, 'limit'],
  ] as const)('with %i requests left, a %s that is about to send %o may: %s', (remaining, priority, cost, expected) => {
    expect(verdictOf(budgetAfter(remaining), cost, work(priority))).toBe(expected)
  })

  it('says when to ask again, and of what there is too little', () => {
    const verdict = budgetAfter(900).judge(READ, work('comparison'), 20 * MINUTE)
    expect(verdict).toMatchObject({ go: false, because: 'reserve', until: HOUR, left: { remaining: 900, limit: 5000 } })
  })

  it('is all there again in the next hour', () => {
    expect(verdictOf(budgetAfter(0), READ, work('sweep'), HOUR)).toBe('go')
  })

  it('counts what is under way, which GitHub has not told of', () => {
    const budget = budgetAfter(1002)
    budget.begin(READ, work('command'), 0)
    expect(verdictOf(budget, READ, work('comparison'))).toBe('go')
    budget.begin(READ, work('command'), 0)
    expect(verdictOf(budget, READ, work('comparison'))).toBe('reserve')
  })

  it('is the lowest number of an hour, since answers overtake each other', () => {
    const budget = budgetAfter(900)
    budget.heard(facts(1800), 1)
    expect(verdictOf(budget, READ, work('comparison'))).toBe('reserve')
    // The first answer of the next hour counts, and one of the last hour that comes late does not.
    budget.heard(facts(4999, { resetAt: 2 * HOUR }), HOUR)
    budget.heard(facts(10), HOUR)
    expect(verdictOf(budget, READ, work('comparison'), HOUR)).toBe('go')
  })

  it('is counted for REST and GraphQL apart', () => {
    const rest: Cost = { ...READ, resource: 'core' }
    expect(verdictOf(budgetAfter(0), rest, work('comparison'))).toBe('go')
  })

  it('does not concern a server that tells of no limit', () => {
    const budget = createRateBudget()
    for (let count = 0; count < 5000; count += 1)
      budget.end(budget.begin(WRITE, work('sweep'), 0), { now: 0, answered: true })
    expect(verdictOf(budget, WRITE, work('sweep'), 1)).toBe('go')
  })

  it('goes first to repositories that have not taken most of it', () => {
    const budget = budgetAfter(5000)
    const spend = (name: string, times: number) => {
      for (let count = 0; count < times; count += 1)
        budget.end(budget.begin(READ, work('comparison', name), 0), { now: count * 100, answered: false })
    }
    spend('acme/noisy', 600)
    spend('acme/quiet', 100)
    budget.heard(facts(1400), 0)
    expect(verdictOf(budget, READ, work('comparison', 'acme/noisy'))).toBe('share')
    expect(verdictOf(budget, READ, work('comparison', 'acme/quiet'))).toBe('go')
    expect(verdictOf(budget, READ, work('command', 'acme/noisy'))).toBe('go')
    budget.heard(facts(1600, { resetAt: HOUR + 30_000 }), 0)
    expect(verdictOf(budget, READ, work('comparison', 'acme/noisy'))).toBe('go')
  })
})

describe('the secondary limits', () => {
  const go = (budget: RateBudget, cost: Cost, now: number): boolean => {
    if (!budget.judge(cost, work('command'), now).go) return false
    budget.end(budget.begin(cost, work('command'), now), { now, answered: false })
    return true
  }
  const burst = (cost: Cost, now = 0) => {
    const budget = budgetAfter(4990)
    let sent = 0
    while (sent < 5000 && go(budget, cost, now)) sent += 1
    return { budget, sent }
  }

  it.each([
    ['comments and checks that are made', WRITE, 80],
    ['reads by GraphQL', READ, 2000],
    ['edits by GraphQL', { ...WRITE, creations: 0 }, 400],
    ['reads by REST', { ...READ, resource: 'core' }, 900],
    ['edits by REST', { ...WRITE, resource: 'core', creations: 0 }, 180],
    ['documents that make two things', { ...WRITE, creations: 2 }, 40],
  ] as const)('%s flow in a burst, up to the limit of a minute', (_, cost, limit) => {
    const { budget, sent } = burst(cost)
    expect(sent).toBe(limit)
    expect(go(budget, cost, MINUTE - 1)).toBe(false)
    expect(go(budget, cost, MINUTE)).toBe(true)
  })

  it('at most 500 things are made in an hour', () => {
    const budget = budgetAfter(4990)
    let made = 0
    for (let now = 0; now < HOUR; now += 1000) if (go(budget, WRITE, now)) made += 1
    expect(made).toBe(500)
  })

  it('at most 100 requests are under way', () => {
    const budget = budgetAfter(4990)
    const tickets = Array.from({ length: 100 }, () => budget.begin(READ, work('command'), 0))
    expect(verdictOf(budget, READ, work('command'), 0)).toBe('concurrency')
    for (const ticket of tickets.slice(0, 1)) budget.end(ticket, { now: 1, answered: false })
    expect(verdictOf(budget, READ, work('command'), 1)).toBe('go')
  })

  it('a minute of GitHub’s own time is not exceeded; the way there and back is not part of it', () => {
    const budget = budgetAfter(4990)
    const answer = (took: number, now: number) =>
      budget.end(budget.begin(READ, work('command'), now - took), { now, answered: true })
    for (let count = 0; count < 400; count += 1) answer(150, 1000)
    expect(verdictOf(budget, READ, work('command'), 1000)).toBe('go')
    for (let count = 0; count < 7; count += 1) answer(9150, 20_000)
    expect(verdictOf(budget, READ, work('command'), 20_000)).toBe('processing')
    expect(verdictOf(budget, READ, work('command'), 20_000 + MINUTE)).toBe('go')
  })

  it('are shared with other replicas: whoever sees that more was used than it sent takes a third', () => {
    const budget = budgetAfter(4990)
    budget.heard(facts(4900), 0)
    let sent = 0
    while (go(budget, WRITE, 0)) sent += 1
    expect(sent).toBe(26)
    // Ten minutes in which nobody else asks.
    expect(go(budget, WRITE, 11 * MINUTE)).toBe(true)
    let later = 1
    while (go(budget, WRITE, 11 * MINUTE)) later += 1
    expect(later).toBe(80)
  })
})

describe('a window, whatever comes when', () => {
  const arrivals = fc.array(
    fc.record({ gap: fc.nat({ max: 40 }), amount: fc.integer({ min: 1, max: 5 }), lasts: fc.nat({ max: 30 }) }),
    { maxLength: 200 },
  )

  it('never lets more through than its limit, wherever between sending and answering GitHub counts', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 5, max: 12 }), fc.boolean(), (asked, limit, late) => {
        const window = createWindow(100, limit)
        const passed: { from: number; to: number; amount: number; closed: boolean }[] = []
        let now = 0
        for (const { gap, amount, lasts } of asked) {
          now += gap
          for (const each of passed.toSorted((a, b) => a.to - b.to))
            if (!each.closed && each.to <= now) {
              each.closed = true
              window.close(each.amount, each.to)
            }
          const until = window.roomAt(amount, { share: 1, now })
          const counted = (each: { from: number; to: number }) => (late ? each.to : each.from)
          const inside = passed.filter((each) => !each.closed || each.to > now - 100)
          const sum = inside.reduce((all, each) => all + each.amount, 0)
          // Work-conserving: whoever is refused would have been one too many.
          expect(until === undefined).toBe(sum + amount <= limit)
          if (until === undefined) {
            window.open(amount)
            passed.push({ from: now, to: now + lasts, amount, closed: false })
          }
          const within = passed.filter((each) => counted(each) > now - 100 && counted(each) <= now)
          expect(within.reduce((all, each) => all + each.amount, 0)).toBeLessThanOrEqual(limit)
        }
      }),
      { numRuns: 500 },
    )
  })
})

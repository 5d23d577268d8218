/** Who goes first when not everybody can, against a GitHub that enforces its limits: none is ever met, and nobody waits for ever. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cost, RateFacts } from '../../../src/clients/github/rate-budget.ts'
import { createTurns, type Turns } from '../../../src/clients/github/turns.ts'
import { Deferred } from '../../../src/domain/failure.ts'
import type { Priority, Work } from '../../../src/domain/work-priority.ts'
import { repo } from './nock-github.ts'

const MINUTE = 60_000
const READ: Cost = { resource: 'graphql', isWrite: false, points: 1, creations: 0 }
const MAKE: Cost = { resource: 'graphql', isWrite: true, points: 5, creations: 1 }
const clock = { now: () => new Date() }
const work = (priority: Priority, name = 'acme/models'): Work => ({ priority, repository: repo(name) })

beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-11-17T10:00:00Z') }))
afterEach(() => vi.useRealTimers())

/** GitHub's own count, made when a request arrives; answers take a while. */
function startGitHub(turns: Turns) {
  const made: number[] = []
  const points: { at: number; amount: number }[] = []
  const refusals: string[] = []
  const resetAt = Date.now() + 60 * MINUTE
  let used = 0
  const facts = (): RateFacts => ({ resource: 'graphql', limit: 5000, remaining: 5000 - used, used, resetAt })
  turns.heard(facts())
  const serve = async ({ points: amount, creations }: Cost, tookMs: number): Promise<void> => {
    const now = Date.now()
    used += 1
    points.push({ at: now, amount })
    made.push(...Array.from({ length: creations }, () => now))
    const within = (length: number) => made.filter((at) => at > now - length).length
    if (within(MINUTE) > 80) refusals.push('a minute')
    if (within(60 * MINUTE) > 500) refusals.push('an hour')
    if (points.reduce((sum, each) => (each.at > now - MINUTE ? sum + each.amount : sum), 0) > 2000)
      refusals.push('points')
    await new Promise((resolve) => setTimeout(resolve, tookMs))
    turns.heard(facts())
  }
  return { serve, refusals, made }
}

describe('turns', () => {
  it('with random bursts no limit of GitHub is met, everything is sent, and as soon as the limits let it', async () => {
    const burst = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      pauseMs: fc.nat({ max: 20_000 }),
      tookMs: fc.nat({ max: 2000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(burst, { minLength: 1, maxLength: 8 }), async (bursts) => {
        const turns = createTurns(clock)
        const github = startGitHub(turns)
        const begun = Date.now()
        let sent = 0
        /** As the queue does: what is put off comes again at its time. */
        const job = async (tookMs: number): Promise<void> => {
          try {
            const turn = await turns.take({ what: 'Write', cost: MAKE, work: work('rollout') })
            await github.serve(MAKE, tookMs)
            turn.end({ answered: false })
            sent += 1
          } catch (error) {
            if (!(error instanceof Deferred)) throw error
            await new Promise((resolve) => setTimeout(resolve, error.until.getTime() - Date.now() + 1))
            await job(tookMs)
          }
        }
        const jobs: Promise<void>[] = []
        for (const { count, pauseMs, tookMs } of bursts) {
          for (let each = 0; each < count; each += 1) jobs.push(job(tookMs))
          await vi.advanceTimersByTimeAsync(pauseMs)
        }
        const all = bursts.reduce((sum, { count }) => sum + count, 0)
        const minutes = Math.ceil(all / 80)
        await vi.advanceTimersByTimeAsync(minutes * (MINUTE + 5000))
        await Promise.all(jobs)
        expect(github.refusals).toEqual([])
        expect(sent).toBe(all)
        // Nothing that fits into a minute waits at all.
        if (all <= 80)
          expect(Math.max(...github.made) - begun).toBeLessThanOrEqual(
            bursts.reduce((sum, { pauseMs }) => sum + pauseMs, 0),
          )
      }),
      { numRuns: 15 },
    )
  })

  /** All of them ask at once for the one place that is free; the order in which they get it. */
  async function orderOf(asked: readonly Work[]): Promise<readonly string[]> {
    const turns = createTurns(clock)
    startGitHub(turns)
    const busy = await Promise.all(
      Array.from({ length: 100 }, () => turns.take({ what: 'Read', cost: READ, work: work('command', 'acme/other') })),
    )
    const order: string[] = []
    const waiting = asked.map(async (one) => {
      const turn = await turns.take({ what: 'Read', cost: READ, work: one })
      order.push(`${one.priority} ${one.repository}`)
      setTimeout(() => turn.end({ answered: false }), 10)
    })
    busy[0]?.end({ answered: false })
    await vi.advanceTimersByTimeAsync(1000)
    await Promise.all(waiting)
    return order
  }

  it('the most urgent goes first, and repositories in turn', async () => {
    const noisy = Array.from({ length: 4 }, () => work('comparison', 'acme/noisy'))
    const order = await orderOf([...noisy, work('comparison', 'acme/quiet'), work('rollout'), work('command')])
    expect(order).toEqual([
      ...['command acme/models', 'rollout acme/models', 'comparison acme/noisy', 'comparison acme/quiet'],
      ...['comparison acme/noisy', 'comparison acme/noisy', 'comparison acme/noisy'],
    ])
  })

  it('who would wait for long is told until when, and nothing is sent', async () => {
    const turns = createTurns(clock)
    const resetAt = Date.now() + 30 * MINUTE
    turns.heard({ resource: 'graphql', limit: 5000, remaining: 900, used: 4100, resetAt })
    const put = turns.take({ what: 'ReadPullRequest', cost: READ, work: work('comparison') })
    await expect(put).rejects.toMatchObject({
      until: new Date(resetAt),
      retryAfterSeconds: 1800,
      message: expect.stringContaining(
        'kept for commands and rollouts, for another 1800 s (900 of 5000 requests left)',
      ),
    })
    await expect(turns.take({ what: 'Read', cost: READ, work: work('command') })).resolves.toBeDefined()
  })
})

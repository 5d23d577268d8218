/** The bot's time in a story is the story's. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'
import { startClockServer } from '../../sandbox/systems/clock-server.ts'
import { type MovableClock, sandboxClock, systemClock } from '../../src/clients/clock.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function story(): Promise<{ readonly clock: ReturnType<typeof createClock>; readonly bot: MovableClock }> {
  const clock = createClock(new Date('2026-03-03T09:00:00Z'))
  const server = await startClockServer(clock)
  cleanups.push(() => server.close())
  const bot = await sandboxClock(server.url)
  cleanups.push(() => bot.close())
  return { clock, bot }
}

const apart = (left: Date, right: Date) => Math.abs(left.getTime() - right.getTime())

describe('the clock of a story', () => {
  it('is the same for the bot, and runs', async () => {
    const { clock, bot } = await story()
    expect(apart(bot.now(), clock.now())).toBeLessThan(50)
  })

  it('moves for the bot at once, which is told', async () => {
    const { clock, bot } = await story()
    const moved = vi.fn()
    const stop = bot.onMove(moved)
    clock.advance(3 * 86_400_000)
    await vi.waitFor(() => expect(moved).toHaveBeenCalledTimes(1))
    expect(apart(bot.now(), clock.now())).toBeLessThan(50)
    stop()
    clock.set(new Date('2027-01-01T00:00:00Z'))
    await vi.waitFor(() => expect(bot.now().getUTCFullYear()).toBe(2027))
    expect(moved).toHaveBeenCalledTimes(1)
  })

  it('that cannot be reached stops the start, not the run', async () => {
    await expect(sandboxClock('http://127.0.0.1:1/clock')).rejects.toThrow()
    const { bot } = await story()
    const server = cleanups.shift()
    await server?.()
    expect(bot.now().getUTCFullYear()).toBe(2026)
  })
})

describe('the clock of the machine', () => {
  it('is the machine’s', () => {
    expect(apart(systemClock.now(), new Date())).toBeLessThan(50)
  })
})

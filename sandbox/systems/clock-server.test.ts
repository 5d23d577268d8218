/** The clock as another process reads it. */
import { expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { startClockServer } from './clock-server.ts'

it('tells the story time, and answers a long poll when the clock moves', async () => {
  const clock = createClock()
  const server = await startClockServer(clock)
  const read = async (query = '') =>
    (await (await fetch(server.url + query)).json()) as { now: string; offsetMs: number }
  const first = await read()
  expect(Math.abs(Date.parse(first.now) - clock.now().getTime())).toBeLessThan(1000)
  expect((await read(`?after=${first.offsetMs + 1}`)).offsetMs).toBe(first.offsetMs)
  let answered = false
  const waiting = read(`?after=${first.offsetMs}`).finally(() => {
    answered = true
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(answered).toBe(false)
  clock.advance(3_600_000)
  expect((await waiting).offsetMs).toBe(first.offsetMs + 3_600_000)
  await server.close()
})

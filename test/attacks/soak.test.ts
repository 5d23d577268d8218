/** Thousands of deliveries, nearly all of which concern nobody, through one process: all are worked off, and nothing of them stays. `npm run soak` sends a million (bench/soak.ts). */
import { expect, test } from 'vitest'
import { quantile } from '../../bench/numbers.ts'
import { growth } from '../../bench/soak-page.ts'
import { soak } from '../../bench/soak-run.ts'

const DELIVERIES = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 10_000)

/**
 * MB of live heap for each 100,000: one small object kept for each delivery is 20. What one collection sees differs by some hundred kB, and V8 goes on compiling
 * for some ten thousand deliveries, which few of them make large.
 */
const MOST_GROWTH = 3 + 150_000 / DELIVERIES

test(`${DELIVERIES} deliveries are acknowledged and worked off, and memory stays what it is`, {
  timeout: 900_000,
}, async () => {
  const { samples, errors, relevant, kept } = await soak({
    deliveries: DELIVERIES,
    every: DELIVERIES / 20,
    connections: 8,
  })
  expect(errors).toEqual([])
  // Each sample waits for the inbox, and the end for everything.
  expect(Math.max(...samples.map(({ waiting }) => waiting))).toBeLessThanOrEqual(2000)
  expect(growth(samples, 'heapMb'), JSON.stringify(samples.map(({ heapMb }) => heapMb))).toBeLessThan(MOST_GROWTH)
  // Beside whatever else runs here, an acknowledgement is as slow as the disk and the processor let an insert be: some four to twelve of them, since the sender needs its share.
  const times = samples.map(({ p50Ms, insertMs }) => p50Ms / insertMs)
  expect(quantile(times, 0.5), JSON.stringify(samples.map(({ p50Ms, insertMs }) => [p50Ms, insertMs]))).toBeLessThan(25)
  expect(relevant).toBe(Math.floor(DELIVERIES / 500))
  // Each is known, were it to come again; and so are those that the pull request and its commands made.
  expect(kept).toBeGreaterThan(DELIVERIES + relevant)
})

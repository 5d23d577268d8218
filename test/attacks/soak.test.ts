/** Thousands of deliveries, nearly all of which concern nobody, through one process: all are worked off, and nothing of them stays. `npm run soak` sends a million (bench/soak.ts). */
import { expect, test } from 'vitest'
import { soak } from '../../bench/soak-run.ts'

const DELIVERIES = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 10_000)

test(`${DELIVERIES} deliveries are acknowledged and worked off, and memory stays what it is`, {
  timeout: 900_000,
}, async () => {
  const result = await soak({ deliveries: DELIVERIES, every: DELIVERIES / 10, connections: 8 })
  expect(result.errors).toEqual([])
  // Each sample waits for the inbox, and the end for everything.
  expect(Math.max(...result.samples.map(({ waiting }) => waiting))).toBeLessThanOrEqual(2000)
  // All bodies together are 13 kB for each: were they kept, the heap would hold more than that.
  expect(result.samples.at(-1)?.heapMb).toBeLessThan(60 + (DELIVERIES * 13) / 1024 / 4)
  expect(result.relevant).toBe(Math.floor(DELIVERIES / 500))
  // Each is known, were it to come again; and so are those that the pull request and its commands made.
  expect(result.kept).toBeGreaterThan(DELIVERIES + result.relevant)
})

/** What runs later: after a failure, at a time of the bot's clock, regularly. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { stillOurs } from '../../src/store/claims.ts'
import { recordingLog } from '../support/log.ts'
import { eventually, ignore, queueBench } from '../support/queue.ts'

const { newQueue, url } = queueBench()

describe('a run that throws', () => {
  it('is logged and run again, later each time', async () => {
    const log = recordingLog()
    const queue = await newQueue({ log })
    const at: number[] = []
    await queue.work({
      ...ignore,
      reconcile: async () => {
        at.push(Date.now())
        if (at.length < 3) throw new Error('not yet')
      },
    })
    await queue.hint('a')
    await eventually(() => at.length === 3, 8000)
    const [first = 0, second = 0, third = 0] = at
    expect(second - first).toBeGreaterThan(900)
    expect(third - second).toBeGreaterThan(1900)
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
  })

  it('waits as long as the failed system asked for', async () => {
    const queue = await newQueue()
    const at: number[] = []
    await queue.work({
      ...ignore,
      reconcile: async () => {
        at.push(Date.now())
        if (at.length === 1) throw Object.assign(new Error('secondary rate limit'), { retryAfterSeconds: 2 })
      },
    })
    await queue.hint('a')
    await eventually(() => at.length === 2)
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1900)
  })
})

describe('a failed system that asks to wait for ever', () => {
  it('is asked again after an hour', async () => {
    const log = recordingLog()
    const queue = await newQueue({ log })
    const wish = { retryAfterSeconds: 1e300 }
    await queue.work({ ...ignore, reconcile: () => Promise.reject(Object.assign(new Error('limited'), wish)) })
    await queue.hint('a')
    await eventually(() => log.lines.some(({ fields }) => 'retryInSeconds' in fields && fields.retryInSeconds === 3600))
  })
})

describe('a timer', () => {
  it('wakes its subject at its time and not before', async () => {
    const queue = await newQueue()
    const at: number[] = []
    await queue.work({ ...ignore, reconcile: async () => void at.push(Date.now()) })
    const due = Date.now() + 1200
    await queue.wakeAt('a', new Date(due))
    await eventually(() => at.length === 1)
    expect((at[0] ?? 0) - due).toBeGreaterThan(-100)
    expect((at[0] ?? 0) - due).toBeLessThan(1500)
  })

  it('does not hold back a hint of its subject', async () => {
    const queue = await newQueue()
    const woken: number[] = []
    await queue.work({ ...ignore, reconcile: async () => void woken.push(Date.now()) })
    await queue.wakeAt('a', new Date(Date.now() + 3_600_000))
    await queue.hint('a')
    await eventually(() => woken.length === 1, 1500)
  })

  it('in the past fires now', async () => {
    const queue = await newQueue()
    const woken: number[] = []
    await queue.work({ ...ignore, reconcile: async () => void woken.push(Date.now()) })
    await queue.wakeAt('a', new Date(0))
    await eventually(() => woken.length === 1)
  })

  it('with a name is replaced by the next of that name', async () => {
    const queue = await newQueue()
    const woken: number[] = []
    await queue.work({ ...ignore, reconcile: async () => void woken.push(Date.now()) })
    for (let count = 0; count < 5; count += 1)
      await queue.wakeAt('a', new Date(Date.now() + 600 + count), { name: 'poll' })
    await eventually(() => woken.length === 1)
    await sleep(1200)
    expect(woken).toHaveLength(1)
  })

  it('follows the clock when it is moved forward', async () => {
    let offset = 0
    const clock = { now: () => new Date(Date.now() + offset) }
    const queue = await newQueue({ clock })
    const woken: string[] = []
    await queue.work({ ...ignore, reconcile: async (subject) => void woken.push(subject) })
    const days = 24 * 3_600_000
    await queue.wakeAt('in three days', new Date(Date.now() + 3 * days))
    await queue.wakeAt('a second after that', new Date(Date.now() + 3 * days + 1500))
    await queue.wakeAt('in ten days', new Date(Date.now() + 10 * days))
    await queue.wakeAll()
    expect(await queue.isIdle()).toBe(true)
    offset = 3 * days
    await queue.wakeAll()
    expect(await queue.isIdle()).toBe(false)
    await eventually(() => woken.length === 1)
    expect(woken).toEqual(['in three days'])
    await eventually(() => woken.length === 2)
    await sleep(300)
    expect(woken).toEqual(['in three days', 'a second after that'])
  })
})

describe('a regular job', () => {
  it('that another replica has taken over may change nothing more', async () => {
    const queue = await newQueue()
    const told: string[] = []
    await queue.every('sweep', 60, async () => {
      await stillOurs()
      told.push('ours')
      const client = new pg.Client({ connectionString: url() })
      await client.connect()
      await client.query(`update pgboss.job set retry_count = retry_count + 1 where state = 'active'`)
      await client.end()
      await sleep(6000)
      await stillOurs().catch((error: Error) => void told.push(error.message))
    })
    await eventually(() => told.length === 2, 15_000)
    expect(told[1]).toContain('taken over by another replica')
  })

  it('runs at once and again, on one replica at a time, also after it threw', async () => {
    const replicas = [await newQueue(), await newQueue()]
    let running = 0
    let overlaps = 0
    let runs = 0
    for (const queue of replicas) {
      await queue.every('sweep', 1, async () => {
        running += 1
        runs += 1
        if (running > 1) overlaps += 1
        await sleep(200)
        running -= 1
        if (runs === 1) throw new Error('first time')
      })
    }
    await sleep(3500)
    expect(overlaps).toBe(0)
    expect(runs).toBeGreaterThanOrEqual(3)
    expect(runs).toBeLessThanOrEqual(5)
  })
})

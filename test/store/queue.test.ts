/** Deliveries and hints on a real server: nothing lost, nothing twice at a time. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import { type Database, openDatabase } from '../../src/store/database.ts'
import type { Delivery, Queue } from '../../src/store/queue.ts'
import { SteadyClient } from '../../src/store/steady-client.ts'
import { recordingLog, silentLog } from '../support/log.ts'
import { eventually, ignore, queueBench } from '../support/queue.ts'

const { newQueue, url } = queueBench()

function delivery(part: Partial<Delivery> = {}): Delivery {
  return { id: randomUUID(), event: 'push', body: '{}', receivedAt: new Date('2026-11-17T09:00:00.123Z'), ...part }
}

it('the queue uses connections whose end is no end of the process', async () => {
  const spied = vi.spyOn(SteadyClient.prototype, 'connect')
  try {
    await newQueue()
    // That these survive is a test of database.test.ts.
    expect(spied).toHaveBeenCalled()
  } finally {
    spied.mockRestore()
  }
})

describe('a delivery', () => {
  it('is stored once, however often and at once GitHub sends it', async () => {
    const queue = await newQueue()
    const again = delivery()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => queue.storeDelivery(again)))
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1)
    expect(await queue.storeDelivery({ ...again, id: again.id.toUpperCase() })).toBe('duplicate')
    expect(await queue.knows(again.id)).toBe(true)
    expect(await queue.knows(randomUUID())).toBe(false)
    expect(await queue.knows('not-a-uuid')).toBe(false)
  })

  it('stays known after it was handled', async () => {
    const queue = await newQueue()
    await queue.work(ignore)
    const handled = delivery()
    await queue.storeDelivery(handled)
    await eventually(() => queue.isIdle())
    expect(await queue.storeDelivery(handled)).toBe('duplicate')
  })

  it('is forgotten after it was handled, all but its id; one that still fails is kept', async () => {
    const [handled, failing] = [delivery({ body: '{"private":1}' }), delivery({ body: '{"private":2}' })]
    const first = await newQueue()
    await first.storeDelivery(handled)
    await first.storeDelivery(failing)
    const handlers = {
      ...ignore,
      delivery: async ({ id }: Delivery) => {
        if (id === failing.id) throw new Error('GitHub is down')
      },
    }
    await first.work(handlers)
    const database = await openDatabase<Record<string, never>>({ url: url(), log: silentLog })
    const bodyOf = async ({ id }: Delivery) => {
      const { rows } = await sql<{ body: string | null }>`
        select data->>'body' as body from pgboss.job where name = 'inbox' and id = ${id}`.execute(database.db)
      return rows[0]?.body
    }
    try {
      const stateOf = async ({ id }: Delivery) =>
        (await sql<{ state: string }>`select state from pgboss.job where id = ${id}`.execute(database.db)).rows[0]
          ?.state
      await eventually(async () => ['completed', undefined].includes(await stateOf(handled)))
      // This is done every minute, and when another process starts.
      await (await newQueue()).work(handlers)
      await eventually(async () => (await stateOf(handled)) === undefined)
      expect(await bodyOf(handled)).toBeUndefined()
      expect(await bodyOf(failing)).toBe('{"private":2}')
      expect(await first.knows(handled.id)).toBe(true)
      expect(await first.storeDelivery(handled)).toBe('duplicate')
      expect(await first.storeDelivery({ ...handled, id: handled.id.toUpperCase() })).toBe('duplicate')
    } finally {
      await database.close()
    }
  })

  it.each([
    ['JSON with an escaped NUL', '{"a":"\\u0000"}'],
    ['a NUL character', 'x\0y'],
    ['text that is not JSON', '{"a":'],
    ['quotes, line ends and emoji', '"\r\n\t🚢 \u2028'],
  ])('reaches the handler as it was sent: %s', async (_, body) => {
    const queue = await newQueue()
    const seen: Delivery[] = []
    await queue.work({ ...ignore, delivery: async (one) => void seen.push(one) })
    const sent = delivery({ body, event: 'issue_comment' })
    await queue.storeDelivery(sent)
    await eventually(() => seen.length > 0)
    expect(seen).toEqual([sent])
  })

  it('of many that arrive together is not lost', async () => {
    const queue = await newQueue()
    const seen = new Set<string>()
    await queue.work({ ...ignore, delivery: async ({ id }) => void seen.add(id) })
    const sent = Array.from({ length: 200 }, () => delivery())
    await Promise.all(sent.map((one) => queue.storeDelivery(one)))
    await eventually(() => seen.size === sent.length)
  })

  it('is tried again when its handler throws', async () => {
    const log = recordingLog()
    const queue = await newQueue({ log })
    let attempts = 0
    await queue.work({
      ...ignore,
      delivery: async () => {
        attempts += 1
        if (attempts === 1) throw new Error('GitHub is down')
      },
    })
    await queue.storeDelivery(delivery())
    await eventually(() => attempts === 2)
    expect(log.lines.map(({ level }) => level)).toContain('warn')
  })

  it('the same hundred in every order at once are each stored once, and nobody waits for anybody in a circle', async () => {
    const queues = [await newQueue(), await newQueue()]
    for (let round = 0; round < 8; round += 1) {
      const ids = Array.from({ length: 100 }, () => randomUUID())
      const store = (order: readonly string[], { storeDelivery }: Pick<Queue, 'storeDelivery'>) =>
        order.map((id) => storeDelivery(delivery({ id })))
      const outcomes = await Promise.all(
        [ids, ids.toReversed(), ids.toSorted()].flatMap((order) => queues.flatMap((queue) => store(order, queue))),
      )
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(ids.length)
    }
  })
})

describe('a hint', () => {
  it('coalesces with others of its subject, and one during a run leads to another run', async () => {
    const queue = await newQueue()
    let runs = 0
    await queue.work({
      ...ignore,
      reconcile: async () => {
        runs += 1
        await sleep(300)
      },
    })
    await queue.hint('a')
    await eventually(() => runs === 1)
    for (let count = 0; count < 10; count += 1) await queue.hint('a')
    await eventually(() => queue.isIdle())
    expect(runs).toBe(2)
  })

  it('that comes during a long run leads to another right after it', async () => {
    const queue = await newQueue()
    const gaps: number[] = []
    let ended = 0
    await queue.work({
      ...ignore,
      reconcile: async () => {
        if (ended > 0) gaps.push(Date.now() - ended)
        // Long enough for pg-boss to write down that the subject runs.
        await sleep(1300)
        ended = Date.now()
      },
    })
    await queue.hint('a')
    for (const runs of [1, 2, 3]) {
      await sleep(700)
      await queue.hint('a')
      await eventually(() => gaps.length === runs)
    }
    expect(Math.max(...gaps)).toBeLessThan(500)
  })

  it('of one subject does not wait for others that run long and are hinted again', async () => {
    const queue = await newQueue()
    const started: string[] = []
    await queue.work({
      ...ignore,
      reconcile: async (subject) => {
        started.push(subject)
        if (subject !== 'quick') await sleep(1500)
      },
    })
    // All workers but one are busy, and the oldest jobs cannot run yet.
    const slow = ['slow 1', 'slow 2', 'slow 3', 'slow 4']
    for (const subject of slow) await queue.hint(subject)
    await eventually(() => started.length === slow.length)
    for (const subject of slow) await queue.hint(subject)
    await queue.hint('quick')
    await eventually(() => started.includes('quick'), 400)
    expect(started.toSorted()).toEqual(['quick', ...slow])
  })

  it('is never lost and never overlaps with a run of its subject, on two replicas with failures', async () => {
    const replicas = [await newQueue(), await newQueue()]
    const written = new Map<string, number>()
    const read = new Map<string, number>()
    const running = new Set<string>()
    let overlaps = 0
    let runs = 0
    const reconcile = async (subject: string) => {
      if (running.has(subject)) overlaps += 1
      running.add(subject)
      const seen = written.get(subject) ?? 0
      await sleep(5)
      running.delete(subject)
      runs += 1
      if (runs % 7 === 0) throw Object.assign(new Error('now and then'), { retryAfterSeconds: 0.1 })
      read.set(subject, Math.max(seen, read.get(subject) ?? 0))
    }
    for (const queue of replicas) await queue.work({ ...ignore, reconcile })
    for (let round = 0; round < 120; round += 1) {
      const subject = `subject ${round % 5}`
      written.set(subject, round)
      await replicas[round % 2]?.hint(subject)
    }
    await eventually(() => [...written].every(([subject, value]) => read.get(subject) === value), 10_000)
    expect(overlaps).toBe(0)
  })

  it('given in a transaction shows its run what the transaction wrote, even when one was waiting already', async () => {
    const database: Database<Record<string, never>> = await openDatabase({ url: url(), log: silentLog })
    try {
      await sql`create table note (text text)`.execute(database.db)
      const queue = await newQueue()
      await queue.hint('a')
      const seen: number[] = []
      let started: Promise<void> | undefined
      await database.db.transaction().execute(async (trx) => {
        await sql`insert into note values ('written')`.execute(trx)
        await queue.hint('a', { db: trx })
        started = queue.work({
          ...ignore,
          reconcile: async () => {
            const { rows } = await sql`select * from note`.execute(database.db)
            seen.push(rows.length)
          },
        })
        await sleep(700)
        expect(seen).toEqual([])
      })
      await started
      await eventually(() => seen.length > 0)
      expect(seen).toEqual([1])
    } finally {
      await database.close()
    }
  })

  it('vanishes with a transaction that is rolled back', async () => {
    const database: Database<Record<string, never>> = await openDatabase({ url: url(), log: silentLog })
    try {
      const queue = await newQueue()
      const rollback = database.db.transaction().execute(async (trx) => {
        await queue.hint('a', { db: trx })
        throw new Error('rolled back')
      })
      await expect(rollback).rejects.toThrow('rolled back')
      expect(await queue.isIdle()).toBe(true)
    } finally {
      await database.close()
    }
  })

  it('with a higher priority goes first', async () => {
    const queue = await newQueue()
    for (let count = 0; count < 20; count += 1) await queue.hint(`sweep ${count}`)
    await queue.hint('command', { priority: 10 })
    const order: string[] = []
    await queue.work({ ...ignore, reconcile: async (subject) => void order.push(subject) })
    await eventually(() => order.length === 21)
    expect(order.indexOf('command')).toBeLessThan(5)
  })
})

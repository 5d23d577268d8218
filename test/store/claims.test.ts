/** A run that another replica has taken over writes nothing more, wherever it wakes up. */
import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Claim, remembered, stillOurs, underClaim } from '../../src/store/claims.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Tables } from '../../src/store/tables.ts'
import { silentLog } from '../support/log.ts'
import { eventually, ignore, queueBench } from '../support/queue.ts'

const { newQueue, url } = queueBench()

/** As pg-boss does it to a job whose heartbeat is old. */
async function takeOver(): Promise<void> {
  const client = new pg.Client({ connectionString: url() })
  await client.connect()
  await client.query(`update pgboss.job set retry_count = retry_count + 1 where name = 'reconcile'`)
  await client.end()
}

it('its job is asked for: before it was taken over the run may write, after that it may not', async () => {
  const database = await openDatabase<Tables>({ url: url(), log: silentLog })
  const queue = await newQueue()
  const outcomes: string[] = []
  const attempt = async (what: string, act: () => Promise<unknown>) => {
    const told = await act().then(
      () => 'done',
      (error: unknown) => String(error),
    )
    outcomes.push(`${what}: ${told}`)
  }
  await queue.work({
    ...ignore,
    reconcile: async (subject) => {
      if (subject === 'taken') await takeOver()
      await attempt(`${subject} calls`, stillOurs)
      await attempt(`${subject} writes`, () => database.db.selectNoFrom(({ val }) => val(1).as('one')).execute())
    },
  })
  await queue.hint('kept')
  await eventually(() => outcomes.length === 2)
  await queue.hint('taken')
  await eventually(() => outcomes.length === 4)
  await database.close()
  const refused = 'SystemUnavailable: the database: this run was taken over by another replica, and writes nothing more'
  expect(outcomes).toEqual([
    'kept calls: done',
    'kept writes: done',
    `taken calls: ${refused}`,
    `taken writes: ${refused}`,
  ])
})

it('who runs under no claim is asked nothing', async () => {
  await expect(stillOurs()).resolves.toBeUndefined()
})

it('of two claims each counts', async () => {
  const [yes, no]: Claim[] = [async () => true, async () => false]
  const asked = (outer: Claim, inner: Claim) => underClaim(outer, () => underClaim(inner, stillOurs))
  if (yes === undefined || no === undefined) return
  await expect(asked(yes, yes)).resolves.toBeUndefined()
  await expect(asked(yes, no)).rejects.toThrow('taken over')
  await expect(asked(no, yes)).rejects.toThrow('taken over')
})

describe('a yes', () => {
  afterEach(() => void vi.useRealTimers())

  const counted = (answers: readonly boolean[]) => {
    let asked = 0
    const claim = remembered(async () => answers[asked++] ?? false, 5000)
    return { claim, asked: () => asked }
  }

  it('is good for its time, and asked for again after that', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const { claim, asked } = counted([true, true])
    await claim()
    vi.advanceTimersByTime(4999)
    await claim()
    expect(asked()).toBe(1)
    vi.advanceTimersByTime(1)
    await claim()
    expect(asked()).toBe(2)
  })

  it('that comes too late, since the process was frozen while it asked, is asked for once more', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    let asked = 0
    const claim = remembered(async () => {
      asked += 1
      if (asked === 1) vi.advanceTimersByTime(15_000)
      return asked === 1
    }, 5000)
    expect(await claim()).toBe(false)
    expect(asked).toBe(2)
  })

  it('that is never in time is none', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    let asked = 0
    const claim = remembered(async () => {
      asked += 1
      vi.advanceTimersByTime(6000)
      return true
    }, 5000)
    expect(await claim()).toBe(false)
    expect(asked).toBe(3)
  })

  it('is not good for longer where only the steady clock went on: the wall clock was set back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const { claim, asked } = counted([true, false])
    await claim()
    const before = Date.now()
    vi.advanceTimersByTime(6000)
    vi.setSystemTime(before)
    expect(await claim()).toBe(false)
    expect(asked()).toBe(2)
  })

  it('is not good for longer where only the wall clock went on: the machine was suspended', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { claim, asked } = counted([true, false])
    await claim()
    vi.setSystemTime(Date.now() + 60_000)
    expect(await claim()).toBe(false)
    expect(asked()).toBe(2)
  })
})

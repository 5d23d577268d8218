/** Which of GitHub's failed deliveries are fetched after the bot was away. */
import { expect, it } from 'vitest'
import { isHeard } from '../../src/app.ts'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import { recoverDeliveries } from '../../src/services/recover-deliveries.ts'
import { recordingLog } from '../support/log.ts'

const NOW = new Date('2026-11-24T09:00:00Z')
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000)
const THREE_DAYS = 3 * 24 * 60

type Failed = {
  readonly guid: string
  readonly minutesAgo: number
  readonly unreadable?: Error
  /** Absent: a push; else of a check run. */
  readonly action?: string
}

/** GitHub with these failed deliveries, and a bot that has swept until then. */
function world(failed: readonly Failed[], sweptUntil?: Date) {
  const stored: string[] = []
  const asked: Date[] = []
  const log = recordingLog()
  let mark = sweptUntil
  const read: string[] = []
  const find = (id: string) => failed.find(({ guid }) => guid === id)
  const recovery = {
    github: {
      failedDeliveries: async (since: Date) => {
        asked.push(since)
        return failed
          .map(({ guid, minutesAgo, action }) => {
            const event = action === undefined ? 'push' : 'check_run'
            return { id: guid, guid, event, action, deliveredAt: ago(minutesAgo) }
          })
          .filter(({ deliveredAt }) => deliveredAt >= since)
      },
      readDelivery: async (id: string) => {
        read.push(id)
        const unreadable = find(id)?.unreadable
        if (unreadable !== undefined) throw unreadable
        const action = find(id)?.action
        return action === undefined
          ? { guid: id, event: 'push', body: '{}' }
          : { guid: id, event: 'check_run', body: JSON.stringify({ action }) }
      },
    },
    inbox: {
      knows: async (id: string) => stored.includes(id),
      storeDelivery: async ({ id }: { readonly id: string }) => stored.push(id),
    },
    sweeps: {
      sweptUntil: async () => mark,
      saveSweptUntil: async (until: Date) => {
        mark = until
      },
    },
    clock: { now: () => NOW },
    log,
    isHeard,
  }
  return { sweep: () => recoverDeliveries(recovery), stored, asked, read, log, mark: () => mark }
}

it('a delivery that cannot be read is logged, and the others are recovered', async () => {
  const reason = new SystemUnavailable('GitHub', '500 at GET /app/hook/deliveries/{delivery_id}')
  const { sweep, stored, log } = world([
    { guid: 'a', minutesAgo: 60 },
    { guid: 'b', minutesAgo: 50, unreadable: reason },
    { guid: 'c', minutesAgo: 40 },
  ])
  expect(await sweep()).toBe(2)
  expect(stored).toEqual(['a', 'c'])
  expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      fields: { err: reason, delivery: 'b', event: 'push' },
      message: 'a delivery that had not arrived cannot be read',
    },
  ])
})

it('a click on a button that is as old as a command may not be is left, and not asked for again', async () => {
  const { sweep, stored, mark } = world([
    { guid: 'old', minutesAgo: 16, action: 'requested_action' },
    { guid: 'fresh', minutesAgo: 14, action: 'requested_action' },
    { guid: 'check', minutesAgo: 60, action: 'completed' },
  ])
  expect(await sweep()).toBe(2)
  expect(stored).toEqual(['fresh', 'check'])
  expect(mark()).toEqual(NOW)
})

it('what nobody hears is not read', async () => {
  const { sweep, read } = world([
    { guid: 'running', minutesAgo: 10, action: 'created' },
    { guid: 'done', minutesAgo: 9, action: 'completed' },
  ])
  expect(await sweep()).toBe(1)
  expect(read).toEqual(['done'])
})

it('what could not be read is asked for again by the next sweep', async () => {
  const { sweep, read, mark } = world([{ guid: 'b', minutesAgo: 500, unreadable: new Error('no') }])
  await sweep()
  expect(mark()).toEqual(ago(500))
  await sweep()
  expect(read).toEqual(['b', 'b'])
})

it('the first sweep looks through three days, the next ones only from the last on', async () => {
  const { sweep, asked } = world([])
  await sweep()
  await sweep()
  expect(asked).toEqual([ago(THREE_DAYS), ago(30)])
})

it.each([
  ['a week ago', ago(7 * 24 * 60), ago(THREE_DAYS)],
  ['an hour ago', ago(60), ago(90)],
  ['in the future, by a clock that was wrong', ago(-600), ago(30)],
])('when the last sweep was %s', async (_, last, since) => {
  const { sweep, asked } = world([], last)
  await sweep()
  expect(asked).toEqual([since])
})

it('a sweep that GitHub stops with a limit counts as not made', async () => {
  const limit = new SystemUnavailable('GitHub', 'rate limit', { retryAfterSeconds: 60 })
  const { sweep, read, mark } = world([
    { guid: 'a', minutesAgo: 60, unreadable: limit },
    { guid: 'b', minutesAgo: 50 },
  ])
  await expect(sweep()).rejects.toBe(limit)
  expect(read).toEqual(['a'])
  expect(mark()).toBeUndefined()
})

it('a sweep after which the store was down counts as not made', async () => {
  const { sweep, mark } = world([{ guid: 'a', minutesAgo: 60 }])
  const down = new Error('the database is down')
  const broken = world([{ guid: 'a', minutesAgo: 60 }])
  broken.stored.push = () => {
    throw down
  }
  await expect(broken.sweep()).rejects.toBe(down)
  expect(broken.mark()).toBeUndefined()
  await sweep()
  expect(mark()).toEqual(NOW)
})

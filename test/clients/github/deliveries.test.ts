/** How far GitHub's log of deliveries is read. What an answer means is in writes.test.ts. */
import { expect, it } from 'vitest'
import { failedDeliveries } from '../../../src/clients/github/deliveries.ts'
import { recordingLog } from '../../support/log.ts'

/** GitHub with that many pages of one failed delivery each. */
function github(pages: number) {
  const log = recordingLog()
  let page = 0
  const restAsApp = async () => {
    page += 1
    const delivery = {
      id: page,
      guid: `guid-${page}`,
      event: 'push',
      delivered_at: '2026-11-24T09:00:00Z',
      status: 'Bad Gateway',
      status_code: 502,
    }
    const link = `<https://api.github.com/app/hook/deliveries?cursor=v1_${page}>; rel="next"`
    return { data: [delivery], headers: page < pages ? { link } : {} }
  }
  return { caller: { restAsApp, log }, log, asked: () => page }
}

const SINCE = new Date('2026-11-21T09:00:00Z')

it('a hundred pages are read, and that there are more is said in the log', async () => {
  const { caller, log, asked } = github(101)
  expect(await failedDeliveries(caller, SINCE)).toHaveLength(100)
  expect(asked()).toBe(100)
  expect(log.lines).toEqual([
    {
      level: 'warn',
      fields: { pages: 100, since: SINCE },
      message: 'there are more webhook deliveries than are looked through',
    },
  ])
})

it('nothing is said when the last page was read', async () => {
  const { caller, log } = github(100)
  expect(await failedDeliveries(caller, SINCE)).toHaveLength(100)
  expect(log.lines).toEqual([])
})

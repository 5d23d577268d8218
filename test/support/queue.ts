/** Queues on a database of their own, stopped after each test. For the tests of src/store/queue*.ts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createQueue, type Queue, type QueueOptions } from '../../src/store/queue.ts'
import { freshDatabase } from './database.ts'
import { startTestServer, type TestServer } from './database-server.ts'
import { silentLog } from './log.ts'

/** Workers that do nothing; tests replace the one they look at. */
export const ignore = { delivery: async () => {}, reconcile: async () => {} }

export type QueueBench = {
  /** The current test's database. */
  url(): string
  newQueue(options?: Partial<QueueOptions>): Promise<Queue>
}

/** Registers the suite's hooks. */
export function queueBench(): QueueBench {
  let server: TestServer | undefined
  let url = ''
  const open: Queue[] = []
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    url = await freshDatabase(server?.url)
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((queue) => queue.stop({ graceSeconds: 1 })))
  })
  return {
    url: () => url,
    newQueue: async (options) => {
      const queue = await createQueue({ connectionString: url, log: silentLog, maxConnections: 6, ...options })
      open.push(queue)
      return queue
    },
  }
}

/** Waits until `condition` holds; throws after `milliseconds`. */
export async function eventually(condition: () => boolean | Promise<boolean>, milliseconds = 5000): Promise<void> {
  const deadline = Date.now() + milliseconds
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not happen within ${milliseconds} ms`)
    await sleep(10)
  }
}

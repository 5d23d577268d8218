/** A replica for queue.test.ts to kill: takes a delivery and a subject, says so, and never finishes. */
import { randomUUID } from 'node:crypto'
import { createQueue } from '../../src/store/queue.ts'
import { silentLog } from '../support/log.ts'

const queue = await createQueue({ connectionString: process.argv[2] ?? '', log: silentLog })
let taken = 0
const takeAndHang = () => {
  taken += 1
  if (taken === 2) process.stdout.write('taken\n')
  return new Promise<void>(() => {})
}
await queue.storeDelivery({ id: randomUUID(), event: 'push', body: '{}', receivedAt: new Date() })
await queue.hint('subject of the victim')
await queue.work({ delivery: takeAndHang, reconcile: takeAndHang })

/** A replica for locks-frozen.test.ts to freeze: takes a lock, says so, and keeps it. */
import { openDatabase } from '../../src/store/database.ts'
import { alone } from '../../src/store/locks.ts'
import type { Tables } from '../../src/store/tables.ts'
import { silentLog } from '../support/log.ts'

const database = await openDatabase<Tables>({ url: process.argv[2] ?? '', log: silentLog })
await alone('frozen', database.locks, () => {
  process.stdout.write('held\n')
  return new Promise<void>(() => {})
})

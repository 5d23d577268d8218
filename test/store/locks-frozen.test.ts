/** A lock lives as long as its holder does something: work may take its time, and a process that is frozen loses what it holds. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stillOurs } from '../../src/store/claims.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { alone } from '../../src/store/locks.ts'
import type { Tables } from '../../src/store/tables.ts'
import { freshDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/database-server.ts'
import { silentLog } from '../support/log.ts'

/** The server ends what says nothing for twenty seconds. */
const LONGER_MS = 23_000

let server: TestServer | undefined
let database: Database<Tables>
let url: string
beforeAll(async () => {
  server = await startTestServer()
  url = await freshDatabase(server.url)
  database = await openDatabase<Tables>({ url, log: silentLog })
})
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

it.concurrent('work that takes its time keeps its lock', { timeout: 60_000 }, async () => {
  const steps: string[] = []
  const long = alone('long', database.locks, async () => {
    await sleep(LONGER_MS)
    await stillOurs()
    steps.push('first')
  })
  await sleep(1000)
  await alone('long', database.locks, async () => void steps.push('second'))
  await long
  expect(steps).toEqual(['first', 'second'])
})

it.concurrent('a process that is frozen loses its lock to whoever waits for it', { timeout: 60_000 }, async () => {
  const victim = spawn(process.execPath, [new URL('lock-victim.ts', import.meta.url).pathname, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(victim.stdout, 'data')
  victim.kill('SIGSTOP')
  const waiting = alone('frozen', database.locks, async () => 'held by another')
  const outcome = await Promise.race([waiting, sleep(30_000, 'still waited for')])
  victim.kill('SIGKILL')
  await waiting
  expect(outcome).toBe('held by another')
})

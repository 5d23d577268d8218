/** A database that the version before merge queues left behind: its check runs and comparisons go on where they were. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { comparisonCheckKey } from '../../src/services/publish-check.ts'
import { refreshComparison } from '../../src/services/refresh-comparison.ts'
import { createComparisonStore } from '../../src/store/comparisons.ts'
import { migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import type { Tables } from '../../src/store/tables.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { createWorld, HEAD, pullRequest, repository } from '../services/comparison-world.ts'
import { freshDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/database-server.ts'
import { silentLog } from '../support/log.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
}, 60_000)
afterAll(() => server.stop())

it('a pull request that was green before the upgrade is compared on, and followed by a merge queue', async () => {
  const { db, close } = await openDatabase<Tables>({ url: await freshDatabase(server.url), log: silentLog })
  try {
    await migrateToLatest(db, MIGRATIONS.slice(0, 3))
    const key = comparisonCheckKey({ repository, number: 1, headSha: HEAD })
    const old = { repository, number: 1, headSha: HEAD, headSeenAt: '2026-03-03T09:00:00Z', testMergeCommits: [] }
    const data = JSON.stringify({
      ...old,
      isCompleted: true,
      finished: { headSha: HEAD, sections: 'old' },
      waivers: [],
    })
    await sql`insert into comparisons values (${repository}, 1, ${data})`.execute(db)
    await sql`insert into publications values (${key}, 'CR_1', 'hash of then', null)`.execute(db)
    await migrateToLatest(db, MIGRATIONS)
    const world = createWorld()
    world.checks.set('CR_1', {
      headSha: HEAD,
      output: {
        ...{ status: 'completed', conclusion: 'success', title: '', summary: '', annotations: [], actions: [] },
        detailsUrl: undefined,
      },
    })
    const ledger = createLedger(db)
    const deps = { ...world.deps, ledger, comparisons: createComparisonStore(db) }
    const refresh = () => refreshComparison({ kind: 'pull-request', repository, number: 1 }, deps)
    await refresh()
    expect((await ledger.publication(key))?.said).toMatchObject({ status: 'completed', conclusion: 'success' })
    expect([...world.checks.keys()]).toEqual(['CR_1'])
    world.view = pullRequest({ headSha: sha('beef'), checks: [] })
    await refresh()
    expect([...world.checks.values()].at(-1)?.output.status).toBe('in_progress')
    expect([...world.comments.values()].at(-1)).toContain('The head has moved')
  } finally {
    await close()
  }
})

/** Databases that earlier versions left behind: check runs and comparisons of before merge queues go on where they were, and what was held is held. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Promotion } from '../../src/domain/promotion.ts'
import { comparisonCheckKey } from '../../src/services/publish-check.ts'
import { refreshComparison } from '../../src/services/refresh-comparison.ts'
import { createComparisonStore } from '../../src/store/comparisons.ts'
import { migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import type { Tables } from '../../src/store/tables.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { CHURN, PROD } from '../domain/reference-settings.ts'
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

it('holds that were there before the upgrade hold on: a person’s as a lock, a rollback’s as its own', async () => {
  const { db, close } = await openDatabase<Tables>({ url: await freshDatabase(server.url), log: silentLog })
  try {
    await migrateToLatest(db, MIGRATIONS.slice(0, 5))
    const since = '2026-03-03T09:00:00.000Z'
    const before: readonly (readonly [string, object])[] = [
      ['locked', { by: 'carol', reason: 'audit', since, until: '2026-03-04T09:00:00.000Z' }],
      ['rolled-back', { by: 'alice', reason: 'rolled back to v11 by alice', since }],
      ['failed', { by: 'Lockkeeper', reason: 'v12 failed: not healthy', since }],
      ['both', { by: 'carol, Lockkeeper', reason: 'audit; v12 failed: not healthy', since }],
      ['quoting', { by: 'dave', reason: 'because Lockkeeper rolled back', since }],
    ]
    for (const [model, data] of before)
      await sql`insert into holds values (${repository}, ${model}, 'prod', ${JSON.stringify(data)})`.execute(db)
    await migrateToLatest(db, MIGRATIONS)
    const ledger = createLedger(db)
    const holds = await ledger.holds([repository])
    expect(new Set(holds.map(({ id }) => id)).size).toBe(before.length)
    expect(
      holds.map(({ model, kind, by, environment }) => `${environment} ${model}: ${kind} by ${by}`).toSorted(),
    ).toEqual([
      'prod both: rollback by carol, Lockkeeper',
      'prod failed: rollback by Lockkeeper',
      'prod locked: lock by carol',
      'prod quoting: lock by dave',
      'prod rolled-back: rollback by alice',
    ])
    const locked = holds.find(({ model }) => model === 'locked')
    expect(locked).toMatchObject({ reason: 'audit', since: new Date(since), until: new Date('2026-03-04T09:00:00Z') })
    expect(locked && (await ledger.liftHold(locked, { by: 'alice', cause: 'command 1', at: new Date() }))).toBe(true)
    expect(await ledger.holds([repository])).toHaveLength(before.length - 1)
  } finally {
    await close()
  }
})

it('a promotion that was open before the upgrade goes on: read as it is, approved, and cancelled', async () => {
  const { db, close } = await openDatabase<Tables>({ url: await freshDatabase(server.url), log: silentLog })
  try {
    await migrateToLatest(db, MIGRATIONS.slice(0, 5))
    const at = '2026-03-03T09:00:00.000Z'
    const pullRequest = { id: 'PR_2', number: 2, url: 'https://github.com/acme/ml-config/pull/2', headSha: HEAD }
    const key = { repository, model: CHURN, environment: PROD }
    const old: Promotion = {
      ...{ ...key, id: 'pro-1', kind: 'promotion', release: undefined, label: 'v12', via: { kind: 'automation' } },
      ...{ leaves: undefined, restore: [], thread: 1, asked: undefined, createdAt: at, changes: [], pullRequest },
      stage: {
        at: 'opened',
        pullRequest,
        openedAt: at,
        waiting: { rules: [{ detail: 'held', until: undefined }], together: undefined },
      },
    }
    await sql`insert into promotions (id, repository, model, environment, stage, active, thread, config_pull_request, edition, untold, data)
      values ('pro-1', ${repository}, ${CHURN}, ${PROD}, 'opened', true, 1, 2, 4, false, ${JSON.stringify(old)})`.execute(
      db,
    )
    await migrateToLatest(db, MIGRATIONS)
    const ledger = createLedger(db)
    const [read] = await ledger.history(key)
    expect(read).toMatchObject({ id: 'pro-1', edition: 4, stage: { at: 'opened' } })
    expect(read?.pullRequest?.headSince).toBeUndefined()
    expect(await ledger.approvals('pro-1')).toEqual([])
    const approval = {
      promotion: 'pro-1',
      head: HEAD,
      login: 'bob',
      by: { repository, commentId: 1 },
      at: new Date(at),
    }
    const entry = { at: new Date(at), actor: 'bob', action: 'approve', subject: 'pro-1', detail: {} }
    expect(await ledger.approve(approval, entry)).toBe('approved')
    const stage = { at: 'cancelled', endedAt: at, reason: 'cancelled by carol', act: 'command' } as const
    expect(await ledger.savePromotion({ ...old, edition: 4, stage }, { ...entry, action: 'cancel' })).toMatchObject({
      edition: 5,
    })
    expect(await ledger.activePromotions()).toEqual([])
  } finally {
    await close()
  }
})

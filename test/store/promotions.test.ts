/** Promotions in the ledger: what two runs save side by side does not get lost, and what has ended is remembered until it is told. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { CommitSha, EnvironmentName, ModelName, RepoName } from '../../src/domain/ids.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import type { Ledger } from '../../src/services/ledger.ts'
import { type Database, migrateToLatest, openDatabase } from '../../src/store/database.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import type { Tables } from '../../src/store/tables.ts'
import { freshDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/database-server.ts'
import { silentLog } from '../support/log.ts'

let server: TestServer | undefined
let database: Database<Tables> | undefined
let ledger: Ledger
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(async () => {
  await database?.close()
  database = await openDatabase<Tables>({ url: await freshDatabase(server?.url), log: silentLog })
  await migrateToLatest(database.db, MIGRATIONS)
  ledger = createLedger(database.db)
})
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

const KEY = {
  repository: 'acme/models' as RepoName,
  model: 'churn' as ModelName,
  environment: 'prod' as EnvironmentName,
}

const promotion = (id: string): Promotion => ({
  ...KEY,
  id,
  kind: 'promotion',
  release: undefined,
  label: id,
  via: { kind: 'automation' },
  leaves: undefined,
  restore: [],
  thread: 1,
  asked: undefined,
  createdAt: '2026-11-24T09:00:00Z',
  changes: [],
  pullRequest: undefined,
  stage: { at: 'proposed' },
})

const superseded = (one: Promotion, by: string): Promotion => ({
  ...one,
  stage: { at: 'superseded', endedAt: '2026-11-24T09:01:00Z', by, wasMerged: false },
})

const cancelled = (one: Promotion): Promotion => ({
  ...one,
  stage: { at: 'cancelled', endedAt: '2026-11-24T09:01:00Z', reason: 'closed' },
})

async function proposed(id: string): Promise<Promotion> {
  await ledger.propose(promotion(id), undefined)
  const found = await ledger.promotion(id)
  if (found === undefined) throw new Error(`${id} is not there`)
  return found
}

it('a save of what another run has saved since is refused, and changes nothing', async () => {
  const read = await proposed('v12')
  const saved = await ledger.savePromotion({ ...read, label: 'first' })
  await expect(ledger.savePromotion({ ...read, label: 'second' })).rejects.toThrow('saved by another run')
  expect(await ledger.promotion('v12')).toEqual(saved)
  await ledger.savePromotion({ ...saved, label: 'third' })
  expect((await ledger.promotion('v12'))?.label).toBe('third')
})

it('a proposal that would end a promotion that has moved on is refused whole', async () => {
  const read = await proposed('v12')
  await ledger.savePromotion({ ...read, label: 'merged' })
  await expect(ledger.propose(promotion('v13'), superseded(read, 'v13'))).rejects.toThrow('saved by another run')
  expect((await ledger.history(KEY)).map(({ id, stage }) => `${id} ${stage.at}`)).toEqual(['v12 proposed'])
})

it('a proposal waits while what it would end must not be disturbed', async () => {
  const read = await proposed('v12')
  const order: string[] = []
  let proposal: Promise<unknown> | undefined
  await ledger.undisturbed(read, async () => {
    proposal = ledger
      .propose(promotion('v13'), superseded(read, 'v13'))
      .catch((error: Error) => order.push(error.message.slice(0, 36)))
    await new Promise((resolve) => setTimeout(resolve, 200))
    await ledger.savePromotion({ ...read, label: 'merged' })
    order.push('merged')
  })
  await proposal
  expect(order).toEqual(['merged', 'promotion v12 was saved by another r'])
})

it('what was superseded since it was read is not begun with', async () => {
  const read = await proposed('v12')
  await ledger.propose(promotion('v13'), superseded(read, 'v13'))
  let ran = false
  const run = ledger.undisturbed(read, async () => {
    ran = true
  })
  await expect(run).rejects.toThrow('saved by another run')
  expect(ran).toBe(false)
})

it('whatever ends a promotion leaves it untold, until that very end was told', async () => {
  const ids = async () => (await ledger.untoldPromotions(KEY)).map(({ id }) => id)
  const first = await proposed('v12')
  expect(await ids()).toEqual([])
  await ledger.propose(promotion('v13'), superseded(first, 'v13'))
  expect(await ids()).toEqual(['v12'])
  const second = await ledger.promotion('v13')
  if (second === undefined) throw new Error('v13 is not there')
  const ended = await ledger.savePromotion(cancelled(second))
  expect(await ids()).toEqual(['v12', 'v13'])
  const again = await ledger.savePromotion({ ...ended, label: 'more' })
  await ledger.markTold(ended)
  expect(await ids()).toEqual(['v12', 'v13'])
  await ledger.markTold(again)
  expect((await ledger.untoldPromotions()).map(({ id }) => id)).toEqual(['v12'])
})

it('a pull request is that of its own repository, whatever another one is called', async () => {
  const one = await proposed('one')
  const pullRequest = {
    id: 'PR_2',
    number: 2,
    url: 'https://github.com/Acme/ml-config/pull/2',
    headSha: 'a'.repeat(40) as CommitSha,
  }
  await ledger.savePromotion({ ...one, pullRequest })
  expect((await ledger.promotionOfPullRequest(2, 'acme/ml-config' as RepoName))?.id).toBe('one')
  for (const other of ['ml-config/pull', 'github.com/acme', 'acme/ml'])
    expect(await ledger.promotionOfPullRequest(2, other as RepoName)).toBeUndefined()
})

it('whoever asks for it to be settled waits for the run that is at it, and for no other', async () => {
  const one = await proposed('v12')
  await ledger.settled(one)
  const order: string[] = []
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const run = ledger.undisturbed(one, async () => {
    begin()
    await sleep(200)
    order.push('merged')
  })
  await begun
  await ledger.settled(promotion('v13'))
  order.push('another is settled')
  await ledger.settled(one)
  order.push('settled')
  await run
  expect(order).toEqual(['another is settled', 'merged', 'settled'])
})

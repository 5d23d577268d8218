/** Promotions in the ledger: what two runs save side by side does not get lost, and what has ended is remembered until it is told. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { CommitSha, EnvironmentName, ModelName, RepoName } from '../../src/domain/ids.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench()

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
  await bench.ledger.propose(promotion(id), undefined)
  const found = await bench.ledger.promotion(id)
  if (found === undefined) throw new Error(`${id} is not there`)
  return found
}

it('a save of what another run has saved since is refused, and changes nothing', async () => {
  const read = await proposed('v12')
  const saved = await bench.ledger.savePromotion({ ...read, label: 'first' })
  await expect(bench.ledger.savePromotion({ ...read, label: 'second' })).rejects.toThrow('saved by another run')
  expect(await bench.ledger.promotion('v12')).toEqual(saved)
  await bench.ledger.savePromotion({ ...saved, label: 'third' })
  expect((await bench.ledger.promotion('v12'))?.label).toBe('third')
})

it('a proposal that would end a promotion that has moved on is refused whole', async () => {
  const read = await proposed('v12')
  await bench.ledger.savePromotion({ ...read, label: 'merged' })
  await expect(bench.ledger.propose(promotion('v13'), superseded(read, 'v13'))).rejects.toThrow('saved by another run')
  expect((await bench.ledger.history(KEY)).map(({ id, stage }) => `${id} ${stage.at}`)).toEqual(['v12 proposed'])
})

it('a proposal waits while what it would end must not be disturbed', async () => {
  const read = await proposed('v12')
  const order: string[] = []
  let proposal: Promise<unknown> | undefined
  await bench.ledger.undisturbed(read, async () => {
    proposal = bench.ledger
      .propose(promotion('v13'), superseded(read, 'v13'))
      .catch((error: Error) => order.push(error.message.slice(0, 36)))
    await new Promise((resolve) => setTimeout(resolve, 200))
    await bench.ledger.savePromotion({ ...read, label: 'merged' })
    order.push('merged')
  })
  await proposal
  expect(order).toEqual(['merged', 'promotion v12 was saved by another r'])
})

it('what was superseded since it was read is not begun with', async () => {
  const read = await proposed('v12')
  await bench.ledger.propose(promotion('v13'), superseded(read, 'v13'))
  let ran = false
  const run = bench.ledger.undisturbed(read, async () => {
    ran = true
  })
  await expect(run).rejects.toThrow('saved by another run')
  expect(ran).toBe(false)
})

it('whatever ends a promotion leaves it untold, until that very end was told', async () => {
  const ids = async () => (await bench.ledger.untoldPromotions(KEY)).map(({ id }) => id)
  const first = await proposed('v12')
  expect(await ids()).toEqual([])
  await bench.ledger.propose(promotion('v13'), superseded(first, 'v13'))
  expect(await ids()).toEqual(['v12'])
  const second = await bench.ledger.promotion('v13')
  if (second === undefined) throw new Error('v13 is not there')
  const ended = await bench.ledger.savePromotion(cancelled(second))
  expect(await ids()).toEqual(['v12', 'v13'])
  const again = await bench.ledger.savePromotion({ ...ended, label: 'more' })
  await bench.ledger.markTold(ended)
  expect(await ids()).toEqual(['v12', 'v13'])
  await bench.ledger.markTold(again)
  expect((await bench.ledger.untoldPromotions()).map(({ id }) => id)).toEqual(['v12'])
})

it('a pull request is that of its own repository, whatever another one is called', async () => {
  const one = await proposed('one')
  const pullRequest = {
    id: 'PR_2',
    number: 2,
    url: 'https://github.com/Acme/ml-config/pull/2',
    headSha: 'a'.repeat(40) as CommitSha,
  }
  await bench.ledger.savePromotion({ ...one, pullRequest })
  expect((await bench.ledger.promotionOfPullRequest(2, 'acme/ml-config' as RepoName))?.id).toBe('one')
  for (const other of ['ml-config/pull', 'github.com/acme', 'acme/ml'])
    expect(await bench.ledger.promotionOfPullRequest(2, other as RepoName)).toBeUndefined()
})

it('whoever asks for it to be settled waits for the run that is at it, and for no other', async () => {
  const one = await proposed('v12')
  await bench.ledger.settled(one)
  const order: string[] = []
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const run = bench.ledger.undisturbed(one, async () => {
    begin()
    await sleep(200)
    order.push('merged')
  })
  await begun
  await bench.ledger.settled(promotion('v13'))
  order.push('another is settled')
  await bench.ledger.settled(one)
  order.push('settled')
  await run
  expect(order).toEqual(['another is settled', 'merged', 'settled'])
})

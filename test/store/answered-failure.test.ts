/** A failure and whatever began beside it, through the real ledger: in every order, on two replicas, and with a crash after every write the rollback wins. */
import { expect, test } from 'vitest'
import type { Promotion } from '../../src/domain/promotion.ts'
import { answerFailures } from '../../src/services/answer-failure.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { Ledger } from '../../src/services/ledger.ts'
import { settleIncidents } from '../../src/services/open-incident.ts'
import type { Target } from '../../src/services/promotion-context.ts'
import { CONFIG, failed, PROPOSED, promotion, SYNCING, verified } from '../domain/outcome-history.ts'
import { ledgerBench } from '../support/ledger.ts'
import { silentLog } from '../support/log.ts'

const bench = ledgerBench()

const target = { environment: { rollback: 'automatic', repository: CONFIG } } as unknown as Target
const depsOf = (over: Ledger): Deps =>
  ({ ledger: over, clock: { now: () => new Date('2026-11-24T11:00:00Z') }, log: silentLog }) as unknown as Deps

/** A promotion of the ledger, with its edition: proposed, then as it ended. */
async function happened(one: Promotion): Promise<Promotion> {
  await bench.ledger.propose({ ...one, stage: PROPOSED }, undefined)
  const kept = await bench.ledger.promotion(one.id)
  return one.stage.at === 'proposed'
    ? { ...one, edition: kept?.edition }
    : bench.ledger.savePromotion({ ...one, edition: kept?.edition })
}

const v12 = promotion('v12', verified(0))
const v13 = promotion('v13', failed())
const bobs = promotion('v14', PROPOSED, { via: { kind: 'deploy', by: 'bob' } })
const told = async (): Promise<readonly string[]> =>
  (await bench.ledger.history(v12)).toReversed().map(({ kind, label, stage }) => `${kind} ${label}: ${stage.at}`)
const held = async (): Promise<number> => (await bench.ledger.holds([v12.repository])).length

const ROLLED_BACK = ['promotion v12: verified', 'promotion v13: failed']

test('a deploy that came in the same second gives way', async () => {
  for (const one of [v12, v13, bobs]) await happened(one)
  await answerFailures(v12, target, depsOf(bench.ledger))
  expect(await told()).toEqual([...ROLLED_BACK, 'promotion v14: superseded', 'rollback v12: proposed'])
  expect(await held()).toBe(1)
})

test('a deploy that comes after the answer is refused by the ledger', async () => {
  for (const one of [v12, v13]) await happened(one)
  await answerFailures(v12, target, depsOf(bench.ledger))
  expect(await bench.ledger.propose(bobs, undefined)).toBe('busy')
  expect(await told()).toEqual([...ROLLED_BACK, 'rollback v12: proposed'])
})

test('a deploy that comes between reading and answering makes the run repeat, and then gives way', async () => {
  for (const one of [v12, v13]) await happened(one)
  const late: Ledger = {
    ...bench.ledger,
    history: async (key) => {
      const history = await bench.ledger.history(key)
      await bench.ledger.propose(bobs, undefined)
      return history
    },
  }
  await expect(answerFailures(v12, target, depsOf(late))).rejects.toThrow('a promotion began before the rollback')
  await answerFailures(v12, target, depsOf(bench.ledger))
  expect(await told()).toEqual([...ROLLED_BACK, 'promotion v14: superseded', 'rollback v12: proposed'])
})

test('one that is merged is left to its own proof, under the hold', async () => {
  for (const one of [v12, v13]) await happened(one)
  await happened({ ...bobs, stage: SYNCING })
  await answerFailures(v12, target, depsOf(bench.ledger))
  expect(await told()).toEqual([...ROLLED_BACK, 'promotion v14: syncing'])
  expect(await held()).toBe(1)
})

test('two replicas that answer at once make one rollback and one hold', async () => {
  for (const one of [v12, v13]) await happened(one)
  const both = [1, 2].map(() => answerFailures(v12, target, depsOf(bench.ledger)))
  // One of them may find that the other was quicker, and is repeated.
  await Promise.allSettled(both)
  await answerFailures(v12, target, depsOf(bench.ledger))
  expect(await told()).toEqual([...ROLLED_BACK, 'rollback v12: proposed'])
  expect(await held()).toBe(1)
})

/** The ledger until its n-th write, after which everything dies. */
function dying(writes: number): Ledger {
  let left = writes
  const mortal =
    <Arguments extends readonly unknown[], Result>(write: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      const result = await write(...given)
      left -= 1
      if (left === 0) throw new Error('kill -9')
      return result
    }
  const { placeHold, propose, savePromotion } = bench.ledger
  return {
    ...bench.ledger,
    placeHold: mortal(placeHold),
    propose: mortal(propose),
    savePromotion: mortal(savePromotion),
  }
}

test.each([1, 2, 3])('killed after write %i, it comes to the same end, and the hold is there first', async (writes) => {
  for (const one of [v12, v13, bobs]) await happened(one)
  await expect(answerFailures(v12, target, depsOf(dying(writes)))).rejects.toThrow('kill -9')
  expect(await held()).toBe(1)
  await answerFailures(v12, target, depsOf(bench.ledger))
  await answerFailures(v12, target, depsOf(bench.ledger))
  expect(await told()).toEqual([...ROLLED_BACK, 'promotion v14: superseded', 'rollback v12: proposed'])
  expect(await held()).toBe(1)
})

test('a rollback that is not verified opens one incident, which ends when something is', async () => {
  for (const one of [v12, v13]) await happened(one)
  const deps = depsOf(bench.ledger)
  await answerFailures(v12, target, deps)
  const [rollback] = await bench.ledger.history(v12)
  if (rollback === undefined) throw new Error('no rollback')
  await bench.ledger.savePromotion({ ...rollback, stage: failed() })
  for (const _ of [1, 2]) {
    await answerFailures(v12, target, deps)
    await settleIncidents(v12, deps)
  }
  expect(await told()).toEqual([...ROLLED_BACK, 'rollback v12: failed'])
  expect((await bench.ledger.promotion(rollback.id))?.incident).toEqual({ since: '2026-11-24T11:00:00.000Z' })
  await happened({ ...bobs, stage: verified(90) })
  await settleIncidents(v12, deps)
  await settleIncidents(v12, deps)
  expect((await bench.ledger.promotion(rollback.id))?.incident?.closedAt).toBe('2026-11-24T11:00:00.000Z')
  const audited = await bench.database.db
    .selectFrom('audit')
    .select('action')
    .where('action', 'like', 'incident.%')
    .execute()
  expect(audited.map(({ action }) => action)).toEqual(['incident.opened', 'incident.closed'])
})

/** Waivers: nobody's is lost to another's, and a command that runs again after a crash comes to the same end. */
import { beforeEach, expect, it } from 'vitest'
import type { WaiverRecord } from '../../src/services/ports.ts'
import { type Comparisons, createComparisonStore } from '../../src/store/comparisons.ts'
import { modelName, sha } from '../comments/comparison-fixture.ts'
import { HEAD, repository } from '../services/comparison-world.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench()
let store: Comparisons
beforeEach(() => {
  store = createComparisonStore(bench.database.db)
})

const head = { repository, number: 7, headSha: HEAD }
const waiver = (gate: string, by = 'carol'): WaiverRecord => ({
  ...{ ...head, model: modelName('churn'), gate, by },
  ...{ reason: 'a known outage', at: '2026-11-24T10:00:00.000Z' },
})
const gates = async () => (await store.waivers(head)).map(({ gate, by }) => `${gate} by ${by}`)
const audited = async () =>
  (await bench.database.db.selectFrom('audit').selectAll().orderBy('id').execute()).map(
    ({ actor, action }) => `${actor} ${action}`,
  )
const revoked = (gate: string) => ({ gate, model: modelName('churn'), by: 'bob', at: new Date('2026-11-24T11:00:00Z') })

it('of many gates at the same time all stand, also while the comparison is saved', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `gate ${index}`)
  const record = { ...head, headSeenAt: '', testMergeCommits: [], isCompleted: true, finished: undefined }
  await Promise.all(names.map((name) => Promise.all([store.addWaiver(waiver(name), name), store.save(record)])))
  expect((await gates()).toSorted()).toEqual(names.map((name) => `${name} by carol`).toSorted())
})

it('of one gate the first stands, and the other is told whose it is', async () => {
  const answers = await Promise.all([
    store.addWaiver(waiver('auc', 'carol'), 'comment 1'),
    store.addWaiver(waiver('auc', 'bob'), 'comment 2'),
  ])
  const [stands] = await store.waivers(head)
  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['added', 'known'])
  expect(answers.map(({ waiver: told }) => told.by)).toEqual([stands?.by, stands?.by])
  expect(await audited()).toEqual([`${stands?.by} override`])
})

it('of one head and one model: others have none of it', async () => {
  await store.addWaiver(waiver('auc'), 'comment 1')
  expect(await store.waivers({ ...head, headSha: sha('beef') })).toEqual([])
  expect(await store.waivers({ ...head, number: 8 })).toEqual([])
  expect(await store.addWaiver({ ...waiver('auc'), model: modelName('fraud') }, 'comment 2')).toMatchObject({
    kind: 'added',
  })
})

it('the same command again after a crash gives the same answer, and is audited once', async () => {
  await store.addWaiver(waiver('auc'), 'comment 1')
  expect(await store.addWaiver(waiver('auc'), 'comment 1')).toEqual({ kind: 'added', waiver: waiver('auc') })
  expect(await store.revokeWaiver(head, revoked('auc'), 'comment 2')).toBe(true)
  expect(await store.revokeWaiver(head, revoked('auc'), 'comment 2')).toBe(true)
  expect(await store.revokeWaiver(head, revoked('auc'), 'comment 3')).toBe(false)
  expect(await gates()).toEqual([])
  expect(await audited()).toEqual(['carol override', 'bob override --revoke'])
})

it('what was taken back can be waived again', async () => {
  await store.addWaiver(waiver('auc'), 'comment 1')
  await store.revokeWaiver(head, revoked('auc'), 'comment 2')
  await store.addWaiver(waiver('auc', 'alice'), 'comment 3')
  expect(await gates()).toEqual(['auc by alice'])
})

it('names of gates may be longer than an index takes', async () => {
  await store.addWaiver(waiver('x'.repeat(20_000)), 'comment 1')
  expect(await store.waivers(head)).toHaveLength(1)
})

/** Commands that wait in a thread, and what is noted of pushes, on PostgreSQL. */
import { expect, it } from 'vitest'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord } from '../../src/services/ledger.ts'
import {
  followPush,
  forgetOldPushes,
  isWithoutModels,
  rememberWithoutModels,
} from '../../src/services/without-models.ts'
import { repo, sha } from '../support/ids.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench()

const MODELS = repo('acme/models')
const CONFIG = repo('acme/config')

it('what waits in a thread is given oldest first: without what has run, clicks, and other threads', async () => {
  const heard = (commentId: number, more: Partial<CommandRecord> = {}) =>
    bench.ledger.hearCommand({
      ...{ repository: MODELS, commentId, pullRequestNumber: 7, state: 'received', ...more },
    } as CommandRecord)
  await heard(40)
  await heard(10, { state: 'done' })
  await heard(20, { state: 'acknowledged' })
  await heard(30, { state: 'running' })
  await heard(-35)
  await heard(36, { pullRequestNumber: 77 })
  await heard(37, { repository: CONFIG })
  expect((await bench.ledger.commandsToRun(MODELS, 7)).map(({ commentId }) => commentId)).toEqual([20, 40])
  expect(await bench.ledger.commandsToRun(MODELS, 8)).toEqual([])
})

it('what is noted of pushes goes a week after it was asked for last, and nothing else does', async () => {
  const onDay = (day: number) => {
    const parseConfig: Deps['parseConfig'] = () => ({ ok: false, problems: [] })
    return { ledger: bench.ledger, clock: { now: () => new Date(Date.UTC(2026, 10, day, 12)) }, parseConfig }
  }
  const [first, second] = [sha('a'), sha('b')].map((each) => ({ repository: CONFIG, sha: each })) as [At, At]
  const other = { key: 'comparison acme/config#1', nodeId: 'x', hash: 'y', intendedAt: '2026-11-01T12:00:00.000Z' }
  await bench.ledger.savePublication(other)
  await rememberWithoutModels(first, onDay(1))
  await followPush({ ...second, before: first.sha, paths: new Set(['a.yaml']) }, onDay(5))
  await forgetOldPushes(onDay(7))
  expect(await isWithoutModels(second, onDay(7))).toBe(true)
  await forgetOldPushes(onDay(9))
  const keys = (await bench.database.db.selectFrom('publications').select('key').orderBy('key').execute()).map(
    ({ key }) => key,
  )
  expect(keys).toEqual([other.key, `models at acme/config ${second.sha}`])
  expect(await isWithoutModels(second, onDay(9))).toBe(true)
  await forgetOldPushes(onDay(15))
  expect(await isWithoutModels(second, onDay(15))).toBe(false)
  expect(await bench.ledger.publication(other.key)).toMatchObject(other)
})

type At = Parameters<typeof rememberWithoutModels>[0]

/** Which commit an engine may still apply after its promotion has given up, over the histories in which that is asked. */
import { expect, test } from 'vitest'
import type { Promotion } from '../../src/domain/promotion.ts'
import { unappliedIn } from '../../src/domain/unapplied.ts'
import { at, failed, PROPOSED, promotion, SHA, SYNCING, verified } from './outcome-history.ts'

const v12 = promotion('v12', verified(0))
const unsynced = promotion('v13', failed('sync_timeout', { mergedAt: at(5) }))
const blocked = promotion('v13', failed('sync_blocked', { mergedAt: at(5) }))
const rollback = { kind: 'rollback', via: { kind: 'rollback', by: 'alice' } } as const

test.each<[string, readonly Promotion[], string | undefined]>([
  ['nothing was ever promoted', [], undefined],
  ['all is well', [v12], undefined],
  ['it was not synced in time', [v12, unsynced], 'v13'],
  ['its sync was blocked', [v12, blocked], 'v13'],
  ['it was the first one', [blocked], 'v13'],
  ['it was applied, and failed', [v12, promotion('v13', failed('rollout_failed'))], undefined],
  ['somebody else’s values took its place', [v12, promotion('v13', failed('values_overwritten'))], undefined],
  ['a newer one is open: what is applied comes first', [v12, unsynced, promotion('v14', PROPOSED)], 'v13'],
  ['a newer one is merged over it', [v12, unsynced, promotion('v14', SYNCING)], undefined],
  ['a newer one was verified over it', [v12, unsynced, promotion('v14', verified(40))], undefined],
  ['a newer one was not applied either', [v12, unsynced, promotion('v14', failed('sync_blocked'))], 'v14'],
  ['a way back is on its way', [v12, unsynced, promotion('back', PROPOSED, rollback)], undefined],
  ['the way back was not applied either', [v12, unsynced, promotion('back', failed('sync_timeout'), rollback)], 'back'],
  ['it was never merged', [v12, promotion('v13', failed('sync_timeout', { revision: undefined }))], undefined],
])('%s', (_, happened, expected) => {
  expect(unappliedIn(happened.toReversed())?.promotion.label).toBe(expected)
})

test('what an earlier version ended without its merge is looked at from its end on', () => {
  const { mergedAt, failedAt, revision } = unappliedIn([promotion('v13', failed('sync_timeout'))]) ?? {}
  expect({ mergedAt, failedAt, revision }).toEqual({ mergedAt: at(30), failedAt: at(30), revision: SHA })
  expect(unappliedIn([unsynced])?.mergedAt).toBe(at(5))
})

/** What a history means in which a canary has a part of the traffic: it is merged and not proven, and it is never left alone. */
import { expect, it, test } from 'vitest'
import { answerFailure } from '../../src/domain/answered-failure.ts'
import type { Canary } from '../../src/domain/canary.ts'
import {
  type Change,
  foundBefore,
  isMerged,
  livePromotion,
  type Promotion,
  reachedGit,
  rollbackTarget,
  wasNeverApplied,
} from '../../src/domain/promotion.ts'
import { parseTemplate } from '../../src/domain/template.ts'
import { planRollback, standingPromotion } from '../../src/domain/way-back.ts'
import { CONFIG, failed, PROPOSED, promotion, verified } from './outcome-history.ts'

const parsed = parseTemplate('f.yaml')
if (!parsed.ok) throw new Error('no template')
const change = (path: string, before: string, after: string): Change => ({
  ...{ file: 'f.yaml', document: undefined, path, before, after },
})
const MODEL = change('spec.predictor.model.storageUri', 's3://m/11', 's3://m/12')
const SHARE = change('spec.predictor.canaryTrafficPercent', '', '10')
const canary: Canary = {
  steps: [{ percent: 10, for: 1 }],
  traffic: { kind: 'kserve', file: parsed.template, name: parsed.template },
  share: 50,
  live: {
    share: 10,
    revision: 'r1',
    mergedAt: '2026-11-24T10:00:00Z',
    pullRequest: undefined,
    changes: [SHARE, MODEL],
  },
}
const v12 = promotion('v12', verified(0))
const between: Promotion = { ...promotion('v13', PROPOSED), canary }
const answer = (last: Promotion, mode: 'automatic' | 'manual') => answerFailure([last, v12], { mode, into: CONFIG })

it('counts as merged between two steps, and never as live', () => {
  expect([isMerged(between), reachedGit(between)]).toEqual([true, true])
  const history = [between, v12]
  expect(livePromotion(history)?.label).toBe('v12')
  expect(standingPromotion(history)?.label).toBe('v13')
  expect(rollbackTarget(history, between.release)?.label).toBe('v12')
})

it('was found with what its first step replaced, and without a share', () => {
  expect(foundBefore([{ ...between, changes: [change(SHARE.path, '10', '50')] }])).toEqual([MODEL])
})

test.each(['automatic', 'manual'] as const)(
  'what fails is taken back under `rollback: %s`, by a share of 0 first',
  (mode) => {
    const given = answer({ ...between, ...failed(), stage: failed() }, mode)
    expect(given).toMatchObject({ isHeld: true, rollback: { label: 'v12', canary: { share: 0 } } })
  },
)

it('with all of the traffic merged there is no revision to be pinned', () => {
  const whole: Promotion = { ...between, stage: failed(), canary: { ...canary, share: 100 } }
  expect(answer(whole, 'automatic')?.rollback?.canary).toBeUndefined()
})

it('was applied, also where its next step never was', () => {
  const stage = { ...failed(), code: 'sync_timeout' } as const
  expect(wasNeverApplied({ ...between, stage })).toBe(false)
  expect(wasNeverApplied({ ...between, stage, canary: undefined })).toBe(true)
})

it('is left by a share of 0 first, also where a rollback had taken its place and came to nothing', () => {
  const superseded = { at: 'superseded', endedAt: '', by: 'pro-back', wasMerged: true } as const
  const { live: _, ...first } = canary
  const back = (leaving: Promotion) =>
    planRollback(
      { leaving, history: [leaving, v12], via: { kind: 'rollback', by: 'alice' }, cause: 'again', into: CONFIG },
      '2026-11-24T11:00:00Z',
    )?.canary?.share
  expect(back({ ...between, stage: superseded, canary: first })).toBe(0)
  expect(back({ ...between, stage: superseded })).toBe(0)
  expect(back({ ...between, stage: superseded, canary: { ...first, share: 100 } })).toBeUndefined()
})

/** The end of a sync that nobody can see any more. Stories: test/scenarios/sync-trouble.test.ts. */
import { expect, test } from 'vitest'
import { answerFailure } from '../../src/domain/answered-failure.ts'
import type { Stage } from '../../src/domain/promotion.ts'
import type { Deps } from '../../src/services/deps.ts'
import { followSync } from '../../src/services/follow-sync.ts'
import { at, CONFIG, promotion, SYNCING, verified } from '../domain/outcome-history.ts'
import { PROD, parsedSettings } from '../domain/reference-settings.ts'

const environment = parsedSettings.environments.get(PROD)
if (environment === undefined) throw new Error('the reference has changed')
const target = { environment } as unknown as Parameters<typeof followSync>[1]

/** After its 30 minutes, with a cluster that does not answer: the code of the failure, and what follows it. */
async function ends(applied: boolean, lookedAt = at(89)) {
  const stage: Stage = { ...SYNCING, applied, lookedAt }
  const deps = {
    clock: { now: () => new Date(at(90)) },
    mayUse: () => ({ allowed: true }),
    cluster: { read: async () => ({ kind: 'refused', reason: 'the cluster does not answer' }) },
  } as unknown as Deps
  const { promotion: ended } = await followSync(promotion('v13', stage), target, deps)
  const answer = answerFailure([ended, promotion('v12', verified(0))], { mode: 'automatic', into: CONFIG })
  const code = ended.stage.at === 'failed' ? ended.stage.code : undefined
  return { code, isHeld: answer?.isHeld, back: answer?.rollback?.label }
}

test('what was being applied when the cluster went away may be live: it is taken back and held', async () => {
  expect(await ends(true)).toEqual({
    code: 'rollout_failed',
    isHeld: true,
    back: 'v12',
  })
})

test('what nothing began to apply is blocked, which is nobody’s failure', async () => {
  expect(await ends(false)).toEqual({ code: 'sync_blocked', isHeld: false, back: undefined })
})

test('what was being applied is not called overdue at the first look after hours without any', async () => {
  expect(await ends(true, at(31))).toEqual({ code: undefined, isHeld: undefined, back: undefined })
})

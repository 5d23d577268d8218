/** The alias after a bot that was killed between asking for it and seeing it: the way back knows whose it is. Stories: test/scenarios/outcome-alias.test.ts. */
import { expect, it } from 'vitest'
import type { AliasMove, History, Promotion } from '../../src/domain/promotion.ts'
import type { Deps } from '../../src/services/deps.ts'
import { settleAlias } from '../../src/services/settle-alias.ts'
import { promotion, verified } from '../domain/outcome-history.ts'
import { PROD, parsedSettings } from '../domain/reference-settings.ts'

const move = (from: string, to: string, tries?: number): AliasMove => ({
  ...{ server: 'default', model: 'churn', alias: 'champion', from, to },
  ...(tries !== undefined && { tries }),
})

/** Where a verified rollback puts the alias, which is now at `version`, and what is said of it. */
async function backFrom(before: History, version: string, back: Partial<Promotion>) {
  const rollback = promotion('v12', verified(9), { id: 'pro-back', kind: 'rollback', ...back })
  const set: string[] = []
  const release = { registeredModel: 'churn', modelVersion: '12', commit: 'c'.repeat(40), origin: 'branch' }
  const deps = {
    clock: { now: () => new Date('2026-11-24T11:00:00Z') },
    mayUse: () => ({ allowed: true }),
    ledger: {
      releaseById: async () => ({ state: { kind: 'complete', release } }),
      savePromotion: async (saved: Promotion) => saved,
    },
    mlflow: {
      version: async () => ({ version }),
      setAlias: async (_: string, __: string, ___: string, to: string) => void set.push(to),
    },
  } as unknown as Deps
  const model = [...parsedSettings.models.values()].find(({ name }) => name === 'churn')
  const environment = parsedSettings.environments.get(PROD)
  if (model === undefined || environment === undefined) throw new Error('the reference has changed')
  const target = { key: rollback, model, environment }
  const settled = await settleAlias(rollback, { history: [rollback, ...before], target }, deps)
  return { set, told: settled.promotion.stage.at === 'verified' ? settled.promotion.stage.alias : undefined }
}

const v12 = promotion('v12', verified(1, { alias: 'alias champion → v12', move: move('11', '12') }))
const asked = promotion('v13', verified(5, { alias: 'alias champion → v13 is asked for', move: move('12', '13', 0) }))

it('is put back from where it was asked for, though nobody saw it get there', async () => {
  expect(await backFrom([asked, v12], '13', {})).toEqual({ set: ['12'], told: 'alias champion → v12' })
})

it('also when that was the first move of all, to what was found', async () => {
  const first = { ...asked, stage: verified(5, { alias: 'asked for', move: move('11', '13', 0) }) }
  const told = 'alias champion → version 11, as found'
  expect(await backFrom([first], '13', { release: undefined })).toEqual({ set: ['11'], told })
})

it('stays where a person has put it, whatever was asked for', async () => {
  const told = 'alias champion left at version 14, where somebody else has put it'
  expect(await backFrom([asked, v12], '14', {})).toEqual({ set: [], told })
  expect(await backFrom([asked], '14', {})).toEqual({ set: [], told: 'alias champion untouched' })
})

/** Replicas whose clocks differ look at one rollout in turn. The rule: test/domain/verification-gap.test.ts. */
import { expect, it } from 'vitest'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'
import { parseTemplate } from '../../src/domain/template.ts'
import type { Deps } from '../../src/services/deps.ts'
import { verifyRollout } from '../../src/services/verify-rollout.ts'
import { at, promotion, SHA } from '../domain/outcome-history.ts'
import { PROD, parsedSettings } from '../domain/reference-settings.ts'

const reference = parsedSettings.environments.get(PROD)
if (reference === undefined) throw new Error('the reference has changed')
const name = parseTemplate('argocd/churn')
if (!name.ok) throw new Error('no template')
const environment = {
  ...reference,
  sync: { reported: { kind: 'commit_status', name: name.template, by: 'argocd[bot]' }, within: 30 * 60_000 },
  verify: {
    within: 20 * 60_000,
    for: 10 * 60_000,
    http: [],
    prometheus: [],
    reports: [],
    workflows: [],
    workloads: [],
  },
}
const target = { environment } as unknown as Parameters<typeof verifyRollout>[1]
const VERIFYING: Stage = {
  ...{ at: 'verifying', revision: SHA, mergedAt: at(-5), syncedAt: at(0) },
  ...{ holdingSince: undefined, evidence: [] },
}

/** A look at this minute by the replica whose clock is so many minutes ahead. */
async function look(current: Promotion, minute: number, ahead: number) {
  const now = new Date(at(minute + ahead))
  const success = { sha: SHA, state: 'success', word: 'success', by: 'argocd[bot]', at: new Date(at(-4)) }
  const deps = {
    clock: { now: () => now },
    github: { readReports: async () => [{ ...success, description: '', url: undefined }] },
    ledger: {
      releaseById: async () => ({ state: { kind: 'complete', release: { model: 'churn' } } }),
      history: async () => [],
    },
  } as unknown as Deps
  const { promotion: looked, wait } = await verifyRollout(current, target, deps)
  return { looked, rest: wait && wait.getTime() - now.getTime() }
}

it('verifies no sooner than it held for its time, and looks as often as ever', async () => {
  let current = promotion('v13', VERIFYING)
  let minute = 0
  for (; minute < 15 && current.stage.at === 'verifying'; minute += 0.25) {
    const { looked, rest } = await look(current, minute, minute % 0.5 === 0 ? 0 : 2)
    if (looked.stage.at === 'verifying') expect(rest).toBeLessThanOrEqual(15_000)
    current = looked
  }
  expect(current.stage.at).toBe('verified')
  expect(minute).toBeGreaterThanOrEqual(8)
})

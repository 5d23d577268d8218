/** A share of the traffic that is watched while its next step waits: it has its deadline, and pays for no absence. Stories: test/scenarios/canary*.test.ts. */
import { describe, expect, it, test } from 'vitest'
import type { Canary } from '../../src/domain/canary.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import { parseTemplate } from '../../src/domain/template.ts'
import { lookBetween, mustNotGrow, provenAt } from '../../src/services/advance-canary.ts'
import type { Deps } from '../../src/services/deps.ts'
import { at, PROPOSED, promotion } from '../domain/outcome-history.ts'
import { PROD, parsedSettings } from '../domain/reference-settings.ts'

const reference = parsedSettings.environments.get(PROD)
if (reference === undefined) throw new Error('the reference has changed')
const template = parseTemplate('f.yaml')
if (!template.ok) throw new Error('no template')
const environment = {
  ...reference,
  verify: { ...reference.verify, within: 20 * 60_000, workloads: [], prometheus: [] },
}
const target = { environment } as unknown as Parameters<typeof lookBetween>[1]
const canary: Canary = {
  steps: [{ percent: 10, for: 1 }],
  traffic: { kind: 'kserve', file: template.template, name: template.template },
  share: 50,
  live: { share: 10, revision: 'r1', mergedAt: at(-60), pullRequest: undefined, changes: [] },
}
const between = promotion('v13', PROPOSED, { canary })

/** Looks at these minutes, each with what the endpoint answers (5 of 6 must be right); gives the minute at which it was aborted. */
async function looks(seen: readonly (readonly [minute: number, ok: boolean])[]) {
  let current: Promotion = between
  for (const [minute, ok] of seen) {
    const deps = {
      clock: { now: () => new Date(at(minute)) },
      mayUse: () => ({ allowed: true }),
      ledger: { releaseById: async () => ({ state: { kind: 'complete', release: { model: 'churn' } } }) },
      probe: { ask: async () => (ok ? { kind: 'answered', status: 200 } : { kind: 'failed', reason: 'refused' }) },
    } as unknown as Deps
    current = await lookBetween(current, target, deps)
    if (current.stage.at === 'failed') return { abortedAt: minute }
  }
  return { abortedAt: undefined, waits: mustNotGrow(current) }
}

const every = (from: number, to: number, ok: boolean) =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, ok] as const)

describe('a canary whose next step waits', () => {
  it.each([
    ['goes on while its checks hold', every(0, 90, true), { abortedAt: undefined, waits: false }],
    ['goes no further while they fail', every(0, 9, false), { abortedAt: undefined, waits: true }],
    [
      'is taken back when they have failed for long, though each needs several looks',
      every(0, 90, false),
      { abortedAt: 21 },
    ],
    [
      'pays for no absence',
      [...every(0, 9, false), [300, false], [301, false]] as const,
      { abortedAt: undefined, waits: true },
    ],
    [
      'nor for a clock that jumps and comes back',
      [...every(0, 9, false), [900, false], ...every(10, 12, false)] as const,
      { abortedAt: undefined, waits: true },
    ],
    [
      'nor for replicas that look in turn, their clocks two minutes apart',
      every(0, 17, false).map(([minute, ok]) => [minute % 2 === 0 ? minute : minute + 2, ok] as const),
      { abortedAt: undefined, waits: true },
    ],
    [
      'which take it back all the same',
      every(0, 40, false).map(([minute, ok]) => [minute % 2 === 0 ? minute : minute + 2, ok] as const),
      { abortedAt: 23 },
    ],
    ['and has its deadline all the same', [...every(0, 9, false), ...every(300, 390, false)], { abortedAt: 311 }],
  ] as const)('%s', async (_, seen, wanted) => {
    expect(await looks(seen)).toEqual(wanted)
  })
})

test('a way back that pins what was proven asks neither endpoints nor queries nor workflows', () => {
  const back: Promotion = { ...between, kind: 'rollback', canary: { ...canary, share: 0 } }
  expect(provenAt(back, reference).verify).toMatchObject({ http: [], prometheus: [], workflows: [], reports: [] })
  expect(provenAt(back, reference).verify.workloads).toBe(reference.verify.workloads)
  expect(provenAt({ ...back, canary: { ...canary, share: 100 } }, reference)).toBe(reference)
  expect(provenAt(between, reference)).toBe(reference)
})

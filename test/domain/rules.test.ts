/** Who passes which rule: the matrix of /deploy, --force, /rollback and automation; and each rule by itself. */
import { describe, expect, it } from 'vitest'
import type { Via } from '../../src/domain/promotion.ts'
import { allPass, earliestPass, judgeRules, type RuleFacts, type RuleName } from '../../src/domain/rules.ts'
import { prod, STAGING, staging } from './reference-settings.ts'

const minutes = (count: number) => count * 60_000
const TUESDAY = new Date('2026-11-24T09:00:00Z')
const SATURDAY = new Date('2026-11-28T09:00:00Z')
const before = (ms: number) => ({ since: new Date(TUESDAY.getTime() - ms), until: undefined })

/** Everything holds. */
const good: RuleFacts = {
  via: { kind: 'automation' },
  environment: prod,
  release: { gates: { verdict: 'pass', failing: [] } },
  upstream: new Map([[STAGING, before(minutes(61))]]),
  hold: undefined,
  whoMay: { state: 'pass', detail: 'alice may' },
  approvedBy: ['bob'],
  approvers: 'team ml-leads, bob',
  now: TUESDAY,
}
/** Nothing holds. */
const bad: RuleFacts = {
  ...good,
  release: { gates: { verdict: 'fail', failing: ['auc'] } },
  upstream: new Map([[STAGING, undefined]]),
  hold: { by: 'carol', reason: 'incident', since: TUESDAY, until: undefined },
  whoMay: { state: 'refused', detail: 'erin may not' },
  approvedBy: [],
  now: SATURDAY,
}

const RULES = ['who-may', 'gates', 'after', 'soak', 'freeze', 'hold', 'approvals'] as const
const states = (facts: RuleFacts) => judgeRules(facts).map(({ state }) => state)
const verdict = (rule: RuleName, facts: Partial<RuleFacts>) =>
  judgeRules({ ...good, via: { kind: 'deploy', by: 'alice' }, ...facts }).find((one) => one.rule === rule)

const automation: Via = { kind: 'automation' }
const deploy: Via = { kind: 'deploy', by: 'alice' }
const force: Via = { kind: 'force', by: 'alice', reason: 'outage', rules: ['soak', 'freeze'] }
const rollback: Via = { kind: 'rollback', by: 'alice' }
const automatic: Via = { kind: 'automatic-rollback', of: 'pro-1' }

describe('who is asked which rule, when none of them holds', () => {
  it('tells the rules in one order', () => {
    expect(judgeRules(bad).map(({ rule }) => rule)).toEqual(RULES)
  })

  it.each([
    ['automation', automation, ['skipped', 'refused', 'open', 'open', 'open', 'open', 'open']],
    ['/deploy', deploy, ['refused', 'refused', 'open', 'open', 'open', 'open', 'open']],
    ['/deploy --force', force, ['refused', 'refused', 'open', 'skipped', 'skipped', 'open', 'open']],
    ['/rollback', rollback, ['refused', ...Array<string>(6).fill('skipped')]],
    ['automatic rollback', automatic, Array<string>(7).fill('skipped')],
  ] as const)('%s', (_, via, expected) => {
    expect(states({ ...bad, via })).toEqual(expected)
  })

  it('lets everybody pass when every rule holds', () => {
    for (const via of [automation, deploy, force, rollback, automatic])
      expect(allPass(judgeRules({ ...good, via }))).toBe(true)
  })
})

describe('each rule says what it waits for', () => {
  it('gates: which fail', () => {
    expect(verdict('gates', { release: bad.release })).toMatchObject({ state: 'refused', detail: 'gates fail: auc' })
    expect(verdict('gates', { release: undefined })?.state).toBe('pass')
  })

  it('after: where the release is not verified yet', () => {
    expect(verdict('after', { upstream: bad.upstream })).toMatchObject({ detail: 'not verified in staging yet' })
    expect(verdict('after', { environment: staging })?.detail).toBe('first environment')
  })

  it('soak: from when on it has soaked', () => {
    const upstream = new Map([[STAGING, before(minutes(20))]])
    const earliest = new Date(TUESDAY.getTime() + minutes(40))
    expect(verdict('soak', { upstream })).toMatchObject({ state: 'open', detail: 'soaks in staging for 1h', earliest })
    expect(verdict('soak', { upstream, now: earliest })?.state).toBe('pass')
    expect(verdict('soak', { environment: staging })?.detail).toBe('no soak asked')
  })

  it('soak: one that was completed stays completed, one that was cut short does not', () => {
    const until = new Date(TUESDAY.getTime() - minutes(30))
    const long = { since: new Date(until.getTime() - minutes(60)), until }
    const short = { since: new Date(until.getTime() - minutes(59)), until }
    expect(verdict('soak', { upstream: new Map([[STAGING, long]]) })?.state).toBe('pass')
    expect(verdict('soak', { upstream: new Map([[STAGING, short]]) })).toMatchObject({
      state: 'open',
      earliest: undefined,
      detail: 'was replaced in staging before it had soaked there for 1h',
    })
  })

  it('freeze: until when, and why', () => {
    const earliest = new Date('2026-11-30T07:00:00Z')
    expect(verdict('freeze', { now: SATURDAY })).toMatchObject({ detail: 'frozen (weekend)', earliest })
  })

  it('hold: by whom and why; a timed one lifts by itself', () => {
    const until = new Date(TUESDAY.getTime() + minutes(5))
    const hold = { by: 'carol', reason: 'incident', since: TUESDAY, until }
    expect(verdict('hold', { hold })).toMatchObject({
      state: 'open',
      detail: 'held by carol: incident',
      earliest: until,
    })
    expect(verdict('hold', { hold, now: until })?.state).toBe('pass')
  })

  it('approvals: how many are missing, and whose', () => {
    const environment = { ...prod, approvals: 2 }
    expect(verdict('approvals', { environment })?.detail).toBe(
      'needs 2 approving reviews by team ml-leads, bob, has 1 (bob)',
    )
    expect(verdict('approvals', { environment, approvedBy: ['bob', 'carol'] })?.state).toBe('pass')
    expect(verdict('approvals', { environment: staging, approvedBy: [] })?.detail).toBe('no approval asked')
  })
})

describe('the earliest time', () => {
  it('is known where time alone decides: the latest of all', () => {
    const upstream = new Map([[STAGING, { since: SATURDAY, until: undefined }]])
    const verdicts = judgeRules({ ...good, upstream, now: SATURDAY })
    expect(earliestPass(verdicts)).toEqual(new Date('2026-11-30T07:00:00Z'))
  })

  it('is unknown where people decide, and where nothing is open', () => {
    expect(earliestPass(judgeRules({ ...good, approvedBy: [], now: SATURDAY }))).toBeUndefined()
    expect(earliestPass(judgeRules(good))).toBeUndefined()
  })
})
